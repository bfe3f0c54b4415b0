package dev.dromedar.oauth;

import dev.dromedar.oauth.TokenState.Flight;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The life of one token: served from memory without a lock while it lives; renewed once in the background in its last
 * part, while it stays in use; awaited by all callers in the one request in flight when it has expired. After a failure no
 * request is sent before the next try. All that changes is one {@link TokenState}. Thread-safe.
 */
final class TokenHolder {
    private static final Duration JUST_COME = Duration.ofSeconds(5);

    private final TokenRequest request;
    private final TokenRequester requester;
    private final TokenNews news;
    private final HoldBack holdBack;
    private final Time time;
    private final AtomicReference<TokenState> state;
    /** Of two tokens the authority's own, where they are exchanged; no call ever gets it. */
    private final AtomicReference<TokenEndpoint.@Nullable Minted> first = new AtomicReference<>();

    /** @param holdBack of the client, whose tokens share it */
    TokenHolder(TokenRequest request, TokenRequester requester, TokenNews news, HoldBack holdBack, Time time) {
        this.request = request;
        this.requester = requester;
        this.news = news;
        this.holdBack = holdBack;
        this.time = time;
        this.state = new AtomicReference<>(TokenState.unused(time.nanos()));
    }

    /**
     * A token that is valid for a call now.
     *
     * @param limit how long to wait for one, if there is none
     * @param span goes around the request, if this call begins one
     * @throws OAuthException if there is none and none comes
     */
    AccessToken token(Duration limit, TokenSpan span) {
        long now = time.nanos();
        long millis = time.clock().millis();
        while (true) {
            TokenState known = now();
            if (now - known.lastUsed() > 1_000_000_000) { // to the second: a write per call would cost every core
                state.compareAndSet(known, known.used(now));
                known = now();
            }
            LiveToken live = known.live();
            if (live != null && live.isFresh(now, millis)) {
                return live.token();
            }
            LiveToken alive = live != null && live.isAlive(now, millis) ? live : null;
            Flight flight = known.flight();
            if (flight == null) {
                TokenFailure last = lastFailure(known, now);
                if (last != null && last.bars(now)) {
                    if (alive == null) {
                        throw last.inBackOff(now);
                    }
                    return alive.token();
                }
                flight = begin(known, span);
                if (flight == null) {
                    continue; // something else has happened meanwhile
                }
            }
            return alive != null ? alive.token() : flight.await(limit);
        }
    }

    /**
     * Our own, or the one that holds back every token of this client while it does: the one that asks for more patience. One
     * that was another token's is no failure of this one when its time has passed.
     */
    private @Nullable TokenFailure lastFailure(TokenState known, long now) {
        TokenFailure own = known.failure();
        TokenFailure shared = holdBack.failure();
        return shared != null && shared.bars(now) && (own == null || shared.nextTry() - own.nextTry() > 0)
                ? shared
                : own;
    }

    /** Requests a new token now, whatever there is: for an operator, or after a key has changed. Does not wait. */
    void renew() {
        TokenState known = now();
        while (known.flight() == null && begin(known, TokenSpan.NONE) == null) {
            known = now();
        }
    }

    /**
     * Drops the token in memory and what is known of failures, an authority's {@code Retry-After} too: for an operator. The
     * next caller requests again; how a request on its way fails is then no reason to wait.
     */
    void forget() {
        holdBack.forget();
        first.set(null);
        state.updateAndGet(TokenState::forget);
    }

    /** The authority may answer otherwise now: the next caller requests, and so does a request that is just refused. */
    void credentialChanged() {
        long now = time.nanos();
        state.updateAndGet(before -> before.credentialChanged(now));
    }

    /** This token is not wanted any more. */
    void release() {
        news.released(this);
    }

    long lastUsed() {
        return now().lastUsed();
    }

    boolean isAsking() {
        return now().flight() != null;
    }

    /** Whether there is no token, none on its way, and no caller that has just come for one. */
    boolean isIdle() {
        TokenState known = now();
        long now = time.nanos();
        return known.flight() == null
                && alive(known, now) == null
                && (known.failure() != null || now - known.lastUsed() > JUST_COME.toNanos());
    }

    /** An API took this token. */
    void accepted(AccessToken token, String api) {
        TokenState known = now();
        if (known.accepted(token, api) != known) {
            state.updateAndGet(before -> before.accepted(token, api));
        }
    }

    /**
     * An API refused this token. It is dropped only if it is still the one in memory, so that many calls refused at once
     * cost one new token; one that has expired meanwhile is not served again in any case. A token minted a moment ago that
     * this API never took stays, since a new one would be rejected too; and each new token that is refused in its turn makes
     * the moment longer, so that an API (or a part of one) that refuses whatever it gets costs the authority a request now
     * and then, and the other callers of the token nothing.
     *
     * @return whether requesting a token again gives another one
     */
    boolean refused(AccessToken token, String api) {
        long now = time.nanos();
        long millis = time.clock().millis();
        while (true) {
            TokenState known = now();
            if (!known.serves(token, now, millis)) {
                return true;
            }
            if (known.isTooYoungToDrop(api, now)) {
                return false;
            }
            if (state.compareAndSet(known, known.refused())) {
                return true;
            }
        }
    }

