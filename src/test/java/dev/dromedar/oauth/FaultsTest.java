package dev.dromedar.oauth;

import static dev.dromedar.oauth.World.begin;
import static dev.dromedar.oauth.World.end;
import static dev.dromedar.oauth.World.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.NonceUse;
import dev.dromedar.sandbox.ProtectedApi;
import dev.dromedar.sandbox.Sandbox;
import dev.dromedar.sandbox.TlsFault;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each way in which a token endpoint goes wrong: what the callers are told, how many requests 16 callers cost, that none
 * waits longer than the limit, and that the client comes back by itself.
 */
@Tag("long")
class FaultsTest {
    private static final World WORLD = new World();
    /** Real time that must pass before a request is given up. Short, because some faults need all of it. */
    private static final Duration LIMIT = Duration.ofMillis(1500);

    private final ProtectedApi api = WORLD.api();

    @BeforeEach
    void heal() {
        WORLD.authority.origin().heal();
        WORLD.authority.nonces(NonceUse.OFF);
        WORLD.authority.origin().forgetReceived();
    }

    @AfterAll
    static void close() {
        WORLD.close();
    }

    private ApiClient hasty() {
        var settings = World.settings(api);
        settings.timeLimit = LIMIT;
        return WORLD.client(settings.build());
    }

    @ParameterizedTest
    @CsvSource({
        "407, Check proxy-user and proxy-password",
        "401, Check proxy-user and proxy-password",
        "403, Ask its operator to allow it"
    })
    void whatAProxySaysOfATunnelIsNotTheAuthoritysAnswer(int status, String words) throws Exception {
        var origin = WORLD.api().origin();
        origin.fault(Fault.status(status));
        var proxy = new Transport.Proxy("localhost", origin.uri().getPort(), null, null);
        var deadlines = java.util.concurrent.Executors.newSingleThreadScheduledExecutor();
        try (var backchannel =
                new Backchannel(javax.net.ssl.SSLContext.getDefault(), proxy, Duration.ofSeconds(5), deadlines)) {

            assertThatThrownBy(() ->
                            backchannel.get(java.net.URI.create("https://authority.example/"), LIMIT.multipliedBy(9)))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("the proxy localhost:"
                            + origin.uri().getPort() + " refused the connection (HTTP " + status + ")")
                    .hasMessageEndingWith(words);
        } finally {
            deadlines.shutdownNow();
        }
    }

    private static int posts() {
        return (int) WORLD.authority.origin().received().stream()
                .filter(request -> request.method().equals("POST"))
                .count();
    }

    private static Arguments row(String name, Fault fault, String message) {
        return Arguments.of(name, fault.at("/connect/token"), message);
    }

    static Stream<Arguments> faults() {
        String answer = "The answer of http://localhost:\\d+/connect/token ";
        String none = "No token from http://localhost:\\d+/connect/token: ";
        String refused = "token refused by http://localhost:\\d+/connect/token: ";
        return Stream.of(
                row(
                        "429 with Retry-After",
                        Fault.retryAfter(429, "3"),
                        none + "HTTP 429 without an OAuth error\\. It receives too many requests.*"),
                row(
                        "503",
                        Fault.status(503),
                        none + "HTTP 503 without an OAuth error\\. The fault is at the authority.*"),
                row(
                        "truncated JSON",
                        Fault.truncatedBody(),
                        answer + "is not a JSON object with each name once \\(line 1, .*"),
                row(
                        "HTML",
                        Fault.htmlBody(),
                        answer + "is not a JSON object .* but text/html\\. Check that .* no proxy's page\\."),
                row("no JSON", Fault.notJson(), answer + "is not a JSON object .*"),
                row("too much", Fault.hugeBody(5_000_000), none + "the answer is larger than 512 KiB\\."),
                row(
                        "a redirect",
                        Fault.redirect(307, "http://localhost:1/token"),
                        none + "HTTP 307 without an OAuth error\\. It redirects, and credentials do not follow\\."),
                row("closed without an answer", Fault.closeUnanswered(), none + ".*failed to respond.*"),
                row("reset in the middle", Fault.resetMidBody(), none + ".*"),
                row(
                        "slow drip",
                        Fault.drip(Duration.ofMillis(50)),
                        "(" + none + "no answer within|Timed out after) .*"),
                row("black hole", Fault.blackHole(), "(" + none + "no answer within|Timed out after) .*"),
                row(
                        "a wrong token_type",
                        Fault.tokenType("Bearer"),
                        "the token of .* is not used: its token_type is .*"),
                row(
                        "bound to another key",
                        WORLD.authority.wrongBinding(),
                        "the token of .* is not used: it is bound to another key.*"),
                row(
                        "bound to no key",
                        WORLD.authority.noBinding(),
                        "the token of .* is not used: it is bound to no key \\(cnf\\.jkt\\)"),
                row("invalid_client", Fault.error(400, "invalid_client"), refused + "invalid_client .*"),
                row("invalid_client as 401", Fault.error(401, "invalid_client"), refused + "invalid_client .*"),
                row("invalid_scope", Fault.error(400, "invalid_scope"), refused + "invalid_scope .*"),
                row(
                        "server_error",
                        Fault.error(400, "server_error"),
                        none + "HTTP 400 server_error\\. The fault is at the authority: .*"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void costsOneRequestIsToldToAllAndPasses(String name, Fault fault, String message) {
        ApiClient client = name.matches("slow drip|black hole") ? hasty() : WORLD.client(api);
        WORLD.authority.origin().fault(fault);

        long start = System.nanoTime();
        List<Object> outcomes = World.atOnce(16, () -> token(client));

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LIMIT.plusSeconds(20)); // a slow machine's
        assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome)
                .isInstanceOfSatisfying(OAuthException.class, e -> assertThat(e.getMessage())
                        .matches("(?s)" + api.name() + ": " + message + "( Next try in \\d+ s\\.)?")));
        World.eventually(() -> posts() >= 1);
        assertThat(posts()).isEqualTo(1);
        WORLD.authority.origin().heal();
        World.eventually(() -> {
            WORLD.clock.advance(Duration.ofMinutes(1));
            return World.end(begin(1, () -> token(client)).get(0)) instanceof AccessToken;
        });
        assertThat(posts()).isEqualTo(2);
    }

