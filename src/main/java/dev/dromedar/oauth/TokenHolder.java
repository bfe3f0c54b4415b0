package dev.dromedar.oauth;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The life of one token: served from memory without a lock while it is fresh; renewed once in the background in its last
 * part, while it is served on; awaited by all callers in the one request in flight when it is dead. After a failure nobody
 * asks again before the next try. Thread-safe.
 */
@SuppressWarnings({"ReferenceEquality", "FutureReturnValueIgnored"}) // which token it is; a renewal nobody awaits
final class TokenHolder {
    /** Before its end by this a token counts as dead: the call it is for takes time too. */
    private static final Duration LONGEST_MARGIN = Duration.ofSeconds(5);
    /** How long an API must have refused a token that it never took, before another is worth asking for. */
    private static final Duration MOMENT = Duration.ofSeconds(5);

    private final TokenClient client;
    private final TokenRequest request;
    private final Time time;
    private final ReentrantLock lock = new ReentrantLock();

    private volatile @Nullable Live live;
    private volatile @Nullable CompletableFuture<AccessToken> inFlight;
    private volatile @Nullable Failure failure;
    private volatile @Nullable AccessToken accepted;
    private int neverAccepted;
    volatile long lastUsed;

    /** A token with its two moments, each by both clocks of this machine. */
    private record Live(AccessToken token, long minted, long renewAt, long deadAt, long deadAtMillis) {
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
    }

    /**
     * A token that is good for a call now.
     *
     * @param limit how long to wait for one, if there is none
     * @throws OAuthException if there is none and none comes
     */
    AccessToken token(Duration limit) {
        long now = time.nanos();
        lastUsed = now;
        Live known = live;
        if (known != null && known.isFresh(now, time.clock().millis())) {
            return known.token();
        }
        CompletableFuture<AccessToken> awaited;
        lock.lock();
        try {
            known = live;
            boolean alive = known != null && known.isAlive(now, time.clock().millis());
            if (known != null && alive && known.isFresh(now, time.clock().millis())) {
                return known.token();
            }
            awaited = inFlight;
            if (awaited == null) {
                Failure last = failure;
                if (last == null || now - last.nextTry() >= 0) {
                    awaited = start();
                } else if (!alive) {
                    throw inBackOff(last, now);
                }
            }
            if (known != null && alive) {
                return known.token();
            }
        } finally {
            lock.unlock();
        }
        return await(java.util.Objects.requireNonNull(awaited), limit);
    }

    /** Asks for a new token now, whatever there is: for an operator, or after a key has changed. Does not wait. */
    void renew() {
        lock.lock();
        try {
            if (inFlight == null) {
                start();
            }
        } finally {
            lock.unlock();
        }
    }

    void forget() {
        lock.lock();
        try {
            live = null;
            failure = null;
            neverAccepted = 0;
        } finally {
            lock.unlock();
        }
    }

