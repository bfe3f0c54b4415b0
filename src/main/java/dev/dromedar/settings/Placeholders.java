package dev.dromedar.settings;

import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import org.apache.camel.component.properties.DefaultPropertiesParser;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.spi.PropertiesFunction;
import org.apache.camel.spi.PropertiesSource;
import org.apache.camel.util.IOHelper;
import org.jspecify.annotations.Nullable;

/**
 * Resolves placeholders for our own settings, with Camel's notation: <code>{{key}}</code>, <code>{{key:default}}</code>,
 * <code>{{?key}}</code>, <code>{{function:name}}</code>. Unlike Camel's parser it never looks at a resolved value again, its
 * exceptions quote no value, and it logs nothing. Holds no state; thread-safe.
 */
public final class Placeholders {
    private final Function<String, @Nullable String> properties;
    private final Function<String, @Nullable PropertiesFunction> functions;
    private final Visitor visitor;

    /** Hears of every name before its value is looked up; may throw. */
    public interface Visitor {
        /**
         * Called before the lookup.
         *
         * @param function the function's name, or empty for a property
         */
        void visit(String function, String name);
    }

    /**
     * A resolved value.
     *
     * @param text null if it is an optional placeholder that stands for nothing
     * @param secret whether a part of it comes from where secrets are
     * @param files the secret files that it comes from, as placeholders
     */
    public record Value(@Nullable String text, boolean secret, Set<String> files) {
        public Value {
            files = Set.copyOf(files);
        }

        @Override
        public String toString() {
            return "Value(***)";
        }
    }

    /**
     * @param properties the raw value of a property of the sources, or null; environment and {@code -D} come before it
     * @param functions by name, or null
     */
    public Placeholders(
            Function<String, @Nullable String> properties,
            Function<String, @Nullable PropertiesFunction> functions,
            Visitor visitor) {
        this.properties = properties;
        this.functions = functions;
        this.visitor = visitor;
    }

    public static boolean isVault(String function) {
        return PlaceholderWalk.isVault(function);
    }

    /** Not by Camel's own lookup: it logs values, and keeps them for the developer console. */
    public static @Nullable String property(PropertiesComponent component, String name) {
        String value = component.getOverrideProperties().getProperty(name);
        for (PropertiesSource source : component.getPropertiesSources()) {
            value = value == null ? source.getProperty(name) : value;
        }
        value = value == null ? component.getInitialProperties().getProperty(name) : value;
        return value == null && component.getPropertiesParser() instanceof DefaultPropertiesParser parser
                ? parser.customLookup(name)
                : value;
    }

    private PlaceholderWalk walk(boolean secretKey, boolean lenient) {
        return new PlaceholderWalk(properties, functions, visitor::visit, secretKey, lenient);
    }

    /**
     * Resolves a setting.
     *
     * @param key its whole key
     * @param raw what the files, the environment or {@code -D} say
     * @throws IllegalArgumentException with what is wrong; no value is in the message
     */
    public Value resolve(String key, String raw) {
        boolean given = raw.equals(System.getProperty(key)) || raw.equals(IOHelper.lookupEnvironmentVariable(key));
        var walk = walk(KeyNames.isSecret(key), false);
        String text = raw.startsWith("{{!")
                ? negated(walk.resolve(new PlaceholderWalk.Raw(Braces.OPEN + raw.substring("{{!".length()), given)))
                : walk.resolve(new PlaceholderWalk.Raw(raw, given));
        return new Value(text, walk.isSecret(), walk.files());
    }

    /** Walks through a text of somebody else's, for the visitor's sake. */
    public void walk(String text) {
        var walk = walk(false, true);
        int at = 0;
        for (int open = text.indexOf(Braces.OPEN); open >= 0; open = text.indexOf(Braces.OPEN, at)) {
            int close = Braces.closing(text, open);
            if (close < 0) { // Camel's parser takes it another way: every opening is looked at
                at = open + 1;
                continue;
            }
            var unused = walk.part(text.substring(open + Braces.OPEN.length(), close), false);
            at = close + Braces.CLOSE.length();
        }
    }

    private static @Nullable String negated(@Nullable String value) {
        return value == null
                ? null
                : switch (value.strip().toLowerCase(Locale.ROOT)) {
                    case "true" -> "false";
                    case "false" -> "true";
                    default -> value;
                };
    }
}
