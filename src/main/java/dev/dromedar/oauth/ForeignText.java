package dev.dromedar.oauth;

import org.jspecify.annotations.Nullable;

/**
 * Looks into text which strangers wrote: a message's headers, an API's or an authority's answer, a file's name, a library's
 * exception that quotes one of them. Cleans it for a log, a terminal or a page, and recognises words in it; {@link Masking}
 * takes credentials out.
 *
 * <p>No method uses a regular expression: each goes through the text once from its beginning to its end, with work that grows
 * as the text does and a stack that does not, and those that search look at {@link #LONGEST} characters at most. Pure
 * functions.
 */
public final class ForeignText {
    /** As much as is searched or shown of one text. */
    public static final int LONGEST = 100_000;

    /** As much as one line shows. */
    public static final int LONGEST_LINE = 8_000;

    private ForeignText() {}

    /**
     * On one line, without anything that a log, a terminal or a page would obey: line ends and other controls (C0, C1),
     * escape sequences, marks that turn the direction of writing, characters without width and halves of a character stand
     * as escapes, such as {@code \n}. At most {@link #LONGEST_LINE} characters.
     */
    public static String line(@Nullable CharSequence text) {
        return line(text, LONGEST_LINE);
    }

    /**
     * As {@link #line(CharSequence)}, of a length of its own.
     *
     * @param most characters of the text that are shown
     */
    public static String line(@Nullable CharSequence text, int most) {
        return clean(text, most, false);
    }

    /** As {@link #line}, but line ends (LF) and tabulators stay: for a terminal or a body that is shown. */
    public static String lines(@Nullable CharSequence text) {
        return clean(text, Integer.MAX_VALUE, true);
    }

