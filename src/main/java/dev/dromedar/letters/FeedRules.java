package dev.dromedar.letters;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a feed is read, as the options of {@code dromedar:feed/NAME} say. Immutable.
 *
 * @param text whether positions are texts, such as ids, cursors and dates, which have no order
 * @param start the position to begin with while there is none; null for 1, or for none where positions are texts
 * @param lastSeen whether the API takes the last event that was seen, and not the next one to come
 * @param gaps whether numbers that do not come are reported
 * @param last where the position after a page is taken from; null for the header {@link Feeds#LAST}
 */
record FeedRules(
        boolean text,
        @Nullable String start,
        boolean lastSeen,
        boolean gaps,
        @Nullable FeedLast last) {
    /**
     * Takes its options out of the parameters.
     *
     * @throws IllegalArgumentException if one cannot be read, or has no effect; says which
     */
    static FeedRules of(Map<String, Object> parameters) {
        boolean text = choice(parameters, "position", "number", "text");
        boolean lastSeen = choice(parameters, "from", "next", "last");
        boolean allowed = choice(parameters, "gaps", "reported", "allowed");
        Object start = parameters.remove("start");
        Object last = parameters.remove("last");
        if (text && (lastSeen || allowed)) {
            throw new IllegalArgumentException((lastSeen ? "from=last" : "gaps=allowed")
                    + " has no effect with position=text: a text is sent as it was seen, and has no gaps. Remove it.");
        }
        var rules = new FeedRules(
                text,
                start == null ? null : start.toString().strip(),
                lastSeen,
                !allowed,
                last == null ? null : FeedLast.of(last.toString()));
        if (text) {
            if (rules.start != null && !FeedPositions.isText(rules.start)) {
                throw new IllegalArgumentException("start must be a text of 1 to " + FeedPositions.LONGEST
                        + " characters without control characters.");
            }
        } else {
            rules.first();
        }
        return rules;
    }

    /** The number to begin with, as it is sent to the API. */
    long first() {
        long highest = lastSeen ? FeedPositions.HIGHEST : Long.MAX_VALUE;
        try {
            long first = start == null ? lastSeen ? 0 : 1 : Long.parseLong(start);
            if (first <= highest) {
                return first;
            }
        } catch (NumberFormatException e) {
            // as one out of bounds
        }
        throw new IllegalArgumentException(
                "start must be a whole number from " + Long.MIN_VALUE + " to " + highest + ".");
    }

    private static boolean choice(Map<String, Object> parameters, String name, String usual, String other) {
        Object value = parameters.remove(name);
        if (value == null || value.toString().equals(usual)) {
            return false;
        }
        if (value.toString().equals(other)) {
            return true;
        }
        throw new IllegalArgumentException(name + " must be " + usual + " or " + other + ".");
    }
}
