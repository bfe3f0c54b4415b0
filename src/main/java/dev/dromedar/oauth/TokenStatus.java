package dev.dromedar.oauth;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One token as it stands, for people to see.
 *
 * @param token if one is alive
 * @param renewIn until renewal is due; negative when it is
 * @param asking whether a request is in flight
 * @param failure why the last request gave none, or null if it gave one
 * @param failingSince when the first of the failures in a row was
 * @param nextTryIn zero when the next caller tries
 */
record TokenStatus(
        @Nullable AccessToken token,
        @Nullable Duration renewIn,
        boolean asking,
        @Nullable OAuthException failure,
        @Nullable Instant failingSince,
        @Nullable Duration nextTryIn) {}
