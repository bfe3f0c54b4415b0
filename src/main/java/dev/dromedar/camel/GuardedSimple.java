package dev.dromedar.camel;

import dev.dromedar.settings.SecretRefused;
import java.util.function.BiConsumer;
import java.util.regex.MatchResult;
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
public final class GuardedSimple extends SimpleLanguage {
    public static final Pattern FUNCTION = Pattern.compile(
            "\\$(?:simple)?\\{\\s{0,20}(sysenv|env|sys|properties|propertiesExist|camelContext|exchange)([.:])([^}]*)");
    /** Ways through Camel's objects to its properties, and to those of the process. */
    private static final Pattern WAYS = Pattern.compile(
            "(?i)propertiesComponent|getProperties|loadProperties|resolvePropert|parseUri|PropertiesSource");

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
        if (text.contains("{")) {
            GuardedProperties guard = GuardedProperties.install(getCamelContext());
            FUNCTION.matcher(text).results().forEach(function -> check(guard, function));
        }
        return text;
    }

    /**
     * Looks at a function of Simple.
     *
     * @throws SecretRefused if a function, as {@link #FUNCTION} finds it, reads a secret or may do so
     */
    public static void check(GuardedProperties guard, MatchResult function) {
        String kind = function.group(1);
        String name = function.group(3).strip();
        if (kind.equals("camelContext") || kind.equals("exchange")) {
            if (WAYS.matcher(name).find()) {
                throw new SecretRefused(
                        "The expression reads the worker's properties by Camel's objects, and with them its"
                                + " secrets. Write ${properties:NAME} instead.");
            }
            return;
        }
        boolean property = kind.startsWith("properties");
        if (name.contains("$")) {
            if (property) {
                return; // looked at with each message
            }
            throw new SecretRefused(
                    "The expression computes the name of an environment variable or system property, which"
                            + " may hold a secret. Write the name itself.");
        }
        try {
            guard.check(
                    property ? "" : kind.equals("sys") ? "sys" : "env", property ? name.replaceFirst(":.*", "") : name);
        } catch (SecretRefused e) {
            throw new SecretRefused(
                    String.valueOf(e.getMessage()).replace("{{", "${").replace("}}", "}"));
        }
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
