package dev.dromedar.oauth;

import org.jspecify.annotations.Nullable;

/** The authority answered, and gave no token that may be used (RFC 6749 section 5.2). Asking again at once is no help. */
@PublicApi
public final class TokenRefused extends OAuthException {
    private static final long serialVersionUID = 1;

    private final String error;
    private final int status;
    /** In the authority's words, for {@code check} alone: no log, message or view has them. */
    private final transient @Nullable String description;

    private final boolean late;

    TokenRefused(String message, String error, int status, @Nullable Throwable cause) {
        this(message, error, status, cause, null);
    }

    TokenRefused(String message, String error, int status, @Nullable Throwable cause, @Nullable String description) {
        this(message, error, status, cause, description, false);
    }

    private TokenRefused(
            String message,
            String error,
            int status,
            @Nullable Throwable cause,
            @Nullable String description,
            boolean late) {
        super(message, cause);
        this.error = error;
        this.status = status;
        this.description = description;
        this.late = late;
    }

    /**
     * The same, of a request whose answer came so late that its assertion or proof may have expired on its way: no key need be
     * wrong.
     */
    TokenRefused late() {
        return new TokenRefused(getMessage(), error, status, getCause(), description, true);
    }

    boolean isLate() {
        return late;
    }

    /** What the authority says of it, as it came; null if it says nothing. */
    @Nullable
    String description() {
        return description;
    }

    /** The OAuth error code, such as {@code invalid_client}; for a token that we refuse ourselves, our word for it. */
    public String error() {
        return error;
    }

    /** The HTTP status of the authority's answer. */
    public int status() {
        return status;
    }

    @Override
    TokenRefused reworded(String message) {
        return new TokenRefused(message, error, status, this, description, late);
    }
}
