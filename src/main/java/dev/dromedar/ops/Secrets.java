package dev.dromedar.ops;

import dev.dromedar.camel.GuardedProperties;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;

/**
 * The secrets that a context's properties hold, so that they can be found in text and made stars: the values of all keys whose
 * names say that they are secret, from files, the environment and {@code -D}, placeholders resolved, and of keys each part
 * that is secret by itself. Read again every few seconds, since files of secrets change. Thread-safe.
 */
final class Secrets {
    private static final String STARS = "xxxxxx";
    private static final int SHORTEST = 4;
    private static final long KEEP = TimeUnit.SECONDS.toNanos(5);
    /** Private parts of a JWK (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1). */
    private static final Pattern JWK_PART = Pattern.compile("\"(?:d|p|q|dp|dq|qi|k)\"\\s*:\\s*\"([^\"]{8,})\"");

    private final CamelContext context;
    private volatile Known known = new Known(List.of(), 0);

    /** @param values longest first, so that no part of one is left over */
    private record Known(List<String> values, long readAt) {}

    Secrets(CamelContext context) {
        this.context = context;
    }

    String scrub(String text) {
        String clean = text;
        for (String value : values()) {
            clean = clean.replace(value, STARS);
        }
        return clean;
    }

    private List<String> values() {
        Known now = known;
        if (now.values().isEmpty() || System.nanoTime() - now.readAt() > KEEP) {
            Set<String> found = new LinkedHashSet<>();
            GuardedProperties.secretValues(context).forEach(value -> addValue(found, value));
            now = new Known(
                    found.stream()
                            .sorted(Comparator.comparingInt(String::length).reversed())
                            .toList(),
                    System.nanoTime());
            known = now;
        }
        return now.values();
    }

    private static void addValue(Set<String> found, String value) {
        boolean reference = value.startsWith("{{") && value.endsWith("}}");
        if (reference || value.strip().length() < SHORTEST || value.equals("true") || value.equals("false")) {
            return;
        }
        found.add(value.strip());
        Matcher part = JWK_PART.matcher(value);
        while (part.find()) {
            found.add(part.group(1));
        }
        if (value.contains("-----BEGIN ")) {
            value.lines()
                    .map(String::strip)
                    .filter(line -> line.length() > 20 && !line.startsWith("-----"))
                    .forEach(found::add);
        }
    }
}