    /** An API took this token. */
    void accepted(AccessToken token) {
        if (accepted != token) {
            lock.lock();
            try {
                accepted = token;
                neverAccepted = 0;
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * An API refused this token. It is dropped only if it is still the one in memory, so that many calls refused at once
     * cost one new token; and not if it was minted a moment ago and never worked, since another would fare no better.
     *
     * @return whether asking for a token again gives another one
     */
    boolean refused(AccessToken token) {
        lock.lock();
        try {
            Live known = live;
            if (known == null || known.token() != token) {
                return true;
            }
            if (accepted != token) {
                long moment = Math.min(MOMENT.toNanos() << Math.min(neverAccepted, 6), TimeUnit.MINUTES.toNanos(5));
                if (time.nanos() - known.minted() < moment) {
                    return false;
                }
                neverAccepted++;
            }
            live = null;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private CompletableFuture<AccessToken> start() {
        var begun = new CompletableFuture<AccessToken>();
        inFlight = begun;
        try {
            client.execute(() -> ask(begun));
        } catch (RejectedExecutionException e) {
            inFlight = null;
            begun.completeExceptionally(new AuthorityUnavailable("This worker is stopping", e));
        }
        return begun;
    }

    private void ask(CompletableFuture<AccessToken> begun) {
        long start = time.nanos();
        AccessToken token = null;
        OAuthException reason = null;
        try {
            token = client.ask(request);
        } catch (OAuthException e) {
            reason = e;
        } catch (RuntimeException | Error e) {
            reason = new AuthorityUnavailable(
                    "The token request failed here: " + e.getClass().getName(), e);
        }
        Failure before = failure;
        Live served = live;
        lock.lock();
        try {
            inFlight = null;
            if (token != null) {
                live = living(token, start);
                failure = null;
            } else if (reason != null) {
                failure = failed(reason, before);
            }
        } finally {
            lock.unlock();
        }
        if (token != null) {
            client.succeeded(request, token, before);
            begun.complete(token);
        } else if (reason != null) {
            client.failed(request, java.util.Objects.requireNonNull(failure), before == null, servedUntil(served));
            begun.completeExceptionally(reason);
        }
    }

    private Live living(AccessToken token, long start) {
        long life = token.lifetime().toNanos();
        long margin = Math.min(LONGEST_MARGIN.toNanos(), life / 10);
        long window =
                Math.min(life / 2, Math.max(Math.min(client.renewAhead().toNanos(), life / 4), client.slowest() * 3));
        long jittered = (long) (window * (1 - 0.1 * ThreadLocalRandom.current().nextDouble()));
        long deadAt = start + life - margin;
        long deadAtMillis = token.expiresAt().toEpochMilli() - TimeUnit.NANOSECONDS.toMillis(margin);
        return new Live(token, time.nanos(), deadAt - jittered, deadAt, deadAtMillis);
    }

    private Failure failed(OAuthException reason, @Nullable Failure before) {
        int times = before == null ? 1 : before.times() + 1;
        Instant since = before == null ? time.now() : before.since();
        return new Failure(
                reason, times, since, time.nanos() + backOff(reason, times).toNanos());
    }

    /** Refused: long, since somebody must mend something. Unavailable: short at first. What the authority asks for: obeyed. */
    private static Duration backOff(OAuthException reason, int times) {
        double jitter = ThreadLocalRandom.current().nextDouble();
        if (reason instanceof AuthorityUnavailable unavailable && unavailable.retryAfter() != null) {
            return unavailable.retryAfter().plusMillis((long) (1000 * jitter));
        }
        boolean refused = reason instanceof TokenRefused;
        long first = refused ? 30_000 : 1_000;
        long longest = refused ? 600_000 : 60_000;
        long wait = Math.min(longest, first << Math.min(times - 1, 10));
        return Duration.ofMillis((long) (wait * (0.8 + 0.4 * jitter)));
    }

    private static OAuthException inBackOff(Failure last, long now) {
        long seconds = Math.max(1, TimeUnit.NANOSECONDS.toSeconds(last.nextTry() - now));
        return last.reason().reworded(last.reason().getMessage() + " Next try in " + seconds + " s.");
    }

    private static AccessToken await(CompletableFuture<AccessToken> awaited, Duration limit) {
        try {
            return awaited.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof OAuthException reason) {
                throw reason.reworded(reason.getMessage());
            }
            throw new AuthorityUnavailable("The token request failed here", e.getCause());
        } catch (TimeoutException e) {
            throw new AuthorityUnavailable(
                    "No token within " + limit.toMillis() + " ms: the authority is slow. The request goes on.", null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AuthorityUnavailable("Interrupted while waiting for a token", e);
        }
    }

    private @Nullable Instant servedUntil(@Nullable Live served) {
        return served != null && served.isAlive(time.nanos(), time.clock().millis())
                ? Instant.ofEpochMilli(served.deadAtMillis())
                : null;
    }

    /** What there is now, for people to see. */
    State state() {
        Live known = live;
        Failure last = failure;
        long now = time.nanos();
        boolean alive = known != null && known.isAlive(now, time.clock().millis());
        return new State(
                alive && known != null ? known.token() : null,
                alive && known != null ? Duration.ofNanos(known.renewAt() - now) : null,
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
