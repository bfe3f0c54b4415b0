package dev.dromedar.oauth;

import java.util.Set;

/**
 * Finds the value that belongs to a private name in foreign text: {@code =value}, {@code ="value"}, {@code ":"value"} in JSON,
 * {@code >value<} in XML. One for each text; see {@link Masking}.
 */
final class NamedValue {
    /** Values that open nothing, whatever the name before them. */
    private static final Set<String> HARMLESS =
            Set.of("true", "false", "client_secret_basic", "client_secret_post", "private_key_jwt", "tls_client_auth");

    private final CharSequence text;
    private final int end;
    private final boolean failure;
    private int start;
    private int stop;

    /**
     * @param end of what is looked at
     * @param failure whether {@code Name: value} counts too
     */
    NamedValue(CharSequence text, int end, boolean failure) {
        this.text = text;
        this.end = end;
        this.failure = failure;
    }

    /** Where the value begins that {@link #isBehind} has found. */
    int start() {
        return start;
    }

    int stop() {
        return stop;
    }

    /**
     * Whether the value of a private name stands behind it.
     *
     * @param at where the name ends
     */
    boolean isBehind(CharSequence name, int at) {
        int from = at;
        while (from < end && "\"'\\]".indexOf(text.charAt(from)) >= 0) {
            from++;
        }
        int mark = spaces(from);
        if (mark >= end) {
            return false;
        }
        int nameAt = at - name.length();
        boolean colon = text.charAt(mark) == ':'
                && (from > at || failure && mark == at && !isOwnKey(name) && !endsAnAddress(nameAt));
        int content = from == at && isInTag(nameAt) ? afterTag(at) : -1;
        if (text.charAt(mark) != '=' && !colon && content < 0 || !PrivateNames.isPrivate(name)) {
            return false;
        }
        if (content >= 0) {
            start = content;
            stop = endOfElement(content);
        } else {
            findAt(spaces(mark + 1), name);
        }
        return stop > start && !HARMLESS.contains(text.subSequence(start, stop).toString());
    }

    private void findAt(int from, CharSequence name) {
        int quotes = from;
        while (quotes < end && text.charAt(quotes) == '\\') {
            quotes++;
        }
        char first = quotes < end ? text.charAt(quotes) : 0;
        boolean quoted = first == '"' || first == '\'';
        start = quoted ? quotes + 1 : from;
        stop = quoted
                ? closing(start, first, quotes - from)
                : first == '[' || first == '{' ? closed(start) : hasSpaces(name) ? listed(start) : unquoted(start);
    }

    /** Whether {@code <} stands before a name, or {@code <} and the prefix of a namespace. */
    private boolean isInTag(int name) {
        int i = name - 1;
        if (i > 0 && text.charAt(i) == ':') {
            i--;
            while (i > 0 && name - i < 40 && ForeignText.isLetterOrDigit(text.charAt(i))) {
                i--;
            }
        }
        return i >= 0 && text.charAt(i) == '<';
    }

    /** What a failure says of {@code https://authority/connect/token} stands behind a colon as well. */
    private boolean endsAnAddress(int name) {
        if (name == 0 || text.charAt(name - 1) != '/') {
            return false;
        }
        for (int i = name - 1; i > 0 && name - i < 300 && !Character.isWhitespace(text.charAt(i)); i--) {
            if (isAt("://", i)) {
                return true;
            }
        }
        return false;
    }

    /** A fault of the settings: {@code dromedar.api.orders.client-secret: missing}. */
    private static boolean isOwnKey(CharSequence name) {
        return ForeignText.startsWith(name, "dromedar.") || ForeignText.startsWith(name, "camel.");
    }

    private boolean isAt(String word, int from) {
        return ForeignText.isAt(text, from, end, word);
    }

    /** Where an element's content begins, if its tag ends soon; otherwise -1. */
    private int afterTag(int at) {
        for (int i = at; i < end && i - at < 300 && text.charAt(i) != '<'; i++) {
            if (text.charAt(i) == '>') {
                return i + 1;
            }
        }
        return -1;
    }

    private int endOfElement(int from) {
        boolean raw = isAt("<![CDATA[", from);
        int to = from;
        while (to < end && (raw ? !isAt("]]>", to) : text.charAt(to) != '<')) {
            to++;
        }
        return to;
    }

    private int spaces(int from) {
        int to = from;
        while (to < end && (text.charAt(to) == ' ' || text.charAt(to) == '\t')) {
            to++;
        }
        return to;
    }

    /** @param backslashes before the quotes: those of JSON within JSON have some */
    private int closing(int from, char quote, int backslashes) {
        int run = 0;
        for (int i = from; i < end; i++) {
            char c = text.charAt(i);
            if (c == quote && (backslashes == 0 ? run % 2 == 0 : run <= backslashes)) {
                return i - (backslashes == 0 ? 0 : run);
            }
            run = c == '\\' ? run + 1 : 0;
        }
        return end;
    }

    /** The end of a list or an object in JSON. */
    private int closed(int from) {
        int depth = 0;
        for (int i = from; i < end; i++) {
            char c = text.charAt(i);
            depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
            if (depth == 0) {
                return i + 1;
            }
        }
        return end;
    }

    /** {@code Authorization} has a scheme before its credential, and {@code Cookie} several pairs. */
    private static boolean hasSpaces(CharSequence name) {
        return ForeignText.find(name.toString().replace('-', ' '), "authorization", "authorisation", "cookie") >= 0;
    }

    /** To the end of the line, or of the entry of a map. */
    private int listed(int from) {
        int to = from;
        while (to < end && "\n\r}&".indexOf(text.charAt(to)) < 0 && !isAt(", ", to)) {
            to++;
        }
        return to;
    }

    /** A value may hold marks that also end one: they do before a space and at the end alone. */
    private int unquoted(int from) {
        int to = from;
        while (to < end && !Character.isWhitespace(text.charAt(to)) && "&\"'<>".indexOf(text.charAt(to)) < 0) {
            to++;
        }
        if (to == end || text.charAt(to) != '&') {
            while (to > from && ",;:.)]}".indexOf(text.charAt(to - 1)) >= 0) {
                to--;
            }
        }
        return to;
    }
}
