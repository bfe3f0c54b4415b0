package dev.dromedar.oauth;

import static dev.dromedar.oauth.World.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dromedar.Proves;
import dev.dromedar.RawServer;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.ProtectedApi;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DiscoveryTest {
    private static final World WORLD = new World();
    private static final ProtectedApi API = WORLD.api();

    private final ApiClient client = WORLD.client(API);

    @BeforeEach
    void heal() {
        WORLD.authority.origin().heal();
        WORLD.authority.origin().forgetReceived();
    }

    @AfterAll
    static void close() {
        WORLD.close();
    }

    private static List<String> asked() {
        return WORLD.authority.origin().received().stream()
                .map(request -> request.method() + " " + request.target())
                .toList();
    }

    @Test
    @Proves("HelseID FK2")
    void metadataIsLookedUpOnceADay() {
        token(client);
        for (int i = 0; i < 200; i++) {
            WORLD.clock.advance(Duration.ofMinutes(7));
            token(client);
        }

        assertThat(asked().stream().filter(request -> request.startsWith("GET")))
                .hasSize(1);
        WORLD.clock.advance(Duration.ofMinutes(41));
        token(client);
        assertThat(asked().stream().filter(request -> request.startsWith("GET")))
                .hasSize(2);
    }

    @Test
    @Proves("FAPI 2.0 5.3.3.1 metadata")
    void thePathOfRfc8414IsTriedWhenTheOpenIdPathHasNothing() {
        WORLD.authority.origin().fault(Fault.onlyOauthDiscovery());

        token(client);

        assertThat(asked())
                .containsExactly(
                        "GET /.well-known/openid-configuration",
                        "GET /.well-known/oauth-authorization-server",
                        "POST /connect/token");
    }

    /** As servers of single-page applications do. */
    @Test
    void thePathOfRfc8414IsTriedWhenTheOpenIdPathHasAPageForPeople() {
        WORLD.authority.origin().fault(Fault.htmlBody().at("/.well-known/openid-configuration"));

        token(client);

        assertThat(asked())
                .containsExactly(
                        "GET /.well-known/openid-configuration",
                        "GET /.well-known/oauth-authorization-server",
                        "POST /connect/token");
    }

    @Test
    @Proves("RFC 8414 3.1")
    void anIssuerWithAPathHasItsMetadataInTwoPlaces() {
        var settings = World.settings(API);
        settings.authority = WORLD.authority.issuer() + "/realms/one/";
        ApiClient other = WORLD.client(settings.build());

        assertThatThrownBy(() -> token(other)).isInstanceOf(AuthorityUnavailable.class);

        assertThat(asked())
                .containsExactly(
                        "GET /realms/one/.well-known/openid-configuration",
                        "GET /.well-known/oauth-authorization-server/realms/one");
    }

    static Stream<Arguments> faults() {
        String place = "http://localhost:\\d+/.well-known/openid-configuration";
        return Stream.of(
                Arguments.of(
                        "another issuer",
                        Fault.wrongIssuer(),
                        "The metadata at " + place
                                + " names the issuer 'https://authority.invalid', not 'http://localhost:\\d+'\\."
                                + " They must be identical \\(RFC 8414 section 3.3\\): correct the property"
                                + " 'authority', or do not trust this server\\."),
                Arguments.of(
                        "no issuer",
                        Fault.withoutMember("issuer"),
                        "The metadata at " + place + " names the issuer \\(none\\).*"),
                Arguments.of(
                        "an issuer that is no text",
                        Fault.member("issuer", 7),
                        "The metadata at " + place + " names the issuer \\(not a text\\).*"),
                Arguments.of(
                        "an http token endpoint",
                        Fault.httpTokenEndpoint(),
                        "The metadata at " + place
                                + " names the token_endpoint 'http://authority.invalid/connect/token': it must be an"
                                + " https address without a user\\. Nothing is sent there\\."),
                Arguments.of(
                        "no token endpoint",
                        Fault.withoutTokenEndpoint(),
                        "The metadata at " + place + " names no token_endpoint\\. .* set token-endpoint\\."),
                Arguments.of(
                        "a token endpoint that is no address",
                        Fault.member("token_endpoint", "http://[\nx"),
                        "The metadata at " + place + " names the token_endpoint 'http://\\[\\\\nx': .*"),
                Arguments.of(
                        "a token endpoint with a password",
                        Fault.member("token_endpoint", "https://a:b@authority.invalid/"),
                        "The metadata at " + place
                                + " names the token_endpoint 'https://\\*\\*\\*@authority.invalid/': .*"),
                Arguments.of(
                        "HTML",
                        Fault.htmlBody(),
                        "The metadata at " + place
                                + " is not a JSON object with each name once \\(line 1, column \\d+\\) but text/html\\."
                                + " Check the authority's address: something else answers there\\."),
                Arguments.of(
                        "half of it", Fault.truncatedBody(), "The metadata at " + place + " is not a JSON object .*"),
                Arguments.of("too much", Fault.hugeBody(600_000), ".*the answer is larger than 512 KiB\\."),
                Arguments.of(
                        "a redirect",
                        Fault.redirect(302, "https://authority.invalid/"),
                        "No metadata at " + place
                                + ": HTTP 302, and redirects are not followed\\. Check the authority's address.*"),
                Arguments.of("500", Fault.status(500), "No metadata at " + place + ": HTTP 500\\. .*"),
                Arguments.of("404 at both", Fault.status(404), "No metadata at " + place + ": HTTP 404\\. .*"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    @Proves({"RFC 8414 3.3", "FAPI 2.0 5.3.3.1 metadata"})
    void aFailedLookUpIsToldSendsNothingAndIsNotKept(String name, Fault fault, String message) {
        var on = WORLD.authority.origin().fault(fault.at("/.well-known"));

        assertThatThrownBy(() -> token(client))
                .isInstanceOf(AuthorityUnavailable.class)
                .hasMessageMatching("(?s)" + API.name() + ": " + message);

        assertThat(asked()).hasSizeLessThanOrEqualTo(2).allMatch(request -> request.startsWith("GET"));
        on.off();
        WORLD.clock.advance(Duration.ofSeconds(2));
        assertThat(token(client)).isNotNull();
    }

    @Test
    void metadataFoundEarlierIsUsedWhileALookUpFails() {
        token(client);
        WORLD.clock.advance(Duration.ofHours(25));
        var down = WORLD.authority.origin().fault(Fault.status(503).at("/.well-known"));
        try (var logged = new Logged()) {

            token(client);
            WORLD.clock.advance(Duration.ofMinutes(6));
            token(client);
            down.off();
            WORLD.clock.advance(Duration.ofMinutes(6));
            token(client);

            assertThat(logged.told()).hasSize(2);
            assertThat(logged.told().get(0))
                    .startsWith("WARN No metadata at ")
                    .endsWith("looked for again every minute.");
            assertThat(logged.told().get(1)).matches("INFO The metadata of .* can be read again");
        }
    }

    @Test
    @Proves("HelseID FK2")
    void aTokenEndpointThatHasMovedIsFoundAgain() {
        token(client);
        WORLD.clock.advance(Duration.ofMinutes(10));
        WORLD.authority.origin().fault(1, Fault.status(404).at("/connect/token"));
        assertThatThrownBy(() -> token(client)).isInstanceOf(AuthorityUnavailable.class);
        WORLD.authority.origin().forgetReceived();
        WORLD.clock.advance(Duration.ofSeconds(2));

        token(client);

        assertThat(asked()).containsExactly("GET /.well-known/openid-configuration", "POST /connect/token");
    }

    @Test
    void aTokenEndpointThatFailsDoesNotLoseTheMetadataThatWorks() {
        token(client);
        WORLD.clock.advance(Duration.ofMinutes(10));
        WORLD.authority.origin().fault(1, Fault.closeUnanswered().at("/connect/token"));
        assertThatThrownBy(() -> token(client)).isInstanceOf(AuthorityUnavailable.class);
        WORLD.authority.origin().fault(Fault.status(503).at("/.well-known"));
        WORLD.clock.advance(Duration.ofSeconds(2));

        assertThat(token(client)).isNotNull();
    }

    /** Whoever can change a document that anyone may read is not to be sent the client's secret. */
    @ParameterizedTest(name = "{0} {1} {2} {3}")
    @CsvSource({
        // the token endpoint,                    the alias for certificates,        certificate, allowed, taken
        "https://a.example/token,                 '',                                false, '',              true",
        "https://A.example:443/token,             '',                                false, '',              true",
        "https://a.example:8443/token,            '',                                false, '',              false",
        "https://a.example:8443/token,            '',                                false, a.example:8443,  true",
        "https://evil.example/token,              '',                                false, '',              false",
        "https://a.example.evil.example/token,    '',                                false, '',              false",
        "https://token.a.example/token,           '',                                false, '',              false",
        "https://token.example/token,             '',                                false, token.example,   true",
        "https://token.example:8443/token,        '',                                false, token.example,   false",
        "http://localhost/token,                  '',                                false, '',              false",
        "https://a.example/token,                 https://evil.example/token,        false, '',              true",
        "https://a.example/token,                 https://evil.example/token,        true,  '',              false",
        "https://a.example/token,                 https://a.example:9443/token,      true,  '',              true",
        "https://a.example/token,                 https://mtls.a.example/token,      true,  '',              false",
        "https://a.example/token,                 https://mtls.a.example/token,      true,  mtls.a.example,  true",
        "https://evil.example/token,              https://a.example:9443/token,      true,  '',              true"
    })
    @Proves("RFC 9700 2.6")
    void aTokenEndpointAtAnotherHostIsRefused(
            String endpoint, String alias, boolean byCertificate, String allowed, boolean taken) {
        String document = "{\"issuer\":\"https://a.example\",\"token_endpoint\":\"" + endpoint + "\""
                + (alias.isEmpty() ? "" : ",\"mtls_endpoint_aliases\":{\"token_endpoint\":\"" + alias + "\"}") + "}";
        var answer = new Backchannel.Answer(200, null, null, null, null, document.getBytes(StandardCharsets.UTF_8));
        var hosts = new MetadataDocument.TokenHosts(allowed.isEmpty() ? Set.of() : Set.of(allowed), byCertificate);
        URI place = URI.create("https://a.example/.well-known/openid-configuration");

        ThrowingCallable read = () -> MetadataDocument.read("https://a.example", true, hosts, place, answer);

        if (taken) {
            assertThatCode(read).doesNotThrowAnyException();
        } else {
            assertThatThrownBy(read)
                    .isInstanceOf(AuthorityUnavailable.class)
                    .hasMessageContaining(
                            "Nothing is sent there. If that is its token endpoint, set token-endpoint-host = ");
        }
    }

    @Test
    @Proves("FAPI 2.0 5.3.3.1 mTLS endpoints")
    void aClientWithACertificateUsesTheAliasOfTheTokenEndpoint() {
        String document = "{\"issuer\":\"https://a.example\",\"token_endpoint\":\"https://a.example/token\","
                + "\"mtls_endpoint_aliases\":{\"token_endpoint\":\"https://a.example:9443/token\"}}";
        var answer = new Backchannel.Answer(200, null, null, null, null, document.getBytes(StandardCharsets.UTF_8));
        URI place = URI.create("https://a.example/.well-known/openid-configuration");

        AuthorityMetadata metadata = MetadataDocument.read(
                "https://a.example", true, new MetadataDocument.TokenHosts(Set.of(), true), place, answer);

        assertThat(metadata.tokenEndpoint(true)).hasToString("https://a.example:9443/token");
        assertThat(metadata.tokenEndpoint(false)).hasToString("https://a.example/token");
    }

    @Test
    @Proves("RFC 9700 2.6")
    void theSecretDoesNotGoToAnotherHostThatMetadataNames() {
        try (var other = new RawServer(request -> RawServer.answer(200, "", "{}"));
                var server = new RawServer(request -> RawServer.answer(
                        200,
                        "",
                        request.head()
                                .replaceFirst(
                                        "(?s).*(?i)host: (\\S+).*",
                                        "{\"issuer\":\"http://$1\",\"token_endpoint\":\"" + other.uri()
                                                + "/token\"}")))) {
            var settings = new World.Settings();
            settings.profileName = "oauth2";
            settings.authority = server.uri().toString();

            assertThatThrownBy(() -> token(WORLD.client(settings.build())))
                    .isInstanceOf(AuthorityUnavailable.class)
                    .hasMessageContaining("is at another host than the authority");

            assertThat(other.received()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"smart-backend,", "oauth2,/.well-known/smart-configuration"})
    void theIssuerInSmartsConfigurationIsThatOfOpenId(String profile, @Nullable String path) {
        try (var server = new RawServer(request -> RawServer.answer(
                200,
                "",
                request.method().equals("POST")
                        ? "{\"access_token\":\"t\",\"token_type\":\"bearer\",\"expires_in\":300}"
                        : "{\"issuer\":\"https://login.example.no\",\"token_endpoint\":\"http://"
                                + request.header("Host") + "/oauth2/token\",\"capabilities\":[]}"))) {
            var settings = new World.Settings();
            settings.profileName = profile;
            settings.authority = server.uri() + "/api/FHIR/R4";
            settings.metadataPath = path;
            settings.scope = Set.of("system/Patient.rs");
            settings.proof = false;

            assertThat(token(WORLD.client(settings.build()))).isNotNull();

            assertThat(server.received().get(0).path()).isEqualTo("/api/FHIR/R4/.well-known/smart-configuration");
            assertThat(server.received()).allSatisfy(request -> assertThat(request.header("User-Agent"))
                    .matches("Dromedar/\\S+"));
        }
    }
}
