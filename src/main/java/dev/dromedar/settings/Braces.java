package dev.dromedar.settings;

/** The braces of placeholders, which may stand within each other. */
final class Braces {
    static final String OPEN = "{{";
    static final String CLOSE = "}}";

    private Braces() {}

    /** Whether the text is one placeholder and nothing else. */
    static boolean isWhole(String text) {
        String stripped = text.strip();
        return stripped.startsWith(OPEN) && closing(stripped, 0) == stripped.length() - CLOSE.length();
    }

    /** Whether every opening has its closing and the other way round. */
    static boolean isBalanced(String text) {
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
    static int closing(String text, int open) {
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
