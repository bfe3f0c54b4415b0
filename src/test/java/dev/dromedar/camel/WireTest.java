package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.dromedar.Proves;
import dev.dromedar.RawServer;
import dev.dromedar.oauth.AuthorityUnavailable;
import dev.dromedar.oauth.Time;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What goes over the wire to an API, byte for byte, in the ways that Camel has of saying where to. */
@Tag("long")
class WireTest {
    private final Worker worker = new Worker();
    private final Deque<InputStream> answers = new ArrayDeque<>();
    private final RawServer api = new RawServer(this::answer);
    private final RawServer other = new RawServer(request -> RawServer.answer(200, "", "{}"));

    private synchronized InputStream answer(RawServer.Received request) {
        InputStream scripted = answers.poll();
        return scripted == null ? RawServer.answer(200, "Content-Type: application/json\r\n", "{}") : scripted;
    }

    @AfterEach
    void close() {
        worker.close();
        api.close();
        other.close();
    }

    private Worker pointed(String base) {
        return worker.set("dromedar.api.health-records.base-address", api.uri() + base);
    }

    /** The proof says what the request line and the Host header say, to the letter (RFC 9449 section 4.2). */
    private static JWTClaimsSet proved(RawServer.Received request) {
        try {
            JWTClaimsSet proof = SignedJWT.parse(request.header("DPoP")).getJWTClaimsSet();
            assertThat(proof.getStringClaim("htm")).isEqualTo(request.method());
            assertThat(proof.getStringClaim("htu")).isEqualTo("http://" + request.header("Host") + request.path());
            return proof;
        } catch (ParseException e) {
            throw new AssertionError(e);
        }
    }

    /** Camel has a mind of its own about how an address is spelt (it decodes a slash, and encodes a tilde): all the same. */
    @Test
    @Proves({"HelseID proof at API", "RFC 9449 4.2 htu"})
    void whatIsSentIsWhatIsProvedHoweverTheAddressIsWritten() throws Exception {
        List<String> written = List.of(
                "/a",
                "",
                "/",
                "/a/",
                "/a//b",
                "/a/./b",
                "/a%2Fb",
                "/%c3%a6",
                "/%C3%A6",
                "/blåbær/sør",
                "/a;v=1/b",
                "/a+b~c'd!e$f(g)h*i,j:k@l",
                "/a%20b%25c",
                "?q=1",
                "/a?q=1/2?3&r=s%2Bt",
                "/a?q=blåbær og sånt");
        pointed("");
        for (int i = 0; i < written.size(); i++) {
            for (String step : List.of("to", "toD")) {
                worker.route(
                        step + i,
                        "setHeader: {name: CamelHttpMethod, constant: GET}",
                        "process: {ref: health-records}",
                        step + ": \"" + api.uri() + written.get(i) + "\"");
            }
        }
        worker.start();

        for (int i = 0; i < written.size(); i++) {
            assertThat(worker.send("to" + i).getException()).as(written.get(i)).isNull();
            assertThat(worker.send("toD" + i).getException()).as(written.get(i)).isNull();
        }

        assertThat(api.received()).hasSize(2 * written.size()).allSatisfy(WireTest::proved);
    }

