package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.RawServer;
import dev.dromedar.oauth.AnswerLimitExceeded;
import dev.dromedar.oauth.FailureKind;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.camel.Exchange;
import org.apache.camel.StreamCache;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An API whose answers have no end, or no good one: the call fails, says why, counts, and the next one is as good as new. */
@Tag("long")
class AnswerLimitsTest {
    private final Worker worker = new Worker();
    private final Deque<InputStream> answers = new ArrayDeque<>();
    private final RawServer api = new RawServer(this::answer);
    private final RawServer authority = new RawServer(
            request -> RawServer.answer(200, "Content-Type: application/json\r\n", ApiConnectionsTest.TOKEN));

    private final Path folder;

    AnswerLimitsTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private synchronized InputStream answer(RawServer.Received request) {
        InputStream scripted = answers.poll();
        return scripted == null ? RawServer.answer(200, "", "fine") : scripted;
    }

    @AfterEach
    void close() {
        worker.close();
        api.close();
        authority.close();
    }

    private Worker limited(String... more) {
        return worker.api("partner", api.uri() + "/base", authority.uri() + "/token", more)
                .set(
                        "dromedar.dead-letters.folder",
                        folder.resolve("data/dead-letters").toString())
                .route("call", "process: {ref: partner}", "to: \"" + api.uri() + "/base/x\"");
    }

    private static InputStream endless(String start, String again) {
        return new SequenceInputStream(RawServer.text(start), RawServer.endless(again));
    }

