package dev.dromedar.settings;

import dev.dromedar.keys.Secret;
import dev.dromedar.keys.UnusableCredential;
import dev.dromedar.oauth.Profile;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The properties under one prefix, read key by key. Every fault goes to one list and reading goes on, so that all are reported
 * together. Keys that were never read are unknown, and are reported with the nearest one that was.
 */
final class PropertyGroup {
    private static final Pattern FILE = Pattern.compile("\\s*\\{\\{secretfile:([^{}]+)}}\\s*");

    private final String prefix;
    private final Map<String, String> values;
    private final Placeholders placeholders;
    private final List<String> faults;
    private final Map<String, Placeholders.Value> resolved = new HashMap<>();
    private final Set<String> asked = new TreeSet<>();

    /**
     * @param prefix with the dot at its end
     * @param values by the key after the prefix, placeholders not yet resolved
     */
    PropertyGroup(String prefix, Map<String, String> values, Placeholders placeholders, List<String> faults) {
        this.prefix = prefix;
        this.values = new LinkedHashMap<>(values);
        this.placeholders = placeholders;
        this.faults = faults;
        this.values.keySet().removeIf(this::isAbsent);
    }

    /** Whether it is an optional placeholder that stands for nothing. */
    private boolean isAbsent(String key) {
        try {
            return resolved(key) == null;
        } catch (RuntimeException e) {
            return false; // reported when it is read
        }
    }

    /** Quotes no secret, whatever the caller has put into the words. */
    void fault(String key, String fault) {
        String clean = fault;
        for (Placeholders.Value value : resolved.values()) {
            String text = value.text() == null ? "" : value.text().strip();
            if (value.secret() && !text.isEmpty()) {
                clean = clean.replace("'" + text + "'", "its value");
                clean = text.length() < 12 ? clean : clean.replace(text, "***");
            }
        }
        String words = prefix + key + ": " + clean;
        if (!faults.contains(words)) { // a value may be read more than once
            faults.add(words);
        }
    }

    boolean has(String key) {
        asked.add(key);
        return values.containsKey(key);
    }

    /** The value with its placeholders resolved, or null if the key is not there or faulty. */
    @Nullable
    String text(String key) {
        asked.add(key);
        if (!values.containsKey(key)) {
            return null;
        }
        String value;
        try {
            value = resolved(key);
        } catch (RuntimeException e) {
            fault(key, String.valueOf(e.getMessage()));
            return null;
        }
        if (value == null) {
            return null;
        }
        if (value.isEmpty() && key.endsWith("key-store-password")) {
            return value; // the password of a store that Azure Key Vault, for one, exports
        }
        if (value.isBlank()) {
            fault(key, "is empty. Give it a value, or remove the line.");
            return null;
        }
        return value.strip();
    }

    private @Nullable String resolved(String key) {
        Placeholders.Value known = resolved.get(key);
        String raw = values.get(key);
        if (known == null && raw != null) {
            known = placeholders.resolve(prefix + key, raw);
            resolved.put(key, known);
        }
        return known == null ? null : known.text();
    }

    /**
     * Resolves a value that has been read before once more, as it is then: the file that it names may have changed. What it gives
     * lives as long as the API, and does not hold this group with all that was read.
     */
    Supplier<@Nullable Secret> again(String key) {
        return again(placeholders, prefix + key, values.get(key));
    }

    private static Supplier<@Nullable Secret> again(Placeholders placeholders, String key, @Nullable String raw) {
        return () -> {
            String now;
            try {
                now = raw == null ? null : placeholders.resolve(key, raw).text();
            } catch (IllegalArgumentException e) {
                throw new UnusableCredential(String.valueOf(e.getMessage()));
            }
            return now == null ? null : Secret.of(now.strip());
        };
    }

    /** The name of the worker, {@code camel.main.name}. Lives as {@link #again}. */
    Supplier<String> workerName() {
        Supplier<@Nullable Secret> name = again(placeholders, "camel.main.name", "{{camel.main.name:dromedar}}");
        return () -> {
            Secret now = name.get();
            return now == null ? "dromedar" : now.reveal();
        };
    }

    /** A fault against the profile's rule for that key. */
    void broken(String key, String what, Profile profile) {
        fault(key, what + " breaks a rule of the profile " + profile.name() + ": " + profile.rule(key) + ".");
    }

    /** The secret files that a value comes from, as placeholders name them; empty if it comes from none. */
    String origin(String key) {
        Placeholders.Value value = resolved.get(key);
        return value == null ? "" : String.join("", new TreeSet<>(value.files()));
    }

