package dev.dromedar.camel;

import dev.dromedar.oauth.Secret;
import java.net.URI;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.util.TimeUtils;
import org.jspecify.annotations.Nullable;

/**
 * The properties under one prefix, read key by key. Every fault goes to one list and reading goes on, so that all are told
 * together. Keys that nobody has asked for are unknown, and are told with the nearest one that somebody did.
 */
final class PropertyGroup {
    private static final Pattern MISSING =
            Pattern.compile("^Property with key \\[([^\\]]+)\\] (?:using function|not found)");

    private static final Pattern SIZE = Pattern.compile("(\\d{1,12}) ?(KB|MB|GB|)");

    private final String prefix;
    private final Map<String, String> values;
    private final Function<String, String> resolver;
    private final List<String> faults;
    private final Set<String> asked = new TreeSet<>();

    /**
     * @param prefix with the dot at its end
     * @param values by the key after the prefix, placeholders not yet resolved
     * @param resolver resolves placeholders; its exception's message tells what is wrong
     */
    PropertyGroup(String prefix, Map<String, String> values, Function<String, String> resolver, List<String> faults) {
        this.prefix = prefix;
        this.values = new LinkedHashMap<>(values);
        this.resolver = resolver;
        this.faults = faults;
    }

    void fault(String key, String fault) {
        String words = prefix + key + ": " + fault;
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
        String raw = values.get(key);
        if (raw == null) {
            return null;
        }
        if (raw.contains("{{file:")) {
            fault(key, "{{file:...}} would become the value itself. Write {{secretfile:path}} for what is in a file.");
            return null;
        }
        String value;
        try {
            value = resolved(raw);
        } catch (RuntimeException e) {
            fault(key, unresolved(String.valueOf(e.getMessage())));
            return null;
        }
        if (value.isBlank()) {
            fault(key, "is empty. Give it a value, or remove the line.");
            return null;
        }
        return value.strip();
    }

    /** Camel's words for a placeholder that stands for nothing quote the whole value, which may be half of a secret. */
    private static String unresolved(String message) {
        Matcher missing = MISSING.matcher(message);
        if (!missing.find()) {
            return message;
        }
        String name = missing.group(1);
        return name.startsWith("env:")
                ? "there is no environment variable " + name.substring("env:".length())
                        + ". Set it where the worker is started, or correct the name."
                : "{{" + name + "}} stands for nothing: there is no such property. Add it, or correct the name.";
    }

    private String resolved(String raw) {
        return SecretFileFunction.isWhole(raw) ? SecretFileFunction.readWhole(raw) : resolver.apply(raw);
    }

    /** Resolves a value that has been read before once more, as it is then: the file that it names may have changed. */
    Supplier<@Nullable Secret> again(String key) {
        String raw = values.get(key);
        return () -> raw == null ? null : Secret.of(resolved(raw).strip());
    }

