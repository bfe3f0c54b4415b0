package dev.dromedar.oauth;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One entry of the calendar: when a key, secret or certificate of an API stops working. Immutable; holds nothing secret.
 *
 * @param what the property that it comes from, such as {@code private-key}
 * @param source how the end is known
 */
public record KeyEnd(String what, Source source, Instant when) {
    /** From here on an end is worth a warning. */
    public static final Duration WARNING = Duration.ofDays(14);

    /** How an end is known, and what to do before it. */
    public enum Source {
        /** A certificate says it itself. */
        CERTIFICATE("certificate", "Have the certificate renewed, and put the new one in the place of the old one."),
        /** The operator has set {@code key-expires}. */
        PROPERTY(
                "key-expires",
                "Register a new key or secret with the authority, put it in the place of the old one, and set key-expires"
                        + " to its end.");

        private final String words;
        private final String cure;

        Source(String words, String cure) {
            this.words = words;
            this.cure = cure;
        }

        public String words() {
            return words;
        }
    }

    public Duration left(Instant now) {
        return Duration.between(now, when);
    }

    /** Whole days until the end; negative from the end on. */
    public long daysLeft(Instant now) {
        return Math.floorDiv(left(now).toSeconds(), Duration.ofDays(1).toSeconds());
    }

    boolean isSoon(Instant now) {
        return left(now).compareTo(WARNING) < 0;
    }

    /** In a sentence, with what to do. */
    public String sentence(Instant now) {
        long days = daysLeft(now);
        String name = source == Source.CERTIFICATE ? "the certificate of " + what : what;
        return name
                + (days < 0 ? " has expired, " : " expires in " + days + (days == 1 ? " day, " : " days, "))
                + when + " (" + source.words + "). " + source.cure;
    }

    /** By the names of {@link ApiSnapshot#values}. */
    Map<String, Object> values(Instant now) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("what", what);
        values.put("source", source.words);
        values.put("ends", when.toString());
        values.put("daysLeft", daysLeft(now));
        return values;
    }
}
