package dev.dromedar.oauth;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything that looks into text which strangers wrote: a message's headers, an API's or an authority's answer, a file's
 * name, a library's exception that quotes one of them. Cleans it for a log, a terminal or a page, takes credentials out, and
 * recognises words in it.
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

    private static final String STARS = "***";
    private static final int SHORTEST_CREDENTIAL = 8;

    /** Values that open nothing, whatever the name before them. */
    private static final Set<String> HARMLESS =
            Set.of("true", "false", "client_secret_basic", "client_secret_post", "private_key_jwt", "tls_client_auth");

    private ForeignText() {}

    // --- for showing -------------------------------------------------------------------------------------------------

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

    // --- without credentials -----------------------------------------------------------------------------------------

    /**
     * Without what opens doors: user information of an address, the value of a private name ({@link PrivateNames}) as in
     * {@code name=value} and {@code "name": "value"}, what follows {@code Bearer}, {@code DPoP} and {@code Basic}, tokens in
     * JWT form and private keys in PEM. Other text stays, such as which person a query asks for.
     */
    public static String withoutCredentials(CharSequence text) {
        return new Masked(text, false).all();
    }

    /** As {@link #withoutCredentials}, and without queries; {@code Name: value} too. For text that says why something failed. */
    public static String withoutQueries(CharSequence text) {
        return new Masked(text, true).all();
    }

    /** Whether a text holds a credential by its form alone: after {@code Bearer} and its like, or as a JWT. */
    public static boolean holdsCredential(CharSequence text) {
        if (text.length() > LONGEST) {
            return true; // nobody needs it, and what was not looked at may hold one
        }
        var masked = new Masked(text, false);
        masked.all();
        return masked.foundByForm;
    }

    /** One way through a text. */
    private static final class Masked {
        private final CharSequence text;
        private final int end;
        private final boolean failure;
        private final StringBuilder clean = new StringBuilder();
        private int at;
        private boolean foundByForm;

        /** @param failure whether queries and {@code Name: value} go too */
        Masked(CharSequence text, boolean failure) {
            this.text = text;
            this.end = Math.min(text.length(), LONGEST);
            this.failure = failure;
        }

        String all() {
            while (at < end) {
                char c = text.charAt(at);
                if (isOfName(c)) {
                    name();
                } else if (c == '?' && failure) {
                    query();
                } else if (c == '/' && endsWith(":/")) {
                    clean.append(c);
                    at++;
                    userInformation();
                } else {
                    clean.append(c);
                    at++;
                }
            }
            if (end < text.length()) {
                clean.append("...");
            }
            return clean.toString();
        }

        private boolean endsWith(String written) {
            int from = clean.length() - written.length();
            for (int i = 0; i < written.length(); i++) {
                if (from < 0 || clean.charAt(from + i) != written.charAt(i)) {
                    return false;
                }
            }
            return true;
        }

        private void userInformation() {
            int mark = -1;
            for (int i = at; i < end && isOfAuthority(text.charAt(i)); i++) {
                if (text.charAt(i) == '@') {
                    mark = i;
                }
            }
            if (mark >= 0) {
                clean.append(STARS).append('@');
                at = mark + 1;
            }
        }

        private static boolean isOfAuthority(char c) {
            return c > ' ' && "/?#\"'<>\\".indexOf(c) < 0;
        }

        private void query() {
            clean.append('?');
            int start = ++at;
            while (at < end && !Character.isWhitespace(text.charAt(at)) && ",;\"'>)]".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            if (at > start) {
                clean.append(STARS);
            }
        }

        private void name() {
            int start = at;
            int jwt = -1;
            while (at < end && isOfName(text.charAt(at))) {
                if (jwt < 0 && text.charAt(at) == 'e' && isAt("eyJ", at)) {
                    jwt = at;
                }
                at++;
            }
            if (jwt >= 0 && at - jwt >= 3 + SHORTEST_CREDENTIAL) {
                foundByForm = true;
                clean.append(text, start, jwt).append(STARS);
                return;
            }
            clean.append(text, start, at);
            CharSequence name = text.subSequence(start, at);
            if (isScheme(name) && skipsToCredential()) {
                foundByForm = true;
                clean.append(STARS);
            } else if (isPem(name)) {
                privateKey();
            } else {
                value(name, isInTag(start));
            }
        }

        /** Whether {@code <} stands before a name, or {@code <} and the prefix of a namespace. */
        private boolean isInTag(int start) {
            int i = start - 1;
            if (i > 0 && text.charAt(i) == ':') {
                i--;
                while (i > 0 && start - i < 40 && isLetterOrDigit(text.charAt(i))) {
                    i--;
                }
            }
            return i >= 0 && text.charAt(i) == '<';
        }

        private boolean isAt(String word, int from) {
            for (int i = 0; i < word.length(); i++) {
                if (from + i >= end || text.charAt(from + i) != word.charAt(i)) {
                    return false;
                }
            }
            return true;
        }

        private static boolean isScheme(CharSequence name) {
            return is(name, "bearer") || is(name, "dpop") || is(name, "basic");
        }

        /** Goes over the spaces after a scheme and a credential, if there is one. */
        private boolean skipsToCredential() {
            int from = at;
            while (from < end && Character.isWhitespace(text.charAt(from))) {
                from++;
            }
            int to = from;
            while (to < end && isToken68(text.charAt(to))) {
                to++;
            }
            if (from == at || to - from < SHORTEST_CREDENTIAL) {
                return false;
            }
            clean.append(text, at, from);
            at = to;
            return true;
        }

        /** RFC 9110 section 11.2, and the base64url of tokens. */
        private static boolean isToken68(char c) {
            return isLetterOrDigit(c) || "._~+/=-".indexOf(c) >= 0;
        }

        private boolean isPem(CharSequence name) {
            return is(name, "-----begin") && at < end && text.charAt(at) == ' ';
        }

        /** From behind {@code -----BEGIN} to the end of the PEM block, or of the text, if it is a private key. */
        private void privateKey() {
            int labelEnd = at;
            while (labelEnd < end
                    && labelEnd - at < 60
                    && (isCapital(text.charAt(labelEnd)) || text.charAt(labelEnd) == ' ')) {
                labelEnd++;
            }
            if (!text.subSequence(at, labelEnd).toString().endsWith("PRIVATE KEY")) {
                return;
            }
            foundByForm = true;
            clean.append(text, at, labelEnd).append("-----").append(STARS);
            at = labelEnd;
            while (at < end && !isAt("-----END", at)) {
                at++;
            }
        }

        private static boolean isCapital(char c) {
            return c >= 'A' && c <= 'Z';
        }

        /** What follows a name: {@code =value}, {@code ="value"}, {@code ":"value"}, {@code >value<}; stars if it is private. */
        private void value(CharSequence name, boolean element) {
            int from = at;
            boolean quotedName = false;
            while (from < end && "\"'\\]".indexOf(text.charAt(from)) >= 0) {
                quotedName = true;
                from++;
            }
            int mark = spaces(from);
            if (mark >= end) {
                return;
            }
            char separator = text.charAt(mark);
            boolean colon = separator == ':'
                    && (quotedName || failure && mark == at && !isOwnKey(name) && !endsAnAddress(at - name.length()));
            int content = element && from == at ? afterTag() : -1;
            if (separator != '=' && !colon && content < 0 || !PrivateNames.isPrivate(name)) {
                return;
            }
            int start = content >= 0 ? content : spaces(mark + 1);
            int stop = content >= 0 ? endOfElement(content) : -1;
            if (stop < 0) {
                int quotes = start;
                while (quotes < end && text.charAt(quotes) == '\\') {
                    quotes++;
                }
                char first = quotes < end ? text.charAt(quotes) : 0;
                if (first == '"' || first == '\'') {
                    stop = closing(quotes + 1, first, quotes - start);
                    start = quotes + 1;
                } else {
                    stop = first == '[' || first == '{'
                            ? closed(start)
                            : hasSpaces(name) ? listed(start) : unquoted(start);
                }
            }
            if (stop > start && !isHarmless(text.subSequence(start, stop))) {
                clean.append(text, at, start).append(STARS);
                at = stop;
            }
        }

        /** What our own advice sets keys to: {@code dpop = true}, {@code client-authentication = client_secret_post}. */
        private static boolean isHarmless(CharSequence value) {
            return HARMLESS.contains(value.toString());
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

        /** Where an element's content begins, if its tag ends soon; otherwise -1. */
        private int afterTag() {
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

        /** A fault of the settings: {@code dromedar.api.orders.client-secret: missing}. */
        private static boolean isOwnKey(CharSequence name) {
            return startsWith(name, "dromedar.") || startsWith(name, "camel.");
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
            return find(name.toString().replace('-', ' '), "authorization", "authorisation", "cookie") >= 0;
        }

        /** To the end of the line, or of the entry of a map. */
        private int listed(int from) {
            int to = from;
            while (to < end
                    && text.charAt(to) != '\n'
                    && text.charAt(to) != '\r'
                    && text.charAt(to) != '}'
                    && text.charAt(to) != '&'
                    && !isAt(", ", to)) {
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

        private static boolean isOfName(char c) {
            return isLetterOrDigit(c) || c == '_' || c == '-' || c == '.' || c == '%' || c > 0xa0 && isPlainOrMark(c);
        }

        private static boolean isPlainOrMark(char c) {
            int type = Character.getType(c);
            return Character.isLetterOrDigit(c) || type == Character.NON_SPACING_MARK || type == Character.FORMAT;
        }
    }

    private static boolean isLetterOrDigit(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    }

    // --- for reading route files -------------------------------------------------------------------------------------

    /** A route file with spaces in place of comments: of XML, and of YAML where no quotes follow on the line. */
    public static String withoutComments(CharSequence text) {
        int length = text.length();
        var clean = new StringBuilder(length);
        boolean moreEnds = true;
        for (int i = 0; i < length; ) {
            int comment =
                    moreEnds && text.charAt(i) == '<' && stands(text, i, "<!--") ? indexOf(text, i + 4, "-->") : -1;
            if (comment >= 0) {
                for (; i < comment + 3; i++) {
                    clean.append(isLineEnd(text.charAt(i)) ? text.charAt(i) : ' ');
                }
                continue;
            }
            moreEnds &= text.charAt(i) != '<' || !stands(text, i, "<!--");
            clean.append(text.charAt(i));
            i++;
        }
        blankHashes(clean);
        return clean.toString();
    }

    private static boolean isLineEnd(char c) {
        return c == '\n' || c == '\r';
    }

    private static void blankHashes(StringBuilder text) {
        int lineEnd = text.length();
        int hash = -1; // the first that begins a comment, as seen from the line's end
        boolean quotes = false;
        for (int i = text.length() - 1; i >= -1; i--) {
            char c = i < 0 ? '\n' : text.charAt(i);
            if (isLineEnd(c)) {
                int first = i + 1;
                while (first < lineEnd && Character.isWhitespace(text.charAt(first))) {
                    first++;
                }
                int from = first < lineEnd && text.charAt(first) == '#' ? first : hash;
                for (int at = from; from >= 0 && at < lineEnd; at++) {
                    text.setCharAt(at, ' ');
                }
                lineEnd = i;
                hash = -1;
                quotes = false;
            } else if (c == '"' || c == '\'') {
                quotes = true;
            } else if (c == '#' && !quotes && i > 0 && Character.isWhitespace(text.charAt(i - 1))) {
                hash = i;
            }
        }
    }

    private static boolean stands(CharSequence text, int from, String written) {
        for (int i = 0; i < written.length(); i++) {
            if (from + i >= text.length() || text.charAt(from + i) != written.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static int indexOf(CharSequence text, int from, String written) {
        for (int i = from; i + written.length() <= text.length(); i++) {
            if (stands(text, i, written)) {
                return i;
            }
        }
        return -1;
    }

    // --- for recognising ---------------------------------------------------------------------------------------------

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
        for (int i = 0; i < text.length() && i <= most; i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return text.length() > 0 && text.length() <= most;
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
        if (text.length() == 0 || text.length() > most) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < first || text.charAt(i) > last) {
                return false;
            }
        }
        return true;
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
            boolean begins = (i == 0 || !isOfWord(text.charAt(i - 1))) && text.charAt(i) == prefix.charAt(0);
            if (begins && startsWith(text.subSequence(i, i + prefix.length()), prefix)) {
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

    private static boolean startsWith(CharSequence text, String start) {
        if (text.length() < start.length()) {
            return false;
        }
        for (int i = 0; i < start.length(); i++) {
            if (text.charAt(i) != start.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean is(CharSequence text, String lowerCase) {
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
