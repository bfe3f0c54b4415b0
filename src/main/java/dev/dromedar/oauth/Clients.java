package dev.dromedar.oauth;

import dev.dromedar.keys.Followed;
import dev.dromedar.keys.SigningKey;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * All API clients of one Camel context, with what they share: connections and threads, an authority's metadata and clock,
 * and the token client of APIs with one identity. Thread-safe once built. {@link #close} releases everything.
 */
public final class Clients implements AutoCloseable {
    private static final Duration CHECK_FILES = Duration.ofSeconds(5);

    private volatile Map<String, ApiClient> apis = Map.of();
    private final Map<TokenClient.Identity, TokenClient> tokenClients = new LinkedHashMap<>();
    private final Map<List<Object>, Authority> authorities = new LinkedHashMap<>();
    private final ExecutorService executor;
    private final ScheduledExecutorService files;
    private final Backchannels backchannels;
    private final CredentialWatch watch = new CredentialWatch();
    private final KeyWatch keyWatch;
    private final SSLContext tls;
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
        this.files = Executors.newSingleThreadScheduledExecutor(work -> daemon(work, "dromedar-files"));
        this.keyWatch = new KeyWatch(
                executor,
                time,
                this::registry,
                (client, told) -> rotation(client.name(), pause -> Thread.sleep(pause.toMillis()), told));
        this.tls = tls;
        this.backchannels = new Backchannels(tls, connectTimeout, work -> daemon(work, "dromedar-deadlines"));
        Map<String, ApiClient> first = new LinkedHashMap<>();
        settings.forEach(api -> first.put(api.name(), client(api)));
        this.apis = Collections.unmodifiableMap(first);
        watch.watch(first.values());
        files.scheduleWithFixedDelay(
                this::checkCredentials, CHECK_FILES.toMillis(), CHECK_FILES.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * Adds an API, or gives one other settings. Tokens stay as far as the new settings request the same; calls under way end
     * with the settings that they began with. What no API uses any more is released.
     */
    public synchronized ApiClient put(ApiSettings api) {
        ApiClient client = client(api);
        client.warnOfLegacyTls();
        Map<String, ApiClient> now = new LinkedHashMap<>(apis);
        ApiClient before = now.put(api.name(), client);
        become(now, before);
        return client;
    }

    /** Takes an API away, and releases what no other uses. Calls of it that are under way end as they began. */
    public synchronized void remove(String api) {
        Map<String, ApiClient> now = new LinkedHashMap<>(apis);
        become(now, now.remove(api));
    }

    private void become(Map<String, ApiClient> now, @Nullable ApiClient before) {
        apis = Collections.unmodifiableMap(now);
        if (before != null) {
            before.release();
            releaseTheUnused();
        }
        watch.watch(now.values());
    }

    private void releaseTheUnused() {
        index();
        List<ApiSettings> used = apis.values().stream().map(ApiClient::settings).toList();
        authorities.keySet().retainAll(used.stream().map(Clients::authority).collect(Collectors.toSet()));
        backchannels.retain(used.stream()
                .flatMap(api ->
                        Stream.of(api.authority().transport(), api.calls().transport()))
                .collect(Collectors.toSet()));
    }

    /** By the identity of this moment: a key or secret that has changed is another than when the client was made. */
    private void index() {
        tokenClients.clear();
        apis.values().forEach(api -> tokenClients.putIfAbsent(identity(api.settings()), api.tokens()));
    }

    /**
     * Reads every key and secret again that comes from a file, as is done by itself every few seconds; see
     * {@link dev.dromedar.keys.Followed#check}. A client whose credential has changed requests again at once, though it was
     * refused before. Throws nothing.
     */
    public void checkCredentials() {
        if (watch.check()) {
            synchronized (this) {
                index();
            }
        }
        all().forEach(ApiClient::warnOfLegacyTls);
        keyWatch.look(all());
    }

    /**
     * Lets keys be rotated unattended.
     *
     * @param may whether this process may rotate keys unattended now; of a cluster's nodes one at a time may
     */
    public void rotateIf(BooleanSupplier may) {
        keyWatch.rotateIf(may);
    }

    private static Thread daemon(Runnable work, String name) {
        var thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }

    private ApiClient client(ApiSettings api) {
        TokenClient tokens = tokenClients.computeIfAbsent(identity(api), none -> newTokenClient(api));
        return new ApiClient(api, tokens, listeners, time, apis.get(api.name()));
    }

    private static TokenClient.Identity identity(ApiSettings api) {
        ApiSettings.Proof proof = api.client().proof();
        String origins = api.credentials().stream().map(Followed::origin).collect(Collectors.joining("\n"));
        return new TokenClient.Identity(
                api.authority().issuer(),
                api.client().id(),
                api.client().authentication().identity(),
                proof == null ? "" : proof.identity(),
                List.of(
                        api.tokens().parameters(),
                        api.authority().endpoints(),
                        api.authority().transport(),
                        origins,
                        api.tokens().exchange() == null
                                ? ""
                                : api.tokens().exchange().identity()));
    }

    /** What an authority's metadata, clock and outage are known by. */
    private static List<Object> authority(ApiSettings api) {
        ApiSettings.Authority at = api.authority();
        return List.of(at.issuer(), at.endpoints(), at.transport());
    }

    private TokenClient newTokenClient(ApiSettings api) {
        TokenEndpoint endpoint = endpoint(api);
        Authority authority = known(api);
        var exchange = api.tokens().exchange() == null
                ? null
                : new ExchangeEndpoint(
                        api.tokens().exchange(), backchannels.to(api.authority().transport()), authority.clock(), time);
        return new TokenClient(
                api, endpoint, exchange, authority.clock(), executor, time, authority.outage(), endpoint.counters());
    }

    private Authority known(ApiSettings api) {
        return authorities.computeIfAbsent(authority(api), none -> newAuthority(api));
    }

    private synchronized TokenEndpoint endpoint(ApiSettings api) {
        Authority authority = known(api);
        ApiSettings.Proof proof = api.client().proof();
        return new TokenEndpoint(
                api.authority().issuer(),
                api.client().id(),
                api.client().authentication(),
                api.tokens().parameters(),
                proof == null ? null : ProofSigner.following(proofKey(proof)),
                api.authority().transport().identity(),
                authority.discovery(),
                backchannels.to(api.authority().transport()),
                authority.clock(),
                time,
                new Counters());
    }

    private Authority newAuthority(ApiSettings api) {
        Profile profile = api.authority().profile();
        String path = api.authority().endpoints().metadataPath();
        var clock = new ServerClock(api.authority().issuer(), time);
        var discovery = new Discovery(
                api.authority().issuer(),
                profile.keepMetadata(),
                path == null ? profile.metadataPath() : path,
                profile.issuerInMetadata() && (path == null || !path.endsWith("/smart-configuration")),
                api.authority().endpoints().tokenEndpoint(),
                new MetadataDocument.TokenHosts(
                        api.authority().endpoints().tokenHosts(),
                        api.authority().transport().identity() != null),
                backchannels.to(api.authority().transport()),
                clock,
                time);
        return new Authority(discovery, clock, new Outage(api.authority().issuer(), time));
    }

    private static Followed<SigningKey> proofKey(ApiSettings.Proof proof) {
        return proof.key() == null ? Followed.fixed(SigningKey.generate(proof.algorithm())) : proof.key();
    }

    public Collection<ApiClient> all() {
        return apis.values();
    }

    public @Nullable ApiClient named(String api) {
        return apis.get(api);
    }

    /**
     * Looks at one API's client from its key to its token, and at the API itself if an address is given. Asks the authority
     * for one token more than the worker would; the tokens in memory stay as they are. Blocks.
     *
     * @param request what to request, or null for the usual
     * @param probe an address under the API's base address to GET with the token, or null
     * @param told gets each step as it is done
     * @throws InvalidSettings if there is no such API, or the address is not under it
     */
    public void check(String name, @Nullable TokenRequest request, @Nullable URI probe, Consumer<CheckStep> told) {
        ApiClient client = existing(name);
        ApiSettings api = client.settings();
        if (probe != null && !client.covers(probe)) {
            throw new InvalidSettings(
                    "the address " + probe + " is not under the base address " + api.baseAddress() + " of " + name);
        }
        var examination = new Examination(
                api,
                client.tokens().endpoint(),
                client.tokens().exchange(),
                client.tokens().serverClock(),
                api.authority().transport().tls(tls),
                time,
                told);
        AccessToken token = examination.run(
                request == null ? api.tokens().request() : request,
                api.client().keyLife().registry() == null ? null : registry(client));
        if (token != null && probe != null) {
            examination.probe(token, probe, backchannels.to(api.calls().transport()));
        }
    }

    /**
     * What replaces the key of an API's client.
     *
     * @param told gets a line of text after each thing that was done
     * @throws InvalidSettings if there is no such API, or its key cannot be replaced; says why
     */
    public synchronized KeyRotation rotation(String name, KeyRotation.Pause pause, Consumer<String> told) {
        ApiClient client = existing(name);
        return new KeyRotation(client.settings(), registry(client), this::endpoint, time, pause, told);
    }

    private ApiClient existing(String name) {
        ApiClient client = apis.get(name);
        if (client == null) {
            throw new InvalidSettings(
                    "there is no API '" + name + "'. There are: " + String.join(", ", apis.keySet()) + ".");
        }
        return client;
    }

    private KeyRegistry registry(ApiClient client) {
        ApiSettings api = client.settings();
        URI address = api.client().keyLife().registry();
        if (address == null) {
            throw new InvalidSettings(
                    "dromedar.api." + api.name() + ".key-registry: missing. Keys can be rotated of clients in HelseID"
                            + " Selvbetjening: set the address of its API, for example"
                            + " https://api.selvbetjening.test.nhn.no.");
        }
        TokenClient tokens = client.tokens();
        Backchannel backchannel = backchannels.to(api.authority().transport());
        return new KeyRegistry(api, address, tokens.endpoint(), backchannel, tokens.serverClock(), time);
    }

    /** From now on is informed of what all clients do, also those that come later. */
    public void listen(ApiListener listener) {
        listeners.add(listener);
    }

    public void unlisten(ApiListener listener) {
        listeners.remove(listener);
    }

    @Override
    public void close() throws IOException {
        executor.shutdownNow();
        files.shutdownNow();
        backchannels.close();
    }
}
