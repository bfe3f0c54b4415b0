package dev.dromedar.oauth;

import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * All API clients of one Camel context, with what they share: connections and threads, an authority's metadata and clock,
 * and the token client of APIs with one identity. Thread-safe once built. {@link #close} releases everything.
 */
public final class Clients implements AutoCloseable {
    private final Map<String, ApiClient> apis = new LinkedHashMap<>();
    private final Map<TokenClient.Identity, TokenClient> tokenClients = new LinkedHashMap<>();
    private final Map<String, Authority> authorities = new LinkedHashMap<>();
    private final ExecutorService executor;
    private final ScheduledThreadPoolExecutor deadlines;
    private final Backchannel backchannel;
    private final Time time;
    private final List<ApiListener> listeners = new CopyOnWriteArrayList<>();

    private record Authority(Discovery discovery, ServerClock clock, Outage outage) {}

    /**
     * @param tls whom to trust at authorities
     * @param connectTimeout at authorities
     */
    public Clients(Collection<ApiSettings> settings, SSLContext tls, Duration connectTimeout, Time time) {
        this.time = time;
        var threads = new AtomicInteger();
        this.executor =
                Executors.newCachedThreadPool(work -> daemon(work, "dromedar-token-" + threads.incrementAndGet()));
        this.deadlines = new ScheduledThreadPoolExecutor(1, work -> daemon(work, "dromedar-deadlines"));
        deadlines.setRemoveOnCancelPolicy(true);
        this.backchannel = new Backchannel(tls, connectTimeout, deadlines);
        for (ApiSettings api : settings) {
            apis.put(api.name(), new ApiClient(api, tokenClient(api), listeners, time));
        }
    }

    private static Thread daemon(Runnable work, String name) {
        var thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }

    private TokenClient tokenClient(ApiSettings api) {
        String proofKey = !api.proof()
                ? ""
                : api.proofKey() != null ? api.proofKey().thumbprint() : "generated " + api.proofAlgorithm();
        var identity = new TokenClient.Identity(
                api.authority(), api.clientId(), api.authentication().identity(), proofKey);
        return tokenClients.computeIfAbsent(identity, none -> newTokenClient(api));
    }

    private TokenClient newTokenClient(ApiSettings api) {
        Authority authority = authorities.computeIfAbsent(api.authority(), issuer -> {
            var clock = new ServerClock(issuer, time);
            return new Authority(
                    new Discovery(issuer, api.profile().keepMetadata(), backchannel, clock, time),
                    clock,
                    new Outage(issuer, time));
        });
        ProofSigner signer = !api.proof()
                ? null
                : new ProofSigner(api.proofKey() != null ? api.proofKey() : SigningKey.generate(api.proofAlgorithm()));
        var counters = new Counters();
        var endpoint = new TokenEndpoint(
                api.authority(),
                api.clientId(),
                api.authentication(),
                signer,
                authority.discovery(),
                backchannel,
                authority.clock(),
                time,
                counters);
        return new TokenClient(endpoint, authority.clock(), executor, time, authority.outage(), counters);
    }

    public Collection<ApiClient> all() {
        return apis.values();
    }

    public @Nullable ApiClient named(String api) {
        return apis.get(api);
    }

    /** From now on is told what all clients do, also those that come later. */
    public void listen(ApiListener listener) {
        listeners.add(listener);
    }

    public void unlisten(ApiListener listener) {
        listeners.remove(listener);
    }

    @Override
    public void close() throws IOException {
        executor.shutdownNow();
        deadlines.shutdownNow();
        backchannel.close();
    }
}
