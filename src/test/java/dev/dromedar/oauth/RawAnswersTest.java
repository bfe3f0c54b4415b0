package dev.dromedar.oauth;

import static dev.dromedar.oauth.World.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dromedar.RawServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Token endpoints whose answers are right or wrong in their bytes, where the sandbox's HTTP is always as it should be. */
class RawAnswersTest {
    private static final String TOKEN = "{\"access_token\":\"t0k3n\",\"token_type\":\"Bearer\",\"expires_in\":300}";
    private static final String JSON = "Content-Type: application/json\r\n";

    private final MutableTime clock = new MutableTime();

    private interface Trial {
        void run(ApiClient client, RawServer server) throws Exception;
    }

    private void withAnswers(Function<RawServer.Received, InputStream> answers, Duration limit, Trial trial)
            throws Exception {
        RawServer[] self = new RawServer[1];
        try (var server = new RawServer(request -> request.path().startsWith("/.well-known")
                ? RawServer.answer(
                        200,
                        JSON,
                        "{\"issuer\":\"" + self[0].uri() + "\",\"token_endpoint\":\"" + self[0].uri() + "/token\"}")
                : answers.apply(request))) {
            self[0] = server;
            var settings = new World.Settings();
            settings.profileName = "oauth2";
            settings.authority = server.uri().toString();
            settings.proof = false;
            settings.timeLimit = limit;
            try (var clients = new Clients(
                    java.util.List.of(settings.build()),
                    SSLContext.getDefault(),
                    Duration.ofSeconds(5),
                    clock.time())) {
                trial.run(clients.all().iterator().next(), server);
            }
        }
    }

    private static byte[] gzip(String text) {
        var packed = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(packed)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return packed.toByteArray();
    }

    private static InputStream of(String headers, byte[] body) {
        return RawServer.bytes("HTTP/1.1 200 OK\r\n" + headers + "Content-Length: " + body.length + "\r\n\r\n", body);
    }

