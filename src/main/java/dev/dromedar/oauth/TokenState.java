package dev.dromedar.oauth;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of one token at one moment. Immutable: each method gives the state after something has happened, and the
 * holder moves from one to the next by compare-and-set, so that nothing that happens meanwhile is lost.
 *
 * @param live the newest token, alive or not
 * @param flight the request on its way
 * @param failure why the last request gave no token; null if it gave one
 * @param refusals of APIs
 * @param forgotten how often the operator has dropped what is known
 * @param credentials how often a key or secret has changed
 * @param lastUsed in ticks, to the second
 */
record TokenState(
        @Nullable LiveToken live,
        @Nullable Flight flight,
        @Nullable TokenFailure failure,
        Refusals refusals,
        int forgotten,
        int credentials,
        long lastUsed) {

    /** Between two tokens that APIs refuse, at most. */
    private static final Duration LONGEST_PATIENCE = Duration.ofMinutes(5);

    /**
     * One request on its way.
     *
     * @param forgotten {@link TokenState#forgotten} when it began
     * @param heldBack {@link HoldBack#forgotten} when it began
     */
    record Flight(CompletableFuture<AccessToken> result, int forgotten, int heldBack) {
        /**
         * Waits for what it brings.
         *
         * @throws OAuthException if it brings no token, or nothing within the limit
         */
        AccessToken await(Duration limit) {
            try {
                return result.get(limit.toNanos(), TimeUnit.NANOSECONDS);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof OAuthException reason) {
                    throw reason.reworded(reason.getMessage()); // each caller gets its own, with its own stack
                }
                throw new AuthorityUnavailable("The token request failed here.", e.getCause());
            } catch (TimeoutException e) {
                throw new AuthorityUnavailable(
                        "Timed out after " + NetworkFailure.time(limit)
                                + " waiting for a token; the request is still running.",
                        null);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AuthorityUnavailable("Interrupted while waiting for a token.", e);
            }
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    /**
     * Tokens that APIs have refused.
     *
     * @param inARow each the replacement of the one before
     * @param replacing whether the next token replaces a refused one
     */
    record Refusals(int inARow, boolean replacing) {
        static final Refusals NONE = new Refusals(0, false);
    }

    static TokenState unused(long now) {
        return new TokenState(null, null, null, Refusals.NONE, 0, 0, now);
    }

    TokenState used(long now) {
        return new TokenState(live, flight, failure, refusals, forgotten, credentials, now);
    }

    TokenState begun(Flight begun) {
        return new TokenState(live, begun, failure, refusals, forgotten, credentials, lastUsed);
    }

    /** The request could not be started. */
    TokenState grounded(Flight begun) {
        return flight == begun ? new TokenState(live, null, failure, refusals, forgotten, credentials, lastUsed) : this;
    }

    TokenState succeeded(LiveToken token) {
        Refusals after = refusals.replacing() ? new Refusals(refusals.inARow(), false) : Refusals.NONE;
        return new TokenState(token, null, null, after, forgotten, credentials, lastUsed);
    }

    TokenState failed(TokenFailure newest) {
        return new TokenState(live, null, newest, refusals, forgotten, credentials, lastUsed);
    }

    /** The operator drops the token and what is known of failures. A request on its way goes on. */
    TokenState forget() {
        return new TokenState(null, flight, null, Refusals.NONE, forgotten + 1, credentials, lastUsed);
    }

    /** The authority, which refused the old key or secret, may accept the new one: the next caller tries. */
    TokenState credentialChanged(long now) {
        TokenFailure after = failure != null && failure.reason() instanceof TokenRefused
                ? TokenFailure.withoutBackOff(failure.reason(), failure.since(), now)
                : failure;
        return new TokenState(live, flight, after, refusals, forgotten, credentials + 1, lastUsed);
    }

    TokenState accepted(AccessToken token, String api) {
        return live == null || live.token() != token || live.takenBy().contains(api)
                ? this
                : new TokenState(live.takenBy(api), flight, failure, refusals, forgotten, credentials, lastUsed);
    }

    /** An API refused the token in memory, and it is dropped. */
    TokenState refused() {
        var after = new Refusals(refusals.inARow() + 1, true);
        return new TokenState(null, flight, failure, after, forgotten, credentials, lastUsed);
    }

    /** Whether this token is the one in memory, and alive. */
    boolean serves(AccessToken token, long now, long millis) {
        return live != null && live.token() == token && live.isAlive(now, millis);
    }

    /** Whether the token in memory is so young that another would be refused by this API too. */
    boolean isTooYoungToDrop(String api, long now) {
        if (live == null) {
            return false;
        }
        int doublings = Math.min(refusals.inARow(), 10);
        long seconds = live.takenBy().contains(api) ? (1L << doublings) - 1 : 5L << doublings;
        return now - live.minted() < Math.min(TimeUnit.SECONDS.toNanos(seconds), LONGEST_PATIENCE.toNanos());
    }
}
