package dev.dromedar.oauth;

import dev.dromedar.keys.Followed;
import dev.dromedar.keys.Secret;
import dev.dromedar.keys.SignatureAlgorithm;
import dev.dromedar.keys.SigningKey;
import dev.dromedar.sandbox.Authority;
import dev.dromedar.sandbox.NonceUse;
import dev.dromedar.sandbox.ProtectedApi;
import dev.dromedar.sandbox.Registration;
import dev.dromedar.sandbox.Sandbox;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** A sandbox and clients of it, on clocks that the test moves. Real HTTP on loopback. */
final class World implements AutoCloseable {
    /** Longer than any machine is slow; a test that comes here fails. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    final MutableTime clock = new MutableTime();
    final Time time = clock.time();
    final Sandbox sandbox;
    final Authority authority;
    private final List<Clients> open = new ArrayList<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private int apis;

    World() {
        this(Sandbox.Options.plain());
    }

    World(Sandbox.Options options) {
        sandbox = Sandbox.start(options.withClock(clock));
        authority = sandbox.helseid();
        authority.nonces(NonceUse.OFF); // so that a token is one request; tests about nonces turn them on
    }

    /** A further API, with a client of its own that signs with ES256, as RSA keys are slow to make. */
    ProtectedApi api() {
        return sandbox.add(Registration.helseid("records-" + ++apis).withAlgorithm("ES256"));
    }

    ProtectedApi bearerApi() {
        return sandbox.add(
                Registration.helseid("records-" + ++apis).withoutDpop().withAlgorithm("ES256"));
    }

    /** The client of one API in a process of its own. */
    ApiClient client(ProtectedApi api) {
        return client(settings(api).build());
    }

    ApiClient client(ApiSettings settings) {
        return clients(settings).all().iterator().next();
    }

    Clients clients(ApiSettings... settings) {
        return clients(trust(), settings);
    }

    Clients clients(SSLContext tls, ApiSettings... settings) {
        var clients = new Clients(List.of(settings), tls, Duration.ofSeconds(5), time);
        open.add(clients);
        return clients;
    }

    static Settings settings(ProtectedApi api) {
        var settings = new Settings();
        settings.name = api.name();
        settings.baseAddress = api.baseAddress();
        settings.authority = api.authority().issuer();
        settings.clientId = api.client().id();
        settings.proof = api.registration().dpop();
        settings.scope = Set.of(api.registration().scope().split(" "));
        settings.authentication = api.registration().algorithm() == null
                ? new ClientAuthentication.SecretBasic(
                        Followed.fixed(Secret.of(api.client().secret())))
                : assertion(Secret.of(api.client().privateKey().toJSONString()));
        return settings;
    }

    static ClientAuthentication assertion(Secret jwk) {
        return privateKeyJwt(
                SigningKey.parse(jwk, null, SignatureAlgorithm.PS256),
                "client-authentication+jwt",
                Duration.ofSeconds(10));
    }

    /** As HelseID wants it: {@code aud} is the issuer and nothing else, in one string; the key by its {@code kid}. */
    static ClientAuthentication privateKeyJwt(SigningKey key, String type, Duration lifetime) {
        return new ClientAuthentication.PrivateKeyJwt(
                Followed.fixed(key),
                new ClientAuthentication.AssertionForm(type, lifetime, Audience.ISSUER, null, KeyName.KID, Map.of()));
    }

    /** An API's settings, each to be set otherwise. */
    static final class Settings {
        String name = "records";
        URI baseAddress = URI.create("http://localhost:1/records");
        String authority = "http://localhost:1";
        String clientId = "worker";
        ClientAuthentication authentication = new ClientAuthentication.SecretBasic(Followed.fixed(Secret.of("s3cr3t")));
        boolean proof = true;

        @Nullable
        SigningKey proofKey;

        String profileName = "helseid";
        Set<String> scope = Set.of("records/read");

        @Nullable
        String metadataPath;

        @Nullable
        TokenRequest request;

        ApiSettings.ScopePolicy scopePolicy = ApiSettings.ScopePolicy.WARN;
        Duration timeLimit = PATIENCE;
        Duration renewAhead = Duration.ofSeconds(60);

