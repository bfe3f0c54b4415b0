package dev.dromedar.oauth;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The life of one token: served from memory without a lock while it lives; renewed once in the background in its last
 * part, while it is served on; awaited by all callers in the one request in flight when it is dead. After a failure nobody
 * asks again before the next try. Thread-safe.
 */
final class TokenHolder {
    /** Before its end by this a token counts as dead: the call it is for takes time too. */
    private static final Duration LONGEST_MARGIN = Duration.ofSeconds(5);
    /** Between two tokens that APIs refuse, at most. */
    private static final Duration LONGEST_PATIENCE = Duration.ofMinutes(5);

    private final TokenClient client;
    private final TokenRequest request;
    private final Time time;
    private final ReentrantLock lock = new ReentrantLock();

    private volatile @Nullable Live live;
    private volatile @Nullable CompletableFuture<AccessToken> inFlight;
    private volatile @Nullable Failure failure;
    private volatile long lastUsed;
    private int refusedInARow;
    private boolean replacesRefused;

    /**
     * A token with its two moments, its end by both clocks of this machine.
     *
     * @param takenBy the APIs that have answered it with anything but a refusal
     */
    private record Live(
            AccessToken token, long minted, long renewAt, long deadAt, long deadAtMillis, Set<String> takenBy) {
        boolean isFresh(long now, long millis) {
            return now - renewAt < 0 && millis < deadAtMillis;
        }

        boolean isAlive(long now, long millis) {
            return now - deadAt < 0 && millis < deadAtMillis;
        }
    }

    /**
     * Why there is no new token.
     *
     * @param times how often in a row
     * @param since when the first of them was
     * @param nextTry in ticks; nobody asks before
     */
    record Failure(OAuthException reason, int times, Instant since, long nextTry) {}

    TokenHolder(TokenClient client, TokenRequest request, Time time) {
        this.client = client;
        this.request = request;
        this.time = time;
        this.lastUsed = time.nanos();
    }

    /**
     * A token that is good for a call now.
     *
     * @param limit how long to wait for one, if there is none
     * @param span goes around the request, if this call begins one
     * @throws OAuthException if there is none and none comes
     */
    AccessToken token(Duration limit, TokenSpan span) {
        long now = time.nanos();
        long millis = time.clock().millis();
        if (now - lastUsed > 1_000_000_000) { // to the second: a write per call would cost every core its cache line
            lastUsed = now;
        }
        Live known = live;
        if (known != null
                && (known.isFresh(now, millis) || known.isAlive(now, millis) && (inFlight != null || mustWait(now)))) {
            return known.token();
        }
        CompletableFuture<AccessToken> awaited;
        lock.lock();
        try {
            known = live;
            if (known != null && known.isFresh(now, millis)) {
                return known.token();
            }
            Live alive = known != null && known.isAlive(now, millis) ? known : null;
            CompletableFuture<AccessToken> flying = inFlight;
            Failure last = lastFailure(now);
            if (flying == null && last != null && now - last.nextTry() < 0) {
                if (alive == null) {
                    throw inBackOff(last, now);
                }
                return alive.token();
            }
            awaited = flying != null ? flying : start(span);
            if (alive != null) {
                return alive.token();
            }
        } finally {
            lock.unlock();
        }
        return await(awaited, limit);
    }

    private boolean mustWait(long now) {
        Failure last = lastFailure(now);
        return last != null && now - last.nextTry() < 0;
    }

    /**
     * Our own, or the one that holds back every token of this client while it does: whichever asks for more patience. One
     * that was another token's is no failure of this one when its time is over.
     */
    private @Nullable Failure lastFailure(long now) {
        Failure own = failure;
        Failure shared = client.heldBack();
        return shared != null && now - shared.nextTry() < 0 && (own == null || shared.nextTry() - own.nextTry() > 0)
                ? shared
                : own;
    }