    private static InputStream zipped(int times, int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < times; i++) {
            var packed = new ByteArrayOutputStream();
            try (var out = new GZIPOutputStream(packed)) {
                out.write(bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            bytes = packed.toByteArray();
        }
        return RawServer.bytes(
                "HTTP/1.1 200 OK\r\nContent-Encoding: " + "gzip, ".repeat(times - 1) + "gzip\r\nContent-Length: "
                        + bytes.length + "\r\n\r\n",
                bytes);
    }

    static Stream<Arguments> hostile() {
        String chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        return Stream.of(
                Arguments.of("a status line", endless("HTTP/1.1 200 ", "x"), "answer-header-size"),
                Arguments.of("a header line", endless("HTTP/1.1 200 OK\r\nX: ", "x"), "answer-header-size"),
                Arguments.of(
                        "large headers",
                        endless("HTTP/1.1 200 OK\r\n", "X: " + "y".repeat(2000) + "\r\n"),
                        "answer-header-size"),
                Arguments.of("small headers", endless("HTTP/1.1 200 OK\r\n", "X: y\r\n"), "answer-header-count"),
                Arguments.of("empty lines", endless("", "\r\n"), ""),
                Arguments.of("100 Continue", endless("", "HTTP/1.1 100 Continue\r\n\r\n"), "answer-header-size"),
                Arguments.of(
                        "103 Early Hints",
                        endless("", "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n"),
                        "answer-header-size"),
                Arguments.of("a chunk extension", endless(chunked + "1;x=", "y"), "answer-header-size"),
                Arguments.of("a chunk size", endless(chunked, "0"), "answer-header-size"),
                Arguments.of("trailers", endless(chunked + "1\r\nx\r\n0\r\n", "X: y\r\n"), "answer-header-count"),
                Arguments.of("a trailer", endless(chunked + "1\r\nx\r\n0\r\nX: ", "y"), "answer-header-size"),
                Arguments.of("a body", endless("HTTP/1.1 200 OK\r\n\r\n", "x"), "answer-size"),
                Arguments.of("a chunked body", endless(chunked, "5\r\nhello\r\n"), "answer-size"),
                Arguments.of(
                        "a body that says how large it is",
                        endless("HTTP/1.1 200 OK\r\nContent-Length: 900000000000\r\n\r\n", "x"),
                        "answer-size"),
                Arguments.of("a bomb", zipped(1, 50_000_000), "answer-size"),
                Arguments.of("a bomb in a bomb", zipped(2, 50_000_000), "answer-size"),
                Arguments.of("three encodings", zipped(3, 10), "answer-encodings"),
                Arguments.of(
                        "encodings in many headers",
                        RawServer.text("HTTP/1.1 200 OK\r\n" + "Content-Encoding: deflate\r\n".repeat(100) + "\r\nx"),
                        "answer-encodings"),
                Arguments.of(
                        "an error's body", endless("HTTP/1.1 500 No\r\n\r\n", "x"), "HTTP 500. The API itself failed"),
                Arguments.of(
                        "a body that is cut",
                        RawServer.text("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 500\r\n\r\nx"),
                        "Premature end"),
                Arguments.of(
                        "chunks that are cut",
                        RawServer.text(
                                "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nx"),
                        "HTTP 200, but "),
                Arguments.of(
                        "what is no gzip",
                        RawServer.text("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx"),
                        "HTTP 200, but "));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostile")
    void failsTheCallAndNotTheNext(String name, InputStream answer, String words) throws Exception {
        answers.add(answer);
        limited("answer-size", "5MB", "call-time-limit", "1m").start();

        Exchange failed = worker.send("call");
        Exchange next = worker.send("call");

        assertThat(failed.getException()).isInstanceOf(Exception.class);
        assertThat(failed.getProperty(Call.FAILURE, String.class))
                .startsWith("partner: GET " + api.uri() + "/base/x: ")
                .contains(words);
        assertThat(next.getException()).isNull();
        assertThat(next.getMessage().getBody(String.class)).isEqualTo("fine");
        assertThat(worker.seen("partner").calls().count()).isEqualTo(2);
        assertThat(worker.seen("partner").calls().failed()).isEqualTo(1);
    }

    /** Camel would unzip it above the limit. */
    @Test
    void aBombIsCutThoughTheEndpointLeavesDecodingToCamel() throws Exception {
        answers.add(zipped(1, 50_000_000));
        limited("answer-size", "5MB")
                .route(
                        "raw",
                        "process: {ref: partner}",
                        "to: \"" + api.uri() + "/base/x?contentCompressionDisabled=true\"")
                .start();

        Exchange failed = worker.send("raw");

        assertThat(failed.getException())
                .isInstanceOf(AnswerLimitExceeded.class)
                .hasMessageContaining("answer-size");
        assertThat(worker.seen("partner").calls().failed()).isEqualTo(1);
        assertThat(worker.send("raw").getMessage().getBody(String.class)).isEqualTo("fine");
    }

    static Stream<Arguments> slow() {
        String head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n";
        return Stream.of(
                Arguments.of("nothing", RawServer.never()),
                Arguments.of("half a header", new SequenceInputStream(RawServer.text(head + "X: "), RawServer.never())),
                Arguments.of(
                        "half a body", new SequenceInputStream(RawServer.text(head + "\r\nx"), RawServer.never())));
    }

    /** Each read has a limit too, but that is none for a byte an hour. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("slow")
    void aCallIsCutWhenItsTimeIsOver(String name, InputStream answer) throws Exception {
        answers.add(answer);
        limited("call-time-limit", "1s").start();

        Exchange failed = worker.send("call");
        Exchange next = worker.send("call");

        assertThat(failed.getException())
                .isInstanceOf(AnswerLimitExceeded.class)
                .hasMessageContaining("not complete within 1s")
                .hasMessageContaining("call-time-limit");
        assertThat(failed.getProperty(Call.FAILURE, String.class)).contains("call-time-limit");
        assertThat(next.getException()).isNull();
        assertThat(worker.seen("partner").calls().failures()).containsEntry(FailureKind.NETWORK.label(), 1L);
    }

    /** An API or a proxy that sends back what it got must not get a token into a log. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization: Bearer t0k3n\r\n\r\n",
                "HTTP/1.1 t0k3n OK\r\n\r\n",
                "HTTP/1.1 200 OK\r\nt0k3n\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: t0k3n\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: t0k3n\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nt0k3n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxt0k3n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nt0k3n\r\n\r\n",
                "HTTP/1.1 302 OK\r\nLocation: http://[t0k3n\r\n\r\n"
            })
    void noWordOfAFailureQuotesTheAnswer(String answer) throws Exception {
        answers.add(RawServer.text(answer + "Connection: close\r\n"));
        worker.api("partner", api.uri() + "/base", authority.uri() + "/token")
                .route("call", "process: {ref: partner}", "to: \"" + api.uri() + "/base/x?followRedirects=true\"")
                .start();

        Exchange failed = worker.send("call");

        assertThat(failed.getException()).isNotNull();
        for (Throwable cause = failed.getException(); cause != null; cause = cause.getCause()) {
            assertThat(String.valueOf(cause.getMessage())).doesNotContain("t0k3n");
        }
        assertThat(failed.getProperty(Call.FAILURE, String.class))
                .startsWith("partner: GET ")
                .doesNotContain("t0k3n");
        assertThat(worker.seen("partner").calls().failed()).isEqualTo(1);
    }

    @Test
    void whatAnApiIsAllowedPasses() throws Exception {
        answers.add(
                RawServer.answer(200, "X: y\r\n".repeat(500) + "Long: " + "x".repeat(100_000) + "\r\n", "large head"));
        answers.add(zipped(3, 100));
        limited("answer-header-count", "1000", "answer-header-size", "200KB", "answer-encodings", "3")
                .start();

        assertThat(worker.send("call").getMessage().getBody(String.class)).isEqualTo("large head");
        assertThat(worker.send("call").getMessage().getBody(byte[].class)).hasSize(100);
    }

    @Test
    void aRedirectThatIsNotFollowedIsAFailureOfTheApi() throws Exception {
        answers.add(RawServer.answer(301, "Location: /base/y\r\n", ""));
        limited().start();

        Exchange failed = worker.send("call");

        assertThat(failed.getProperty(Call.FAILURE, String.class))
                .startsWith("partner: GET " + api.uri() + "/base/x: HTTP 301")
                .contains("followRedirects");
        assertThat(worker.seen("partner").calls().failed()).isEqualTo(1);
    }

    /** Disk in place of memory; the file is this user's alone, and gone with its message. */
    @Test
    void aLargeBodyIsInAFileThatIsGoneWithItsMessage() throws Exception {
        int size = 3_000_000;
        answers.add(RawServer.answer(200, "", "x".repeat(size)));
        Path spool = folder.resolve("data/spool");
        Deque<List<File>> seen = new ArrayDeque<>();
        limited();
        worker.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:large")
                        .process("partner")
                        .to(api.uri() + "/base/x")
                        .process(exchange -> {
                            assertThat(exchange.getMessage().getBody()).isInstanceOf(StreamCache.class);
                            seen.add(files(spool));
                        });
            }
        });

