package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import dev.dromedar.Proves;
import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.Clients;
import dev.dromedar.oauth.Time;
import dev.dromedar.sandbox.Authority;
import dev.dromedar.sandbox.Client;
import dev.dromedar.sandbox.Request;
import dev.dromedar.sandbox.Sandbox;
import dev.dromedar.settings.Settings;
import dev.dromedar.settings.TrustedAuthorities;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys and secrets whose files change while the worker runs. */
@Tag("long")
class ChangedCredentialsTest {
    private final Sandbox sandbox = Sandbox.start();
    private final Path folder;

    ChangedCredentialsTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @AfterEach
    void close() {
        sandbox.close();
    }

    private Clients clients(Map<String, String> others) {
        Map<String, String> properties = new LinkedHashMap<>();
        sandbox.properties().forEach((key, value) -> {
            if (key.startsWith("sandbox.health-records.") || key.startsWith("sandbox.orders.")) {
                properties.put("dromedar.api." + key.substring("sandbox.".length()), value);
            }
        });
        properties.putAll(others);
        Settings settings = Settings.read(properties, Worker.placeholders(properties));
        return new Clients(
                settings.apis(), TrustedAuthorities.with((Path) null).context(), Duration.ofSeconds(5), Time.SYSTEM);
    }

    private static ApiClient named(Clients clients, String api) {
        return Objects.requireNonNull(clients.named(api));
    }

    /** What the worker does by itself every few seconds: new content counts when it is seen the second time. */
    private static void look(Clients clients) {
        clients.checkCredentials();
        clients.checkCredentials();
    }

    private String kidOfTheLastAssertion() {
        List<Request> asked = sandbox.helseid().origin().received().stream()
                .filter(request -> request.path().equals("/connect/token"))
                .toList();
        return String.valueOf(
                Objects.requireNonNull(asked.get(asked.size() - 1).assertion()).parameter("kid"));
    }

    @Test
    @Proves({"HelseID SK5", "HelseID DPoP key life"})
    void aNewKeySignsTheNextAssertionAndATokenKeepsItsDpopKey() throws Exception {
        Client client = sandbox.api("health-records").client();
        Path file = Files.writeString(folder.resolve("key"), client.privateKey().toJSONString());
        try (Clients clients = clients(Map.of(
                "dromedar.api.health-records.private-key",
                "{{secretfile:" + file + "}}",
                "dromedar.api.health-records.dpop-key",
                "client"))) {
            ApiClient api = named(clients, "health-records");
            var request = api.settings().tokens().request();
            var before = api.token(request);
            String oldProof = api.proof(before, "GET", api.settings().baseAddress(), null);
            JWK added = client.addKey("PS256");
            Files.writeString(file, added.toJSONString());

            clients.checkCredentials();
            assertThat(Objects.requireNonNull(
                                    api.settings().client().authentication().key())
                            .keyId())
                    .as("seen once: it may be half of it")
                    .isNotEqualTo(added.getKeyID());
            clients.checkCredentials();
            sandbox.helseid().expireNonces();
            var other = api.token(new dev.dromedar.oauth.TokenRequest(request.scope(), List.of(), null));

            assertThat(api.token(request)).as("the token lives on").isSameAs(before);
            assertThat(other).isSameAs(before);
            assertThat(header(api.proof(before, "GET", api.settings().baseAddress(), null)))
                    .isEqualTo(header(oldProof));
            api.renew();
            while (api.token(request) == before) {
                Thread.onSpinWait();
            }
            assertThat(kidOfTheLastAssertion()).isEqualTo(added.getKeyID());
            var after = api.token(request);
            assertThat(header(api.proof(after, "GET", api.settings().baseAddress(), null)))
                    .isNotEqualTo(header(oldProof));
            assertThat(api.credentialFaults()).isEmpty();
        }
    }

    private static String header(@org.jspecify.annotations.Nullable String proof) {
        return String.valueOf(proof).replaceFirst("\\..*", "");
    }

    @Test
    void aBrokenFileIsRefusedToldAndTheOldKeyServesOn() throws Exception {
        Client client = sandbox.api("health-records").client();
        Path file = Files.writeString(folder.resolve("key"), client.privateKey().toJSONString());
        try (Clients clients =
                clients(Map.of("dromedar.api.health-records.private-key", "{{secretfile:" + file + "}}"))) {
            ApiClient api = named(clients, "health-records");
            Files.writeString(file, client.privateKey().toPublicJWK().toJSONString());

            look(clients);

            assertThat(api.credentialFaults())
                    .containsExactly(
                            "dromedar.api.health-records.private-key: is a public key: the private key is needed (a"
                                    + " JWK with the member 'd')");
            assertThat(api.token(api.settings().tokens().request())).isNotNull();
            Files.delete(file);
            look(clients);
            assertThat(api.credentialFaults()).singleElement().asString().contains("there is no file");
            Files.writeString(file, client.privateKey().toJSONString());
            look(clients);
            assertThat(api.credentialFaults()).isEmpty();
        }
    }

