package dev.dromedar.oauth;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Is called with what the clients do, on the thread that does it and at the moment: implementations return at once, block on
 * nothing, and throw nothing (the audit waits for the disk). Nothing that is passed is secret.
 */
public interface ApiListener {
    /** Why no call may be made now, as the end of a sentence; or null. Is asked before each call, on its thread. */
    default @Nullable String refusal() {
        return null;
    }

    /** Whether the records of calls are to say where the calls came from: {@link CallRecord#origin()}. */
    default boolean needsOrigin() {
        return false;
    }

    /** A call ended, or failed before it was sent. */
    default void called(ApiSettings api, CallRecord call) {}

    /**
     * A token was requested of the authority. Called for each of the APIs that share the token.
     *
     * @param took all round trips together
     * @param failure why there is none, or null if there is one
     */
    default void tokenRequested(ApiSettings api, Duration took, @Nullable OAuthException failure) {}

    /** The API's credentials went bad, or good again: {@link CredentialState#isGood()} changed. */
    default void turned(ApiSettings api, ApiSnapshot now) {}
}
