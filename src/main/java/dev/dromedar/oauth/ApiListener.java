package dev.dromedar.oauth;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Is told what the clients do, on the thread that does it and at the moment: implementations return at once, block on
 * nothing, and throw nothing. Nothing that is passed is secret.
 */
public interface ApiListener {
    /** A call ended, or failed before it was sent. */
    default void called(ApiClient api, CallRecord call) {}

    /**
     * The authority was asked for a token. APIs that share a token are all told.
     *
     * @param took all round trips together
     * @param failure why there is none, or null if there is one
     */
    default void tokenAsked(ApiClient api, Duration took, @Nullable OAuthException failure) {}

    /** The API's credentials went bad, or good again: {@link CredentialState#isGood()} changed. */
    default void turned(ApiClient api, ApiSnapshot now) {}
}
