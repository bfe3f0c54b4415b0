package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dromedar.sandbox.Answer;
import dev.dromedar.sandbox.Header;
import dev.dromedar.sandbox.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An answer of 202 is followed to its result. */
@Tag("long")
class LaterAnswerTest {
    private static final Header AT_ONCE = new Header("Retry-After", "0");
    private static final Header RESULT = new Header("Content-Type", "application/json");

    private final Worker worker = new Worker();

    @AfterEach
    void close() {
        worker.close();
    }

    private List<Request> received() {
        return worker.sandbox.api("health-records").received();
    }

    private String base() {
        return worker.sandbox.api("health-records").baseAddress().toString();
    }

    private static Answer later(String location) {
        return Answer.of(202, List.of(new Header("Content-Location", location), AT_ONCE), "");
    }

    /** The API's answers in turn, the last one again and again; a success only to a request with good credentials. */
    private void answers(Answer... answers) {
        List<Answer> left = new ArrayList<>(List.of(answers));
        worker.sandbox.api("health-records").fault((request, server) -> {
            Answer checked = server.answer(request);
            return checked.status() != 200 ? checked : left.size() > 1 ? left.remove(0) : left.get(0);
        });
    }

    private Exchange call(String more, Answer... answers) throws Exception {
        answers(answers);
        worker.route("call", """
                        to:
                          uri: api:health-records/start
                          parameters:
                            method: POST
                            await: true
                            header.Prefer: respond-async
                            contentType: text/plain
                        """ + more).start();
        return worker.send("call", "a body");
    }

    @Test
    void isFollowedOverRefusalsToTheResult() throws Exception {
        Exchange answer = call(
                "",
                later(base() + "/jobs/1"),
                Answer.of(429, List.of(AT_ONCE), ""),
                Answer.of(503, List.of(AT_ONCE, new Header("Location", "https://evil.example/")), "not now"),
                Answer.of(202, List.of(AT_ONCE, new Header("Location", "2?part=a%2Fb")), "working"),
                Answer.of(200, List.of(RESULT, new Header("X-Result", "y")), "{\"done\":true}"));

        assertThat(answer.getException()).isNull();
        assertThat(answer.getMessage().getBody(String.class)).isEqualTo("{\"done\":true}");
        assertThat(answer.getMessage().getHeaders()).containsEntry("CamelHttpResponseCode", 200);
        assertThat(answer.getProperty(Call.FAILURE)).isNull();
        String path = worker.sandbox.api("health-records").baseAddress().getRawPath();
        assertThat(received().stream().map(request -> request.method() + " " + request.target()))
                .containsExactly(
                        "POST " + path + "/start",
                        "GET " + path + "/jobs/1",
                        "GET " + path + "/jobs/1",
                        "GET " + path + "/jobs/1",
                        "GET " + path + "/jobs/2?part=a%2Fb");
        assertThat(received().get(0).header("Prefer")).isEqualTo("respond-async");
        assertThat(received().subList(1, 5)).allSatisfy(request -> {
            assertThat(request.headers("Prefer")).isEmpty();
            assertThat(request.headers("Content-Type")).isEmpty();
            assertThat(request.size()).isZero();
        });
        assertThat(received().stream().map(request -> request.header("DPoP"))).doesNotHaveDuplicates();
    }

    @Test
    void anAnswerAtOnceIsTheResult() throws Exception {
        Exchange answer = call("", Answer.of(200, List.of(RESULT), "{}"));

        assertThat(answer.getMessage().getBody(String.class)).isEqualTo("{}");
        assertThat(received()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"https://evil.example/jobs/1", "//evil.example/x", "/", "../../x", "http://localhost:1/", "a\\b"
            })
    void anAddressElsewhereIsRefusedAndNothingIsSentThere(String location) throws Exception {
        Exchange answer = call("", later(location));

        assertThat(answer.getException())
                .isInstanceOf(FailedCall.class)
                .hasMessageStartingWith("health-records: The answer of 202 names an address that is not under");
        assertThat(answer.getProperty(Call.FAILURE))
                .isEqualTo(answer.getException().getMessage());
        assertThat(received()).hasSize(1);
    }

    @Test
    void anAnswerWithoutAnAddressIsAFailure() throws Exception {
        assertThat(call("", Answer.of(202, List.of(AT_ONCE), "")).getException())
                .isInstanceOf(FailedCall.class)
                .hasMessageContaining("neither Location nor Content-Location");
    }

