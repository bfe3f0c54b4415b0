package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.dromedar.letters.DeadLetters;
import dev.dromedar.sandbox.Answer;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.Header;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a route's error handling can tell a person of a call that failed. */
@Tag("long")
class FailedCallTest {
    private final Worker worker = new Worker();

    @AfterEach
    void close() {
        worker.close();
    }

    static Stream<Arguments> answers() {
        return Stream.of(
                arguments(
                        401,
                        "Bearer error=\"invalid_token\"",
                        "HTTP 401 invalid_token. The API does not take this token"),
                arguments(401, "Basic realm=\"x\"", "HTTP 401. The API does not take this token"),
                arguments(401, "Bearer error=\"a b\\nc\"", "HTTP 401. The API does not take this token"),
                arguments(403, "Bearer error=\"insufficient_scope\"", "HTTP 403 insufficient_scope. The token is good"),
                arguments(404, null, "HTTP 404. The API rejects the request"),
                arguments(429, null, "HTTP 429. The API wants fewer calls"),
                arguments(500, null, "HTTP 500. The API itself failed"));
    }

    @ParameterizedTest
    @MethodSource("answers")
    void saysWhyAndWhatToDo(int status, @Nullable String challenge, String words) throws Exception {
        worker.route("call", "process: {ref: orders}", "to: " + worker.address("orders") + "/records?born=01019012345")
                .start();
        worker.sandbox.api("orders").fault(Fault.change(answer -> {
            return Answer.of(
                    status,
                    challenge == null ? List.of() : List.of(new Header("WWW-Authenticate", challenge)),
                    "not for a log");
        }));

        Exchange answer = worker.send("call");

        assertThat(answer.getProperty(Call.FAILURE, String.class))
                .startsWith("orders: GET " + worker.address("orders") + "/records: " + words)
                .doesNotContain("not for a log")
                .doesNotContain("01019012345");
    }

    @Test
    void saysThatNothingAnswers() throws Exception {
        worker.set("dromedar.api.orders.base-address", "http://localhost:1")
                .route("call", "process: {ref: orders}", "to: http://localhost:1/records")
                .start();

        Exchange answer = worker.send("call");

        assertThat(answer.getProperty(Call.FAILURE, String.class))
                .startsWith("orders: GET http://localhost:1/records: nothing answers there");
    }

    @Test
    void saysNothingOfACallThatWentWellAfterOneThatDidNot() throws Exception {
        worker.route(
                        "call",
                        "doTry: {steps: [{process: {ref: orders}}, {to: '" + worker.address("orders") + "/a'}],"
                                + " doCatch: [{exception: [java.lang.Exception]}]}",
                        "process: {ref: orders}",
                        "to: " + worker.address("orders") + "/b")
                .start();
        worker.sandbox.api("orders").answers(500).then(200).nothingElse();

        Exchange answer = worker.send("call");

        assertThat(answer.getException()).isNull();
        assertThat(answer.getProperty(Call.FAILURE)).isNull();
    }

    @Test
    void namesTheApiForWhichThereWasNoTokenAndNotTheOneBefore() throws Exception {
        worker.route(
                        "call",
                        "process: {ref: health-records}",
                        "to: '" + worker.address("health-records") + "/a'",
                        "process: {ref: orders}")
                .start();
        worker.sandbox
                .duende()
                .origin()
                .fault(Fault.error(400, "invalid_client").at("/connect/token"));

        Exchange answer = worker.send("call");

        assertThat(answer.getException()).isNotNull();
        assertThat(Call.api(answer)).isEqualTo("orders");
    }

    @ParameterizedTest
    @ValueSource(strings = {"process: {ref: orders}; to: ADDRESS/records", "to: api:orders/records"})
    void aLetterKeepsTheBodyOfARefusalIfThePropertySaysSo(String steps, @TempDir Path temp) throws Exception {
        worker.set("dromedar.dead-letters.folder", temp.resolve("letters").toString())
                .set("dromedar.dead-letters.every-route", "true")
                .set("dromedar.dead-letters.answers", "true")
                .route(
                        "call",
                        steps.replace("ADDRESS", worker.address("orders")).split("; "))
                .start();
        worker.sandbox
                .api("orders")
                .fault(Fault.change(answer -> Answer.of(404, List.of(), "{\"title\":\"No such order\"}")));

        worker.send("call");

        var letters = Objects.requireNonNull(worker.context.getRegistry().findSingleByType(DeadLetters.class));
        assertThat(letters.input(letters.list(1).get(0)).answer()).isEqualTo("{\"title\":\"No such order\"}");
        assertThat(letters.list(1).get(0).cause()).doesNotContain("No such order");
    }
}