    /** Starts a request, unless the state is not that one any more: then null. */
    private @Nullable Flight begin(TokenState known, TokenSpan span) {
        var begun = new Flight(new CompletableFuture<>(), known.forgotten(), holdBack.forgotten());
        if (!state.compareAndSet(known, known.begun(begun))) {
            return null;
        }
        try {
            requester.execute(span.around(() -> fly(begun)));
        } catch (RuntimeException | Error e) { // stopping, or no thread to be had: the next caller tries again
            state.updateAndGet(before -> before.grounded(begun));
            begun.result()
                    .completeExceptionally(new AuthorityUnavailable(
                            requester.isStopping()
                                    ? "This worker is stopping and requests no more tokens."
                                    : "The token request could not be started here: "
                                            + e.getClass().getName() + ".",
                            e));
        }
        return begun;
    }

    /** Whatever happens, the callers who wait get an answer; and a failure to report it to others is not their affair. */
    private @Nullable OAuthException fly(Flight flight) {
        while (true) {
            int credentials = now().credentials();
            TokenEndpoint.Minted minted;
            try {
                minted = requester.request(request, first);
            } catch (RuntimeException | Error e) {
                OAuthException reason = e instanceof OAuthException known
                        ? known
                        : new AuthorityUnavailable(
                                "The token request failed here: " + e.getClass().getName() + ".", e);
                Move move = failed(flight, reason, credentials);
                if (move == null) {
                    continue;
                }
                try {
                    report(move);
                } finally {
                    flight.result().completeExceptionally(reason);
                }
                return reason;
            }
            try {
                succeeded(minted);
            } finally {
                flight.result().complete(minted.token());
            }
            return null;
        }
    }

    private TokenState now() {
        return Objects.requireNonNull(state.get());
    }

    /** From one state to the next. */
    private record Move(TokenState before, TokenState after) {}

    private Move move(UnaryOperator<TokenState> by) {
        while (true) {
            TokenState before = now();
            TokenState after = by.apply(before);
            if (state.compareAndSet(before, after)) {
                return new Move(before, after);
            }
        }
    }

    private void succeeded(TokenEndpoint.Minted minted) {
        holdBack.succeeded(minted.sent());
        LiveToken live = LiveToken.of(minted, requester.renewAhead(), requester.slowest(), time.nanos());
        Move move = move(before -> before.succeeded(live));
        news.succeeded(this, minted.token(), move.before().failure());
    }

    /** @return null if a key or secret has changed since: the refusal is of the old one, and the new one is tried at once */
    private @Nullable Move failed(Flight flight, OAuthException reason, int credentials) {
        while (true) {
            TokenState before = now();
            if (reason instanceof TokenRefused && before.credentials() != credentials) {
                return null;
            }
            TokenFailure failure = failure(before, flight, reason);
            if (reason instanceof AuthorityUnavailable unavailable && unavailable.retryAfter() != null) {
                holdBack.begin(failure, flight.heldBack(), time.nanos());
            }
            TokenState after = before.failed(failure);
            if (state.compareAndSet(before, after)) {
                return new Move(before, after);
            }
        }
    }

    private TokenFailure failure(TokenState before, Flight flight, OAuthException reason) {
        long now = time.nanos();
        TokenFailure last = before.failure();
        if (before.forgotten() != flight.forgotten()) {
            return TokenFailure.withoutBackOff(reason, last == null ? time.now() : last.since(), now);
        }
        LiveToken served = alive(before, now);
        return TokenFailure.after(last, reason, time, served == null ? 0 : served.deadAt() - now);
    }

    private void report(Move move) {
        TokenFailure failure = move.after().failure();
        if (failure == null || requester.isStopping()) {
            news.stopped();
            return;
        }
        LiveToken served = alive(move.before(), time.nanos());
        news.failed(
                this,
                failure,
                move.before().failure(),
                served == null ? null : Instant.ofEpochMilli(served.deadAtMillis()));
    }

    private @Nullable LiveToken alive(TokenState known, long now) {
        LiveToken live = known.live();
        return live != null && live.isAlive(now, time.clock().millis()) ? live : null;
    }

    /** What there is now, for people to see. */
    TokenStatus state() {
        TokenState known = now();
        long now = time.nanos();
        LiveToken alive = alive(known, now);
        TokenFailure last = lastFailure(known, now);
        return new TokenStatus(
                alive == null ? null : alive.token(),
                alive == null ? null : Duration.ofNanos(alive.renewAt() - now),
                known.flight() != null,
                last == null ? null : last.reason(),
                last == null ? null : last.since(),
                last == null ? null : Duration.ofNanos(Math.max(0, last.nextTry() - now)));
    }
}
