package dev.dromedar.settings;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.camel.spi.PropertiesFunction;
import org.apache.camel.util.IOHelper;
import org.jspecify.annotations.Nullable;

/** One walk through a value and all that it refers to. */
final class PlaceholderWalk {
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

    /** Where people mean a file, and Camel takes the path for a default value. */
    private static final Set<String> NO_FUNCTIONS =
            Set.of("file", "secret-file", "secretfiles", "secret_file", "vault");

    private static final String UNNAMED =
            "cannot resolve a placeholder in its value. If {{ or }} is part of a secret, put the"
                    + " secret into a file and write {{secretfile:path}}; otherwise correct the name.";

    /** @param given whether it is from the environment or {@code -D}, where a text is rarely meant as a template */
    record Raw(String text, boolean given) {}

    private final Function<String, @Nullable String> properties;
    private final Function<String, @Nullable PropertiesFunction> functions;
    private final BiConsumer<String, String> visitor;
    private final boolean secretKey;
    private final boolean lenient;
    private final List<String> within = new ArrayList<>();
    private final Set<String> files = new LinkedHashSet<>();
    private boolean secret;

    /**
     * @param visitor gets the function, or empty for a property, and the name
     * @param lenient goes on at what cannot be resolved, and applies no function but env and sys
     */
    PlaceholderWalk(
            Function<String, @Nullable String> properties,
            Function<String, @Nullable PropertiesFunction> functions,
            BiConsumer<String, String> visitor,
            boolean secretKey,
            boolean lenient) {
        this.properties = properties;
        this.functions = functions;
        this.visitor = visitor;
        this.secretKey = secretKey;
        this.lenient = lenient;
    }

    @Nullable
    String resolve(Raw raw) {
        String text = raw.text();
        boolean whole = Braces.isWhole(text);
        if (secretKey && (raw.given() ? !whole : !Braces.isBalanced(text))) {
            return text; // a secret that happens to hold braces
        }
        boolean quoted = !secretKey || whole && !raw.given();
        var resolved = new StringBuilder();
        int at = 0;
        for (int open = text.indexOf(Braces.OPEN); open >= 0; open = text.indexOf(Braces.OPEN, at)) {
            int close = Braces.closing(text, open);
            if (open > 0 && text.charAt(open - 1) == '\\') {
                resolved.append(text, at, open - 1).append(Braces.OPEN);
                at = open + Braces.OPEN.length();
                continue;
            }
            if (close < 0) {
                throw new IllegalArgumentException(
                        "has {{ without }}. Write \\\\{{ for braces that are meant as such.");
            }
            resolved.append(text, at, open);
            String part = part(text.substring(open + Braces.OPEN.length(), close), quoted);
            at = close + Braces.CLOSE.length();
            if (part != null) {
                resolved.append(part);
            } else if (whole) {
                return null;
            }
        }
        return resolved.append(text, at, text.length()).toString();
    }

    @Nullable
    String part(String written, boolean quoted) {
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
        if (written.contains(Braces.OPEN)) {
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
            throw new IllegalArgumentException(
                    "cannot resolve its placeholder: the properties " + String.join(", ", within) + " go in a circle.");
        }
        visitor.accept("", before);
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
        visitor.accept(kind, rest);
        secret |= isVault(kind) || KeyNames.isSecretName(rest.replaceFirst(":.*", ""));
        if (lenient && !kind.equals("env") && !kind.equals("sys")) {
            return "";
        }
        if (kind.equals(SecretFileFunction.NAME)) {
            files.add(Braces.OPEN + kind + ':' + rest + Braces.CLOSE);
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
                                : "cannot resolve {{" + kind + ":" + rest + "}}: it has no value. Correct the name.");
    }

    private static String readUnnamed(String path) {
        try {
            return SecretFileFunction.read(path);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the file that its {{secretfile:...}} names cannot be read.");
        }
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

    /** Whether a function reads from where secrets are. */
    static boolean isVault(String function) {
        return VAULTS.contains(function);
    }

    /** Whether a part of what it has met comes from where secrets are. */
    boolean isSecret() {
        return secret || secretKey;
    }

    Set<String> files() {
        return files;
    }
}
