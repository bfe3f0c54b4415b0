package dev.dromedar.oauth;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The authority could not be reached, or answered with nothing of use. It is asked again by itself, soon. */
@PublicApi
public final class AuthorityUnavailable extends OAuthException {
    private static final long serialVersionUID = 1;

    private final @Nullable Duration retryAfter;

    AuthorityUnavailable(String message, @Nullable Throwable cause) {
        this(message, null, cause);
    }

    AuthorityUnavailable(String message, @Nullable Duration retryAfter, @Nullable Throwable cause) {
        super(message, cause);
        this.retryAfter = retryAfter;
    }

    /** How long the authority asked us to wait (RFC 9110 section 10.2.3), or null if it did not say. */
    @Nullable
    Duration retryAfter() {
        return retryAfter;
    }

    @Override
    AuthorityUnavailable reworded(String message) {
        return new AuthorityUnavailable(message, retryAfter, this);
    }
}
