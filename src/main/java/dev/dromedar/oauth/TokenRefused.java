package dev.dromedar.oauth;

import org.jspecify.annotations.Nullable;

/** The authority answered, and gave no token that may be used (RFC 6749 section 5.2). Asking again at once is no help. */
@PublicApi
public final class TokenRefused extends OAuthException {
    private static final long serialVersionUID = 1;

    private final String error;
    private final int status;
    /** The authority's own words, which no message has and nothing but {@code check} shows. */
    private final transient @Nullable String description;

    TokenRefused(String message, String error, int status, @Nullable Throwable cause) {
        this(message, error, status, null, cause);
    }

    TokenRefused(String message, String error, int status, @Nullable String description, @Nullable Throwable cause) {
        super(message, cause);
        this.error = error;
        this.status = status;
        this.description = description;
    }

    /** In the authority's own words, to be shown by {@link AuthorityWords} alone. */
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
        return new TokenRefused(message, error, status, description, this);
    }
}
