package dev.dromedar.oauth;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One OAuth client at one authority, with a token for each thing that it requests. APIs whose settings give the same
 * {@link Identity} share one of these, and so share tokens: HelseID's rule FK3 is never to request one while a valid one
 * exists. Thread-safe.
 */
final class TokenClient {
    /** Tokens in memory at most, besides those on their way; see {@link #evict}. */
    static final int MOST_TOKENS = 1000;

    private final ApiSettings madeFrom;
    private final TokenRequester requester;
    private final @Nullable ExchangeEndpoint exchange;
    private final TokenNews news;
    private final HoldBack holdBack = new HoldBack();
    private final ServerClock serverClock;
    private final Time time;
    private final Counters counters;
    /** The settings of the APIs that use this client now, in the order in which they came. */
    private final List<ApiSettings> served = new CopyOnWriteArrayList<>();
    /** What those APIs request unless a message says otherwise: kept, since an API's client holds on to its own. */
    private final Map<TokenRequest, TokenHolder> usual = new ConcurrentHashMap<>();

    private final Map<TokenRequest, TokenHolder> others = new ConcurrentHashMap<>();

    /**
     * Everything of a client that shapes its tokens. Two that are equal get the same tokens. What is requested, a
     * {@link TokenRequest}, is the other half of a token's identity.
     *
     * @param authentication {@link ClientAuthentication#identity()}
     * @param proofKey thumbprint of the user's own DPoP key; {@code "generated"} and its algorithm for one that we make;
     *     empty for Bearer
     * @param others what else shapes a request or its way: further parameters, the endpoint, proxy and trust, the files
     *     that keys come from
     */
    record Identity(String authority, String clientId, String authentication, String proofKey, List<Object> others) {}

    /** @param madeFrom what the endpoint was made from; equal in everything that {@link Identity} holds to all APIs served */
    TokenClient(
            ApiSettings madeFrom,
            TokenEndpoint endpoint,
            @Nullable ExchangeEndpoint exchange,
            ServerClock serverClock,
            ExecutorService executor,
            Time time,
            Outage outage,
            Counters counters) {
        this.news = new TokenNews(
                () -> served.stream().map(ApiSettings::name).distinct().sorted().toList(), outage, counters, time);
        this.madeFrom = madeFrom;
        this.requester = new TokenRequester(endpoint, exchange, executor, time, news::requested);
        this.exchange = exchange;
        this.serverClock = serverClock;
        this.time = time;
        this.counters = counters;
    }

    ApiSettings madeFrom() {
        return madeFrom;
    }

    /** Another API uses this client. */
    synchronized TokenHolder serve(ApiSettings api) {
        served.add(api);
        agree();
        return usual.computeIfAbsent(api.tokens().request(), this::holderOf);
    }

    /** An API, by the settings that were given to {@link #serve}, uses this client no more. */
    synchronized void leave(ApiSettings api) {
        served.removeIf(one -> one == api);
        agree();
        TokenHolder holder = usual.get(api.tokens().request());
        if (holder != null
                && served.stream()
                        .noneMatch(one ->
                                one.tokens().request().equals(api.tokens().request()))) {
            usual.remove(api.tokens().request());
            holder.release();
        }
        if (served.isEmpty()) {
            others.values().forEach(TokenHolder::release);
            others.clear();
        }
    }

    /** Of times, the most patient of the APIs that share this client counts. */
    private void agree() {
        if (!served.isEmpty()) {
            requester.patience(new TokenRequester.Patience(
                    longest(served.stream().map(api -> api.tokens().timeLimit()).toList()),
                    longest(served.stream()
                            .map(api -> api.tokens().renewAhead())
                            .toList())));
        }
    }

    private static Duration longest(List<Duration> times) {
        return times.stream().max(Comparator.naturalOrder()).orElse(Duration.ZERO);
    }

    void watch(TokenNews.Watcher watcher) {
        news.watch(watcher);
    }

    void unwatch(TokenNews.Watcher watcher) {
        news.unwatch(watcher);
    }

    TokenHolder holder(TokenRequest request) {
        TokenHolder known = usual.get(request);
        if (known == null) {
            known = others.get(request);
        }
        return known != null ? known : add(request);
    }

    /** How many tokens it has, or is to have. */
    int size() {
        return usual.size() + others.size();
    }

    private TokenHolder holderOf(TokenRequest request) {
        return new TokenHolder(request, requester, news, holdBack, time);
    }

    private TokenHolder add(TokenRequest request) {
        var holder = holderOf(request);
        TokenHolder other = others.putIfAbsent(request, holder);
        if (other != null) {
            return other;
        }
        while (others.size() > MOST_TOKENS && evict(holder)) {
            // until it fits again: some that were on their way may not have been evicted before
        }
        return holder;
    }

    /**
     * Takes out one that has no token, otherwise the one used least of the organisation that has the most: so one customer's
     * many tokens, for many persons or scopes, push out each other and no other customer's.
     *
     * @return whether there was one to take out
     */
    private boolean evict(TokenHolder added) {
        Map<String, Long> held = others.keySet().stream()
                .collect(Collectors.groupingBy(TokenRequest::organisation, Collectors.counting()));
        long most = held.values().stream().max(Comparator.naturalOrder()).orElse(0L);
        long now = time.nanos();
        Map.Entry<TokenRequest, TokenHolder> oldest = others.entrySet().stream()
                .filter(entry -> entry.getValue() != added && !entry.getValue().isAsking())
                .filter(entry -> entry.getValue().isIdle()
                        || held.getOrDefault(entry.getKey().organisation(), 0L) == most)
                .max(Comparator.<Map.Entry<TokenRequest, TokenHolder>, Boolean>comparing(
                                entry -> entry.getValue().isIdle())
                        .thenComparing(entry -> now - entry.getValue().lastUsed()))
                .orElse(null);
        if (oldest == null) {
            return false;
        }
        if (others.remove(oldest.getKey(), oldest.getValue())) {
            oldest.getValue().release();
            news.evicted(MOST_TOKENS);
        }
        return true;
    }

    /** The authority, which refused this client, may accept its new key or secret: no caller waits for the next try. */
    void credentialChanged() {
        Consumer<TokenHolder> changed = TokenHolder::credentialChanged;
        usual.values().forEach(changed);
        others.values().forEach(changed);
    }

    /** The slowest recent answer of the authority, in nanoseconds. */
    long slowest() {
        return requester.slowest();
    }

    /** How long the newest token request took, or null before the first. */
    @Nullable
    Duration last() {
        return requester.last();
    }

    ServerClock serverClock() {
        return serverClock;
    }

    TokenEndpoint endpoint() {
        return requester.endpoint();
    }

    /** Where its tokens are exchanged, or null. */
    @Nullable
    ExchangeEndpoint exchange() {
        return exchange;
    }

    Counters counters() {
        return counters;
    }
}
