package dev.dromedar.oauth;

import org.jspecify.annotations.Nullable;

/**
 * Why a call cannot be made with credentials. The message says what happened and what to do, and never holds a token,
 * assertion, proof, key, secret or an authority's answer.
 */
@PublicApi
public abstract sealed class OAuthException extends RuntimeException
        permits InvalidSettings, TokenRefused, AuthorityUnavailable {
    private static final long serialVersionUID = 1;

    OAuthException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** This failure with other words around it: each caller gets its own exception, with its own stack. */
    abstract OAuthException reworded(String message);

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
