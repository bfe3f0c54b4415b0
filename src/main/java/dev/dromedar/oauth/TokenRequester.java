package dev.dromedar.oauth;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Sends the token requests of one client, on threads of their own, and knows how long they take. Thread-safe. */
final class TokenRequester {
    private final TokenEndpoint endpoint;
    private final ExecutorService executor;
    private final Time time;
    private final BiConsumer<Duration, @Nullable OAuthException> told;
    private final AtomicLong slowest = new AtomicLong();
    private final AtomicLong last = new AtomicLong(-1);
    private volatile Patience patience = new Patience(Duration.ZERO, Duration.ZERO);

    /**
     * What the APIs of a client allow for.
     *
     * @param timeLimit for one token, all attempts together
     * @param renewAhead how long before its end a token is renewed at most
     */
    record Patience(Duration timeLimit, Duration renewAhead) {}

    /** @param told how long each request took, and why it gave no token, or null if it gave one */
    TokenRequester(
            TokenEndpoint endpoint,
            ExecutorService executor,
            Time time,
            BiConsumer<Duration, @Nullable OAuthException> told) {
        this.endpoint = endpoint;
        this.executor = executor;
        this.time = time;
        this.told = told;
    }

    TokenEndpoint endpoint() {
        return endpoint;
    }

    void patience(Patience of) {
        patience = of;
    }

    Duration renewAhead() {
        return patience.renewAhead();
    }

    /** The slowest recent answer of the authority, in nanoseconds, both round trips of a nonce challenge together. */
    long slowest() {
        return slowest.get();
    }

    /** How long the newest token request took, or null before the first. */
    @Nullable
    Duration last() {
        long took = last.get();
        return took < 0 ? null : Duration.ofNanos(took);
    }

    boolean isStopping() {
        return executor.isShutdown();
    }

    void execute(Runnable work) {
        executor.execute(work);
    }

    TokenEndpoint.Minted request(TokenRequest request) {
        long start = time.nanos();
        OAuthException failure = null;
        try {
            return endpoint.ask(request, patience.timeLimit());
        } catch (OAuthException e) {
            failure = e;
            throw e;
        } finally {
            long took = time.nanos() - start;
            last.set(took);
            told.accept(Duration.ofNanos(took), failure);
            // A slow answer counts at once and is forgotten by degrees.
            slowest.updateAndGet(before -> Math.max(took, before - before / 8));
        }
    }
}