    /** The files that a value comes from, as it names them; empty if it names none. */
    String origin(String key) {
        String raw = values.get(key);
        return raw != null && raw.contains("{{secretfile:") ? raw.strip() : "";
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

    /** Reads a key that nobody has read, for the faults that it has in itself. */
    void check(String key) {
        if (!asked.contains(key)) {
            text(key);
        }
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
        Matcher size = SIZE.matcher(value.toUpperCase(Locale.ROOT));
        long bytes = size.matches()
                ? Long.parseLong(size.group(1))
                        << switch (size.group(2)) {
                            case "KB" -> 10;
                            case "MB" -> 20;
                            case "GB" -> 30;
                            default -> 0;
                        }
                : -1;
        if (bytes < least || bytes > most) {
            fault(
                    key,
                    "'" + value + "' must be from " + shown(least) + " to " + shown(most) + ". Write it like 500MB.");
            return otherwise;
        }
        return bytes;
    }

    private static String shown(long bytes) {
        return bytes >= 1 << 30 ? (bytes >> 30) + "GB" : bytes >= 1 << 20 ? (bytes >> 20) + "MB" : (bytes >> 10) + "KB";
    }

    /** A time as Camel's users write it ({@code 10s}, {@code 5m}, {@code 1h30m}; a bare number is milliseconds) or ISO-8601. */
    Duration time(String key, Duration otherwise, Duration least, Duration most) {
        String value = text(key);
        if (value == null) {
            return otherwise;
        }
        Duration time;
        try {
            time = value.toUpperCase(Locale.ROOT).startsWith("P")
                    ? Duration.parse(value)
                    : Duration.ofMillis(TimeUtils.toMilliSeconds(value));
        } catch (DateTimeParseException | IllegalArgumentException | IndexOutOfBoundsException e) {
            fault(key, "'" + value + "' is no time. Write it like 10s, 5m or PT10S.");
            return otherwise;
        }
        if (time.compareTo(least) < 0 || time.compareTo(most) > 0) {
            fault(key, "'" + value + "' must be from " + shown(least) + " to " + shown(most) + ".");
            return otherwise;
        }
        return time;
    }

    static String shown(Duration time) {
        long millis = time.toMillis();
        return millis % 1000 != 0
                ? millis + "ms"
                : millis % 3_600_000 == 0
                        ? millis / 3_600_000 + "h"
                        : millis % 60_000 == 0 ? millis / 60_000 + "m" : millis / 1000 + "s";
    }

    /** One of some names, as what it stands for. */
    <T> @Nullable T choice(String key, Map<String, T> choices) {
        String value = text(key);
        if (value == null) {
            return null;
        }
        T chosen = choices.get(value);
        if (chosen == null) {
            fault(key, "'" + value + "' is not known. Use one of: " + String.join(", ", choices.keySet()) + ".");
        }
        return chosen;
    }

    @Nullable
    URI address(String key, String value) {
        if (value.contains("@") && !key.equals("proxy")) { // perhaps a password: it is not quoted
            fault(key, "must be without a user and password. Write it like https://api.example.no/path.");
            return null;
        }
        try {
            URI address = new URI(value);
            if (address.getHost() == null) {
                fault(
                        key,
                        (value.contains("@") ? "" : "'" + value + "' ")
                                + "is no address. Write it like https://api.example.no/path.");
                return null;
            }
            return address;
        } catch (java.net.URISyntaxException e) {
            fault(
                    key,
                    (value.contains("@") ? "" : "'" + value + "' ") + "is no address: " + e.getReason()
                            + " at character " + (e.getIndex() + 1) + ".");
            return null;
        }
    }

    Set<String> words(String key) {
        String value = text(key);
        return value == null ? Set.of() : new TreeSet<>(List.of(value.split("\\s+")));
    }

    /** Tells every key that is there and was never asked for. Call last. */
    void tellUnknown() {
        for (String key : values.keySet()) {
            if (!asked.contains(key)) {
                String nearest = nearest(key, asked);
                fault(key, "unknown key." + (nearest == null ? "" : " Did you mean " + prefix + nearest + "?"));
            }
        }
    }

    Set<String> asked() {
        return asked;
    }

    /** The most similar of some names, or null if none is similar. */
    static @Nullable String nearest(String name, Iterable<String> known) {
        String nearest = null;
        int least = Math.max(2, name.length() / 3) + 1;
        for (String candidate : known) {
            int distance = distance(name, candidate);
            if (distance < least) {
                least = distance;
                nearest = candidate;
            }
        }
        return nearest;
    }

    /** Levenshtein's distance: how many letters to change, add or take away. */
    private static int distance(String a, String b) {
        List<Integer> row = new ArrayList<>();
        for (int j = 0; j <= b.length(); j++) {
            row.add(j);
        }
        for (int i = 1; i <= a.length(); i++) {
            List<Integer> next = new ArrayList<>(List.of(i));
            for (int j = 1; j <= b.length(); j++) {
                int change = row.get(j - 1) + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                next.add(Math.min(change, Math.min(row.get(j), next.get(j - 1)) + 1));
            }
            row = next;
        }
        return row.get(b.length());
    }
}
