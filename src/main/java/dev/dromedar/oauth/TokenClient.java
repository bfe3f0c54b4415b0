package dev.dromedar.oauth;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One OAuth client at one authority, with a token for each thing that it is asked for. APIs whose settings give the same
 * {@link Identity} share one of these, and so share tokens: HelseID's rule FK3 is never to ask while a valid one exists.
 * Thread-safe.
 */
final class TokenClient {
    private static final Logger LOG = LoggerFactory.getLogger(TokenClient.class);
    /** Tokens in memory at most: a client that acts for more organisations than this asks anew for those used least. */
    private static final int MOST_TOKENS = 1000;

    private final TokenEndpoint endpoint;
    private final ServerClock serverClock;
    private final Executor executor;
    private final Duration timeLimit;
    private final Duration renewAhead;
    private final Time time;
    private final Counters counters;
    private final Set<String> apis = new ConcurrentSkipListSet<>();
    private final Map<TokenRequest, TokenHolder> holders = new ConcurrentHashMap<>();
    private final AtomicReference<@Nullable Instant> outage = new AtomicReference<>();
    private volatile long slowest;

    /**
     * Everything of a client that shapes its tokens. Two that are equal get the same tokens.
     *
     * @param authentication {@link ClientAuthentication#identity()}
     * @param proofKey thumbprint of the user's own DPoP key; {@code "generated"} for one that we make; empty for Bearer
     */
    record Identity(String authority, String profile, String clientId, String authentication, String proofKey) {}

    TokenClient(
            TokenEndpoint endpoint,
            ServerClock serverClock,
            Executor executor,
            Duration timeLimit,
            Duration renewAhead,
            Time time,
            Counters counters) {
        this.endpoint = endpoint;
        this.serverClock = serverClock;
        this.executor = executor;
        this.timeLimit = timeLimit;
        this.renewAhead = renewAhead;
        this.time = time;
        this.counters = counters;
    }

    /** Names an API that uses this client, for messages. */
    void servesAlso(String api) {
        apis.add(api);
    }

    TokenHolder holder(TokenRequest request) {
        TokenHolder known = holders.get(request);
        return known != null ? known : add(request);
    }

    private TokenHolder add(TokenRequest request) {
        var holder = new TokenHolder(this, request, time);
        holder.lastUsed = time.nanos();
        TokenHolder other = holders.putIfAbsent(request, holder);
        if (other == null && holders.size() > MOST_TOKENS) {
            holders.entrySet().stream()
                    .filter(entry -> entry.getValue() != holder)
                    .min(Comparator.comparingLong(entry -> entry.getValue().lastUsed - time.nanos()))
                    .ifPresent(oldest -> {
                        holders.remove(oldest.getKey());
                        counters.evicted.increment();
                        LOG.info("{}: more than {} tokens in memory; the one used least is dropped", apis, MOST_TOKENS);
                    });
        }
        return other != null ? other : holder;
    }

    Duration renewAhead() {
        return renewAhead;
    }

    /** The slowest recent answer of the authority, in nanoseconds, both round trips of a nonce challenge together. */
    long slowest() {
        return slowest;
    }

    ServerClock serverClock() {
        return serverClock;
    }

    Counters counters() {
        return counters;
    }

    void execute(Runnable work) {
        executor.execute(work);
    }

    AccessToken ask(TokenRequest request) {
        long start = time.nanos();
        try {
            return endpoint.ask(request, timeLimit);
        } finally {
            long took = time.nanos() - start;
            counters.tokenNanos.add(took);
            // A slow answer counts at once and is forgotten by degrees.
            slowest = Math.max(took, slowest - slowest / 8);
        }
    }

    void succeeded(TokenRequest request, AccessToken token, TokenHolder.@Nullable Failure before) {
        counters.tokens.increment();
        LOG.debug("{}: token renewed, expires {}", apis, token.expiresAt());
        Instant since = outage.getAndSet(null);
        if (since != null) {
            LOG.info("{}: the authority answers again, after {}", apis, words(Duration.between(since, time.now())));
        } else if (before != null) {
            LOG.info("{}: a token is given again, after {}", apis, words(Duration.between(before.since(), time.now())));
        }
    }

    void failed(TokenRequest request, TokenHolder.Failure failure, boolean first, @Nullable Instant servedUntil) {
        counters.tokenFailures.increment();
        boolean told =
                failure.reason() instanceof AuthorityUnavailable ? !outage.compareAndSet(null, time.now()) : !first;
        String next = words(Duration.ofNanos(failure.nextTry() - time.nanos()));
        if (told) {
            LOG.debug("{}: still no token: {}", apis, failure.reason().getMessage());
        } else if (servedUntil != null) {
            LOG.warn(
                    "{}: {} The token in memory is served on until {}. Next try in {}.",
                    apis,
                    failure.reason().getMessage(),
                    servedUntil,
                    next);
        } else {
            LOG.warn(
                    "{}: {} Calls fail until a token is given. Next try in {}.",
                    apis,
                    failure.reason().getMessage(),
                    next);
        }
    }

    private static String words(Duration time) {
        long seconds = Math.max(1, time.toSeconds());
        return seconds < 120 ? seconds + " s" : seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h";
    }
}