    static Stream<Arguments> odd() {
        byte[] plain = TOKEN.getBytes(StandardCharsets.UTF_8);
        return Stream.of(
                Arguments.of(
                        "compressed, though we asked for it plain",
                        of(JSON + "Content-Encoding: gzip\r\n", gzip(TOKEN))),
                Arguments.of("a byte order mark", of(JSON, ("\ufeff" + TOKEN).getBytes(StandardCharsets.UTF_8))),
                Arguments.of(
                        "UTF-16",
                        of(
                                "Content-Type: application/json; charset=utf-16\r\n",
                                TOKEN.getBytes(StandardCharsets.UTF_16))),
                Arguments.of("no content type", of("", plain)),
                Arguments.of("HTTP/1.0", RawServer.text("HTTP/1.0 200 OK\r\n" + JSON + "\r\n" + TOKEN)),
                Arguments.of(
                        "bare line ends",
                        RawServer.text(
                                "HTTP/1.1 200 OK\nContent-Type: application/json\nConnection: close\n\n" + TOKEN)),
                Arguments.of(
                        "chunks of a byte",
                        RawServer.text("HTTP/1.1 200 OK\r\n" + JSON + "Transfer-Encoding: chunked\r\n\r\n"
                                + TOKEN.replaceAll("(.)", "1\r\n$1\r\n") + "0\r\n\r\n")),
                Arguments.of(
                        "interim answers",
                        RawServer.bytes(
                                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 200 OK\r\n"
                                        + "Content-Length: " + plain.length + "\r\n\r\n",
                                plain)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("odd")
    void isReadAsItShouldBe(String name, InputStream answer) throws Exception {
        withAnswers(request -> answer, World.PATIENCE, (client, server) -> {
            assertThat(token(client).authorization()).isEqualTo("Bearer t0k3n");

            assertThat(server.received().get(1).header("Accept-Encoding")).isEqualTo("identity");
        });
    }

    static Stream<Arguments> wrong() {
        byte[] plain = TOKEN.getBytes(StandardCharsets.UTF_8);
        return Stream.of(
                Arguments.of(
                        "a body shorter than it says",
                        RawServer.text("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 500\r\n\r\n" + TOKEN),
                        "Premature end"),
                Arguments.of(
                        "a body longer than it says",
                        RawServer.text("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" + TOKEN),
                        "is not a JSON object"),
                Arguments.of(
                        "two lengths",
                        RawServer.text("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n" + TOKEN),
                        "does not speak HTTP"),
                Arguments.of(
                        "no HTTP",
                        RawServer.text("SSH-2.0-OpenSSH_9.2\r\nConnection: close\r\n"),
                        "does not speak HTTP"),
                Arguments.of(
                        "what is no gzip", of("Content-Encoding: gzip\r\n", plain), "No token from http://localhost:"),
                Arguments.of(
                        "a small bomb",
                        of("Content-Encoding: gzip\r\n", gzip(" ".repeat(50_000_000))),
                        "larger than 512 KiB"),
                Arguments.of(
                        "a long header",
                        RawServer.text("HTTP/1.1 200 OK\r\nX: " + "x".repeat(100_000) + "\r\n\r\n"),
                        "longer than 65536 bytes."),
                Arguments.of(
                        "endless headers", endless("HTTP/1.1 200 OK\r\n", "X: y\r\n"), "more than 200 header lines."),
                Arguments.of(
                        "endless interim answers",
                        endless("", "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"),
                        "longer than 65536 bytes."),
                Arguments.of(
                        "encodings without end",
                        RawServer.text("HTTP/1.1 200 OK\r\nContent-Encoding: " + "gzip,".repeat(1000)
                                + "\r\nContent-Length: 1\r\n\r\nx"),
                        "encoded more than 2 times."),
                Arguments.of(
                        "an endless chunk extension",
                        endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=", "y"),
                        "longer than 65536 bytes."),
                Arguments.of(
                        "endless trailers",
                        endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0\r\n", "X: y\r\n"),
                        "No token from http://localhost:"),
                Arguments.of("an endless body", endless("HTTP/1.1 200 OK\r\n\r\n", "x"), "larger than 512 KiB"),
                Arguments.of(
                        "no, with a 200",
                        of(JSON, "{\"error\":\"invalid_client\"}".getBytes(StandardCharsets.UTF_8)),
                        "invalid_client (HTTP 200). Check client-id"));
    }

    private static InputStream endless(String start, String again) {
        return new SequenceInputStream(RawServer.text(start), RawServer.endless(again));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrong")
    void isToldAndPasses(String name, InputStream answer, String words) throws Exception {
        Function<RawServer.Received, InputStream> once = new Function<>() {
            private boolean told;

            @Override
            public InputStream apply(RawServer.Received request) {
                InputStream given = told ? of(JSON, TOKEN.getBytes(StandardCharsets.UTF_8)) : answer;
                told = true;
                return given;
            }
        };
        withAnswers(once, World.PATIENCE, (client, server) -> {
            assertThatThrownBy(() -> token(client))
                    .isInstanceOf(OAuthException.class)
                    .hasMessageContaining(words)
                    .hasMessageNotContaining("t0k3n");

            clock.advance(Duration.ofMinutes(1));
            assertThat(token(client).authorization()).isEqualTo("Bearer t0k3n");
        });
    }

    /** Bytes that follow an answer must not become the next one: it may be for another client. */
    @Test
    void whatFollowsAnAnswerIsNotTakenForTheNext() throws Exception {
        String smuggled =
                "HTTP/1.1 200 OK\r\nContent-Length: " + TOKEN.length() + "\r\n\r\n" + TOKEN.replace("t0k3n", "evil0");
        String body = TOKEN.replace("300", "10");
        withAnswers(
                request -> RawServer.text(
                        "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body + smuggled),
                World.PATIENCE,
                (client, server) -> {
                    token(client);
                    clock.advance(Duration.ofSeconds(10));

                    assertThat(token(client).authorization()).isEqualTo("Bearer t0k3n");

                    assertThat(server.received()).hasSize(3);
                });
    }

    /** A byte now and then keeps any limit of a single read at bay; the whole has one too. */
    @Test
    void answersThatNeverBecomeOneEndAtTheLimit() throws Exception {
        withAnswers(
                request -> new SequenceInputStream(RawServer.text("HTTP/1.1 200 OK\r\nX: "), RawServer.never()),
                Duration.ofMillis(800),
                (client, server) -> assertThatThrownBy(() -> token(client))
                        .isInstanceOf(AuthorityUnavailable.class)
                        .hasMessageMatching("(?s).*(no answer within|Timed out after).*"));
    }
}
