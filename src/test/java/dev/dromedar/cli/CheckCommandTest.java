package dev.dromedar.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.jose.jwk.RSAKey;
import dev.dromedar.Proves;
import dev.dromedar.oauth.Time;
import dev.dromedar.sandbox.Authority;
import dev.dromedar.sandbox.AuthorityRules;
import dev.dromedar.sandbox.Client;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.ProtectedApi;
import dev.dromedar.sandbox.Registration;
import dev.dromedar.sandbox.Sandbox;
import dev.dromedar.sandbox.SelfService;
import dev.dromedar.sandbox.TlsFault;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Each profile against an authority that keeps its rules, and what the command says of every kind of broken set-up. */
@Tag("long")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CheckCommandTest {
    private final Sandbox sandbox = Sandbox.start();
    private final Path folder;

    CheckCommandTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @AfterAll
    void close() {
        sandbox.close();
    }

    private record Said(int status, String text) {}

    private static Said check(Map<String, String> properties, String... args) {
        try (var context = new DefaultCamelContext(false)) {
            var all = new Properties();
            all.putAll(properties);
            context.getPropertiesComponent().setInitialProperties(all);
            var out = new ByteArrayOutputStream();
            var command =
                    new CheckCommand(new Shell(Folder.current(), new PrintStream(out, true, StandardCharsets.UTF_8)));
            new CommandLine(command).parseArgs(args);
            int status = command.run(context, properties.containsKey("dromedar.sandbox.enabled"), Time.SYSTEM);
            return new Said(status, out.toString(StandardCharsets.UTF_8));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Map<String, String> properties(String api) {
        return properties(sandbox, api);
    }

    private static Map<String, String> properties(Sandbox sandbox, String api) {
        Map<String, String> properties = new LinkedHashMap<>();
        sandbox.properties().forEach((key, value) -> {
            if (key.startsWith("sandbox." + api + ".")) {
                properties.put("dromedar.api." + key.substring("sandbox.".length()), value);
            }
        });
        return properties;
    }

    /** An API under an authority of that profile; its properties as a team would write them. */
    private Map<String, String> under(String profile, AuthorityRules rules, String scope, String algorithm) {
        Authority authority = sandbox.authority(profile, rules);
        String name = profile + "-" + System.nanoTime();
        ProtectedApi api = sandbox.add(
                Registration.helseid(name).withoutDpop().withScope(scope).withAlgorithm(algorithm), authority);
        Map<String, String> properties = properties(name);
        properties.put("dromedar.api." + name + ".profile", profile);
        properties.remove("dromedar.api." + name + ".dpop");
        assertThat(api.authority()).isSameAs(authority);
        return properties;
    }

    private static String name(Map<String, String> properties) {
        return properties.keySet().iterator().next().split("\\.")[2];
    }

    private static Map<String, String> with(Map<String, String> properties, String key, String value) {
        properties.put("dromedar.api." + name(properties) + "." + key, value);
        return properties;
    }

    private static void well(Map<String, String> properties, String... words) {
        Said said = check(properties, name(properties), "--probe");

        assertThat(said.text())
                .contains(words)
                .contains("ok       token")
                .contains("ok       api")
                .contains("HTTP 200");
        assertThat(said.text()).endsWith("All is well." + System.lineSeparator());
        assertThat(said.status()).isZero();
        tellsNoSecret(said.text(), properties);
    }

    /** Neither what the properties hold nor a JWT, which begins with eyJ and, unlike a thumbprint that holds it, has dots. */
    private static void tellsNoSecret(String text, Map<String, String> properties) {
        secrets(properties).forEach(secret -> assertThat(text).doesNotContain(secret));
        assertThat(text).doesNotContainPattern("eyJ[\\w-]+\\.[\\w-]+\\.");
    }

    private static List<String> secrets(Map<String, String> properties) {
        List<String> secrets = new ArrayList<>();
        properties.forEach((key, value) -> {
            if (key.endsWith("private-key") && value.contains("\"d\"")) {
                secrets.add(value.replaceAll(".*\"d\":\"([^\"]+)\".*", "$1"));
            } else if (key.endsWith("secret") || key.endsWith("password")) {
                secrets.add(value);
            }
        });
        return secrets;
    }

    @Test
    void helseidIsWell() {
        well(
                properties("health-records"),
                "profile helseid",
                "PS256 of 2048 bits",
                "ok       nonce",
                "bound to the DPoP key");
        well(properties("health-records-bearer"), "Bearer");
    }

    @Test
    void duendeIsWell() {
        well(properties("orders"), "client_secret_basic", "a client secret is set");
        well(with(properties("orders"), "client-authentication", "client_secret_post"), "client_secret_post");
    }

    @Test
    void maskinportenIsWell() {
        well(
                under("maskinporten", AuthorityRules.maskinporten(), "example:orders", "RS256"),
                "by the JWT grant",
                "RS256");
    }

    @Test
    void smartBackendIsWell() {
        well(under("smart-backend", AuthorityRules.smartBackend(), "system/Patient.rs", "ES384"), "ES384");
        well(under("smart-backend", AuthorityRules.smartBackend(), "system/Patient.rs", "RS384"), "RS384");
    }

    @Test
    void keycloakIsWell() {
        well(under("keycloak", AuthorityRules.keycloak(), "orders", "ES256"), "ES256");
    }

    @Test
    void oauth2IsWellWithEveryChoiceOpen() {
        Map<String, String> properties = under("oauth2", AuthorityRules.keycloak(), "orders", "ES256");
        String authority = properties.get("dromedar.api." + name(properties) + ".authority");
        with(properties, "token-endpoint", authority + "/connect/token");
        with(properties, "audience", "issuer");
        with(properties, "token-parameter.tenant", "t & 1");
        with(properties, "claim.purpose", "{\"a\":[1,true]}");
        with(properties, "assertion-lifetime", "45s");

        well(properties, "the token endpoint is configured");
    }

    @Test
    void entraIsWellByCertificateAndBySecret() throws Exception {
        Path store = keytool("entra.p12", "RSA", "-keysize", "2048");
        KeyStore loaded = KeyStore.getInstance(store.toFile(), "secret".toCharArray());
        X509Certificate certificate = (X509Certificate) loaded.getCertificate("one");
        Map<String, String> properties = under("entra", AuthorityRules.entra(), "api://orders/.default", "PS256");
        Client client = sandbox.api(name(properties)).client();
        client.rollKey();
        client.replaceKey(new RSAKey.Builder((java.security.interfaces.RSAPublicKey) certificate.getPublicKey())
                .keyID("registered")
                .build());
        client.certificate(Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded())));
        properties.remove("dromedar.api." + name(properties) + ".private-key");
        with(properties, "key-store", store.toString());
        with(properties, "key-store-password", "secret");

        well(properties, "private_key_jwt", "x5t#S256", "CN=one");
        well(with(properties, "certificate-header", "x5c"), "x5t#S256");

        Map<String, String> secret = under("entra", AuthorityRules.entra(), "api://orders/.default", "PS256");
        sandbox.api(name(secret)).client().secret("sh:ar&ed");
        secret.remove("dromedar.api." + name(secret) + ".private-key");
        well(with(secret, "client-secret", "sh:ar&ed"), "client_secret_post");
    }

    @Test
    @Proves("RFC 8705 2")
    void tlsClientCertificateIsWellAndBindsTheToken() throws Exception {
        Path store = keytool("tls.p12", "EC", "-groupname", "secp256r1");
        X509Certificate certificate = (X509Certificate)
                KeyStore.getInstance(store.toFile(), "secret".toCharArray()).getCertificate("one");
        try (var https = Sandbox.start(Sandbox.Options.plain().withHttps())) {
            Authority keycloak = https.authority("keycloak", AuthorityRules.keycloak());
            ProtectedApi api = https.add(
                    Registration.helseid("bound")
                            .withoutDpop()
                            .withScope("orders")
                            .withAlgorithm("ES256"),
                    keycloak);
            api.origin().wantCertificates();
            api.client()
                    .certificate(Base64.getUrlEncoder()
                            .withoutPadding()
                            .encodeToString(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded())));
            Map<String, String> properties = new LinkedHashMap<>();
            properties.put("dromedar.api.bound.base-address", api.baseAddress().toString());
            with(properties, "profile", "keycloak");
            with(properties, "authority", keycloak.issuer());
            with(properties, "client-id", api.client().id());
            with(properties, "client-authentication", "tls_client_auth");
            with(properties, "tls-key-store", store.toString());
            with(properties, "tls-key-store-password", "secret");
            with(properties, "tls-ca-file", https.caFile().toString());
            with(properties, "scope", "orders");

            well(properties, "tls_client_auth", "bound to the client certificate", "TLSv1.3", "valid until");

            Said withoutAtTheApi = check(with(properties, "tls-certificate-for", "authority"), "--probe");
            assertThat(withoutAtTheApi.text()).contains("FAILED   api").contains("HTTP 401");
            properties.remove("dromedar.api.bound.tls-ca-file");
            Said untrusted = check(properties);
            assertThat(untrusted.text()).contains("FAILED   tls").contains("tls.ca-file");
            assertThat(untrusted.status()).isEqualTo(1);
        }
    }

    @Test
    void everyApiThatTheSandboxCommandPrintsIsWell() throws Exception {
        for (String https : List.of("--https", "")) {
            var printed = new ByteArrayOutputStream();
            try (var command = SandboxCommand.Running.start(
                    !https.isEmpty(), folder.resolve("sandbox" + https), 0, new PrintStream(printed, true, UTF_8))) {
                var lines = new Properties();
                lines.load(new java.io.StringReader(printed.toString(UTF_8)));
                Map<String, String> properties = new LinkedHashMap<>();
                lines.stringPropertyNames().forEach(key -> properties.put(key, lines.getProperty(key)));

                Said said = check(properties, "--probe");

                assertThat(said.text())
                        .contains(
                                "profile helseid, ",
                                "profile duende, ",
                                "profile maskinporten, ",
                                "profile entra, ",
                                "profile keycloak, ",
                                "profile smart-backend, ",
                                "profile oauth2, ",
                                "orgnr_parent " + Sandbox.PARENT + ", orgnr_child " + Sandbox.CHILD)
                        .contains(https.isEmpty() ? "client_secret_basic at " : "bound to the client certificate")
                        .endsWith("All is well." + System.lineSeparator());
                assertThat(said.status()).isZero();
                properties.put("dromedar.api.partner.grant", "jwt-bearer");
                properties.put(
                        "dromedar.api.partner.resource",
                        command.sandbox().api("partner").audience());
                assertThat(check(properties, "partner", "--probe").text())
                        .contains("by the JWT grant")
                        .endsWith("All is well." + System.lineSeparator());
            }
        }
    }

    @Test
    void showsTheAuthoritysOwnWordsWithoutWhatOpensDoors() {
        Map<String, String> properties = properties("orders");
        String description =
                "no access for 13858390057 by eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln" + " \u001b[31m" + "until\nMonday";
        sandbox.duende()
                .origin()
                .fault(
                        1,
                        ((Fault) (request, server) -> dev.dromedar.sandbox.Answer.of(
                                        400,
                                        "application/json",
                                        asJson(Map.of("error", "access_denied", "error_description", description))))
                                .at("/connect/token"));

        String said = check(properties, "orders").text();

        assertThat(said)
                .contains("FAILED   token", "The authority says: \"no access for *** by ***", "until Monday")
                .doesNotContain("13858390057", "eyJ", "\u001b");
    }

    private static String asJson(Object value) {
        try {
            return new ObjectMapper().writeValueAsString(value);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void showsBothTokensOfAnExchange() {
        Map<String, String> properties = under("maskinporten", AuthorityRules.maskinporten(), "altinn:read", "RS256");
        Authority altinn = sandbox.authority("altinn", AuthorityRules.oauth2());
        altinn.exchanges(sandbox.api(name(properties)).authority(), "altinn:read");
        ProtectedApi app = sandbox.add(
                Registration.helseid("altinn-app")
                        .withoutDpop()
                        .withScope("altinn:read")
                        .withSecret("s"),
                altinn);
        with(properties, "exchange", altinn.origin().uri() + "/authentication/api/v1/exchange/maskinporten?test=true");
        with(properties, "base-address", app.baseAddress().toString());

        well(
                properties,
                "ok       token        Bearer, lives 120 s",
                "ok       exchange     Bearer from ",
                "iss " + altinn.issuer());
        altinn.exchangeRequires("x-user", "u");
        assertThat(check(properties).text()).contains("FAILED   exchange", "was refused: invalid_token (HTTP 401)");
    }

    @Test
    void requestsTheTokenForACustomer() {
        Map<String, String> properties =
                under("maskinporten", AuthorityRules.maskinporten(), "example:orders", "RS256");
        var customers = sandbox.api(name(properties)).client().customers();
        customers.delegating("313745392");
        customers.systemUser("313745392", "branch-7");

        assertThat(check(properties, "--as=313745392", "--probe").text())
                .contains("consumer {", "0192:313745392", "supplier {")
                .endsWith("All is well." + System.lineSeparator());
        assertThat(check(properties, "--as=313745392", "--system-user=branch-7").text())
                .contains("authorization_details [", "branch-7")
                .endsWith("All is well." + System.lineSeparator());
        assertThat(check(properties, "--as=313745392", "--system-user").text()).contains("FAILED   token");
        assertThat(check(properties, "--as=883974832").text()).contains("MP-251: ");
        assertThat(check(properties, "--as=883974833").text())
                .contains("FAILED   as", "its last digit does not fit the others");
        assertThat(check(properties, "--system-user").status()).isEqualTo(ExitStatus.MISUSED);
        try (Sandbox own = Sandbox.start()) { // the other's clients stay as they are, whatever runs next
            Map<String, String> hosted = properties(own, "health-records");
            with(hosted, "organisation-tenancy", "multi");
            own.api("health-records").client().multiTenant("313745392");
            assertThat(check(hosted, "--as=313745392").text()).contains("orgnr_parent 313745392");
        }
        assertThat(check(properties("orders"), "--as=313745392").text())
                .contains("FAILED   as", "--as has no meaning with the profile duende");
    }

    @Test
    void saysWhatSelvbetjeningHasOfTheClient() {
        try (Sandbox own = Sandbox.start()) {
            SelfService service = own.selfService("health-records");
            Map<String, String> properties = properties(own, "health-records");

            assertThat(check(properties).text())
                    .contains(
                            "ok       scopes       granted: nhn:selvbetjening/client, sandbox:health-records/read",
                            "ok       registered   keys: yours is among them, valid until 20")
                    .doesNotContain("besides it")
                    .endsWith("All is well." + System.lineSeparator());

            service.claim("nhn:example/one", "pending", "a \u001b[31mreason");
            service.claim("nhn:example/two", "updatePending", "");
            own.api("health-records").client().children("883974832");
            service.pending("sandbox:health-records/read", "Waits for 13858390057 at the API's owner");
            with(properties, "scope", "sandbox:health-records/read sandbox:never/asked");
            assertThat(check(properties).text())
                    .contains(
                            "FAILED   token",
                            "WARNING  scopes       granted: nhn:selvbetjening/client. Scope sandbox:health-records/read is"
                                    + " pending: \"Waits for *** at the API's owner\". Scope sandbox:never/asked is not"
                                    + " requested there",
                            "Claim nhn:example/one is pending: \"a",
                            "reason\".",
                            "Claim nhn:example/two keeps its value while a new one is pending.",
                            "yours is among them")
                    .doesNotContain("\u001b");

            service.approve("sandbox:health-records/read");
            with(properties, "scope", "sandbox:health-records/read");
            with(properties, "organisation-child", "889640782");
            assertThat(check(properties).text())
                    .contains("FAILED   token", "Organisation 889640782 is not among its child organisations.");
            properties.keySet().removeIf(key -> key.endsWith("organisation-child"));
            with(properties, "organisation-tenancy", "multi");
            with(properties, "organisation-parent", "889640782");
            assertThat(check(properties).text()).contains("FAILED   token", "WARNING  registered   not known: ");
        }
    }

    @Test
    void saysWhetherTheKeyIsRegistered() {
        try (Sandbox own = Sandbox.start()) {
            SelfService service = own.selfService("health-records");
            Map<String, String> properties = properties(own, "health-records");
            String kid = own.api("health-records").client().privateKey().getKeyID();

            service.forget(kid); // the authority may know a key for a while after it was taken off the list
            assertThat(check(properties).text())
                    .contains(
                            "ok       token",
                            "WARNING  registered   keys: yours is not among them. Register its public key")
                    .endsWith("It works, but look at WARNING above." + System.lineSeparator());

            service.api().fault(Fault.status(503));
            assertThat(check(properties).text())
                    .contains(
                            "ok       token",
                            "WARNING  registered   not known: GET ",
                            "/v1/client was answered HTTP 503");

            own.api("health-records").client().rollKey();
            int asked = service.api().received().size();
            assertThat(check(properties).text())
                    .contains("FAILED   token")
                    .doesNotContainPattern("(ok|WARNING) +registered");
            assertThat(service.api().received()).hasSize(asked);
        }
    }

    @Test
    void saysThatWhatIsRegisteredCannotBeKnown() {
        Map<String, String> maskinporten =
                under("maskinporten", AuthorityRules.maskinporten(), "example:orders", "RS256");
        sandbox.add(Registration.helseid("unlisted").withScope("nhn:selvbetjening/client"));

        assertThat(check(maskinporten).text())
                .contains("ok       registered   not known: Maskinporten lists", "set key-expires to that day");
        assertThat(check(with(maskinporten, "key-expires", "2099-01-01")).text())
                .contains("one year from the day")
                .doesNotContain("set key-expires");
        assertThat(check(properties("unlisted")).text()).contains("registered   not known: set key-registry");
        assertThat(check(properties("health-records")).text()).doesNotContain("registered ");
    }

    @TestFactory
    Stream<DynamicTest> saysWhatIsWrongAndWhatToDo() {
        return Stream.of(
                broken(
                        "a missing key",
                        p -> p.remove("dromedar.api.health-records.private-key"),
                        "FAILED   properties",
                        "missing. Set the private JWK"),
                broken(
                        "an unknown key",
                        p -> p.put("dromedar.api.health-records.scoope", "x"),
                        "FAILED   properties",
                        "Did you mean dromedar.api.health-records.scope?"),
                broken(
                        "a public key",
                        p -> p.put("dromedar.api.health-records.private-key", publicKey()),
                        "FAILED   properties",
                        "is a public key: the private key is needed"),
                broken(
                        "a variable that is not there",
                        p -> p.put("dromedar.api.health-records.private-key", "{{env:DROMEDAR_NO_SUCH}}"),
                        "FAILED   properties",
                        "there is no environment variable DROMEDAR_NO_SUCH. Set it"),
                broken(
                        "half of a secret beside a property that is not there",
                        p -> {
                            p.keySet().removeIf(key -> key.endsWith("private-key"));
                            p.put("dromedar.api.health-records.profile", "duende");
                            p.put("dromedar.api.health-records.client-secret", "half-of-it{{other-half}}");
                        },
                        "FAILED   properties",
                        "client-secret: cannot resolve a placeholder in its value."),
                broken(
                        "a folder for a file",
                        p -> p.put("dromedar.api.health-records.private-key", "{{secretfile:" + slashes(folder) + "}}"),
                        "FAILED   properties",
                        "is a folder. Name the file in it."),
                broken(
                        "a key file that is not there",
                        p -> p.put("dromedar.api.health-records.private-key", "{{secretfile:nowhere.json}}"),
                        "FAILED   properties",
                        "there is no file 'nowhere.json'"),
                broken(
                        "a rule of HelseID",
                        p -> p.put("dromedar.api.health-records.assertion-lifetime", "2m"),
                        "FAILED   properties",
                        "HelseID accepts an assertion that lives 60 s at most"),
                broken(
                        "a host that nobody knows",
                        p -> p.put("dromedar.api.health-records.authority", "https://authority.invalid"),
                        "FAILED   dns",
                        "the name authority.invalid is not known here"),
                broken(
                        "a port where nobody listens",
                        p -> p.put("dromedar.api.health-records.authority", "http://localhost:1"),
                        "FAILED   discovery",
                        "nothing answers there"),
                broken(
                        "another server",
                        p -> p.put(
                                "dromedar.api.health-records.authority",
                                sandbox.api("orders").origin().uri().toString()),
                        "FAILED   discovery",
                        "Check the authority's address"),
                broken(
                        "an issuer to the letter",
                        p -> p.put(
                                "dromedar.api.health-records.authority",
                                sandbox.helseid().issuer() + "/"),
                        "FAILED   discovery",
                        "They must be identical"),
                broken(
                        "a wrong kid",
                        p -> p.put(
                                "dromedar.api.health-records.private-key",
                                sandbox.api("health-records")
                                        .client()
                                        .privateKey()
                                        .toJSONString()
                                        .replaceFirst("\"kid\":\"[^\"]+\"", "\"kid\":\"old-key\"")),
                        "FAILED   token",
                        "kid 'old-key'",
                        "The authority speaks of the key"),
                broken(
                        "a key that is not registered",
                        p -> p.put("dromedar.api.health-records.private-key", otherKey()),
                        "FAILED   token",
                        "The authority speaks of the signature"),
                broken(
                        "a client that is not known",
                        p -> p.put("dromedar.api.health-records.client-id", "nobody"),
                        "FAILED   token",
                        "invalid_client",
                        "The authority speaks of"),
                broken(
                        "a scope that is not granted",
                        p -> p.put("dromedar.api.health-records.scope", "other:scope"),
                        "WARNING  discovery",
                        "It does not list the scope 'other:scope'",
                        "FAILED   token",
                        "Check that this client is granted every scope it requests: other:scope"),
                broken(
                        "DPoP that is not sent",
                        p -> p.put("dromedar.api.health-records.dpop", "false"),
                        "FAILED   token",
                        "invalid_dpop_proof"),
                broken(
                        "a child organisation that is not allowed",
                        p -> p.put("dromedar.api.health-records.organisation-child", "883974832"),
                        "FAILED   token",
                        "HID-1002: this client may not act for this child organisation"),
                broken(
                        "a parent from a single-tenant client",
                        p -> p.put("dromedar.api.health-records.organisation-parent", "883974832"),
                        "FAILED   token",
                        "HID-1005"),
                broken(
                        "a resource that is not known",
                        p -> p.put("dromedar.api.health-records.resource", "https://api.invalid/x"),
                        "FAILED   token",
                        "invalid_target"),
                broken(
                        "a proxy that is not there",
                        p -> p.put("dromedar.api.health-records.proxy", "http://localhost:1"),
                        "FAILED   proxy",
                        "cannot be reached: nothing answers there"),
                faulty(
                        "a clock that is wrong",
                        a -> a.origin().clockOffset(Duration.ofMinutes(9)),
                        "WARNING  clock",
                        "Synchronise its clock"),
                faulty(
                        "an authority that is down",
                        a -> a.origin().refuseConnections(),
                        "FAILED   discovery",
                        "nothing answers there"),
                faulty(
                        "an answer that is a page",
                        a -> a.origin().fault(Fault.status(502).at("/connect/token")),
                        "FAILED   token",
                        "HTTP 502"));
    }

    private static String slashes(Path path) {
        return path.toString().replace('\\', '/');
    }

    private DynamicTest broken(String what, Consumer<Map<String, String>> change, String... words) {
        return DynamicTest.dynamicTest(what, () -> {
            Map<String, String> properties = properties("health-records");
            change.accept(properties);

            Said said = check(properties, "health-records");

            assertThat(said.text()).contains(words).doesNotContain("half-of-it", "other-half");
            tellsNoSecret(said.text(), properties);
            assertThat(said.text().lines()).as("each thing once").doesNotHaveDuplicates();
            assertThat(said.status()).isEqualTo(1);
        });
    }

    private DynamicTest faulty(String what, Consumer<Authority> fault, String... words) {
        return DynamicTest.dynamicTest(what, () -> {
            try (var own = Sandbox.start()) {
                Map<String, String> properties = new LinkedHashMap<>();
                own.properties().forEach((key, value) -> {
                    if (key.startsWith("sandbox.health-records.")) {
                        properties.put("dromedar.api." + key.substring("sandbox.".length()), value);
                    }
                });
                fault.accept(own.helseid());

                Said said = check(properties);

                assertThat(said.text()).contains(words);
            }
        });
    }

    @Test
    void saysWhatIsWrongWithTheCertificateOfTheAuthority() {
        try (var https = Sandbox.start(Sandbox.Options.plain().withHttps())) {
            Map<String, String> words = new LinkedHashMap<>();
            words.put("WRONG_HOST", "its certificate is for another name");
            words.put("EXPIRED", "its certificate has expired");
            words.put("UNKNOWN_CA", "It shows CN=localhost by CN=Somebody else's CA, valid until 2049-12-31");
            words.put("BROKEN_HANDSHAKE", "Check that this port speaks https");
            Map<String, String> properties = new LinkedHashMap<>();
            https.properties().forEach((key, value) -> {
                if (key.startsWith("sandbox.health-records.")) {
                    properties.put("dromedar.api." + key.substring("sandbox.".length()), value);
                }
            });
            properties.put("dromedar.tls.ca-file", https.caFile().toString());
            words.forEach((fault, told) -> {
                https.helseid().origin().tlsFault(TlsFault.valueOf(fault));

                Said said = check(properties);

                assertThat(said.text()).as(fault).contains("FAILED   tls").contains(told);
                assertThat(said.text().contains("ca-file")).as(fault).isEqualTo(fault.equals("UNKNOWN_CA"));
            });
        }
    }

    @Test
    void aServerThatIsNoProxyIsToldAsSuch() {
        Map<String, String> properties = properties("health-records");
        with(properties, "authority", "https://authority.example");
        with(properties, "proxy", sandbox.api("orders").origin().uri().toString());

        Said said = check(properties);

        assertThat(said.text())
                .contains("FAILED   proxy")
                .contains("refused the connection (HTTP 404). Check its address: what answers there may be no proxy");
    }

    @Test
    void tellsWhenTheApiKnowsNoDpopOrWantsIt() {
        Map<String, String> bound = with(properties("health-records-bearer"), "dpop", "true");
        assertThat(check(bound, "--probe").text())
                .contains("ok       token")
                .contains("FAILED   api")
                .contains("requires a Bearer token and does not know DPoP: set dpop = false");

        Map<String, String> unbound = properties("health-records-bearer");
        with(
                unbound,
                "base-address",
                String.valueOf(properties("health-records").get("dromedar.api.health-records.base-address")));
        assertThat(check(unbound, "--probe").text())
                .contains("FAILED   api")
                .contains("The API requires a DPoP token: set dpop = true.");
    }

    @Test
    void stopsAtATokenThatTheWorkerWouldNotUse() {
        try (var own = Sandbox.start()) {
            Map<String, String> properties = new LinkedHashMap<>();
            own.properties().forEach((key, value) -> {
                if (key.startsWith("sandbox.orders.")) {
                    properties.put("dromedar.api." + key.substring("sandbox.".length()), value);
                }
            });
            own.duende().origin().fault(Fault.member("scope", "other").at("/connect/token"));
            with(properties, "scope-policy", "fail");
            assertThat(check(properties, "--probe").text())
                    .contains("FAILED   token")
                    .contains("Not granted: ")
                    .doesNotContain(" api ");

            with(properties, "scope-policy", "warn");
            Said warned = check(properties);
            assertThat(warned.text()).endsWith("It works, but look at WARNING above." + System.lineSeparator());
            assertThat(warned.status()).isZero();
        }
    }

    @Test
    void tellsThatTheSandboxIsItsOwn() {
        Map<String, String> properties = properties("orders");
        properties.put("dromedar.sandbox.enabled", "true");

        assertThat(check(properties).text()).startsWith("(dromedar.sandbox.enabled: checked against a sandbox");
        assertThat(check(properties, "--json").text())
                .startsWith("{\"well\":true,\"sandbox\":true,\"apis\":{\"orders\":[");
    }

    @Test
    void saysItAsJsonToo() throws Exception {
        Map<String, String> properties = properties("health-records");
        properties.putAll(properties("orders"));
        properties.put("dromedar.api.orders.client-secret", "wrong");

        Said said = check(properties, "--json");

        JsonNode json = new ObjectMapper().readTree(said.text());
        assertThat(said.status()).isEqualTo(1);
        assertThat(json.path("well").asBoolean(true)).isFalse();
        assertThat(json.path("apis").path("orders").findValuesAsText("verdict")).contains("failed");
        assertThat(json.path("apis").path("health-records").findValuesAsText("verdict"))
                .doesNotContain("failed");
    }

    @Test
    void namesTheApisThereAreWhenItIsMisused() {
        assertThat(check(properties("orders"), "ordres"))
                .isEqualTo(new Said(2, "There is no API 'ordres'. Did you mean 'orders'?" + System.lineSeparator()));
        assertThat(check(Map.of()).status()).isEqualTo(2);
        assertThat(check(properties("orders"), "--json", "ordres"))
                .isEqualTo(new Said(
                        2,
                        "{\"well\":false,\"sandbox\":false,\"apis\":{},\"faults\":[\"There is no API 'ordres'. Did you mean"
                                + " 'orders'?\"]}" + System.lineSeparator()));
    }

    @Test
    void takesAPathOfTheProbeOnlyBehindAnEqualsSign() {
        assertThat(check(properties("orders"), "--probe", "orders").text()).contains("ok       api", "HTTP 200");
        assertThat(check(properties("orders"), "--probe=/orders/", "orders").text())
                .contains("/orders/");
    }

    private String publicKey() {
        return sandbox.api("health-records").client().privateKey().toPublicJWK().toJSONString();
    }

    /** Another key under the kid of the registered one. */
    private String otherKey() {
        String kid = sandbox.api("health-records").client().privateKey().getKeyID();
        return sandbox.api("health-records-bearer")
                .client()
                .privateKey()
                .toJSONString()
                .replaceFirst("\"kid\":\"[^\"]+\"", "\"kid\":\"" + kid + "\"");
    }

    private Path keytool(String file, String type, String... more) throws Exception {
        Path store = folder.resolve(file);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "one",
                "-dname",
                "CN=one",
                "-storetype",
                "PKCS12",
                "-validity",
                "400",
                "-storepass",
                "secret",
                "-keyalg",
                type,
                "-keystore",
                store.toString()));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.exists(store)).isTrue();
        return store;
    }
}
