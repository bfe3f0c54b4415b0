package dev.dromedar.letters;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** What routes say of a page: positions and counts, as numbers or text. What is none fails the run before anything is stored. */
final class FeedValues {
    private static final int LONGEST_NUMBER = 40;

    private FeedValues() {}

    /** A whole number within bounds, or null for none. */
    static @Nullable Long number(@Nullable Object value, String header, String feed, long lowest, long highest) {
        if (value == null || value instanceof String text && text.isBlank()) {
            return null;
        }
        if (value instanceof Number || value instanceof String) {
            String text = value.toString().strip();
            try {
                if (text.length() <= LONGEST_NUMBER) {
                    long number = new BigDecimal(text).longValueExact();
                    if (number >= lowest && number <= highest) {
                        return number;
                    }
                }
            } catch (ArithmeticException | NumberFormatException e) {
                // as one out of bounds
            }
        }
        throw new StoreFailure("Feed " + feed + ": "
                + (header.equals("last") ? "what last finds" : "the header " + header) + " is not a whole number from "
                + lowest + " to " + highest + ". The position stays. Look at how the route sets it.");
    }

    static @Nullable String text(@Nullable Object value, String feed) {
        if (value == null || value instanceof String text && text.isBlank()) {
            return null;
        }
        if ((value instanceof String || value instanceof Number) && FeedPositions.isText(value.toString())) {
            return value.toString();
        }
        throw new StoreFailure(
                "Feed " + feed + ": the position after the page is no text of up to 1000 characters without"
                        + " control characters. The position stays. Look at where the route takes it from.");
    }

    /** The difference, or the nearest number that there is. */
    static long minus(long a, long b) {
        long difference = a - b;
        boolean overflows = ((a ^ b) & (a ^ difference)) < 0;
        return overflows ? a < 0 ? Long.MIN_VALUE : Long.MAX_VALUE : difference;
    }
}