    /** A wrong content type on what is otherwise a token answer is no reason to fail. */
    @Test
    void aTokenAnswerOfAnotherContentTypeIsTaken() {
        WORLD.authority.origin().fault(Fault.contentType("text/html").at("/connect/token"));

        assertThat(token(WORLD.client(api))).isNotNull();
    }

    @Test
    void refusedConnectionsAreToldAndPass() {
        ApiClient client = WORLD.client(api);
        WORLD.authority.origin().refuseConnections();

        List<Object> outcomes = World.atOnce(16, () -> token(client));

        assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome)
                .isInstanceOf(AuthorityUnavailable.class)
                .asString()
                .contains("nothing answers there"));
        WORLD.authority.origin().acceptConnections();
        WORLD.clock.advance(Duration.ofSeconds(2));
        assertThat(token(client)).isNotNull();
    }

    /** A port whose queue is full: the connection is neither taken nor refused. */
    @Test
    void aConnectionThatIsNeverTakenEndsAtTheLimit() throws Exception {
        try (var deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            List<Socket> queue = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Socket waiting = new Socket();
                queue.add(waiting);
                try {
                    waiting.connect(deaf.getLocalSocketAddress(), 200);
                } catch (IOException e) {
                    break; // full
                }
            }
            var settings = World.settings(api);
            settings.authority = "http://127.0.0.1:" + deaf.getLocalPort();
            settings.timeLimit = Duration.ofMillis(400);
            ApiClient client = WORLD.client(settings.build());

            assertThatThrownBy(() -> token(client)).isInstanceOf(AuthorityUnavailable.class);

            for (Socket waiting : queue) {
                waiting.close();
            }
        }
    }

    @Test
    void allAttemptsTogetherKeepToTheLimit() {
        WORLD.authority.nonces(NonceUse.EVERY_ANSWER);
        ApiClient client = hasty();
        WORLD.authority.origin().fault(Fault.delay(LIMIT.multipliedBy(3).dividedBy(4)));

        Object outcome =
                end(begin(1, () -> token(client)).get(0)); // metadata, a challenge, a token: each is three quarters

        assertThat(outcome).isInstanceOf(AuthorityUnavailable.class);
        assertThat(posts()).isLessThanOrEqualTo(1);
    }

    @Test
    void aNonceOnEveryAnswerIsOneRequestForEachTokenButTheFirst() {
        WORLD.authority.nonces(NonceUse.SINGLE_USE);
        WORLD.authority.tokenLifetime(Duration.ofMinutes(1));
        ApiClient client = WORLD.client(api);

        for (int i = 0; i < 5; i++) {
            token(client);
            WORLD.clock.advance(Duration.ofMinutes(1));
        }

        assertThat(posts()).isEqualTo(6);
        WORLD.authority.tokenLifetime(Duration.ofMinutes(5));
    }

    /** A second token is asked for between the challenge of the first and its answer. */
    @Test
    void aNonceThatMayBeUsedOnceIsForTheRequestThatItWasGivenTo() throws Exception {
        WORLD.authority.nonces(NonceUse.SINGLE_USE);
        ApiClient client = WORLD.client(api);
        var gate = new Gate();
        var posts = new java.util.concurrent.atomic.AtomicInteger();
        WORLD.authority
                .origin()
                .fault(((Fault) (request, server) ->
                                posts.incrementAndGet() == 2 ? gate.answer(request, server) : server.answer(request))
                        .at("/connect/token"));
        var first = begin(1, () -> token(client)).get(0);
        gate.awaitRequest();

        AccessToken second = client.token(new TokenRequest(java.util.Set.of(), List.of(), null));
        gate.open();

        assertThat(second).isNotNull();
        assertThat(end(first)).isInstanceOf(AccessToken.class);
    }

    @Test
    void everyAttemptHasANewAssertionAndANewProof() {
        WORLD.authority.nonces(NonceUse.STEPPED);

        token(WORLD.client(api));

        var attempts = WORLD.authority.origin().received().stream()
                .filter(request -> request.method().equals("POST"))
                .toList();
        assertThat(attempts).hasSize(2);
        assertThat(attempts.stream().map(request -> request.header("DPoP"))).doesNotHaveDuplicates();
        assertThat(attempts.stream().map(request -> String.valueOf(request.assertion())))
                .doesNotHaveDuplicates();
        assertThat(WORLD.authority.seen().replays()).isZero();
    }

    /** The local clock was set wrong after the offset was learnt: the refusal itself shows it, and the retry is at once. */
    @ParameterizedTest(name = "the clocks are {0} s apart")
    @CsvSource({"40", "-40", "280", "-280"})
    void aRequestRefusedForItsDateIsDatedAnewAndSentAgain(int seconds) {
        ApiClient client = WORLD.client(api);
        token(client);
        WORLD.authority.origin().forgetReceived();
        WORLD.clock.advance(Duration.ofMinutes(6));
        WORLD.authority.origin().clockOffset(Duration.ofSeconds(seconds));

        AccessToken token = token(client);

        assertThat(token).isNotNull();
        assertThat(posts()).isEqualTo(2);
    }

    @Test
    void clocksThatAreTooFarApartAreNotFollowed() {
        WORLD.authority.origin().clockOffset(Duration.ofHours(1));
        ApiClient client = WORLD.client(api);

        assertThatThrownBy(() -> token(client))
                .isInstanceOf(TokenRefused.class)
                .hasMessageContaining("this machine's clock");

        assertThat(posts()).isEqualTo(1);
    }

    @Test
    void metadataFromACacheTeachesNothingOfTheClock() {
        WORLD.authority
                .origin()
                .fault(Fault.change(answer -> new dev.dromedar.sandbox.Answer(
                                answer.status(),
                                List.of(
                                        new dev.dromedar.sandbox.Header("Age", "120"),
                                        new dev.dromedar.sandbox.Header("Date", "Sun, 22 Nov 2026 11:58:00 GMT")),
                                answer.body(),
                                answer.delivery(),
                                answer.delay(),
                                answer.pace()))
                        .at("/.well-known"));
        WORLD.authority.origin().clockOffset(Duration.ZERO);

        assertThat(token(WORLD.client(api))).isNotNull();
        assertThat(posts()).isEqualTo(1);
    }

    @Test
    void aKeyThatTheAuthorityNoLongerKnowsIsToldByItsName() {
        ApiClient client = WORLD.client(api);
        String kid = api.client().privateKey().getKeyID();
        api.client().rollKey();

        assertThatThrownBy(() -> token(client))
                .isInstanceOf(TokenRefused.class)
                .hasMessageContaining("the public key of kid '" + kid + "' is registered");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "UNKNOWN_CA|its certificate is not trusted",
                "WRONG_HOST|its certificate is for another name",
                "EXPIRED|its certificate has expired",
                "BROKEN_HANDSHAKE|TLS failed",
            })
    void aTlsFailureIsToldSendsNothingAndPasses(TlsFault fault, String message) {
        try (var world = new World(Sandbox.Options.plain().withHttps())) {
            ApiClient client = world.client(world.api());
            world.authority.origin().tlsFault(fault);

            assertThatThrownBy(() -> token(client))
                    .isInstanceOf(AuthorityUnavailable.class)
                    .hasMessageContaining(message == null ? "" : message);

            assertThat(world.authority.origin().received()).isEmpty();
            world.authority.origin().heal();
            world.clock.advance(Duration.ofSeconds(2));
            assertThat(token(client)).isNotNull();
        }
    }
}