    /** The file that is the whole value, or null if it comes from elsewhere. */
    @Nullable
    Path file(String key) {
        Matcher file = FILE.matcher(values.getOrDefault(key, ""));
        try {
            return file.matches() ? Path.of(file.group(1).strip()) : null;
        } catch (InvalidPathException e) {
            return null; // reported when it is read
        }
    }

    /** The values of all keys that begin so, by what follows. */
    Map<String, String> under(String beginning) {
        Map<String, String> found = new TreeMap<>();
        for (String key : values.keySet()) {
            String value = key.startsWith(beginning) && key.length() > beginning.length() ? text(key) : null;
            if (value != null) {
                found.put(key.substring(beginning.length()), value);
            }
        }
        return found;
    }

    /** Reads every key of an API that nobody has read, where the first faults make it unknown what they are for. */
    void checkOthers() {
        KeyNames.OF_AN_API.stream().filter(key -> !asked.contains(key)).forEach(this::text);
        under("claim.");
    }

    /** As {@link #text}; if the key is not there, that is a fault. */
    @Nullable
    String required(String key, String cure) {
        String value = text(key);
        if (value == null && !values.containsKey(key)) {
            fault(key, "missing. " + cure);
        }
        return value;
    }

    @Nullable
    Secret secret(String key) {
        String value = text(key);
        return value == null ? null : Secret.of(value);
    }

    boolean flag(String key, boolean otherwise) {
        String value = text(key);
        if (value == null) {
            return otherwise;
        }
        if (!value.equalsIgnoreCase("true") && !value.equalsIgnoreCase("false")) {
            fault(key, "'" + value + "' is neither true nor false.");
            return otherwise;
        }
        return value.equalsIgnoreCase("true");
    }

    int count(String key, int otherwise, int least, int most) {
        String value = text(key);
        if (value == null) {
            return otherwise;
        }
        if (!value.matches("\\d{1,9}") || Integer.parseInt(value) < least || Integer.parseInt(value) > most) {
            fault(key, "'" + value + "' is no whole number from " + least + " to " + most + ".");
            return otherwise;
        }
        return Integer.parseInt(value);
    }

    /** A number of bytes, bare or with KB, MB or GB (of 1024). */
    long size(String key, long otherwise, long least, long most) {
        String value = text(key);
        if (value == null) {
            return otherwise;
        }
        long bytes = Sizes.parse(value);
        if (bytes < least || bytes > most) {
            fault(
                    key,
                    "'" + value + "' must be from " + Sizes.shown(least) + " to " + Sizes.shown(most)
                            + ". Write it like 500MB.");
            return otherwise;
        }
        return bytes;
    }

    /** A time as Camel's users write it ({@code 10s}, {@code 5m}, {@code 1h30m}; a bare number is milliseconds) or ISO-8601. */
    Duration time(String key, Duration otherwise, Duration least, Duration most) {
        String value = text(key);
        if (value == null) {
            return otherwise;
        }
        Duration time;
        try {
            time = Durations.parse(value);
        } catch (DateTimeParseException | IllegalArgumentException | IndexOutOfBoundsException e) {
            fault(key, "'" + value + "' is no time. Write it like 10s, 5m or PT10S.");
            return otherwise;
        }
        if (time.compareTo(least) < 0 || time.compareTo(most) > 0) {
            fault(key, "'" + value + "' must be from " + Durations.shown(least) + " to " + Durations.shown(most) + ".");
            return otherwise;
        }
        return time;
    }

    /** One of some names, as what it stands for. */
    <T> @Nullable T choice(String key, Map<String, T> choices) {
        String value = text(key);
        if (value == null) {
            return null;
        }
        T chosen = choices.get(value);
        if (chosen == null) {
            fault(
                    key,
                    "'" + value + "' is not known. Use one of: " + String.join(", ", new TreeSet<>(choices.keySet()))
                            + ".");
        }
        return chosen;
    }

    Set<String> words(String key) {
        String value = text(key);
        return value == null ? Set.of() : new TreeSet<>(List.of(value.split("\\s+")));
    }

    /** Reports every key that is there and was never read. Call last. */
    void tellUnknown() {
        for (String key : values.keySet()) {
            if (!asked.contains(key)) {
                String nearest = Nearest.to(key, asked);
                fault(key, "unknown key." + (nearest == null ? "" : " Did you mean " + prefix + nearest + "?"));
            }
        }
    }

    Set<String> asked() {
        return asked;
    }
}