        Exchange answer = worker.send("large");

        assertThat(answer.getException()).isNull();
        File spooled = Objects.requireNonNull(seen.peek()).get(0);
        assertThat(spooled.getName()).startsWith("cos");
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(spooled.getParentFile().toPath())))
                .isEqualTo("rwx------");
        assertThat(files(spool)).isEmpty();
        worker.context.stop();
        assertThat(spool).isEmptyDirectory();
    }

    /** Each is within its own limit, and one of them begins when there is no more room for all; the others go on. */
    @Test
    void bodiesOfAllCallsTogetherHaveALimitToo() throws Exception {
        limited();
        worker.set("dromedar.spool.megabytes", "4");
        worker.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:large")
                        .process("partner")
                        .to(api.uri() + "/base/x")
                        .multicast()
                        .to("direct:beside");
                from("direct:beside").process("partner").to(api.uri() + "/base/x");
            }
        });
        String three = "x".repeat(3_000_000);
        answers.add(RawServer.answer(200, "", three));
        answers.add(RawServer.answer(200, "", three));

        Exchange failed = worker.send("large");

        assertThat(failed.getException())
                .isInstanceOf(AnswerLimitExceeded.class)
                .hasMessageMatching(
                        "Large bodies of running calls take [45] MB in \\S+, and may take 4 MB\\. Let fewer .*"
                                + " or raise dromedar\\.spool\\.megabytes\\.");
        assertThat(failed.getProperty(Call.FAILURE, String.class)).contains("dromedar.spool.megabytes");
        assertThat(files(folder.resolve("data/spool"))).isEmpty();

        answers.add(RawServer.answer(200, "", three));
        answers.add(RawServer.answer(200, "", "small"));
        assertThat(worker.send("large").getException()).isNull();
    }

    /** Quartz waits for a run, and the run for its call's own time limit, five minutes. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Timeout(120)
    void aServerThatNeverAnswersDoesNotHoldAStopLongerThanItsLimit(boolean anAuthority) throws Exception {
        var asked = new CountDownLatch(1);
        var end = new CountDownLatch(1);
        try (var silent = new RawServer(request -> {
            asked.countDown();
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return RawServer.text("");
        })) {
            worker.api(
                            "partner",
                            (anAuthority ? api : silent).uri(),
                            (anAuthority ? silent : authority).uri() + "/token")
                    .set("dromedar.api.partner.time-limit", "5m")
                    .set(
                            "dromedar.dead-letters.folder",
                            folder.resolve("data/dead-letters").toString())
                    .start(new RouteBuilder() {
                        @Override
                        public void configure() {
                            from("quartz:in?trigger.repeatCount=0")
                                    .process("partner")
                                    .to((anAuthority ? api : silent).uri() + "/x");
                        }
                    });
            worker.context.getShutdownStrategy().setTimeout(1);
            asked.await();

            worker.context.stop();

            assertThat(worker.context.isStopped()).isTrue();
        } finally {
            end.countDown();
        }
    }

    private static List<File> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith("cos"))
                    .map(Path::toFile)
                    .toList();
        }
    }

    @Test
    void whatAKilledWorkerHasLeftIsDeleted() throws Exception {
        Path left = Files.createDirectories(folder.resolve("data/spool/left"));
        Files.writeString(left.resolve("cos123.tmp"), "personal data");
        Files.writeString(left.resolveSibling("left.lock"), "");

        limited().start();

        assertThat(left).doesNotExist();
        assertThat(left.resolveSibling("left.lock")).doesNotExist();
    }
}
