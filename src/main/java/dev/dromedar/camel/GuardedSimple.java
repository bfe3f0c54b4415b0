package dev.dromedar.camel;

import dev.dromedar.settings.SecretRefused;
import java.lang.reflect.Field;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.Expression;
import org.apache.camel.Predicate;
import org.apache.camel.impl.engine.AbstractCamelContext;
import org.apache.camel.language.simple.FileLanguage;
import org.apache.camel.language.simple.SimpleLanguage;
import org.apache.camel.language.simple.SimpleNoFileLanguage;
import org.apache.camel.spi.Language;
import org.apache.camel.support.service.ServiceHelper;

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

    /** Camel's names of the language; file endpoints ask for the last. */
    private static final List<String> NAMES = List.of("simple", "simple-no-file", "file");

    private static final Set<Class<?>> CAMELS =
            Set.of(SimpleLanguage.class, SimpleNoFileLanguage.class, FileLanguage.class);

    private volatile UnaryOperator<String> texts = UnaryOperator.identity();

    /** Puts it where Camel looks for its languages. */
    static void bind(BiConsumer<String, Object> registry) {
        NAMES.forEach(name -> registry.accept(name + "-language", new GuardedSimple()));
    }

    /** Puts it in the place of Camel's own in a context that has made its languages already: an embedder's. */
    @SuppressWarnings("unchecked")
    static void install(CamelContext context) {
        try {
            Field made = AbstractCamelContext.class.getDeclaredField("languages");
            made.setAccessible(true); // Camel has no way to replace a language that it has made
            for (String name : NAMES) {
                if (CAMELS.contains(context.resolveLanguage(name).getClass())) {
                    var guarded = new GuardedSimple();
                    guarded.setCamelContext(context);
                    ServiceHelper.startService(guarded);
                    ((Map<String, Language>) made.get(context)).put(name, guarded);
                    context.getRegistry().bind(name + "-language", guarded);
                }
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Camel's languages cannot be replaced", e);
        }
    }

    /** Has every expression of a context read as another: a test's, in which it is another time. Before routes are made. */
    public static void rewrite(CamelContext context, UnaryOperator<String> texts) {
        for (String name : NAMES) {
            if (context.resolveLanguage(name) instanceof GuardedSimple simple) {
                simple.texts = texts;
            }
        }
    }

    /** The first context is the worker's; those that only try routes see the language through its registry. */
    @Override
    public void setCamelContext(CamelContext context) {
        if (getCamelContext() == null) {
            super.setCamelContext(context);
        }
    }

    /**
     * Without Camel's cache of expressions: an expression belongs to the context that has initialised it last, and a reload
     * tries the same texts in a context that it closes.
     */
    @Override
    public void init() {
        // no cache
    }

    private String checked(String expression) {
        String text = texts.apply(loadResource(expression));
        if (text.contains("{")) {
            GuardedProperties guard = GuardedProperties.install(getCamelContext());
            FUNCTION.matcher(text).results().forEach(function -> check(guard, function));
        }
        return text;
    }

    /**
     * Looks at one function.
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
