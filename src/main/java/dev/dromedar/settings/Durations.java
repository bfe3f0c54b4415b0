package dev.dromedar.settings;

import java.time.Duration;
import java.util.Locale;
import org.apache.camel.util.TimeUtils;

/** Durations as people write them. */
public final class Durations {
    private Durations() {}

    /**
     * Reads {@code 10s}, {@code 5m}, {@code 1h30m}, {@code 1d} (a bare number is milliseconds), or ISO-8601.
     *
     * @throws IllegalArgumentException or {@link java.time.format.DateTimeParseException} if it is none
     */
    public static Duration parse(String text) {
        return text.toUpperCase(Locale.ROOT).startsWith("P")
                ? Duration.parse(text)
                : Duration.ofMillis(TimeUtils.toMilliSeconds(text));
    }

    /** The shortest way to write it. */
    public static String shown(Duration time) {
        long millis = time.toMillis();
        if (millis % 1000 != 0) {
            return millis + "ms";
        }
        if (millis % 86_400_000 == 0) {
            return millis / 86_400_000 + "d";
        }
        if (millis % 3_600_000 == 0) {
            return millis / 3_600_000 + "h";
        }
        return millis % 60_000 == 0 ? millis / 60_000 + "m" : millis / 1000 + "s";
    }
}