    @Test
    void aWaitBeyondTheLimitIsNotBegun() throws Exception {
        Exchange answer = call(
                "    awaitLimit: 1m", later("jobs/1"), Answer.of(503, List.of(new Header("Retry-After", "120")), ""));

        assertThat(answer.getException())
                .isInstanceOf(FailedCall.class)
                .hasMessage("health-records: The result was not there within 1m (awaitLimit); the last answer was"
                        + " HTTP 503, and the API wants no request for 2m. Raise awaitLimit, or ask the API's owner"
                        + " why it takes so long.");
        assertThat(answer.getProperty(Call.FAILURE))
                .isEqualTo(answer.getException().getMessage());
        assertThat(received()).hasSize(2);
    }

    @Test
    void anApiThatIsNeverReadyIsAskedSeldomAndGivenUp() throws Exception {
        Exchange answer = call("    awaitLimit: 1s", later("jobs/1"));

        assertThat(answer.getException()).hasMessageContaining("the last answer was HTTP 202");
        assertThat(received()).hasSizeBetween(1, 12);
    }

    @Test
    void anotherFailureEndsIt() throws Exception {
        Exchange answer = call("", later("jobs/1"), Answer.of(404, List.of(), ""));

        assertThat(answer.getException())
                .isInstanceOfSatisfying(FailedCall.class, failure -> assertThat(failure.getStatus())
                        .isEqualTo(404));
        assertThat(received()).hasSize(2);
    }

    @Test
    void anOpenBreakerIsWaitedFor() throws Exception {
        worker.set("dromedar.api.health-records.breaker", "1").set("dromedar.api.health-records.breaker-time", "1s");

        Exchange answer =
                call("", later("jobs/1"), Answer.of(503, List.of(AT_ONCE), ""), Answer.of(200, List.of(RESULT), "{}"));

        assertThat(answer.getException()).isNull();
        assertThat(received()).hasSize(3);
        assertThat(worker.seen("health-records").calls().failures().get("breaker-open"))
                .isPositive();
    }

    @Test
    void theResultMayHavePages() throws Exception {
        answers(
                later("jobs/1"),
                Answer.of(200, List.of(RESULT, new Header("Link", "<result?page=2>; rel=next")), "[{\"id\":1}]"),
                Answer.of(200, List.of(RESULT), "[{\"id\":2}]"));
        worker.route(
                        "call",
                        "to: {uri: \"api:health-records/start\", parameters: {method: POST, await: true, pages: link}}",
                        "split: {simple: \"${body}\", streaming: true, aggregationStrategy: \"#class:"
                                + "org.apache.camel.processor.aggregate.StringAggregationStrategy\","
                                + " steps: [{setBody: {simple: \"${body[id]}\"}}]}")
                .start();

        Exchange answer = worker.send("call", "a body");

        assertThat(answer.getException()).isNull();
        assertThat(answer.getMessage().getBody(String.class)).isEqualTo("12");
        assertThat(received().stream().map(Request::method)).containsExactly("POST", "GET", "GET");
    }

    @Test
    void aWorkerThatStopsDoesNotWait() throws Exception {
        var polled = new CountDownLatch(1);
        worker.sandbox.api("health-records").fault((request, server) -> {
            Answer checked = server.answer(request);
            polled.countDown();
            return checked.status() != 200
                    ? checked
                    : Answer.of(202, List.of(new Header("Location", "x"), new Header("Retry-After", "300")), "");
        });
        worker.route("call", "to: {uri: \"api:health-records/start\", parameters: {await: true}}")
                .start();
        var call = CompletableFuture.supplyAsync(() -> worker.send("call"));
        assertThat(polled.await(60, TimeUnit.SECONDS)).isTrue();

        worker.context.stop();

        assertThat(call.get(60, TimeUnit.SECONDS).getException()).hasMessageContaining("this worker is stopping");
    }

    @Test
    void aLimitWithoutAwaitIsRefused() throws Exception {
        worker.start();

        assertThatThrownBy(() -> worker.context.getEndpoint("api:health-records/x?awaitLimit=1m"))
                .rootCause()
                .hasMessageContaining("no effect without await=true");
    }
}
