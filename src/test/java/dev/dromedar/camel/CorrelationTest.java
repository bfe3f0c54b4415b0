package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.sandbox.Header;
import dev.dromedar.sandbox.Request;
import java.util.List;
import java.util.Objects;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An API that asks for an id with each call, as some of HelseID's ask for {@code nhn-event-id}. */
@Tag("long")
class CorrelationTest {
    private static final String UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

    private final Worker worker = new Worker().set("dromedar.api.health-records.correlation-header", "nhn-event-id");

    @AfterEach
    void close() {
        worker.close();
    }

    @Test
    void givesEachCallAnIdOfItsOwnAndNoneToOtherApis() throws Exception {
        worker.route(
                        "both",
                        "setHeader: {name: CamelHttpMethod, constant: GET}",
                        "process: {ref: health-records}",
                        "to: \"" + worker.address("health-records") + "/records\"",
                        "process: {ref: orders}",
                        "to: \"" + worker.address("orders") + "/orders\"")
                .start();

        Exchange first = worker.send("both");
        worker.send("both");

        assertThat(first.getException()).isNull();
        List<Request> calls = worker.sandbox.api("health-records").received();
        assertThat(calls).hasSize(2);
        assertThat(calls.get(0).header("nhn-event-id"))
                .matches(UUID)
                .isNotEqualTo(calls.get(1).header("nhn-event-id"));
        assertThat(worker.sandbox.api("orders").received())
                .allSatisfy(call -> assertThat(call.header("nhn-event-id")).isNull());
    }

    @Test
    void keepsTheIdWhenTheCallIsSentAgainAndTellsIt() throws Exception {
        worker.route(
                        "call",
                        "setHeader: {name: CamelHttpMethod, constant: GET}",
                        "process: {ref: health-records}",
                        "to: \"" + worker.address("health-records") + "/records\"")
                .start();
        worker.send("call");
        worker.sandbox
                .api("health-records")
                .answers(401, Header.invalidToken("DPoP"))
                .then(500);

        Exchange answer = worker.send("call");

        List<Request> calls = worker.sandbox.api("health-records").received();
        assertThat(calls).hasSize(3);
        String id = calls.get(1).header("nhn-event-id");
        assertThat(calls.get(2).header("nhn-event-id")).isEqualTo(id).matches(UUID);
        assertThat(answer.getProperty("DromedarCorrelation")).isEqualTo(id);
        var client = worker.context.hasService(Apis.class).clients().named("health-records");
        assertThat(String.valueOf(
                        Objects.requireNonNull(client).snapshot().values().get("lastError")))
                .contains("HTTP 500, correlation " + id + ". The API itself failed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x\r\nforged", "a b", "\u001b[2J", "ø", "a\u202eb", "a,b", "\"a\""})
    void refusesAnIdThatIsNoToken(String id) throws Exception {
        worker.route(
                        "call",
                        "setHeader: {name: CamelHttpMethod, constant: GET}",
                        "process: {ref: health-records}",
                        "to: \"" + worker.address("health-records") + "/records\"")
                .start();

        Exchange answer = worker.sendWith("call", "nhn-event-id", id);

        assertThat(answer.getException())
                .isInstanceOf(RefusedCall.class)
                .hasMessageContaining("nhn-event-id")
                .hasMessageContaining("is no token");
        assertThat(worker.sandbox.api("health-records").received()).isEmpty();
    }

    @Test
    void refusesAnIdThatIsTooLong() throws Exception {
        worker.route(
                        "call",
                        "setHeader: {name: CamelHttpMethod, constant: GET}",
                        "process: {ref: health-records}",
                        "to: \"" + worker.address("health-records") + "/records\"")
                .start();

        assertThat(worker.sendWith("call", "nhn-event-id", "a".repeat(128)).getException())
                .isNull();
        assertThat(worker.sendWith("call", "nhn-event-id", "a".repeat(129)).getException())
                .isInstanceOf(RefusedCall.class);
    }

    @Test
    void whatAnApiEchoesIsNotTheNextCallsId() throws Exception {
        worker.set("dromedar.api.orders.correlation-header", "x-echo");
        worker.sandbox
                .api("health-records")
                .answers(200, List.of(new Header("X-Echo", "stolen"), new Header("nhn-event-id", "stolen")));
        worker.route(
                        "both",
                        "setHeader: {name: CamelHttpMethod, constant: GET}",
                        "process: {ref: health-records}",
                        "to: \"" + worker.address("health-records") + "/records\"",
                        "process: {ref: orders}",
                        "to: \"" + worker.address("orders") + "/orders\"")
                .start();

        Exchange answer = worker.send("both");

        Request call = worker.sandbox.api("orders").received().get(0);
        assertThat(call.header("x-echo")).matches(UUID);
        assertThat(call.header("nhn-event-id")).isNull();
        assertThat(answer.getProperty("DromedarCorrelation")).isEqualTo(call.header("x-echo"));
    }

    @Test
    void leavesTheIdThatARouteHasSet() throws Exception {
        worker.route(
                        "call",
                        "setHeader: {name: CamelHttpMethod, constant: GET}",
                        "setHeader: {name: nhn-event-id, constant: mine}",
                        "process: {ref: health-records}",
                        "to: \"" + worker.address("health-records") + "/records\"")
                .start();

        worker.send("call");

        assertThat(worker.sandbox.api("health-records").received())
                .extracting(call -> call.header("nhn-event-id"))
                .containsExactly("mine");
    }
}