    /** As {@link #line}, with the lines of a text joined by single spaces: a library's words. */
    public static String joined(CharSequence text, int most) {
        int end = Math.min(text.length(), LONGEST);
        var joined = new StringBuilder();
        int space = -1; // where a run of white space begins
        boolean lineEnd = false;
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            if (Character.isWhitespace(c) || c == '\u0085') {
                space = space < 0 ? i : space;
                lineEnd |= c == '\n' || c == '\r' || c >= 0x80 || c == '\u000b' || c == '\f';
                continue;
            }
            if (space >= 0 && joined.length() > 0) {
                joined.append(lineEnd ? " " : text.subSequence(space, i));
            }
            space = -1;
            lineEnd = false;
            joined.append(c);
        }
        return line(joined, most);
    }

    private static String clean(@Nullable CharSequence text, int most, boolean severalLines) {
        if (text == null) {
            return "null";
        }
        int length = Math.min(text.length(), most);
        int first = 0;
        while (first < length && isPlain(text.charAt(first))) {
            first++;
        }
        if (first == text.length()) {
            return text.toString();
        }
        var clean = new StringBuilder(length + 16).append(text, 0, first);
        for (int i = first; i < length; i++) {
            char c = text.charAt(i);
            if (isPlain(c) || severalLines && (c == '\n' || c == '\t')) {
                clean.append(c);
            } else if (Character.isHighSurrogate(c) && i + 1 < length && Character.isLowSurrogate(text.charAt(i + 1))) {
                int whole = Character.toCodePoint(c, text.charAt(i + 1));
                if (isShown(Character.getType(whole))) {
                    clean.append(c).append(text.charAt(i + 1));
                } else {
                    clean.append(hex("\\U", whole, 6));
                }
                i++;
            } else if (!severalLines || c != '\r' || i + 1 == length || text.charAt(i + 1) != '\n') {
                clean.append(escaped(c));
            }
        }
        if (length < text.length()) {
            clean.append("... (").append(text.length() - length).append(" more characters)");
        }
        return clean.toString();
    }

    private static boolean isPlain(char c) {
        return c < 0x7f ? c >= ' ' : c >= 0xa0 && c != 0xad && isShown(Character.getType(c));
    }

    private static boolean isShown(int type) {
        return type != Character.CONTROL
                && type != Character.FORMAT
                && type != Character.SURROGATE
                && type != Character.LINE_SEPARATOR
                && type != Character.PARAGRAPH_SEPARATOR
                && type != Character.UNASSIGNED;
    }

    private static String escaped(char c) {
        return switch (c) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default -> hex("\\u", c, 4);
        };
    }

    private static String hex(String mark, int number, int digits) {
        var hex = new StringBuilder(mark);
        for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
            hex.append(Character.forDigit(number >> shift & 15, 16));
        }
        return hex.toString();
    }

    static boolean isLetterOrDigit(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    }

    /** A token of HTTP (RFC 9110 section 5.6.2) of 1 to so many characters: what names of headers, and ids, are made of. */
    public static boolean isToken(CharSequence text, int most) {
        return isOf(text, most, "!#$%&'*+-.^_`|~");
    }

    /** 1 to so many letters and digits (ASCII), underscores, hyphens and dots: what may be quoted in a message. */
    public static boolean isWord(CharSequence text, int most) {
        return isOf(text, most, "_-.");
    }

    /** 1 to so many digits. */
    public static boolean isNumber(CharSequence text, int most) {
        return isWithin(text, most, '0', '9');
    }

    /** 1 to so many letters and digits (ASCII) and these marks. */
    public static boolean isOf(CharSequence text, int most, String marks) {
        if (text.length() == 0 || text.length() > most) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (!isLetterOrDigit(text.charAt(i)) && marks.indexOf(text.charAt(i)) < 0) {
                return false;
            }
        }
        return true;
    }

    /** 1 to so many characters, each from one to another. */
    public static boolean isWithin(CharSequence text, int most, char first, char last) {
        for (int i = 0; i < text.length() && i <= most; i++) {
            if (text.charAt(i) < first || text.charAt(i) > last) {
                return false;
            }
        }
        return text.length() > 0 && text.length() <= most;
    }

    /** Lower-case words and numbers with single hyphens between: names of APIs and feeds. */
    public static boolean isName(CharSequence text, int most) {
        if (text.length() == 0 || text.length() > most) {
            return false;
        }
        char before = '-';
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letter = c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
            if (!letter && (c != '-' || before == '-')) {
                return false;
            }
            before = c;
        }
        return before != '-';
    }

    /**
     * Where one of some words stands in a text, in any case, with no letter, digit, underscore or hyphen beside it; or -1.
     *
     * @param words in lower case, of ASCII
     */
    public static int find(CharSequence text, String... words) {
        int end = Math.min(text.length(), LONGEST);
        boolean begins = true;
        for (int i = 0; i < end; i++) {
            if (begins) {
                for (String word : words) {
                    if (stands(text, i, end, word)) {
                        return i;
                    }
                }
            }
            begins = !isOfWord(text.charAt(i));
        }
        return -1;
    }

    private static boolean stands(CharSequence text, int from, int end, String word) {
        if (from + word.length() > end) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            if (Character.toLowerCase(text.charAt(from + i)) != word.charAt(i)) {
                return false;
            }
        }
        return from + word.length() == end || !isOfWord(text.charAt(from + word.length()));
    }

    private static boolean isOfWord(char c) {
        return isLetterOrDigit(c) || c == '_' || c == '-';
    }

    /**
     * The first code in a text that begins with a prefix where no word goes on, such as {@code HID-1002}: the prefix and the
     * capital letters, digits and hyphens after it; null if there is none, or it is longer than that.
     *
     * @param most characters of a code
     */
    public static @Nullable String code(CharSequence text, String prefix, int most) {
        int end = Math.min(text.length(), LONGEST);
        for (int i = 0; i + prefix.length() < end; i++) {
            if ((i == 0 || !isOfWord(text.charAt(i - 1))) && isAt(text, i, end, prefix)) {
                int to = i + prefix.length();
                while (to < end && to - i <= most && isOfCode(text.charAt(to))) {
                    to++;
                }
                while (to > i + prefix.length() && text.charAt(to - 1) == '-') {
                    to--;
                }
                if (to > i + prefix.length() && to - i <= most) {
                    return text.subSequence(i, to).toString();
                }
                i = to - 1;
            }
        }
        return null;
    }

    private static boolean isOfCode(char c) {
        return c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-';
    }

    static boolean startsWith(CharSequence text, String start) {
        return isAt(text, 0, text.length(), start);
    }

    /** Whether a text before its end goes on there as is written. */
    static boolean isAt(CharSequence text, int from, int end, String written) {
        if (from + written.length() > end) {
            return false;
        }
        for (int i = 0; i < written.length(); i++) {
            if (text.charAt(from + i) != written.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    static boolean is(CharSequence text, String lowerCase) {
        if (text.length() != lowerCase.length()) {
            return false;
        }
        for (int i = 0; i < lowerCase.length(); i++) {
            if (Character.toLowerCase(text.charAt(i)) != lowerCase.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
