package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.RawServer;
import dev.dromedar.oauth.Time;
import dev.dromedar.sandbox.Answer;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.Header;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rate, concurrency and breaker are an API's, whatever route calls it and how. */
@Tag("long")
class CallLimitsTest {
    private static final String TOKEN = "{\"access_token\":\"t\",\"token_type\":\"Bearer\",\"expires_in\":3600}";

    private final Worker worker = new Worker();
    private volatile Instant now = Instant.parse("2026-11-22T12:00:00Z");

    /** Stands still until it is moved. */
    private final Clock clock = new Clock() {
        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    };

    @AfterEach
    void close() {
        worker.close();
    }

    private Worker limited(String... keysAndValues) {
        for (int i = 0; i < keysAndValues.length; i += 2) {
            worker.set("dromedar.api.orders." + keysAndValues[i], keysAndValues[i + 1]);
        }
        return routes("orders", worker.address("orders"));
    }

    private Worker routes(String api, String address) {
        return worker.route("call", "to: api:" + api + "/x")
                .route(
                        "classic",
                        "setHeader: {name: CamelHttpMethod, constant: GET}",
                        "process: {ref: " + api + "}",
                        "to: \"" + address + "/y\"");
    }

    private int received() {
        return worker.sandbox.api("orders").received().size();
    }

    private void edit(String key, String value) {
        worker.context.getPropertiesComponent().addInitialProperty("dromedar.api.orders." + key, value);
        Objects.requireNonNull(worker.context.hasService(Apis.class)).update(Apis.plan(worker.context));
    }

    /** A reload tries an edit in a context of its own, which is large: an API would keep it as long as it lives. */
    @Test
    void anEditedApiReadsItsCredentialsAgainByTheContextThatRuns() throws Exception {
        limited("rate", "1/h", "limit-wait", "0s").start();

        Apis.Plan plan;
        try (var trial = new DefaultCamelContext()) {
            Properties properties = new Properties();
            properties.putAll(((PropertiesComponent) worker.context.getPropertiesComponent()).getInitialProperties());
            properties.setProperty("dromedar.api.orders.rate", "100/s");
            trial.getPropertiesComponent().setInitialProperties(properties);
            plan = Apis.plan(trial);
            assertThat(plan.reads()).isSameAs(trial);
            Objects.requireNonNull(worker.context.hasService(Apis.class)).update(plan);
        }

        assertThat(plan.reads()).isSameAs(worker.context);
        assertThat(worker.send("classic").getException()).isNull();
    }

    @Test
    void theRateIsOneForAllRoutes() throws Exception {
        limited("rate", "1/h", "limit-wait", "0s").start();

        assertThat(worker.send("classic").getException()).isNull();
        Exchange second = worker.send("call");
        Exchange third = worker.send("classic");

        assertThat(second.getException())
                .isInstanceOf(FailedCall.class)
                .hasCauseInstanceOf(RefusedCall.class)
                .hasMessage("orders: the call was not sent: so many calls wait for their turn under the API's rate that"
                        + " it would wait longer than 0 s (rate, limit-wait). Call less often, or raise one of them.");
        assertThat(third.getException())
                .isInstanceOf(RefusedCall.class)
                .hasMessage(second.getException().getMessage());
        assertThat(third.getProperty(Call.FAILURE))
                .isEqualTo(third.getException().getMessage());
        assertThat(received()).isEqualTo(1);
        assertThat(worker.seen("orders").calls().failures()).containsEntry("limited", 2L);
        assertThat(worker.send("call").getException()).isNotNull();
        edit("call-time-limit", "1m");
        assertThat(worker.send("call").getException())
                .as("an edit of something else")
                .isNotNull();
        edit("rate", "1000/s");
        assertThat(worker.send("call").getException()).as("an edit of the rate").isNull();
    }

