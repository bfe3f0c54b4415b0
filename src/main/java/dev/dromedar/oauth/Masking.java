package dev.dromedar.oauth;

/**
 * Takes credentials out of text which strangers wrote, as {@link ForeignText} goes through it: once, without a pattern,
 * {@link ForeignText#LONGEST} characters at most.
 */
public final class Masking {
    private static final String STARS = "***";
    private static final int SHORTEST_CREDENTIAL = 8;

    private final CharSequence text;
    private final int end;
    private final boolean failure;
    private final NamedValue value;
    private final StringBuilder clean = new StringBuilder();
    private int at;
    private boolean foundByForm;

    /** @param failure whether queries and {@code Name: value} go too */
    private Masking(CharSequence text, boolean failure) {
        this.text = text;
        this.end = Math.min(text.length(), ForeignText.LONGEST);
        this.failure = failure;
        this.value = new NamedValue(text, end, failure);
    }

    /**
     * Without what opens doors: user information of an address, the value of a private name ({@link PrivateNames}) as in
     * {@code name=value} and {@code "name": "value"}, what follows {@code Bearer}, {@code DPoP} and {@code Basic}, tokens in
     * JWT form and private keys in PEM. Other text stays, such as which person a query asks for.
     */
    public static String withoutCredentials(CharSequence text) {
        return new Masking(text, false).all();
    }

    /** As {@link #withoutCredentials}, and without queries; {@code Name: value} too. For text that says why something failed. */
    public static String withoutQueries(CharSequence text) {
        return new Masking(text, true).all();
    }

    /** Whether a text holds a credential by its form alone: after {@code Bearer} and its like, or as a JWT. */
    public static boolean holdsCredential(CharSequence text) {
        if (text.length() > ForeignText.LONGEST) {
            return true; // nobody needs it, and what was not looked at may hold one
        }
        var masking = new Masking(text, false);
        masking.all();
        return masking.foundByForm;
    }

    private String all() {
        while (at < end) {
            char c = text.charAt(at);
            if (isOfName(c)) {
                name();
                continue;
            }
            clean.append(c);
            at++;
            if (c == '?' && failure) {
                query();
            } else if (c == '/'
                    && clean.length() > 2
                    && ForeignText.isAt(clean, clean.length() - 3, clean.length(), "://")) {
                userInformation();
            }
        }
        if (end < text.length()) {
            clean.append("...");
        }
        return clean.toString();
    }

    private void userInformation() {
        int mark = -1;
        for (int i = at; i < end && text.charAt(i) > ' ' && "/?#\"'<>\\".indexOf(text.charAt(i)) < 0; i++) {
            if (text.charAt(i) == '@') {
                mark = i;
            }
        }
        if (mark >= 0) {
            clean.append(STARS).append('@');
            at = mark + 1;
        }
    }

    private void query() {
        int start = at;
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
        } else if (ForeignText.is(name, "-----begin") && at < end && text.charAt(at) == ' ') {
            privateKey();
        } else if (value.isBehind(name, at)) {
            clean.append(text, at, value.start()).append(STARS);
            at = value.stop();
        }
    }

    private boolean isAt(String word, int from) {
        return ForeignText.isAt(text, from, end, word);
    }

    private static boolean isScheme(CharSequence name) {
        return ForeignText.is(name, "bearer") || ForeignText.is(name, "dpop") || ForeignText.is(name, "basic");
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
        return ForeignText.isLetterOrDigit(c) || "._~+/=-".indexOf(c) >= 0;
    }

    /** From behind {@code -----BEGIN} to the end of the PEM block, or of the text, if it is a private key. */
    private void privateKey() {
        int labelEnd = at;
        while (labelEnd < end && labelEnd - at < 60 && isOfLabel(text.charAt(labelEnd))) {
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

    private static boolean isOfLabel(char c) {
        return c >= 'A' && c <= 'Z' || c == ' ';
    }

    private static boolean isOfName(char c) {
        return ForeignText.isLetterOrDigit(c)
                || c == '_'
                || c == '-'
                || c == '.'
                || c == '%'
                || c > 0xa0 && isLetterOrMark(c);
    }

    private static boolean isLetterOrMark(char c) {
        int type = Character.getType(c);
        return Character.isLetterOrDigit(c) || type == Character.NON_SPACING_MARK || type == Character.FORMAT;
    }
}