        ApiSettings build() {
            Profile profile = Profile.named(profileName);
            if (profile == null) {
                throw new AssertionError("no profile");
            }
            var endpoints = metadataPath == null
                    ? ApiSettings.Endpoints.DISCOVERED
                    : new ApiSettings.Endpoints(metadataPath, null, Set.of());
            var binding =
                    new ApiSettings.Proof(proofKey == null ? null : Followed.fixed(proofKey), SignatureAlgorithm.ES256);
            return new ApiSettings(
                    name,
                    baseAddress,
                    new ApiSettings.Authority(profile, authority, endpoints, Transport.USUAL),
                    new ApiSettings.Client(
                            clientId, authentication, proof ? binding : null, ApiSettings.KeyLife.UNKNOWN),
                    new ApiSettings.Tokens(
                            request == null ? TokenRequest.ofScope(scope) : request,
                            Map.of(),
                            AssertionDetails.NONE,
                            Customer.Rules.USUAL,
                            scopePolicy,
                            null,
                            timeLimit,
                            renewAhead),
                    new ApiSettings.Calls(
                            Transport.USUAL, ApiSettings.Headers.NONE, 1_000_000, AnswerLimits.USUAL, CallLimits.NONE));
        }
    }

    static AccessToken token(ApiClient client) {
        return client.token(client.settings().tokens().request());
    }

    /** One GET with the client's credentials, without recovery. */
    HttpResponse<String> call(ApiClient client) throws IOException, InterruptedException {
        return call(client, token(client));
    }

    HttpResponse<String> call(ApiClient client, AccessToken token) throws IOException, InterruptedException {
        URI target = URI.create(client.settings().baseAddress() + "/x?y=z");
        var request = HttpRequest.newBuilder(target).header("Authorization", client.authorization(token));
        String proof = client.proof(token, "GET", target, null);
        if (proof != null) {
            request.header("DPoP", proof);
        }
        HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        client.answered(
                client.settings().tokens().request(),
                token,
                target,
                answer.statusCode(),
                answer.headers().firstValue("DPoP-Nonce").orElse(null));
        return answer;
    }

    /** What the HTTP layer does about a 401. */
    static boolean recovers(ApiClient client, AccessToken token, HttpResponse<String> answer) {
        return client.recovers(
                client.settings().tokens().request(),
                token,
                answer.headers().allValues("WWW-Authenticate"),
                answer.headers().firstValue("DPoP-Nonce").orElse(null),
                answer.headers().firstValue("Date").orElse(null));
    }

    /** Waits for something that happens in the background. */
    static void eventually(BooleanSupplier claim) {
        long start = System.nanoTime();
        while (!claim.getAsBoolean()) {
            if (System.nanoTime() - start > PATIENCE.toNanos()) {
                throw new AssertionError("it never happened");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Many callers at once; gives what each came to, an exception for one that failed. */
    static List<Object> atOnce(int callers, Callable<?> call) {
        List<FutureTask<Object>> tasks = begin(callers, call);
        return tasks.stream().map(World::end).toList();
    }

    static List<FutureTask<Object>> begin(int callers, Callable<?> call) {
        var start = new CountDownLatch(1);
        List<FutureTask<Object>> tasks = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            var task = new FutureTask<Object>(() -> {
                start.await();
                return call.call();
            });
            tasks.add(task);
            new Thread(task, "caller-" + i).start();
        }
        start.countDown();
        return tasks;
    }

    static Object end(FutureTask<Object> task) {
        try {
            return task.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            return e.getCause() == null ? e : e.getCause();
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    long requests(ProtectedApi api) {
        return api.authority().seen().requests(api.client().id());
    }

    @Override
    public void close() {
        for (Clients clients : open) {
            try {
                clients.close();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
        sandbox.close();
    }

    /** The sandbox's own certificate authority, or whom the JDK trusts. */
    private SSLContext trust() {
        try {
            if (authority.issuer().startsWith("http:")) {
                return SSLContext.getDefault();
            }
            var keys = KeyStore.getInstance("PKCS12");
            keys.load(null, null);
            try (var pem = Files.newInputStream(sandbox.caFile())) {
                keys.setCertificateEntry(
                        "sandbox", CertificateFactory.getInstance("X.509").generateCertificate(pem));
            }
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(keys);
            var context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError(e);
        }
    }
}
