package dev.dromedar.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.JWK;
import dev.dromedar.MovableClock;
import dev.dromedar.cluster.Await;
import dev.dromedar.sandbox.Caller.Reply;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class FaultTest {
    private static final MovableClock CLOCK = new MovableClock();
    private static final Sandbox SANDBOX = Sandbox.start(Sandbox.Options.plain().withClock(CLOCK));
    private static final String DISCOVERY = "/.well-known/openid-configuration";

    private final Caller caller = new Caller(SANDBOX);
    private final Authority helseid = SANDBOX.helseid();
    private final ProtectedApi plain = SANDBOX.api("health-records-bearer");
    private final ProtectedApi bound = SANDBOX.api("health-records");

    @AfterAll
    static void close() {
        SANDBOX.close();
    }

    @AfterEach
    void heal() {
        helseid.origin().heal();
        plain.origin().heal();
    }

    private Reply tokenReply() {
        return caller.tokenRequest(plain, a -> {}, p -> {}).send();
    }

    private Reply discovery() {
        return Caller.get(helseid.issuer() + DISCOVERY);
    }

    @Test
    void answersAsItIsTold() {
        helseid.origin().fault(1, Fault.retryAfter(429, "17"));
        var tooMany = tokenReply();
        helseid.origin().fault(1, Fault.retryAfter(503, "Sun, 22 Nov 2026 12:01:00 GMT"));
        var unavailable = tokenReply();
        helseid.origin().fault(1, Fault.error(400, "invalid_scope"));
        var refused = tokenReply();
        helseid.origin().fault(1, Fault.redirect(307, "https://x.no/"));
        var redirected = tokenReply();
        helseid.origin().fault(1, Fault.htmlBody());
        var html = tokenReply();

        assertThat(List.of(tooMany.status(), unavailable.status(), refused.status(), redirected.status()))
                .containsExactly(429, 503, 400, 307);
        assertThat(tooMany.header("retry-after")).isEqualTo("17");
        assertThat(unavailable.header("retry-after")).isEqualTo("Sun, 22 Nov 2026 12:01:00 GMT");
        assertThat(refused.error()).isEqualTo("invalid_scope");
        assertThat(redirected.header("location")).isEqualTo("https://x.no/");
        assertThat(html.header("content-type")).isEqualTo("text/html");
        assertThat(tokenReply().status()).isEqualTo(200);
    }

    @Test
    void goesWrongForTheNextRequestsThatTheFaultConcernsOnly() {
        helseid.origin().fault(2, Fault.status(503).at("/connect/token"));

        assertThat(discovery().status()).isEqualTo(200);
        assertThat(tokenReply().status()).isEqualTo(503);
        assertThat(discovery().status()).isEqualTo(200);
        assertThat(tokenReply().status()).isEqualTo(503);
        assertThat(tokenReply().status()).isEqualTo(200);
    }

    @Test
    void goesWrongUntilItIsSwitchedOff() {
        var off = plain.fault(Fault.status(502));

        assertThat(caller.exchange(plain, "/a").status()).isEqualTo(502);
        assertThat(caller.exchange(bound, "/a").status()).isEqualTo(200);
        off.off();
        assertThat(caller.exchange(plain, "/a").status()).isEqualTo(200);
    }

    @TestFactory
    Stream<DynamicTest> changesTheTokenAnswer() {
        Map<String, Fault> cases = Map.of(
                "missing", Fault.withoutExpiresIn(),
                "0", Fault.expiresIn(0),
                "-5", Fault.expiresIn(-5),
                "\"3600\"", Fault.expiresIn("3600"),
                "1e+30", Fault.expiresIn(1e30),
                "3", Fault.expiresIn(3));
        return cases.entrySet().stream()
                .map(c -> DynamicTest.dynamicTest("expires_in " + c.getKey(), () -> {
                    helseid.origin().fault(1, c.getValue());
                    var value = tokenReply().json().get("expires_in");
                    assertThat(value == null ? "missing" : value.toString().replace("1.0E30", "1e+30"))
                            .isEqualTo(c.getKey());
                }));
    }

    @Test
    void givesTokensThatAreNotWhatWasAskedFor() throws Exception {
        var origin = helseid.origin();
        origin.fault(1, Fault.tokenType("Bearer"));
        origin.fault(1, Fault.rejectedScope("nhn:x/y"));
        origin.fault(1, helseid.grantsOnly("a:b/c"));
        var odd = tokenReply().json();
        assertThat(odd.path("token_type").asText()).isEqualTo("Bearer");
        assertThat(odd.path("rejected_scope").asText()).isEqualTo("nhn:x/y");
        assertThat(odd.path("scope").asText()).isEqualTo("a:b/c");
        assertThat(Jwt.claimsOf(odd.path("access_token").asText()).path("scope").asText())
                .isEqualTo("a:b/c");

        var right = Caller.PROOF_KEY.computeThumbprint().toString();
        var nonce = caller.tokenNonce(bound);
        origin.fault(1, helseid.wrongBinding());
        var wrong = caller.tokenRequest(bound, a -> {}, p -> p.claim("nonce", nonce))
                .send()
                .json();
        assertThat(Jwt.claimsOf(wrong.path("access_token").asText())
                        .at("/cnf/jkt")
                        .asText())
                .hasSameSizeAs(right)
                .isNotEqualTo(right);
        origin.fault(1, helseid.noBinding());
        var none = caller.tokenRequest(bound, a -> {}, p -> p.claim("nonce", nonce))
                .send()
                .json();
        assertThat(Jwt.claimsOf(none.path("access_token").asText()).has("cnf")).isFalse();
    }

    @Test
    void breaksTheBody() throws Exception {
        var origin = helseid.origin();
        origin.fault(1, Fault.truncatedBody());
        var truncated = discovery();
        origin.fault(1, Fault.contentType("text/plain"));
        var plainText = discovery();
        origin.fault(1, Fault.notJson());
        var notJson = discovery();
        origin.fault(1, Fault.hugeBody(2_000_000));
        var huge = discovery();

        assertThat(truncated.body()).startsWith("{\"issuer\"").doesNotEndWith("}");
        assertThat(plainText.header("content-type")).isEqualTo("text/plain");
        assertThat(plainText.json().has("issuer")).isTrue();
        assertThatThrownBy(notJson::json).isInstanceOf(AssertionError.class);
        assertThat(huge.body()).hasSizeGreaterThan(2_000_000);
    }

    @Test
    void servesAWrongDiscovery() {
        var origin = helseid.origin();
        origin.fault(1, Fault.wrongIssuer());
        assertThat(discovery().json().path("issuer").asText()).isEqualTo("https://authority.invalid");
        origin.fault(1, Fault.httpTokenEndpoint());
        assertThat(discovery().json().path("token_endpoint").asText())
                .isEqualTo("http://authority.invalid/connect/token");
        origin.fault(1, Fault.withoutTokenEndpoint());
        assertThat(discovery().json().has("token_endpoint")).isFalse();
        origin.fault(1, Fault.redirect(302, "https://x.no/d").at("/.well-known/"));
        assertThat(discovery().header("location")).isEqualTo("https://x.no/d");

        origin.fault(Fault.onlyOauthDiscovery());
        assertThat(discovery().status()).isEqualTo(404);
        assertThat(Caller.get(helseid.issuer() + "/.well-known/oauth-authorization-server")
                        .status())
                .isEqualTo(200);
        origin.heal();
        origin.fault(Fault.onlyOpenIdDiscovery());
        assertThat(discovery().status()).isEqualTo(200);
        assertThat(Caller.get(helseid.issuer() + "/.well-known/oauth-authorization-server")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void refusesConnectionsAndTakesThemAgainOnTheSamePort() {
        var before = discovery();
        helseid.origin().refuseConnections();

        assertThatThrownBy(this::discovery).hasCauseInstanceOf(IOException.class);
        assertThatThrownBy(() -> new Socket(
                                InetAddress.getLoopbackAddress(),
                                helseid.origin().uri().getPort())
                        .close())
                .isInstanceOf(ConnectException.class);
        helseid.origin().acceptConnections();
        assertThat(discovery().body()).isEqualTo(before.body());
    }

    @Test
    void resetsInTheMiddleOfTheBody() throws Exception {
        helseid.origin().fault(Fault.resetMidBody());

        try (var socket = get(helseid.origin())) {
            assertThatThrownBy(() -> {
                        var text = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                        throw new AssertionError("no reset after: " + text);
                    })
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
        assertThatThrownBy(this::discovery).hasCauseInstanceOf(IOException.class);
    }

    @Test
    void closesWithoutAnAnswer() throws Exception {
        helseid.origin().fault(1, Fault.closeUnanswered());

        try (var socket = get(helseid.origin())) {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(discovery().status()).isEqualTo(200);
    }

    @Test
    void takesTheRequestAndNeverAnswers() throws Exception {
        helseid.origin().forgetReceived();
        helseid.origin().fault(1, Fault.blackHole());

        try (var socket = get(helseid.origin())) {
            socket.setSoTimeout(150);
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        }
        Await.until(
                "it is there",
                Duration.ofMinutes(1),
                () -> helseid.origin().received().size() == 1);
    }

    @Test
    void dripsAndDelays() {
        plain.fault(1, Fault.drip(Duration.ofMillis(1)));
        long start = System.nanoTime();
        var dripped = caller.exchange(plain, "/a");
        assertThat(dripped.status()).isEqualTo(200);
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isGreaterThan(Duration.ofMillis(dripped.body().length()));

        helseid.origin().fault(1, Fault.delay(Duration.ofMillis(300)));
        start = System.nanoTime();
        assertThat(discovery().status()).isEqualTo(200);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(300));
    }

    @Test
    void hasAWrongClock() {
        assertThat(discovery().header("date")).isEqualTo("Sun, 22 Nov 2026 12:00:00 GMT");

        helseid.origin().clockOffset(Duration.ofMinutes(-3));

        assertThat(discovery().header("date")).isEqualTo("Sun, 22 Nov 2026 11:57:00 GMT");
        var now = CLOCK.instant();
        var request = caller.tokenRequest(plain, a -> a.claim("iat", now.getEpochSecond()), p -> {});
        assertThat(request.send().description()).contains("client assertion: 'iat' or 'nbf' is in the future");
    }

    @Test
    void failsAtTls() throws Exception {
        try (var secure = Sandbox.start(Sandbox.Options.plain().withHttps())) {
            var origin = secure.helseid().origin();
            for (TlsFault fault : TlsFault.values()) {
                origin.tlsFault(fault);
                var http = HttpClient.newBuilder()
                        .sslContext(SandboxTest.trusting(secure.caFile()))
                        .build();
                var request = HttpRequest.newBuilder(URI.create(origin.uri() + DISCOVERY))
                        .build();
                if (fault == TlsFault.NONE) {
                    assertThat(http.send(request, HttpResponse.BodyHandlers.ofString())
                                    .statusCode())
                            .isEqualTo(200);
                } else {
                    assertThatThrownBy(() -> http.send(request, HttpResponse.BodyHandlers.ofString()))
                            .as(fault.name())
                            .isInstanceOf(SSLException.class);
                }
            }
        }
    }

    @Test
    void publishesTheNewKeyAfterARoll() throws Exception {
        var before = jwks();

        helseid.rollSigningKey();

        assertThat(jwks().getKeyID())
                .isNotEqualTo(before.getKeyID())
                .isEqualTo(helseid.signingKey().getKeyID());
    }

    private JWK jwks() throws Exception {
        var uri = discovery().json().path("jwks_uri").asText();
        return JWK.parse(Caller.get(uri).json().at("/keys/0").toString());
    }

    /** A connection on which the request for the discovery document has been sent. */
    private static Socket get(Origin origin) throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), origin.uri().getPort());
        socket.getOutputStream()
                .write(("GET " + DISCOVERY + " HTTP/1.1\r\nHost: localhost:"
                                + origin.uri().getPort() + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }
}
