package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.Proves;
import dev.dromedar.RawServer;
import dev.dromedar.sandbox.Header;
import dev.dromedar.sandbox.NonceUse;
import dev.dromedar.sandbox.Request;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What leaves for the API, as the API sees it. */
@Tag("long")
class HttpLayerTest {
    private final Worker worker = new Worker();

    @AfterEach
    void close() {
        worker.close();
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "to,  GET,  /records,                        /records",
        "to,  GET,  /records?changed=today&x=1,      /records",
        "to,  POST, /records,                        /records",
        "to,  PUT,  /records/a%20b,                  /records/a%20b",
        "to,  GET,  /records/%C3%A6%C3%B8%C3%A5,     /records/%C3%A6%C3%B8%C3%A5",
        "to,  GET,  /records/blåbær,                 /records/bl%C3%A5b%C3%A6r",
        "toD, GET,  /records?changed=today,          /records",
        "toD, POST, /records/a%20b,                  /records/a%20b",
        "toD, GET,  /records/blåbær,                 /records/bl%C3%A5b%C3%A6r",
        "toD, GET,  /records/%C3%A6,                 /records/%C3%A6",
    })
    void provesTheMethodAndAddressThatAreSent(String step, String method, String path, String sentPath)
            throws Exception {
        worker.route(
                        "call",
                        "setHeader: {name: CamelHttpMethod, constant: " + method + "}",
                        "process: {ref: health-records}",
                        step + ": \"" + worker.address("health-records") + path + "\"")
                .start();

        Exchange answer = worker.send("call", method.equals("GET") ? null : "{\"a\":1}");

        assertThat(answer.getException()).isNull();
        Request request = only(worker.sandbox.api("health-records").received());
        assertThat(request.method()).isEqualTo(method);
        assertThat(request.path()).isEqualTo("/health-records/dpop" + sentPath);
        var proof = Objects.requireNonNull(request.proof());
        assertThat(proof.claims().get("htm").asText()).isEqualTo(method);
        assertThat(proof.claims().get("htu").asText()).isEqualTo(request.url()).doesNotContain("?");
    }

    @Test
    void sendsNothingOfQuartzAndNothingThatTheRouteDidNotAskFor() throws Exception {
        var done = new CountDownLatch(1);
        worker.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("quartz:once?trigger.repeatCount=0&trigger.repeatInterval=1")
                        .setHeader("X-Asked", constant("yes"))
                        .setHeader("trigger", constant("a text of the route's"))
                        .process("orders")
                        .to(worker.address("orders") + "/orders")
                        .process(exchange -> done.countDown());
            }
        });

        assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();

        var names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        only(worker.sandbox.api("orders").received()).headers().forEach(header -> names.add(header.name()));
        assertThat(names)
                .containsExactly(
                        "Accept-Encoding", "Authorization", "Connection", "Host", "trigger", "User-Agent", "X-Asked");
    }

    /** Whoever decodes, it is done once: HttpClient within a call's limits, or Camel where the endpoint wants it so. */
    @ParameterizedTest(name = "marked {0}, contentCompressionDisabled {1}")
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    void aZippedAnswerHasItsDecodedBody(boolean marked, boolean disabled) throws Exception {
        var zipped = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(zipped)) {
            out.write("blåbær".getBytes(StandardCharsets.UTF_8));
        }
        String head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Encoding: gzip\r\n"
                + "Content-Length: " + zipped.size() + "\r\n\r\n";
        try (var api = new RawServer(request -> RawServer.bytes(head, zipped.toByteArray()));
                var authority = new RawServer(request ->
                        RawServer.answer(200, "Content-Type: application/json\r\n", ApiConnectionsTest.TOKEN))) {
            worker.api("partner", api.uri() + "/base", authority.uri() + "/token");
            String to = "to: \"" + api.uri() + "/base/x?contentCompressionDisabled=" + disabled + '"';
            if (marked) {
                worker.route("call", "process: {ref: partner}", to);
            } else {
                worker.route("call", to);
            }
            worker.start();

            Exchange answer = worker.send("call");

            assertThat(answer.getException()).isNull();
            assertThat(answer.getMessage().getBody(String.class)).isEqualTo("blåbær");
        }
    }

    @Test
    @Proves("FAPI 2.0 5.3.3.1 token in header")
    void leavesNothingOfTheCredentialsOnTheExchange() throws Exception {
        worker.route(
                        "call",
                        "process: {ref: health-records}",
                        "to: \"" + worker.address("health-records") + "/records\"")
                .start();

        Exchange answer = worker.send("call");

        Request request = only(worker.sandbox.api("health-records").received());
        String token = Objects.requireNonNull(request.header("Authorization")).substring("DPoP ".length());
        assertThat(answer.getMessage().getHeaders()).doesNotContainKeys("Authorization", "DPoP");
        assertThat(String.valueOf(answer.getMessage().getHeaders()) + answer.getAllProperties())
                .doesNotContain(token)
                .doesNotContain(request.header("DPoP"));
    }

    @Test
    void answersANonceChallengeOfTheApiAndRemembersTheNonce() throws Exception {
        worker.route("call", "process: {ref: health-records}", to("health-records"))
                .start();
        worker.sandbox
                .api("health-records")
                .answers(401, Header.useNonce("n-1"))
                .then(200);

        Exchange first = worker.send("call");
        Exchange second = worker.send("call");

        assertThat(first.getException()).isNull();
        assertThat(second.getException()).isNull();
        assertThat(worker.sandbox.api("health-records").received())
                .extracting(request -> Objects.requireNonNull(request.proof())
                        .claims()
                        .path("nonce")
                        .asText(""))
                .containsExactly("", "n-1", "n-1");
    }

    /** Each call's second attempt has the nonce of its own challenge: the newest may be another's, and spent. */
    @Test
    void answersEachOfManyChallengesWithItsOwnNonce() throws Exception {
        worker.route("call", "process: {ref: health-records}", to("health-records"))
                .start();
        worker.sandbox.api("health-records").nonces(NonceUse.SINGLE_USE);
        var start = new CountDownLatch(1);
        List<FutureTask<Exchange>> calls = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            var call = new FutureTask<>(() -> {
                start.await();
                return worker.send("call");
            });
            calls.add(call);
            new Thread(call).start();
        }

        start.countDown();

        for (FutureTask<Exchange> call : calls) {
            assertThat(call.get(60, TimeUnit.SECONDS).getException()).isNull();
        }
    }

    @Test
    void fetchesOneNewTokenWhenTheApiRefusesOne() throws Exception {
        worker.route("call", "process: {ref: orders}", to("orders")).start();
        worker.send("call");
        worker.sandbox.duende().revokeTokens();

        Exchange answer = worker.send("call");

        assertThat(answer.getException()).isNull();
        assertThat(worker.sandbox.duende().seen().requests("orders-worker")).isEqualTo(2);
    }

    @Test
    void givesTheSecond401ToTheRoute() throws Exception {
        worker.route("call", "process: {ref: orders}", to("orders")).start();
        worker.send("call");
        worker.sandbox
                .api("orders")
                .answers(401, Header.invalidToken("Bearer"))
                .then(401, Header.invalidToken("Bearer"))
                .nothingElse();

        Exchange answer = worker.send("call");

        assertThat(answer.getException())
                .isInstanceOfSatisfying(
                        HttpOperationFailedException.class,
                        failure -> assertThat(failure.getStatusCode()).isEqualTo(401));
        assertThat(worker.sandbox.api("orders").unexpected()).isZero();
    }

    @Test
    void repeatsAStreamedBodyAfterA401() throws Exception {
        worker.route(
                        "call",
                        "setHeader: {name: CamelHttpMethod, constant: POST}",
                        "process: {ref: health-records}",
                        to("health-records"))
                .start();
        worker.sandbox
                .api("health-records")
                .answers(401, Header.useNonce("n-1"))
                .then(200);

        Exchange answer = worker.send("call", stream("x".repeat(50_000)));

        assertThat(answer.getException()).isNull();
        assertThat(worker.sandbox.api("health-records").received())
                .extracting(Request::size)
                .containsExactly(50_000, 50_000);
    }

    @Test
    void saysWhichPropertyToRaiseWhenABodyIsTooLargeToRepeat() throws Exception {
        worker.set("dromedar.api.health-records.repeatable-body", "1000")
                .route(
                        "call",
                        "setHeader: {name: CamelHttpMethod, constant: POST}",
                        "process: {ref: health-records}",
                        to("health-records"))
                .start();
        worker.sandbox
                .api("health-records")
                .answers(401, Header.useNonce("n-1"))
                .nothingElse();

        Exchange answer = worker.send("call", stream("x".repeat(50_000)));

        assertThat(answer.getException())
                .isInstanceOf(RefusedCall.class)
                .hasMessageContaining("dromedar.api.health-records.repeatable-body");
        assertThat(worker.sandbox.api("health-records").received()).hasSize(1);
    }

    @Test
    void keepsAConfigurerThatTheUserHasSet() throws Exception {
        worker.context.getRegistry().bind("theirs", (org.apache.camel.component.http.HttpClientConfigurer)
                builder -> builder.setUserAgent("their own"));
        worker.route(
                        "call",
                        "process: {ref: orders}",
                        "to: \"" + worker.address("orders") + "/orders?httpClientConfigurer=#theirs\"")
                .start();

        Exchange answer = worker.send("call");

        assertThat(answer.getException()).isNull();
        assertThat(only(worker.sandbox.api("orders").received()).header("User-Agent"))
                .isEqualTo("their own");
    }

    @Test
    @Proves({"HelseID proof at API", "RFC 9449 11.1"})
    void redeliversWithANewProof() throws Exception {
        worker.start(new RouteBuilder() {
            @Override
            public void configure() {
                errorHandler(defaultErrorHandler().maximumRedeliveries(1).redeliveryDelay(0));
                from("direct:call").process("health-records").to(worker.address("health-records") + "/records");
            }
        });
        worker.sandbox.api("health-records").answers(500).then(200);

        Exchange answer = worker.send("call");

        assertThat(answer.getException()).isNull();
        assertThat(worker.sandbox.api("health-records").received())
                .extracting(request -> Objects.requireNonNull(request.proof())
                        .claims()
                        .get("jti")
                        .asText())
                .hasSize(2)
                .doesNotHaveDuplicates();
    }

    @Test
    void marksEachBranchOfAMulticast() throws Exception {
        worker.route(
                        "call",
                        "process: {ref: health-records}",
                        "multicast: {parallelProcessing: true, steps: [{to: \"" + worker.address("health-records")
                                + "/a\"}, {to: \"" + worker.address("health-records") + "/b\"}]}")
                .start();

        Exchange answer = worker.send("call");

        assertThat(answer.getException()).isNull();
        assertThat(worker.sandbox.api("health-records").seen().accepted()).isEqualTo(2);
    }

    private String to(String api) {
        return "to: \"" + worker.address(api) + "/records\"";
    }

    private static Request only(List<Request> requests) {
        assertThat(requests).hasSize(1);
        return requests.get(0);
    }

    /** A stream that Camel cannot know the length of, nor read twice. */
    private static FilterInputStream stream(String text) {
        return new FilterInputStream(new ByteArrayInputStream(text.getBytes(java.nio.charset.StandardCharsets.UTF_8))) {
            @Override
            public boolean markSupported() {
                return false;
            }
        };
    }
}
