package dev.dromedar.oauth;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Sends the token requests of one client, on threads of their own, and knows how long they take. Thread-safe. */
final class TokenRequester {
    private final TokenEndpoint endpoint;
    private final @Nullable ExchangeEndpoint exchange;
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

    /**
     * @param exchange where its tokens are exchanged for those of the API, or null
     * @param told how long each request took, and why it gave no token, or null if it gave one
     */
    TokenRequester(
            TokenEndpoint endpoint,
            @Nullable ExchangeEndpoint exchange,
            ExecutorService executor,
            Time time,
            BiConsumer<Duration, @Nullable OAuthException> told) {
        this.endpoint = endpoint;
        this.exchange = exchange;
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

    /**
     * A new token for the API.
     *
     * @param first the authority's token that the last one was exchanged for, which is exchanged again while it lives
     */
    TokenEndpoint.Minted request(TokenRequest request, AtomicReference<TokenEndpoint.@Nullable Minted> first) {
        long start = time.nanos();
        OAuthException failure = null;
        try {
            return exchange == null
                    ? endpoint.ask(request, patience.timeLimit())
                    : exchanged(exchange, request, first, start);
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

    private TokenEndpoint.Minted exchanged(
            ExchangeEndpoint at,
            TokenRequest request,
            AtomicReference<TokenEndpoint.@Nullable Minted> first,
            long start) {
        TokenEndpoint.Minted held = first.get();
        if (held != null
                && LiveToken.of(held, Duration.ZERO, 0, start)
                        .isAlive(start, time.clock().millis())) {
            try {
                return at.exchange(held.token(), left(start));
            } catch (TokenRefused e) {
                if (!ExchangeEndpoint.isOfTheToken(e)) {
                    throw e;
                }
            }
        }
        first.set(null);
        TokenEndpoint.Minted minted = endpoint.ask(request, left(start));
        first.set(minted);
        return at.exchange(minted.token(), left(start));
    }

    private Duration left(long start) {
        return patience.timeLimit().minusNanos(time.nanos() - start);
    }
}