    @Test
    void callsWaitForTheirTurn() throws Exception {
        limited("rate", "50/s").start();
        long start = System.nanoTime();

        for (int i = 0; i < 5; i++) {
            assertThat(worker.send("call").getException()).isNull();
        }

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(59));
        assertThat(received()).isEqualTo(5);
    }

    @Test
    void aRecoveryFromA401HasItsTurnToo() throws Exception {
        worker.set("dromedar.api.health-records.rate", "1/h").set("dromedar.api.health-records.limit-wait", "0s");
        worker.route("call", "to: api:health-records/x").start();
        worker.sandbox.api("health-records").answers(401, Header.useNonce("n1"));

        Exchange answer = worker.send("call");

        assertThat(worker.sandbox.api("health-records").received()).hasSize(1);
        assertThat(answer.getException()).isInstanceOf(FailedCall.class).hasMessageContaining("under the API's rate");
    }

    @Test
    void moreCallsAtTheSameTimeWaitAndFailWithAReason() throws Exception {
        var arrived = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        try (var server = new RawServer(request -> {
            if (!request.target().startsWith("/api")) {
                return RawServer.answer(200, "Content-Type: application/json\r\n", TOKEN);
            }
            arrived.countDown();
            try {
                assertThat(goOn.await(60, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return RawServer.answer(200, "", "done");
        })) {
            worker.api(
                    "one", server.uri() + "/api", server.uri() + "/token", "concurrency", "1", "limit-wait", "100ms");
            routes("one", server.uri() + "/api").start();
            var first = CompletableFuture.supplyAsync(() -> worker.send("call"));
            assertThat(arrived.await(60, TimeUnit.SECONDS)).isTrue();

            Exchange second = worker.send("classic");
            goOn.countDown();

            assertThat(second.getException())
                    .hasMessageContaining("1 calls were in progress for 100 ms (concurrency, limit-wait)");
            assertThat(first.get(60, TimeUnit.SECONDS).getException()).isNull();
            assertThat(worker.send("classic").getException()).isNull();
            assertThat(worker.seen("one").calls().failures()).containsEntry("limited", 1L);
        }
    }

    @Test
    void aBodyThatTheRouteDoesNotReadGivesItsPlaceBack() throws Exception {
        worker.route(
                "abandon",
                "setHeader: {name: CamelHttpMethod, constant: GET}",
                "process: {ref: orders}",
                "to: \"" + worker.address("orders") + "/y?disableStreamCache=true\"");
        limited("concurrency", "1", "limit-wait", "1m").start();

        Exchange abandoned = worker.send("abandon");
        Exchange next = worker.send("call");

        assertThat(abandoned.getException()).isNull();
        assertThat(next.getException()).isNull();
    }

    @Test
    void theBreakerOpensByOutagesAloneAndOneCallTries() throws Exception {
        limited("breaker", "2", "breaker-time", "30s").start(new Time(clock, System::nanoTime));
        var api = worker.sandbox.api("orders");
        api.answers(503).then(404).then(403).then(429).then(503);
        for (int i = 0; i < 5; i++) {
            assertThat(worker.send("call").getException()).isNotNull();
        }
        assertThat(worker.seen("orders").calls().breaker()).isEqualTo("closed");
        api.answers(500);
        worker.send("classic");
        assertThat(worker.seen("orders").calls().breaker()).isEqualTo("open");
        assertThat(received()).isEqualTo(6);

        Exchange refused = worker.send("classic");

        assertThat(received()).isEqualTo(6);
        assertThat(refused.getException())
                .isInstanceOf(RefusedCall.class)
                .hasMessageStartingWith(
                        "orders: the call was not sent: the breaker is open after 2 outages in a row, and"
                                + " one call tries in 30 s. Last outage: GET ")
                .hasMessageContaining("HTTP 500");
        assertThat(worker.seen("orders").calls().failures()).containsEntry("breaker-open", 1L);
        now = now.plusSeconds(31);
        api.answers(503);
        worker.send("call");
        assertThat(received()).isEqualTo(7);
        worker.send("call");
        assertThat(received()).as("it failed, and the breaker stays open").isEqualTo(7);
        edit("call-time-limit", "1m");
        worker.send("call");
        assertThat(received()).as("an edit of something else").isEqualTo(7);
        now = now.plusSeconds(31);
        api.answers(404);
        worker.send("call");
        assertThat(worker.seen("orders").calls().breaker()).isEqualTo("closed");
        assertThat(worker.send("call").getException()).isNull();
    }

    @Test
    void anAnswerThatIsTooLargeIsNoOutage() throws Exception {
        limited("breaker", "1", "answer-size", "1KB").start();
        worker.sandbox.api("orders").respond(request -> Answer.of(200, "text/plain", "x".repeat(5000)));

        assertThat(worker.send("call").getException()).hasMessageContaining("answer-size");
        assertThat(worker.send("classic").getException()).hasMessageContaining("answer-size");

        assertThat(worker.seen("orders").calls().breaker()).isEqualTo("closed");
        assertThat(worker.seen("orders").calls().failures()).containsEntry("refused-here", 2L);
        assertThat(received()).isEqualTo(2);
    }

    @Test
    void noRoomForLargeBodiesHereIsNoOutage(@TempDir Path temp) throws Exception {
        worker.set("dromedar.spool.megabytes", "1")
                .set(
                        "dromedar.dead-letters.folder",
                        temp.resolve("data/letters").toString());
        limited("breaker", "1")
                .route(
                        "hold",
                        "to: api:orders/x",
                        "multicast: {stopOnException: true, steps: [{to: 'direct:full'}]}") // the body of the first is
                // on disk
                .start(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:full").to("api:orders/x");
                    }
                });
        worker.sandbox.api("orders").respond(request -> Answer.of(200, "text/plain", "x".repeat(5_000_000)));

        assertThat(worker.send("hold").getException()).hasMessageContaining("dromedar.spool.megabytes");

        assertThat(worker.seen("orders").calls().breaker()).isEqualTo("closed");
        assertThat(worker.send("call").getException()).isNotNull();
        assertThat(worker.seen("orders").calls().failures())
                .containsEntry("refused-here", 2L)
                .containsEntry("network", 0L);
    }

    /** Servers cut the connection of a request like that, and one message after the other would open the breaker for all. */
    @Test
    void aMessageThatMakesARequestTooLargeForEveryServerOpensNoBreaker() throws Exception {
        limited("breaker", "1")
                .route("own", "to: {uri: 'api:orders/x', parameters: {header.Purpose: '${body}'}}")
                .route(
                        "others",
                        "setHeader: {name: CamelHttpMethod, constant: GET}",
                        "setHeader: {name: Purpose, simple: '${body}'}",
                        "process: {ref: orders}",
                        "to: \"" + worker.address("orders") + "/y\"")
                .start();
        String large = "x".repeat(1_000_000);

        Exchange own = worker.context.createProducerTemplate().send("direct:own", to -> to.getIn()
                .setBody(large));
        Exchange others = worker.context.createProducerTemplate().send("direct:others", to -> to.getIn()
                .setBody(large));

        assertThat(own.getException())
                .hasMessageContaining("call refused, since its address and headers have more than 32000 characters")
                .hasMessageContaining("1000000 of them in the header Purpose. Nothing was sent.");
        assertThat(others.getException()).hasMessageContaining("in the header Purpose. Nothing was sent.");
        assertThat(received()).isZero();
        assertThat(worker.seen("orders").calls().breaker()).isEqualTo("closed");
        assertThat(worker.send("call").getException()).isNull();
    }

    /** Its answer of 413 is lost when the connection is reset. */
    @Test
    void aBodyThatTheApiDoesNotTakeOpensNoBreaker() throws Exception {
        try (var tokens = new RawServer(request -> RawServer.answer(200, "Content-Type: application/json\r\n", TOKEN));
                var api = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            var server = new Thread(() -> refuseBodies(api));
            server.setDaemon(true);
            server.start();
            String base = "http://127.0.0.1:" + api.getLocalPort() + "/api";
            worker.api("one", base, tokens.uri() + "/token", "breaker", "1");
            worker.route("post", "to: {uri: 'api:one/x', parameters: {method: POST}}");
            routes("one", base).start();

            Exchange large = worker.send("post", new byte[30_000_000]);

            assertThat(large.getException())
                    .hasMessageContaining("the API may take none of this size: compare its limit");
            assertThat(worker.seen("one").calls().failures()).containsEntry("network", 1L);
            assertThat(worker.seen("one").calls().breaker()).isEqualTo("closed");

            assertThat(worker.send("call").getException()).isNotNull();
            assertThat(worker.seen("one").calls().breaker())
                    .as("a small request counts")
                    .isEqualTo("open");
        }
    }

    /** Closes a GET without an answer. */
    private static void refuseBodies(ServerSocket api) {
        while (!api.isClosed()) {
            try (Socket socket = api.accept()) {
                boolean get = socket.getInputStream().read() == 'G';
                socket.getInputStream().readNBytes(50);
                if (!get) {
                    socket.getOutputStream()
                            .write("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
                }
            } catch (IOException e) {
                // closed: the test is over
            }
        }
    }

    @Test
    void aCallThatTakesTooLongIsAnOutage() throws Exception {
        limited("breaker", "1", "call-time-limit", "1s").start();
        worker.sandbox.api("orders").fault(Fault.blackHole());

        assertThat(worker.send("call").getException()).hasMessageContaining("call-time-limit");

        assertThat(worker.seen("orders").calls().breaker()).isEqualTo("open");
    }

    @Test
    void whileOneCallTriesTheOthersFail() throws Exception {
        var arrived = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        try (var server = new RawServer(request -> {
            if (!request.target().startsWith("/api")) {
                return RawServer.answer(200, "Content-Type: application/json\r\n", TOKEN);
            }
            if (now.equals(Instant.parse("2026-11-22T12:00:00Z"))) {
                return RawServer.text(""); // closed without an answer
            }
            arrived.countDown();
            try {
                assertThat(goOn.await(60, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return RawServer.answer(200, "", "done");
        })) {
            worker.api("one", server.uri() + "/api", server.uri() + "/token", "breaker", "1");
            routes("one", server.uri() + "/api").start(new Time(clock, System::nanoTime));
            assertThat(worker.send("call").getException()).isNotNull();
            assertThat(worker.seen("one").calls().breaker()).isEqualTo("open");
            now = now.plusSeconds(31);
            var first = CompletableFuture.supplyAsync(() -> worker.send("call"));
            assertThat(arrived.await(60, TimeUnit.SECONDS)).isTrue();

            Exchange second = worker.send("classic");
            String state = worker.seen("one").calls().breaker();
            goOn.countDown();

            assertThat(second.getException()).hasMessageContaining("one call is trying now");
            assertThat(state).isEqualTo("half-open");
            assertThat(first.get(60, TimeUnit.SECONDS).getException()).isNull();
            assertThat(worker.seen("one").calls().breaker()).isEqualTo("closed");
        }
    }

    @Test
    void whatIsNotSentSaysNothingOfTheApi() throws Exception {
        limited("breaker", "1", "time-limit", "1s").start();
        worker.sandbox
                .duende()
                .origin()
                .fault(Fault.error(400, "invalid_client").at("/connect/token"));

        assertThat(worker.send("call").getException()).hasMessageContaining("invalid_client");

        assertThat(worker.seen("orders").calls().breaker()).isEqualTo("closed");
    }
}