    /** Asks for a new token now, whatever there is: for an operator, or after a key has changed. Does not wait. */
    void renew() {
        lock.lock();
        try {
            if (inFlight == null) {
                start(TokenSpan.NONE);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Drops the token in memory and what is known of failures, an authority's {@code Retry-After} too: for an operator. The
     * next caller asks anew.
     */
    void forget() {
        lock.lock();
        try {
            live = null;
            failure = null;
            refusedInARow = 0;
            replacesRefused = false;
            client.noLongerHeldBack();
        } finally {
            lock.unlock();
        }
    }

    /** The authority may answer otherwise now: the next caller asks. */
    void forgetRefusal() {
        lock.lock();
        try {
            Failure last = failure;
            if (last != null && last.reason() instanceof TokenRefused) {
                failure = new Failure(last.reason(), 0, last.since(), time.nanos());
            }
        } finally {
            lock.unlock();
        }
    }

    long lastUsed() {
        return lastUsed;
    }

    boolean isAsking() {
        return inFlight != null;
    }

    /** An API took this token. */
    void accepted(AccessToken token, String api) {
        Live known = live;
        if (known != null && known.token() == token && !known.takenBy().contains(api)) {
            known.takenBy().add(api);
        }
    }

    /**
     * An API refused this token. It is dropped only if it is still the one in memory, so that many calls refused at once
     * cost one new token; one that has died meanwhile is not served again in any case. A token minted a moment ago that
     * this API never took stays, since another would fare no better; and each new token that is refused in its turn makes
     * the moment longer, so that an API (or a part of one) that refuses whatever it gets costs the authority a request now
     * and then, and the other callers of the token nothing.
     *
     * @return whether asking for a token again gives another one
     */
    boolean refused(AccessToken token, String api) {
        lock.lock();
        try {
            Live known = live;
            long now = time.nanos();
            if (known == null
                    || known.token() != token
                    || !known.isAlive(now, time.clock().millis())) {
                return true;
            }
            int doublings = Math.min(refusedInARow, 10);
            long seconds = known.takenBy().contains(api) ? (1L << doublings) - 1 : 5L << doublings;
            long patience = Math.min(TimeUnit.SECONDS.toNanos(seconds), LONGEST_PATIENCE.toNanos());
            if (now - known.minted() < patience) {
                return false;
            }
            live = null;
            refusedInARow++;
            replacesRefused = true;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private CompletableFuture<AccessToken> start(TokenSpan span) {
        var begun = new CompletableFuture<AccessToken>();
        inFlight = begun;
        try {
            client.execute(span.around(() -> ask(begun)));
        } catch (RuntimeException | Error e) { // stopping, or no thread to be had: whoever comes next tries again
            inFlight = null;
            begun.completeExceptionally(new AuthorityUnavailable(
                    client.isStopping()
                            ? "This worker is stopping and asks for no more tokens."
                            : "The token request could not be started here: "
                                    + e.getClass().getName() + ".",
                    e));
        }
        return begun;
    }

    /** Whatever happens, the callers who wait are told; and what becomes of telling others is not their affair. */
    private @Nullable OAuthException ask(CompletableFuture<AccessToken> begun) {
        TokenEndpoint.Minted minted;
        try {
            minted = client.ask(request);
        } catch (RuntimeException | Error e) {
            OAuthException reason = e instanceof OAuthException known
                    ? known
                    : new AuthorityUnavailable(
                            "The token request failed here: " + e.getClass().getName() + ".", e);
            try {
                failed(reason);
            } finally {
                begun.completeExceptionally(reason);
            }
            return reason;
        }
        try {
            lived(minted);
        } finally {
            begun.complete(minted.token());
        }
        return null;
    }

    private void lived(TokenEndpoint.Minted minted) {
        Failure before = failure;
        lock.lock();
        try {
            inFlight = null;
            failure = null;
            live = living(minted);
            if (!replacesRefused) {
                refusedInARow = 0;
            }
            replacesRefused = false;
        } finally {
            lock.unlock();
        }
        client.succeeded(this, minted.token(), before);
    }

    private void failed(OAuthException reason) {
        Failure before = failure;
        int times = before == null ? 1 : before.times() + 1;
        Live served = alive();
        long now = time.nanos();
        long nextTry = now + backOff(reason, times, served == null ? 0 : served.deadAt() - now);
        var after = new Failure(reason, times, before == null ? time.now() : before.since(), nextTry);
        lock.lock();
        try {
            inFlight = null;
            failure = after;
        } finally {
            lock.unlock();
        }
        client.failed(this, after, before, served == null ? null : Instant.ofEpochMilli(served.deadAtMillis()));
    }

    private @Nullable Live alive() {
        Live known = live;
        return known != null && known.isAlive(time.nanos(), time.clock().millis()) ? known : null;
    }

    /**
     * Counted from when the request left, since the authority counts from when it answered. The renewal begins early
     * enough for three of the slowest recent answers (a nonce challenge doubles one), and never in the first part of a life.
     */
    private Live living(TokenEndpoint.Minted minted) {
        AccessToken token = minted.token();
        long life = token.lifetime().toNanos();
        long margin = Math.min(LONGEST_MARGIN.toNanos(), life / 10);
        long window =
                Math.min(life / 2, Math.max(Math.min(client.renewAhead().toNanos(), life / 4), client.slowest() * 3));
        long jittered = (long) (window * (1 - 0.1 * ThreadLocalRandom.current().nextDouble()));
        long deadAt = minted.sent() + life - margin;
        long deadAtMillis = token.expiresAt().toEpochMilli() - TimeUnit.NANOSECONDS.toMillis(margin);
        return new Live(token, time.nanos(), deadAt - jittered, deadAt, deadAtMillis, ConcurrentHashMap.newKeySet());
    }

    /**
     * Refused: long, since somebody must mend something. Unavailable: short at first, and at the latest when the token
     * dies that is served meanwhile. What the authority asks for: obeyed.
     */
    private static long backOff(OAuthException reason, int times, long servedFor) {
        double jitter = ThreadLocalRandom.current().nextDouble();
        boolean unavailable = reason instanceof AuthorityUnavailable;
        if (reason instanceof AuthorityUnavailable asked
                && asked.retryAfter() != null
                && !asked.retryAfter().isZero()) {
            return asked.retryAfter().toNanos() + (long) (1_000_000_000 * jitter);
        }
        long first = unavailable ? 1_000 : 30_000;
        long longest = unavailable ? 60_000 : 600_000;
        long wait = Math.min(longest, first << Math.min(times - 1, 10));
        long nanos = TimeUnit.MILLISECONDS.toNanos((long) (wait * (0.8 + 0.4 * jitter)));
        return unavailable && servedFor > TimeUnit.MILLISECONDS.toNanos(first) ? Math.min(nanos, servedFor) : nanos;
    }

    private static OAuthException inBackOff(Failure last, long now) {
        long seconds = Math.max(1, TimeUnit.NANOSECONDS.toSeconds(last.nextTry() - now + 999_999_999));
        return last.reason().reworded(last.reason().getMessage() + " Next try in " + seconds + " s.");
    }

    private static AccessToken await(CompletableFuture<AccessToken> awaited, Duration limit) {
        try {
            return awaited.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof OAuthException reason) {
                throw reason.reworded(reason.getMessage()); // each caller gets its own, with its own stack
            }
            throw new AuthorityUnavailable("The token request failed here.", e.getCause());
        } catch (TimeoutException e) {
            throw new AuthorityUnavailable(
                    "No token within " + limit.toMillis() + " ms: the authority is slow. The request goes on.", null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AuthorityUnavailable("Interrupted while waiting for a token.", e);
        }
    }

    /** What there is now, for people to see. */
    State state() {
        Live known = alive();
        long now = time.nanos();
        Failure last = lastFailure(now);
        return new State(
                known == null ? null : known.token(),
                known == null ? null : Duration.ofNanos(known.renewAt() - now),
                inFlight != null,
                last == null ? null : last.reason(),
                last == null ? null : last.since(),
                last == null ? null : Duration.ofNanos(Math.max(0, last.nextTry() - now)));
    }

    /**
     * One token as it stands.
     *
     * @param token if one is alive
     * @param renewIn until renewal is due; negative when it is
     * @param asking whether a request is in flight
     * @param failure why the last request gave none, or null if it gave one
     * @param failingSince when the first of the failures in a row was
     * @param nextTryIn zero when the next caller tries
     */
    record State(
            @Nullable AccessToken token,
            @Nullable Duration renewIn,
            boolean asking,
            @Nullable OAuthException failure,
            @Nullable Instant failingSince,
            @Nullable Duration nextTryIn) {}
}
