package dev.dromedar.sandbox;

import org.jspecify.annotations.Nullable;

/** A check that refused a request: the OAuth error code and a description for a person. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Check check;
    private final String error;

    Refusal(Check check, String error, String description) {
        super(description + " (" + check.source() + ")", null, false, false);
        this.check = check;
        this.error = error;
    }

    Check check() {
        return check;
    }

    String error() {
        return error;
    }

    /** The description in the characters that RFC 6749 section 5.2 allows. */
    String description() {
        return String.valueOf(getMessage())
                .replaceAll("[^\\x20-\\x7E]", "?")
                .replace('"', '\'')
                .replace('\\', '/');
    }

    /** What a caller sent, for a description: quoted and shortened, or the word missing. */
    static String shown(@Nullable Object value) {
        if (value == null) {
            return "missing";
        }
        String text = value.toString();
        return "'" + (text.length() <= 160 ? text : text.substring(0, 160) + "...") + "'";
    }
}
