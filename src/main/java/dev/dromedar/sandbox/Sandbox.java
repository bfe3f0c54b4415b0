package dev.dromedar.sandbox;

import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The worker's picture on loopback: a HelseID-like authority, a Duende-like one, and the APIs {@code health-records} (bound
 * tokens), {@code health-records-bearer} and {@code orders}. Further ones can be added while it runs: {@link #addProfiles}
 * adds one for each other profile. Keys and
 * secrets are made at the start, or are those that a sandbox in the same folder has {@linkplain #keep kept}.
 */
public final class Sandbox implements AutoCloseable {
    /** An organisation of the sandbox that has delegated to the owner of {@code hosted}'s client. */
    public static final String PARENT = "313745392";

    /** A child organisation, of that parent and of {@code health-records}' client. */
    public static final String CHILD = "883974832";

    private final Options options;
    private final @Nullable Certificates certificates;
    private final SandboxFolder folder;
    private final SandboxMemory memory;
    private final Map<String, ProtectedApi> apis = new ConcurrentHashMap<>();
    private final WorkerSettings settings = new WorkerSettings();
    private final Map<String, Authority> authorities = new ConcurrentHashMap<>();
    private final List<String> order = new CopyOnWriteArrayList<>();
    private final List<Origin> origins = new CopyOnWriteArrayList<>();
    private final Authority helseid;
    private final Authority duende;

    /**
     * How a sandbox starts.
     *
     * @param port of the HelseID-like authority; Duende and the two origins of the APIs take the next three, and those of
     *     {@link #addProfiles} the six after them. 0 for any free
     * @param directory for the CA certificate; null for a temporary one that goes when the sandbox is closed
     * @param refusals gets a line for each request that is refused
     */
    public record Options(boolean https, int port, @Nullable Path directory, Clock clock, Consumer<String> refusals) {
        public static Options plain() {
            return new Options(false, 0, null, Clock.systemUTC(), line -> {});
        }

        public Options withHttps() {
            return new Options(true, port, directory, clock, refusals);
        }

        public Options withPort(int other) {
            return new Options(https, other, directory, clock, refusals);
        }

        public Options withDirectory(Path other) {
            return new Options(https, port, other, clock, refusals);
        }

        public Options withClock(Clock other) {
            return new Options(https, port, directory, other, refusals);
        }

        public Options withRefusals(Consumer<String> other) {
            return new Options(https, port, directory, clock, other);
        }
    }

    private Sandbox(Options options) {
        this.options = options;
        this.folder = new SandboxFolder(options.directory());
        this.memory = new SandboxMemory(folder);
        this.certificates = options.https() ? new Certificates(memory.certificateKey()) : null;
        if (certificates != null) {
            memory.keepCertificateKey(certificates.key());
            folder.write("ca.pem", certificates.pem());
        }
        this.helseid = authority("helseid", AuthorityRules.helseid(), 0);
        this.duende = authority("duende", AuthorityRules.duende(), 1);
    }

    public static Sandbox start() {
        return start(Options.plain());
    }

    public static Sandbox start(Options options) {
        var sandbox = new Sandbox(options);
        try {
            sandbox.add(Registration.helseid("health-records").withPath("/health-records/dpop"), 2);
            sandbox.add(
                    Registration.helseid("health-records-bearer")
                            .withoutDpop()
                            .at("health-records", "/health-records/bearer"),
                    0);
            sandbox.add(Registration.duende("orders"), 3);
            return sandbox;
        } catch (RuntimeException e) {
            sandbox.close();
            throw e;
        }
    }

    /** The two authorities, and no API. */
    public static Sandbox withoutApis(Options options) {
        return new Sandbox(options);
    }

    public Authority helseid() {
        return helseid;
    }

    public Authority duende() {
        return duende;
    }

    /**
     * The API of that name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public ProtectedApi api(String name) {
        ProtectedApi api = apis.get(name);
        if (api == null) {
            throw new IllegalArgumentException("no API '" + name + "' here, but " + order);
        }
        return api;
    }

    /** A further authority, with its own rules and on its own origin. */
    public Authority authority(String name, AuthorityRules rules) {
        return authority(name, rules, -1);
    }

    private Authority authority(String name, AuthorityRules rules, int portOffset) {
        return new Authority(name, rules, origin(name, portOffset), options.refusals());
    }

    /**
     * Adds what is left to try: an API and its authority for each profile besides HelseID's and Duende's ({@code register}:
     * maskinporten, {@code reports}: entra, {@code stock}: keycloak, {@code fhir}: smart-backend, {@code partner}: oauth2),
     * {@code hosted}, whose client acts for the organisation {@value #PARENT} and its child {@value #CHILD} at HelseID, and
     * Selvbetjening for the client of {@code health-records}.
     */
    public void addProfiles() {
        api("health-records").client().children(CHILD);
        selfService("health-records");
        ProtectedApi hosted = add(Registration.helseid("hosted").at("health-records", "/hosted"));
        hosted.client().multiTenant(PARENT);
        settings.put("hosted", Map.of("organisation-parent", PARENT, "organisation-child", CHILD));

        ProtectedApi register = add("register", AuthorityRules.maskinporten(), 4, "sandbox:register.read", "RS256");
        register.client().customers().delegating(PARENT);
        register.client().customers().systemUser(PARENT, null);
        add("fhir", AuthorityRules.smartBackend(), 7, "system/Patient.rs", "ES384");
        add("partner", AuthorityRules.oauth2(), 8, "records.read", "ES256");
        add("reports", AuthorityRules.entra(), 5, "api://sandbox.reports/.default", "PS256");
        ProtectedApi stock = add("stock", AuthorityRules.keycloak(), 6, "stock.read", "ES256");
        if (https()) {
            register.origin().wantCertificates(); // the APIs share it
            settings.put(
                    "stock",
                    Map.of(
                            "client-authentication",
                            "tls_client_auth",
                            "tls-certificate",
                            signer().forClient(stock.client()),
                            "tls-private-key",
                            Certificates.pem(stock.client().privateKey())));
        }
    }

    private ProtectedApi add(String name, AuthorityRules rules, int portOffset, String scope, String algorithm) {
        String profile = rules.dialect().profile();
        Authority authority = authority(profile, rules, portOffset);
        Registration registration =
                Registration.helseid(name).withoutDpop().withScope(scope).withAlgorithm(algorithm);
        ProtectedApi api = add(
                apis.containsKey("register") ? registration.at("register", "/" + name) : registration, authority, 9);
        settings.putOfProfile(api, this::signer);
        return api;
    }

    /**
     * Sets up a further API and its client under a profile's authority, which further APIs of the profile share.
     *
     * @param profile as in the property of that name
     * @param registration without a key or secret of its own that fits the profile gets one
     * @throws IllegalArgumentException if there is no such profile
     */
    public ProtectedApi add(Registration registration, String profile) {
        AuthorityRules rules = AuthorityRules.of(profile);
        Authority authority = profile.equals("helseid")
                ? helseid
                : profile.equals("duende")
                        ? duende
                        : authorities.computeIfAbsent(profile, name -> authority(name, rules));
        ProtectedApi api = add(registration, authority);
        settings.putOfProfile(api, this::signer);
        return api;
    }

    private Certificates signer() {
        return certificates != null ? certificates : new Certificates();
    }

    /** Sets up a further API and its client under an authority of {@link #authority}. */
    public ProtectedApi add(Registration registration, Authority authority) {
        return add(registration, authority, -1);
    }

    /** Sets up a further API and its client. */
    public ProtectedApi add(Registration registration) {
        return add(registration, -1);
    }

    /**
     * Sets up HelseID Selvbetjening for the client of an API there, on that API's origin: its own address is the property
     * {@code key-registry} of that API, and it is none of {@link #apis} itself. Call once.
     */
    public SelfService selfService(String api) {
        ProtectedApi added = add(Registration.helseid(SelfService.NAME)
                .withClientOf(api)
                .at(api, "/" + SelfService.NAME)
                .withScope(SelfService.SCOPE));
        order.remove(SelfService.NAME);
        settings.put(api, Map.of("key-registry", added.baseAddress().toString()));
        return new SelfService(added);
    }

    /** An origin that takes any request and no credentials: one that carries some is refused and counted. */
    public PlainOrigin plainOrigin() {
        return new PlainOrigin(origin("plain", -1), options.refusals());
    }

    /**
     * The CA certificate that callers must trust.
     *
     * @throws IllegalStateException without https
     */
    public Path caFile() {
        if (!options.https()) {
            throw new IllegalStateException("this sandbox has no https");
        }
        return folder.resolve("ca.pem");
    }

    boolean https() {
        return options.https();
    }

    /** What a worker needs to call the APIs, under {@code sandbox.}; see the class. Made again at each call. */
    public Map<String, String> properties() {
        var properties = new LinkedHashMap<String, String>();
        properties.put("sandbox.helseid.authority", helseid.issuer());
        properties.put("sandbox.duende.authority", duende.issuer());
        for (String name : order) {
            settings(api(name)).forEach((key, value) -> properties.put("sandbox." + name + "." + key, value));
        }
        if (https()) {
            properties.put("sandbox.tls.ca-file", caFile().toString());
        }
        return properties;
    }

    /** All APIs, in the order in which they were set up. */
    public List<ProtectedApi> apis() {
        return order.stream().map(this::api).toList();
    }

    /** One API's settings by their key. */
    Map<String, String> settings(ProtectedApi api) {
        return settings.of(api);
    }

    /** Has the sandbox be the same when it starts in its folder again: ports, clients, keys and secrets. */
    public void keep() {
        memory.save();
    }

    /** Writes a file that only its owner can read. */
    Path write(String name, String text) {
        return folder.write(name, text);
    }

    @Override
    public void close() {
        origins.forEach(Origin::close);
        folder.close();
    }

    private ProtectedApi add(Registration registration, int portOffset) {
        return add(registration, registration.helseid() ? helseid : duende, portOffset);
    }

    private ProtectedApi add(Registration registration, Authority authority, int portOffset) {
        String name = registration.name();
        Origin origin = registration.originOf() == null
                ? origin(name, portOffset)
                : api(registration.originOf()).origin();
        var api = new ProtectedApi(
                registration,
                authority,
                origin,
                registration.path(),
                client(registration, authority),
                options.refusals());
        if (apis.putIfAbsent(name, api) != null) {
            throw new IllegalArgumentException("there is an API '" + name + "' already");
        }
        order.add(name);
        return api;
    }

    private Client client(Registration registration, Authority authority) {
        String other = registration.clientOf();
        if (other != null) {
            Client shared = api(other).client();
            List.of(registration.scope().split(" ", -1)).forEach(shared::allowScope);
            return shared;
        }
        return memory.client(registration, authority);
    }

    private Origin origin(String name, int portOffset) {
        int port = options.port() == 0 || portOffset < 0 ? 0 : options.port() + portOffset;
        int kept = memory.port(name, port);
        boolean taken =
                kept != 0 && origins.stream().anyMatch(other -> other.uri().getPort() == kept);
        var origin = new Origin(name, taken ? 0 : kept, certificates, options.clock());
        memory.keepPort(name, origin.uri().getPort());
        origins.add(origin);
        return origin;
    }
}
