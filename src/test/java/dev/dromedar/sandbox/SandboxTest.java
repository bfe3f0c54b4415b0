package dev.dromedar.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.Properties;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("long")
class SandboxTest {
    private final Sandbox sandbox = Sandbox.start();
    private final Caller caller = new Caller(sandbox);

    @AfterEach
    void close() {
        sandbox.close();
    }

    @Test
    void servesABoundTokenAndTheRecordsForIt() {
        var reply = caller.exchange(sandbox.api("health-records"), "/pasienter/B%C3%B8%2F1?side=2");

        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        assertThat(reply.json().path("path").asText()).isEqualTo("/health-records/dpop/pasienter/B%C3%B8%2F1");
        assertThat(reply.json().path("records")).hasSize(3);
        assertThat(reply.json().path("records").toString()).contains("Åse");
        assertThat(reply.json().path("jkt").asText()).isNotEmpty();
    }

    @Test
    void servesPlainTokensUnderBothAuthorities() {
        assertThat(caller.exchange(sandbox.api("health-records-bearer"), "/x").status())
                .isEqualTo(200);
        assertThat(caller.exchange(sandbox.api("orders"), "").status()).isEqualTo(200);
    }

    @Test
    void tellsCountAndSizeOfWhatIsPosted() {
        var api = sandbox.api("orders");
        var body = "[{\"navn\":\"Bø\"},{}]";

        var reply = Caller.send(HttpRequest.newBuilder(api.baseAddress())
                .header("Authorization", "Bearer " + caller.token(api))
                .POST(HttpRequest.BodyPublishers.ofString(body)));

        assertThat(reply.json().path("count").asInt()).isEqualTo(2);
        assertThat(reply.json().path("size").asInt()).isEqualTo(body.getBytes(StandardCharsets.UTF_8).length);
    }

    @Test
    void givesTheWorkerItsSettings() throws Exception {
        var properties = sandbox.properties();

        assertThat(properties)
                .containsEntry("sandbox.helseid.authority", sandbox.helseid().issuer())
                .containsEntry("sandbox.health-records.dpop", "true")
                .containsEntry("sandbox.health-records-bearer.dpop", "false")
                .containsEntry("sandbox.orders.profile", "duende")
                .doesNotContainKeys("sandbox.orders.private-key", "sandbox.tls.ca-file");
        assertThat(properties.get("sandbox.orders.client-secret")).contains(":", "%", "+", "&", " ");
        var key = JWK.parse(properties.get("sandbox.health-records.private-key"));
        assertThat(key.isPrivate()).isTrue();
        assertThat(key.getKeyID()).isNotEmpty();
        assertThat(key.getAlgorithm()).hasToString("PS256");
    }

    @Test
    void takesFurtherApisWhileItRuns() {
        var patients = sandbox.add(Registration.helseid("patients").withAlgorithm("ES256"));
        var letters = sandbox.add(Registration.helseid("letters").withClientOf("patients"));

        assertThat(caller.exchange(patients, "/1").status()).isEqualTo(200);
        assertThat(caller.exchange(letters, "/1").status()).isEqualTo(200);
        assertThat(letters.client()).isSameAs(patients.client());
        assertThat(letters.origin().uri()).isNotEqualTo(patients.origin().uri());
        assertThat(sandbox.properties()).containsKeys("sandbox.patients.base-address", "sandbox.letters.scope");
    }

    @Test
    void countsWhatItHasSeen() {
        caller.exchange(sandbox.api("health-records"), "/");
        Caller.get(sandbox.api("health-records").baseAddress() + "/");

        var seen = sandbox.helseid().seen();
        assertThat(seen.requests(sandbox.api("health-records").client().id())).isEqualTo(2);
        assertThat(seen.nonceChallenges()).isEqualTo(1);
        assertThat(seen.proofs()).isEqualTo(2);
        assertThat(seen.distinctJti()).isEqualTo(2);
        assertThat(seen.refusals()).containsExactly(java.util.Map.entry(Check.NONCE, 1L));
        var page = Caller.get(sandbox.helseid().issuer() + "/seen.json").json();
        assertThat(page.at("/token endpoint/nonce_challenges").asInt()).isEqualTo(1);
        assertThat(page.at("/api health-records/accepted").asInt()).isEqualTo(1);
        assertThat(page.at("/api health-records/refusals/SCHEME").asInt()).isEqualTo(1);
        assertThat(Caller.get(sandbox.helseid().issuer() + "/").body()).contains("nonce challenges: 1");
    }

    @Test
    void servesHttpsWithItsOwnCa() throws Exception {
        try (var secure = Sandbox.start(Sandbox.Options.plain().withHttps())) {
            var http = HttpClient.newBuilder()
                    .sslContext(trusting(secure.caFile()))
                    .version(HttpClient.Version.HTTP_1_1)
                    .build();

            for (String host : List.of("localhost", "127.0.0.1")) {
                var uri = URI.create(
                        secure.helseid().issuer().replace("localhost", host) + "/.well-known/openid-configuration");
                var answer = http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
                assertThat(answer.body()).contains("\"issuer\":\"https://localhost:");
            }
            assertThat(secure.properties())
                    .containsEntry("sandbox.tls.ca-file", secure.caFile().toString());
        }
    }

    @Test
    void isTheSameWhenItStartsInItsFolderAgain(@TempDir Path directory) {
        for (Sandbox.Options options : java.util.List.of(
                Sandbox.Options.plain().withDirectory(directory.resolve("plain")),
                Sandbox.Options.plain().withHttps().withDirectory(directory.resolve("https")))) {
            java.util.Map<String, String> first = startAndKeep(options);

            assertThat(startAndKeep(options)).isEqualTo(first);
        }
    }

    private static java.util.Map<String, String> startAndKeep(Sandbox.Options options) {
        try (var started = Sandbox.start(options)) {
            started.addProfiles();
            started.keep();
            var properties = new java.util.TreeMap<>(started.properties());
            properties.keySet().removeIf(key -> key.endsWith("certificate")); // signed anew, by the same key
            return properties;
        }
    }

    @Test
    void printsSettingsAndKeepsSecretsInFilesOfTheOwner(@TempDir Path directory) throws Exception {
        try (var started = Sandbox.start(Sandbox.Options.plain().withHttps().withDirectory(directory.resolve("s")))) {
            started.addProfiles();
            var printed = new Properties();
            printed.load(new java.io.StringReader(SettingsFile.of(started)));

            var api = started.api("health-records");
            assertThat(printed)
                    .containsEntry(
                            "dromedar.api.health-records.base-address",
                            api.baseAddress().toString())
                    .containsEntry("dromedar.api.health-records-bearer.dpop", "false")
                    .containsEntry("dromedar.tls.ca-file", started.caFile().toString())
                    .doesNotContainKeys("dromedar.api.health-records.dpop", "dromedar.api.orders.dpop");
            var secret = printed.getProperty("dromedar.api.orders.client-secret")
                    .replaceAll("^\\{\\{secretfile:(.*)}}$", "$1");
            assertThat(Path.of(secret))
                    .hasContent(started.api("orders").client().secret());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(Path.of(secret))))
                    .isEqualTo("rw-------");
            assertThat(Path.of(directory + "/s/health-records.jwk.json"))
                    .content()
                    .contains("\"kid\"");
        }
    }

    static SSLContext trusting(Path ca) throws Exception {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (var in = Files.newInputStream(ca)) {
            store.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