    private void headerSaysWhereTo() throws Exception {
        worker.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:call")
                        .process(exchange -> {
                            var message = exchange.getMessage();
                            if (message.getHeader("name") instanceof String name) {
                                message.setHeader(name, message.removeHeader("value"));
                            }
                        })
                        .process("health-records")
                        .to(api.uri() + "/base?followRedirects=true");
            }
        });
    }

    private Exchange callWith(String header, String value) {
        String there = value.replace("HERE", api.uri().toString())
                .replace("OTHER", other.uri().toString());
        try (var template = worker.context.createProducerTemplate()) {
            return template.send("direct:call", exchange -> {
                exchange.getMessage().setHeader("name", header);
                exchange.getMessage().setHeader("value", there);
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void headersThatSayWhereToAreProvedToo() throws Exception {
        pointed("/base");
        headerSaysWhereTo();

        for (String[] row : new String[][] {
            {"CamelHttpPath", "/more/bl%C3%A5"},
            {"CamelHttpPath", "more"},
            {"CamelHttpQuery", "q=1&r=a%20b"},
            {"CamelHttpRawQuery", "q=1%2F2"},
            {"CamelHttpUri", "HERE/base/elsewhere?x=y"},
        }) {
            assertThat(callWith(row[0], row[1]).getException()).as(row[1]).isNull();
        }

        assertThat(api.received())
                .allSatisfy(WireTest::proved)
                .extracting(RawServer.Received::path)
                .containsExactly("/base/more/bl%C3%A5", "/base/more", "/base", "/base", "/base/elsewhere");
    }

    @Test
    void headersThatSayElsewhereSendNothing() throws Exception {
        pointed("/base");
        headerSaysWhereTo();

        for (String[] row : new String[][] {
            {"CamelHttpUri", "OTHER/base/x"},
            {"CamelHttpUri", "HERE/beside"},
            {"CamelHttpUri", "HERE/base/../beside"},
            {"CamelHttpPath", "/../beside"},
        }) {
            assertThat(callWith(row[0], row[1]).getException()).as(row[1]).isInstanceOf(RefusedCall.class);
        }

        assertThat(api.received()).isEmpty();
        assertThat(other.received()).isEmpty();
    }

    @Test
    void anAddressWithAPasswordSendsNothingAndTheMessageHasNone() throws Exception {
        pointed("")
                .route(
                        "call",
                        "process: {ref: health-records}",
                        "to: \"http://user:passw0rd@localhost:" + api.uri().getPort() + "/a\"")
                .start();

        Exception refused = worker.send("call").getException();

        assertThat(refused).isNotNull();
        assertThat(String.valueOf(refused.getMessage())).doesNotContain("passw0rd");
        assertThat(api.received()).isEmpty();
    }

    @Test
    void theLettersOfAHostAreSentAndProvedAsTheyAreWritten() throws Exception {
        pointed("")
                .route(
                        "call",
                        "process: {ref: health-records}",
                        "to: \"http://LOCALHOST:" + api.uri().getPort() + "/a\"")
                .start();

        assertThat(worker.send("call").getException()).isNull();

        assertThat(api.received()).singleElement().satisfies(WireTest::proved);
    }

    @Test
    void optionsOfTheEndpointChangeNothing() throws Exception {
        pointed("");
        List<String> options = List.of("bridgeEndpoint=true", "throwExceptionOnFailure=false", "connectionClose=true");
        for (String option : options) {
            worker.route(
                    option.substring(0, 6),
                    "process: {ref: health-records}",
                    "to: \"" + api.uri() + "/a?" + option + "\"");
        }
        worker.start();

        for (String option : options) {
            assertThat(worker.send(option.substring(0, 6)).getException())
                    .as(option)
                    .isNull();
        }
        // With this option Camel takes no address from the message, as one that has come through a bridge may bring
        // one.
        assertThat(worker.sendWith("bridge", "CamelHttpUri", other.uri() + "/x").getException())
                .isNull();

        assertThat(other.received()).isEmpty();
        assertThat(api.received()).hasSize(4).allSatisfy(WireTest::proved);
    }

    @Test
    void aSecond401IsAnAnswerWhenTheRouteWantsNoExceptions() throws Exception {
        refuse(401, "WWW-Authenticate: DPoP error=\"invalid_dpop_proof\"\r\n");
        refuse(401, "WWW-Authenticate: DPoP error=\"invalid_dpop_proof\"\r\n");
        pointed("")
                .route(
                        "call",
                        "process: {ref: health-records}",
                        "to: \"" + api.uri() + "/a?throwExceptionOnFailure=false\"")
                .start();

        Exchange answer = worker.send("call");

        assertThat(answer.getException()).isNull();
        assertThat(answer.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE)).isEqualTo(401);
        assertThat(api.received().stream().map(WireTest::proved).map(JWTClaimsSet::getJWTID))
                .hasSize(2)
                .doesNotHaveDuplicates();
    }

    private synchronized void refuse(int status, String headers) {
        answers.add(RawServer.answer(status, headers, "no"));
    }

    @Test
    @Proves("RFC 9449 11.1")
    void aRedirectUnderTheBaseAddressIsProvedAnew() throws Exception {
        pointed("/base")
                .route(
                        "call",
                        "setHeader: {name: CamelHttpMethod, constant: POST}",
                        "process: {ref: health-records}",
                        "to: \"" + api.uri() + "/base/here?followRedirects=true\"")
                .start();

        for (int status : new int[] {301, 302, 303, 307, 308}) {
            refuse(status, "Location: /base/there?x=y\r\n");
            assertThat(worker.send("call", stream("x".repeat(50_000))).getException())
                    .as("HTTP %d", status)
                    .isNull();
        }

        assertThat(api.received().stream().map(WireTest::proved).map(JWTClaimsSet::getJWTID))
                .hasSize(10)
                .doesNotHaveDuplicates();
        assertThat(api.received())
                .filteredOn(request -> request.target().equals("/base/there?x=y"))
                .extracting(request -> request.method() + " " + request.body().length)
                .containsExactly("GET 0", "GET 0", "GET 0", "POST 50000", "POST 50000");
    }

    @Test
    void aRedirectToElsewhereSendsNothingThere() throws Exception {
        pointed("/base");
        headerSaysWhereTo();
        List<String> elsewhere = List.of(
                "301 OTHER/base/there",
                "302 OTHER/base/there",
                "303 OTHER/base/there",
                "307 OTHER/base/there",
                "308 OTHER/base/there",
                "302 /beside",
                "302 /base/../beside",
                "302 //localhost:1/base/x");

        for (String row : elsewhere) {
            refuse(
                    Integer.parseInt(row.substring(0, 3)),
                    "Location: " + row.substring(4).replace("OTHER", other.uri().toString()) + "\r\n");
            assertThat(worker.send("call").getException()).as(row).isInstanceOf(RefusedCall.class);
        }

        assertThat(api.received()).hasSize(elsewhere.size());
        assertThat(other.received()).isEmpty();
    }

    @Test
    void aRedirectThatIsNotFollowedIsAFailureWithItsAddress() throws Exception {
        refuse(302, "Location: /base/there\r\n");
        pointed("/base")
                .route("call", "process: {ref: health-records}", "to: \"" + api.uri() + "/base/here\"")
                .start();

        assertThat(worker.send("call").getException())
                .isInstanceOfSatisfying(
                        HttpOperationFailedException.class,
                        failure -> assertThat(failure.getRedirectLocation()).isEqualTo("/base/there"));
    }

    /** What came with one answer goes to no other server with the next call. */
    @Test
    void theNextCallTakesNothingOfTheLastAnswersToAnotherServer() throws Exception {
        answers.add(RawServer.answer(200, """
                Set-Cookie: session=1\r
                DPoP-Nonce: n-1\r
                Server: x\r
                ETag: "e"\r
                Vary: *\r
                Location: /l\r
                X-Correlation: kept\r
                """, "{}"));
        pointed("")
                .route(
                        "call",
                        "setHeader: {name: CamelHttpMethod, constant: GET}",
                        "process: {ref: health-records}",
                        "to: \"" + api.uri() + "/a\"",
                        "to: \"" + other.uri() + "/b\"",
                        "toD: \"" + other.uri() + "/c\"")
                .start();

        assertThat(worker.send("call").getException()).isNull();

        assertThat(other.received()).hasSize(2).allSatisfy(request -> assertThat(request.headerNames())
                .containsExactlyInAnyOrder("Accept-Encoding", "Connection", "Host", "User-Agent", "X-Correlation"));
    }

    @Test
    void aRefusalWhoseBodyNeverEndsIsRecoveredFrom() throws Exception {
        answers.add(new SequenceInputStream(RawServer.text("""
                        HTTP/1.1 401 X\r
                        WWW-Authenticate: DPoP error="use_dpop_nonce"\r
                        DPoP-Nonce: n-1\r
                        Content-Length: 9000000000\r
                        \r
                        """), new InputStream() {
            @Override
            public int read() {
                return 'x';
            }
        }));
        pointed("")
                .route("call", "process: {ref: health-records}", "to: \"" + api.uri() + "/a\"")
                .start();

        assertThat(worker.send("call").getException()).isNull();

        assertThat(api.received()).hasSize(2);
        assertThat(proved(api.received().get(1)).getClaim("nonce")).isEqualTo("n-1");
    }

    @Test
    void aNonceOfAnyBytesIsSentBackInsideOfTheProofAndNowhereElse() throws Exception {
        pointed("")
                .route("call", "process: {ref: health-records}", "to: \"" + api.uri() + "/a\"")
                .start();
        List<String> nonces = List.of("a\"b\\c", "with space", "\u00e6", "\t", "{\"alg\":\"none\"}");

        for (String nonce : nonces) {
            refuse(401, "WWW-Authenticate: DPoP error=use_dpop_nonce\r\nDPoP-Nonce: " + nonce + "\r\n");
            assertThat(worker.send("call").getException()).as(nonce).isNull();
        }

        assertThat(api.received()).hasSize(2 * nonces.size()).allSatisfy(request -> {
            assertThat(Objects.requireNonNull(request.header("DPoP"))).matches("[\\w.-]+");
            proved(request);
        });
    }

    /** An answer that comes when it is let go. */
    private static final class Held extends InputStream {
        final CountDownLatch arrived = new CountDownLatch(1);
        final CountDownLatch go = new CountDownLatch(1);
        private final InputStream answer = RawServer.answer(200, "", "{}");

        @Override
        public int read() throws IOException {
            arrived.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return answer.read();
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int first = read();
            if (first < 0 || length == 0) {
                return length == 0 ? 0 : -1;
            }
            bytes[offset] = (byte) first;
            return 1 + Math.max(0, answer.read(bytes, offset + 1, length - 1));
        }
    }

    private final AtomicLong ahead = new AtomicLong();

    /** One connection, which a first call has; gives a second that waits for it with a token which dies meanwhile. */
    private FutureTask<Exchange> waitsForAConnectionLongerThanItsTokenLives(Held held, Runnable meanwhile)
            throws Exception {
        answers.add(held);
        worker.set("dromedar.api.orders.base-address", api.uri().toString());
        worker.start(new Time(Clock.systemUTC(), () -> System.nanoTime() + ahead.get()), new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:call").process("orders").to(api.uri() + "/a?connectionsPerRoute=1&maxTotalConnections=1");
            }
        });
        new Thread(() -> worker.send("call")).start();
        assertThat(held.arrived.await(60, TimeUnit.SECONDS)).isTrue();
        var second = new FutureTask<>(() -> worker.send("call"));
        var waiting = new Thread(second);
        waiting.start();
        while (waiting.getState() != Thread.State.TIMED_WAITING) { // for the connection
            Thread.onSpinWait();
        }
        meanwhile.run();
        ahead.addAndGet(Duration.ofHours(2).toNanos());
        held.go.countDown();
        return second;
    }

    @Test
    void aTokenThatDiesWhileACallWaitsForAConnectionIsNotSent() throws Exception {
        FutureTask<Exchange> second = waitsForAConnectionLongerThanItsTokenLives(new Held(), () -> {});

        assertThat(second.get(60, TimeUnit.SECONDS).getException()).isNull();
        assertThat(api.received().stream().map(request -> request.header("Authorization")))
                .hasSize(2)
                .doesNotHaveDuplicates();
    }

    @Test
    void aConnectionForWhichThereIsNoTokenAnyMoreIsNotLost() throws Exception {
        FutureTask<Exchange> second = waitsForAConnectionLongerThanItsTokenLives(
                new Held(), () -> worker.sandbox.duende().origin().refuseConnections());
        assertThat(second.get(60, TimeUnit.SECONDS).getException()).isInstanceOf(AuthorityUnavailable.class);
        worker.sandbox.duende().origin().acceptConnections();
        ahead.addAndGet(Duration.ofMinutes(2).toNanos());

        Exchange third = worker.send("call");

        assertThat(third.getException()).isNull();
        assertThat(api.received()).hasSize(2);
    }

    /** A stream that Camel cannot know the length of, nor read twice. */
    private static FilterInputStream stream(String text) {
        return new FilterInputStream(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8))) {
            @Override
            public boolean markSupported() {
                return false;
            }
        };
    }
}