    /** As the kubelet does: the file is a link through a link to a folder, and that one is swapped. */
    @Test
    void aSwappedSymbolicLinkIsSeen() throws Exception {
        Client client = sandbox.api("health-records").client();
        Files.writeString(
                Files.createDirectory(folder.resolve("one")).resolve("key"),
                client.privateKey().toJSONString());
        JWK added = client.addKey("PS256");
        Files.writeString(Files.createDirectory(folder.resolve("two")).resolve("key"), added.toJSONString());
        Files.createSymbolicLink(folder.resolve("data"), Path.of("one"));
        Path file = Files.createSymbolicLink(folder.resolve("key"), Path.of("data", "key"));
        try (Clients clients =
                clients(Map.of("dromedar.api.health-records.private-key", "{{secretfile:" + file + "}}"))) {
            Files.createSymbolicLink(folder.resolve("next"), Path.of("two"));
            Files.move(folder.resolve("next"), folder.resolve("data"), StandardCopyOption.ATOMIC_MOVE);

            look(clients);

            assertThat(Objects.requireNonNull(named(clients, "health-records")
                                    .settings()
                                    .client()
                                    .authentication()
                                    .key())
                            .keyId())
                    .isEqualTo(added.getKeyID());
        }
    }

    @Test
    void aNewSecretIsUsedAtOnceThoughTheOldWasRefused() throws IOException {
        Client client = sandbox.api("orders").client();
        Path file = Files.writeString(folder.resolve("secret"), "no longer right\n");
        try (Clients clients = clients(Map.of("dromedar.api.orders.client-secret", "{{secretfile:" + file + "}}"))) {
            ApiClient api = named(clients, "orders");
            assertThat(org.assertj.core.api.Assertions.catchThrowable(
                            () -> api.token(api.settings().tokens().request())))
                    .hasMessageContaining("invalid_client");
            Files.writeString(file, client.secret() + "\n");

            look(clients);

            assertThat(api.token(api.settings().tokens().request())).isNotNull();
        }
    }

    private static void awaitTwoTokens(Authority authority) {
        long before = authority.seen().accepted();
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (authority.seen().accepted() < before + 2 && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
    }

    @Test
    void noCallFailsWhileKeyAndSecretAreSwapped() throws Exception {
        Client keyed = sandbox.api("health-records").client();
        Client secret = sandbox.api("orders").client();
        Path keyFile =
                Files.writeString(folder.resolve("key"), keyed.privateKey().toJSONString());
        Path secretFile = Files.writeString(folder.resolve("secret"), secret.secret());
        sandbox.helseid().tokenLifetime(Duration.ofSeconds(1));
        sandbox.duende().tokenLifetime(Duration.ofSeconds(1));
        var worker = new Worker(sandbox)
                .set("dromedar.api.health-records.private-key", "{{secretfile:" + keyFile + "}}")
                .set("dromedar.api.orders.client-secret", "{{secretfile:" + secretFile + "}}");
        for (String api : List.of("health-records", "orders")) {
            worker.route(api, "process: {ref: " + api + "}", "to: {uri: \"" + worker.address(api) + "/x\"}");
        }
        worker.start();
        try {
            Clients clients = Objects.requireNonNull(worker.context.hasService(Apis.class))
                    .clients();
            var stop = new AtomicBoolean();
            var calls = new AtomicInteger();
            var first = new CountDownLatch(20);
            List<String> failures = new java.util.concurrent.CopyOnWriteArrayList<>();
            var executor = Executors.newFixedThreadPool(4);
            List<Future<?>> load = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String api = i % 2 == 0 ? "health-records" : "orders";
                load.add(executor.submit(() -> {
                    while (!stop.get()) {
                        Exchange exchange = worker.send(api);
                        if (exchange.getException() != null) {
                            failures.add(String.valueOf(exchange.getException()));
                        }
                        calls.incrementAndGet();
                        first.countDown();
                    }
                }));
            }
            first.await();
            for (int swap = 0; swap < 3; swap++) {
                JWK added = keyed.addKey("PS256");
                secret.alsoSecret("secret " + swap);
                Files.writeString(keyFile, added.toJSONString());
                Files.writeString(secretFile, "secret " + swap);
                look(clients);
                awaitTwoTokens(sandbox.helseid());
                awaitTwoTokens(sandbox.duende());
                keyed.keepOnly(added.getKeyID());
                secret.secret("secret " + swap);
                awaitTwoTokens(sandbox.helseid());
                awaitTwoTokens(sandbox.duende());
            }
            stop.set(true);
            for (Future<?> one : load) {
                one.get();
            }
            executor.shutdown();

            assertThat(failures).isEmpty();
            assertThat(calls.get()).isGreaterThan(20);
        } finally {
            worker.context.stop();
        }
    }
}
