package dev.dromedar.oauth;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
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
    private final ExecutorService executor;
    private final Time time;
    private final Outage outage;
    private final Counters counters;
    private final Set<String> apis = new ConcurrentSkipListSet<>();
    /** What APIs ask for unless a message says otherwise: kept for good, since an API's client holds on to its own. */
    private final Map<TokenRequest, TokenHolder> usual = new ConcurrentHashMap<>();

    private final Map<TokenRequest, TokenHolder> others = new ConcurrentHashMap<>();
    private volatile Duration timeLimit = Duration.ZERO;
    private volatile Duration renewAhead = Duration.ZERO;
    private volatile TokenHolder.@Nullable Failure heldBack;
    private final List<Watcher> watchers = new CopyOnWriteArrayList<>();
    private volatile long slowest;
    private volatile long last = -1;

    /** Is told what becomes of token requests. Returns at once. */
    interface Watcher {
        void asked(Duration took, @Nullable OAuthException failure);

        /** A token is in memory or a failure is: {@link TokenHolder#state()} shows it. */
        void settled();
    }

    /**
     * Everything of a client that shapes its tokens. Two that are equal get the same tokens. What is asked for, a
     * {@link TokenRequest}, is the other half of a token's identity.
     *
     * @param authentication {@link ClientAuthentication#identity()}
     * @param proofKey thumbprint of the user's own DPoP key; {@code "generated"} and its algorithm for one that we make;
     *     empty for Bearer
     * @param others what else shapes a request or its way: further parameters, the endpoint, proxy and trust, the files
     *     that keys come from
     */
    record Identity(String authority, String clientId, String authentication, String proofKey, List<Object> others) {}

    TokenClient(
            TokenEndpoint endpoint,
            ServerClock serverClock,
            ExecutorService executor,
            Time time,
            Outage outage,
            Counters counters) {
        this.endpoint = endpoint;
        this.serverClock = serverClock;
        this.executor = executor;
        this.time = time;
        this.outage = outage;
        this.counters = counters;
    }

    /** Another API uses this client. Of times, the most patient of those who share it counts. */
    TokenHolder serve(ApiSettings api) {
        apis.add(api.name());
        timeLimit = longer(timeLimit, api.timeLimit());
        renewAhead = longer(renewAhead, api.renewAhead());
        return usual.computeIfAbsent(api.request(), request -> new TokenHolder(this, request, time));
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    void watch(Watcher watcher) {
        watchers.add(watcher);
    }

    void unwatch(Watcher watcher) {
        watchers.remove(watcher);
    }

    TokenHolder holder(TokenRequest request) {
        TokenHolder known = usual.get(request);
        if (known == null) {
            known = others.get(request);
        }
        return known != null ? known : add(request);
    }

    private TokenHolder add(TokenRequest request) {
        var holder = new TokenHolder(this, request, time);
        TokenHolder other = others.putIfAbsent(request, holder);
        if (other != null) {
            return other;
        }
        if (others.size() > MOST_TOKENS) {
            evict(holder);
        }
        return holder;
    }

    private void evict(TokenHolder added) {
        long now = time.nanos();
        others.entrySet().stream()
                .filter(entry -> entry.getValue() != added && !entry.getValue().isAsking())
                .max(Comparator.comparingLong(entry -> now - entry.getValue().lastUsed()))
                .ifPresent(oldest -> {
                    if (others.remove(oldest.getKey()) != null) {
                        counters.evicted.increment();
                        tell(counters.evicted.sum());
                    }
                });
    }

    /** Each time the number doubles: a worker that always has too many would fill its log. */
    private void tell(long evicted) {
        if (Long.bitCount(evicted) == 1) {
            LOG.warn(
                    "{}: messages ask for more than {} different tokens; those used least are dropped and asked for anew"
                            + " when needed ({} so far)",
                    apis,
                    MOST_TOKENS,
                    evicted);
        }
    }

    /** What refused this client may take its new key or secret: nobody waits for the next try. */
    void credentialChanged() {
        usual.values().forEach(TokenHolder::forgetRefusal);
        others.values().forEach(TokenHolder::forgetRefusal);
    }

    Duration renewAhead() {
        return renewAhead;
    }

    /** The slowest recent answer of the authority, in nanoseconds, both round trips of a nonce challenge together. */
    long slowest() {
        return slowest;
    }

    /** How long the newest token request took, or null before the first. */
    @Nullable
    Duration last() {
        long took = last;
        return took < 0 ? null : Duration.ofNanos(took);
    }

    /** The failure that no token of this client may be asked for before the end of: the authority named a time. */
    TokenHolder.@Nullable Failure heldBack() {
        return heldBack;
    }

    void noLongerHeldBack() {
        heldBack = null;
    }

    boolean isStopping() {
        return executor.isShutdown();
    }

    ServerClock serverClock() {
        return serverClock;
    }

    TokenEndpoint endpoint() {
        return endpoint;
    }

    Counters counters() {
        return counters;
    }

    void execute(Runnable work) {
        executor.execute(work);
    }

    TokenEndpoint.Minted ask(TokenRequest request) {
        long start = time.nanos();
        OAuthException failure = null;
        try {
            return endpoint.ask(request, timeLimit);
        } catch (OAuthException e) {
            failure = e;
            throw e;
        } finally {
            long took = time.nanos() - start;
            counters.tokenNanos.add(took);
            last = took;
            OAuthException outcome = failure;
            tellWatchers(watcher -> watcher.asked(Duration.ofNanos(took), outcome));
            // A slow answer counts at once and is forgotten by degrees.
            slowest = Math.max(took, slowest - slowest / 8);
        }
    }

    void succeeded(TokenHolder holder, AccessToken token, TokenHolder.@Nullable Failure before) {
        counters.tokens.increment();
        heldBack = null;
        LOG.debug("{}: new token, expires {}", apis, token.expiresAt());
        if (!answersAgain(holder) && before != null && !(before.reason() instanceof AuthorityUnavailable)) {
            LOG.info("{}: a token is given again, after {}", apis, since(before.since()));
        }
        tellWatchers(Watcher::settled);
    }

    /** A watcher that fails is a fault of this worker's own, and must cost nobody a token. */
    private void tellWatchers(Consumer<Watcher> what) {
        for (Watcher watcher : watchers) {
            try {
                what.accept(watcher);
            } catch (RuntimeException e) {
                LOG.error("{}: what watches tokens failed here", apis, e);
            }
        }
    }

    private boolean answersAgain(TokenHolder holder) {
        Instant since = outage.ends(holder);
        if (since != null) {
            LOG.info("{} answers again, after {}", outage.authority(), since(since));
        }
        return since != null;
    }

    /**
     * @param before the failure just before this one, if there was one
     * @param servedUntil how long the token in memory still lives, or null if there is none
     */
    void failed(
            TokenHolder holder,
            TokenHolder.Failure failure,
            TokenHolder.@Nullable Failure before,
            @Nullable Instant servedUntil) {
        counters.tokenFailures.increment();
        if (isStopping()) {
            return; // its connections are cut: no outage
        }
        boolean news;
        if (failure.reason() instanceof AuthorityUnavailable unavailable) {
            if (unavailable.retryAfter() != null) {
                heldBack = failure;
            }
            news = outage.begins(holder);
        } else {
            answersAgain(holder);
            news = before == null || !isSame(before.reason(), failure.reason());
        }
        tell(failure, news, servedUntil);
        tellWatchers(Watcher::settled);
    }

    private static boolean isSame(OAuthException one, OAuthException other) {
        return one instanceof TokenRefused first
                && other instanceof TokenRefused second
                && first.error().equals(second.error());
    }

    private void tell(TokenHolder.Failure failure, boolean news, @Nullable Instant servedUntil) {
        String reason = failure.reason().getMessage();
        String next = words(Duration.ofNanos(failure.nextTry() - time.nanos()));
        if (!news) {
            LOG.debug("{}: still no new token: {} Next try in {}.", apis, reason, next);
        } else if (servedUntil != null) {
            LOG.warn(
                    "{}: {} The token in memory is served on until {}. Next try in {}.",
                    apis,
                    reason,
                    servedUntil,
                    next);
        } else {
            LOG.warn("{}: {} Calls fail until a token is given. Next try in {}.", apis, reason, next);
        }
    }

    private String since(Instant moment) {
        return words(Duration.between(moment, time.now()));
    }

    private static String words(Duration time) {
        long seconds = Math.max(1, time.toSeconds());
        return seconds < 120 ? seconds + " s" : seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h";
    }
}
