package dev.dromedar.settings;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
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
    private static final Set<String> VAULTS = Set.of(
            SecretFileFunction.NAME,
            "aws",
            "azure",
            "cyberark",
            "gcp",
            "hashicorp",
            "ibm",
            "secret",
            "secret-binary",
            "kubernetes-secret");

    private static final String OPEN = "{{";
    private static final String CLOSE = "}}";
    /** Where people mean a file, and Camel takes the path for a default value. */
    private static final Set<String> NO_FUNCTIONS =
            Set.of("file", "secret-file", "secretfiles", "secret_file", "vault");

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

    /** @param given whether it is from the environment or {@code -D}, where a text is rarely meant as a template */
    private record Raw(String text, boolean given) {}

    /** One walk through a value and all that it refers to. */
    private final class Walk {
        private final boolean secretKey;
        private final boolean lenient;
        private final List<String> within = new ArrayList<>();
        private final Set<String> files = new LinkedHashSet<>();
        private boolean secret;

        /** @param lenient goes on at what cannot be resolved, and applies no function but env and sys */
        Walk(boolean secretKey, boolean lenient) {
            this.secretKey = secretKey;
            this.lenient = lenient;
        }

        @Nullable
        String resolve(Raw raw) {
            String text = raw.text();
            boolean whole = isWhole(text);
            if (secretKey && (raw.given() ? !whole : !isBalanced(text))) {
                return text; // a secret that happens to hold braces
            }
            boolean quoted = !secretKey || whole && !raw.given();
            var resolved = new StringBuilder();
            int at = 0;
            for (int open = text.indexOf(OPEN); open >= 0; open = text.indexOf(OPEN, at)) {
                int close = closing(text, open);
                if (open > 0 && text.charAt(open - 1) == '\\') {
                    resolved.append(text, at, open - 1).append(OPEN);
                    at = open + OPEN.length();
                    continue;
                }
                if (close < 0) {
                    throw new IllegalArgumentException(
                            "has {{ without }}. Write \\\\{{ for braces that are meant as such.");
                }
                resolved.append(text, at, open);
                String part = part(text.substring(open + OPEN.length(), close), quoted);
                at = close + CLOSE.length();
                if (part != null) {
                    resolved.append(part);
                } else if (whole) {
                    return null;
                }
            }
            return resolved.append(text, at, text.length()).toString();
        }

        private @Nullable String part(String written, boolean quoted) {
            try {
                return placeholder(written, quoted);
            } catch (SecretRefused e) {
                throw e;
            } catch (IllegalArgumentException e) {
                if (!lenient) {
                    throw e;
                }
                return "";
            }
        }

        private @Nullable String placeholder(String written, boolean quoted) {
            String inner = written;
            boolean named = quoted;
            if (written.contains(OPEN)) {
                inner = String.valueOf(resolve(new Raw(written, false)));
                named = false; // the name itself may come from a secret
            }
            boolean optional = inner.startsWith("?");
            String name = optional ? inner.substring(1) : inner;
            int colon = name.indexOf(':');
            String before = colon < 0 ? name : name.substring(0, colon);
            String after = colon < 0 ? "" : name.substring(colon + 1);
            PropertiesFunction function = colon < 0 ? null : functions.apply(before);
            if (function != null) {
                return applied(function, before, after, optional, named);
            }
            String stripped = before.strip();
            if (colon >= 0 && !stripped.equals(before) && functions.apply(stripped) != null) {
                throw new IllegalArgumentException("{{ " + stripped
                        + ":...}} would become what stands behind the colon. Write {{" + stripped
                        + ":...}} without the space.");
            }
            if (colon >= 0 && (NO_FUNCTIONS.contains(stripped) || stripped.equalsIgnoreCase(SecretFileFunction.NAME))) {
                throw new IllegalArgumentException("{{" + stripped
                        + ":...}} would become the value itself. Write {{secretfile:path}} for what is in a file.");
            }
            if (within.contains(before)) {
                throw new IllegalArgumentException("cannot resolve its placeholder: the properties "
                        + String.join(", ", within) + " go in a circle.");
            }
            visitor.visit("", before);
            secret |= KeyNames.isSecret(before) || KeyNames.isSecretName(before);
            Raw raw = raw(before);
            if (raw == null) {
                if (colon >= 0) {
                    return after;
                }
                if (optional) {
                    return null;
                }
                throw new IllegalArgumentException(
                        named
                                ? "cannot resolve {{" + before
                                        + "}}: there is no such property. Add it, or correct the name."
                                : UNNAMED);
            }
            within.add(before);
            String value = resolve(raw);
            within.remove(within.size() - 1);
            return value == null && colon >= 0 ? after : value;
        }

        private @Nullable String applied(
                PropertiesFunction function, String kind, String after, boolean optional, boolean named) {
            boolean mayBeAbsent = optional || after.startsWith("?");
            String rest = after.startsWith("?") ? after.substring(1) : after;
            visitor.visit(kind, rest);
            secret |= isVault(kind) || KeyNames.isSecretName(rest.replaceFirst(":.*", ""));
            if (lenient && !kind.equals("env") && !kind.equals("sys")) {
                return "";
            }
            if (kind.equals(SecretFileFunction.NAME)) {
                files.add(OPEN + kind + ':' + rest + CLOSE);
                return named ? SecretFileFunction.read(rest) : readUnnamed(rest);
            }
            if (function.lookupFirst(rest)) {
                rest = String.valueOf(placeholder(rest, named));
            }
            String value = function.apply(rest);
            if (value != null || mayBeAbsent || function.optional(rest)) {
                return value;
            }
            throw new IllegalArgumentException(
                    !named
                            ? UNNAMED
                            : kind.equals("env")
                                    ? "there is no environment variable " + rest
                                            + ". Set it where the worker is started, or correct the name."
                                    : "cannot resolve {{" + kind + ":" + rest
                                            + "}}: it has no value. Correct the name.");
        }

        private static String readUnnamed(String path) {
            try {
                return SecretFileFunction.read(path);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("the file that its {{secretfile:...}} names cannot be read.");
            }
        }
    }

    private static final String UNNAMED =
            "cannot resolve a placeholder in its value. If {{ or }} is part of a secret, put the"
                    + " secret into a file and write {{secretfile:path}}; otherwise correct the name.";

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
        return VAULTS.contains(function);
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

    private @Nullable Raw raw(String name) {
        String given = given(name);
        String value = given == null ? properties.apply(name) : given;
        return value == null ? null : new Raw(value, given != null);
    }

    /** From the environment or {@code -D}, in Camel's order. */
    private static @Nullable String given(String name) {
        String inEnvironment = name.isBlank() ? null : IOHelper.lookupEnvironmentVariable(name);
        return inEnvironment != null || name.isBlank() ? inEnvironment : System.getProperty(name);
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
        var walk = new Walk(KeyNames.isSecret(key), false);
        String text = raw.startsWith("{{!")
                ? negated(walk.resolve(new Raw(OPEN + raw.substring("{{!".length()), given)))
                : walk.resolve(new Raw(raw, given));
        return new Value(text, walk.secret || walk.secretKey, walk.files);
    }

    /** Walks through a text of somebody else's, for the visitor's sake. */
    public void walk(String text) {
        var walk = new Walk(false, true);
        int at = 0;
        for (int open = text.indexOf(OPEN); open >= 0; open = text.indexOf(OPEN, at)) {
            int close = closing(text, open);
            if (close < 0) { // Camel's parser takes it another way: every opening is looked at
                at = open + 1;
                continue;
            }
            var unused = walk.part(text.substring(open + OPEN.length(), close), false);
            at = close + CLOSE.length();
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

    private static boolean isWhole(String text) {
        String stripped = text.strip();
        return stripped.startsWith(OPEN) && closing(stripped, 0) == stripped.length() - CLOSE.length();
    }

    /** Whether every opening has its closing and the other way round. */
    private static boolean isBalanced(String text) {
        int at = 0;
        for (int open = text.indexOf(OPEN); open >= 0; open = text.indexOf(OPEN, at)) {
            int close = closing(text, open);
            if (close < 0 || text.substring(at, open).contains(CLOSE)) {
                return false;
            }
            at = close + CLOSE.length();
        }
        return !text.substring(at).contains(CLOSE) || text.substring(0, at).isEmpty();
    }

    /** The index of the closing that belongs to an opening, or -1. */
    private static int closing(String text, int open) {
        int depth = 0;
        for (int at = open; at <= text.length() - 2; at++) {
            if (text.startsWith(OPEN, at)) {
                depth++;
                at++;
            } else if (text.startsWith(CLOSE, at)) {
                depth--;
                at++;
                if (depth == 0) {
                    return at - 1;
                }
            }
        }
        return -1;
    }
}
