package dev.dromedar.camel;

import dev.dromedar.audit.Audit;
import dev.dromedar.audit.AuditSettings;
import dev.dromedar.cluster.StoreSettings;
import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.Clients;
import dev.dromedar.oauth.ForeignText;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.PrivateNames;
import dev.dromedar.settings.KeyNames;
import dev.dromedar.settings.Placeholders;
import dev.dromedar.settings.Settings;
import dev.dromedar.settings.TrustedAuthorities;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.component.http.HttpComponent;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The APIs of one Camel context, as {@link Installation} puts them there: a Processor for each, bound under its name, and the
 * HTTP layer under the context's HTTP endpoints. Stops with the context, and releases all it holds.
 */
public final class Apis extends ServiceSupport implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Apis.class);

    private final CamelContext context;
    private final Clients clients;
    private final Map<String, ApiProcessor> processors = new LinkedHashMap<>();
    /** Cuts calls that take too long, and closes connections that nobody uses. */
    private final ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(1, Apis::clockThread);

    private final @Nullable Audit audit;
    private @Nullable ApiConnections connections;
    private @Nullable DirectCalls direct;
    private Map<String, Map<String, String>> values = Map.of();

    /** @param audit null for none */
    Apis(CamelContext context, Clients clients, @Nullable Audit audit) {
        this.context = context;
        this.clients = clients;
        this.audit = audit;
    }

    /** Puts the HTTP layer under the context's HTTP endpoints. Call once, after {@link #update}. */
    void connect(TrustedAuthorities trusted, boolean trustsMore) {
        var layer = HttpLayer.install(
                context, trustsMore ? trusted.parameters() : null, trusted.context(), clients::all, clock);
        connections = layer.connections();
        direct = new DirectCalls(context, layer.client(context.getComponent("https", HttpComponent.class)));
        clock.scheduleWithFixedDelay(connections::tidy, 1, 1, TimeUnit.MINUTES);
    }

    private static Thread clockThread(Runnable work) {
        var thread = new Thread(work, "dromedar-call-time");
        thread.setDaemon(true);
        return thread;
    }

    /** All APIs as some properties want them, checked: what {@link #update} makes true. Holds secrets. */
    public static final class Plan {
        private final Settings settings;
        private final Map<String, Map<String, String>> values;
        /** By which credentials are read again, when their files change. */
        private final AtomicReference<CamelContext> reads;

        private Plan(Settings settings, Map<String, Map<String, String>> values, AtomicReference<CamelContext> reads) {
            this.settings = settings;
            this.values = values;
            this.reads = reads;
        }

        Settings settings() {
            return settings;
        }

        /** Of the trial, until the plan is true; then the context that runs. */
        CamelContext reads() {
            return Objects.requireNonNull(reads.get());
        }

        /** The names of the APIs. */
        public Set<String> names() {
            return settings.apis().stream()
                    .map(dev.dromedar.oauth.ApiSettings::name)
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /**
     * Reads what the properties of a context want, and changes nothing.
     *
     * @throws InvalidSettings with every fault of the properties
     */
    public static Plan plan(CamelContext context) {
        GuardedProperties.refresh(context);
        Map<String, String> properties = OwnProperties.of(context);
        var reads = new AtomicReference<CamelContext>(context);
        Placeholders placeholders = GuardedProperties.placeholders(reads::get);
        var settings = Settings.read(properties, placeholders);
        Map<String, Map<String, String>> values = new LinkedHashMap<>();
        for (var api : settings.apis()) {
            String prefix = KeyNames.API_PREFIX + api.name() + '.';
            Map<String, String> own = new LinkedHashMap<>();
            properties.forEach((key, value) -> {
                if (key.startsWith(prefix)) {
                    Placeholders.Value now = placeholders.resolve(key, value);
                    // What is in a file is followed as it changes: it does not make another API
                    own.put(key, now.files().isEmpty() ? String.valueOf(now.text()) : value + now.files());
                }
            });
            values.put(api.name(), own);
        }
        return new Plan(settings, values, reads);
    }

    /** Makes a plan true: APIs come and go, and those whose values differ get them; the others are not touched. */
    public synchronized void update(Plan plan) {
        plan.reads.set(context); // and not that of the trial, which would stay as long as the API
        for (String gone : List.copyOf(processors.keySet())) {
            if (!plan.values.containsKey(gone)) {
                clients.remove(gone);
                context.getRegistry().unbind(gone);
                Objects.requireNonNull(processors.remove(gone)).end();
                LOG.info("API {} is no more", gone);
            }
        }
        for (var api : plan.settings.apis()) {
            if (!Objects.equals(values.get(api.name()), plan.values.get(api.name()))) {
                put(clients.put(api));
            }
        }
        values = plan.values;
        PrivateNames.add(plan.settings.privateHeaders());
        GuardedProperties.refresh(context);
    }

    private void put(ApiClient client) {
        ApiProcessor processor = processors.get(client.name());
        if (processor == null) {
            processor = new ApiProcessor(client);
            processors.put(client.name(), processor);
            context.getRegistry().bind(client.name(), processor);
        } else {
            processor.become(client);
        }
        LOG.info(
                "API {}: {}, tokens from {} for client {} by {}{}",
                client.name(),
                client.settings().baseAddress(),
                client.settings().authority().issuer(),
                client.settings().client().id(),
                client.settings().client().authentication().inWords(),
                client.settings().client().proof() != null ? ", DPoP" : "");
    }

    /** All {@code dromedar.*} properties by their keys, as they are written: placeholders are not resolved. Some hold secrets. */
    public static Map<String, String> written(CamelContext context) {
        return OwnProperties.of(context);
    }

    /** The names of the APIs that there are now. */
    public synchronized Set<String> names() {
        return new TreeSet<>(processors.keySet());
    }

    /**
     * Sends a request to an API; see {@code dev.dromedar.Api#send}.
     *
     * @param token what the token of this call is requested for, by {@code PerMessage}'s names
     * @throws InvalidSettings if there is no such API
     */
    public <T> HttpResponse<T> send(
            String api, Map<String, Object> token, HttpRequest request, HttpResponse.BodyHandler<T> handler)
            throws IOException, InterruptedException {
        return Objects.requireNonNull(direct).send(named(api), token, request, handler);
    }

    /**
     * The credentials for one attempt of a call; see {@code dev.dromedar.Api#authorization}.
     *
     * @throws InvalidSettings if there is no such API
     */
    public Authorization authorization(String api, Map<String, Object> token, String method, URI target) {
        return DirectCalls.authorization(named(api).client(), token, method, target);
    }

    /**
     * Sees to it that there is an API of that name.
     *
     * @throws InvalidSettings if there is none
     */
    public void check(String api) {
        named(api);
    }

    private synchronized ApiProcessor named(String api) {
        ApiProcessor processor = processors.get(api);
        if (processor == null) {
            throw new InvalidSettings("there is no API '" + ForeignText.line(api, 100)
                    + "'. Set dromedar.api.<name>.*; "
                    + (processors.isEmpty() ? "none is set" : "those set are " + String.join(", ", names())) + ".");
        }
        return processor;
    }

    /** The names of all APIs that the properties say something of, faulty or not. */
    public static Set<String> namesIn(CamelContext context) {
        return OwnProperties.of(context).keySet().stream()
                .filter(key ->
                        key.startsWith(KeyNames.API_PREFIX) && key.indexOf('.', KeyNames.API_PREFIX.length()) > 0)
                .map(key -> key.substring(KeyNames.API_PREFIX.length(), key.indexOf('.', KeyNames.API_PREFIX.length())))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** What the context's properties say about dead letters and the cluster. */
    public static StoreSettings storeSettings(CamelContext context) {
        return Settings.readStore(OwnProperties.of(context), GuardedProperties.placeholders(context));
    }

    /** Where the context's properties want the audit's file, or null. */
    public static @Nullable AuditSettings auditSettings(CamelContext context) {
        return Settings.readAudit(OwnProperties.of(context), GuardedProperties.placeholders(context));
    }

    /** Why an exchange's last call failed, with API, address, status and what to do; null if it did not, or was never made. */
    public static @Nullable String failure(Exchange exchange) {
        return exchange.getProperty(Call.FAILURE, String.class);
    }

    /** The API whose base address is nearest above an address, or null if there is none, or no APIs in the context. */
    public static @Nullable String above(CamelContext context, String address) {
        Apis apis = context.hasService(Apis.class);
        try {
            ApiClient api = apis == null ? null : new ApiPlaces(apis.clients::all).above(new URI(address));
            return api == null ? null : api.name();
        } catch (URISyntaxException e) {
            return null;
        }
    }

    public Clients clients() {
        return clients;
    }

    /** Ends calls that are still under way. */
    void endCalls() throws IOException {
        if (connections != null) {
            connections.close();
        }
        clients.close();
    }

    @Override
    protected void doStop() {
        close();
    }

    /**
     * Records what an operator did, where there is an audit file.
     *
     * @param user who did it, as far as that is known
     * @param outcome what came of it; null where that is not known yet
     * @return whether it may be done: false if it could not be recorded, and acts that are not are refused
     */
    public boolean acted(String user, String act, String on, @Nullable String outcome) {
        return audit == null || audit.acted(user, act, on, outcome);
    }

    /** Whether acts can be recorded, or need not be. */
    public boolean mayAct() {
        return audit == null || audit.refusal() == null;
    }

    /** Releases all. Calls under way fail. What a context has as a service stops with it, and needs no closing. */
    @Override
    public void close() {
        clock.shutdownNow();
        if (direct != null) {
            direct.close();
        }
        if (connections != null) {
            connections.close();
        }
        try {
            clients.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (audit != null) {
                audit.end();
            }
        }
    }
}
