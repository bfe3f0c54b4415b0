package dev.dromedar.camel;

import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.Expression;
import org.apache.camel.Predicate;
import org.apache.camel.language.simple.SimpleLanguage;

/**
 * Camel's {@code simple} language without its back doors to secrets: {@code ${env:NAME}} and {@code ${sys:NAME}} read the
 * process's own, past every property, and {@code ${properties:NAME}} would find out at the first message only. Camel makes
 * the language with the context, so that it has to be in the registry before.
 */
final class GuardedSimple extends SimpleLanguage {
    private static final Pattern FUNCTION = Pattern.compile(
            "\\$(?:simple)?\\{\\s{0,20}(sysenv|env|sys|properties|propertiesExist|camelContext|exchange)([.:])([^}]*)");
    /** Ways through Camel's objects to its properties, and to those of the process. */
    private static final Pattern WAYS =
            Pattern.compile("(?i)propertiesComponent|getProperties|loadProperties|resolvePropert|parseUri|PropertiesSource");

    /** Puts it where Camel looks for its languages. */
    static void bind(BiConsumer<String, Object> registry) {
        registry.accept("simple-language", new GuardedSimple());
        registry.accept("simple-no-file-language", new GuardedSimple());
    }

    /** The first context is the worker's; those that only try routes see the language through its registry. */
    @Override
    public void setCamelContext(CamelContext context) {
        if (getCamelContext() == null) {
            super.setCamelContext(context);
        }
    }

    private String checked(String expression) {
        String text = loadResource(expression);
        if (!text.contains("{")) {
            return text;
        }
        GuardedProperties guard = GuardedProperties.install(getCamelContext());
        Matcher functions = FUNCTION.matcher(text);
        while (functions.find()) {
            String name = functions.group(3).strip();
            boolean objects = functions.group(1).equals("camelContext") || functions.group(1).equals("exchange");
            if (objects) {
                if (WAYS.matcher(name).find()) {
                    throw new SecretRefused("The expression reads the worker's properties by Camel's objects, and with"
                            + " them its secrets. Write ${properties:NAME} instead.");
                }
                continue;
            }
            if (name.contains("$")) {
                if (functions.group(1).startsWith("properties")) {
                    continue; // looked at with each message
                }
                throw new SecretRefused("The expression computes the name of an environment variable or system property,"
                        + " which may hold a secret. Write the name itself.");
            }
            boolean property = functions.group(1).startsWith("properties");
            try {
                guard.check(
                        property ? "" : functions.group(1).equals("sys") ? "sys" : "env",
                        property ? name.replaceFirst(":.*", "") : name);
            } catch (SecretRefused e) {
                throw new SecretRefused(
                        String.valueOf(e.getMessage()).replace("{{", "${").replace("}}", "}"));
            }
        }
        return text;
    }

    @Override
    public Predicate createPredicate(String expression) {
        return super.createPredicate(checked(expression));
    }

    @Override
    public Predicate createPredicate(String expression, Object[] properties) {
        return super.createPredicate(checked(expression), properties);
    }

    @Override
    public Expression createExpression(String expression) {
        return super.createExpression(checked(expression));
    }

    @Override
    public Expression createExpression(String expression, Object[] properties) {
        return super.createExpression(checked(expression), properties);
    }
}
