package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.sandbox.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code DromedarFailure} is there wherever a route can handle the failure of a call. */
@Tag("long")
@Timeout(120)
class FailureInBranchesTest {
    /** Each fails in another way. */
    private static final String[] CALLS = {
        "{to: 'api:orders/x'}",
        "{process: {ref: orders}}, {to: 'BASE/x'}",
        "{process: {ref: gone}}, {to: 'http://localhost:1/x'}",
        "{to: {uri: 'api:orders/{id}', parameters: {path.id: '${header.none}'}}}",
        "{to: 'api:refused/x'}",
        "{process: {ref: refused}}, {to: 'BASE/x'}"
    };

    private static final String[] WORDS = {
        "orders: GET BASE/x: HTTP 503. ",
        "orders: POST BASE/x: HTTP 503. ",
        "gone: POST http://localhost:1/x: nothing answers there",
        "orders: A call was refused: the message has no value for a place in its path",
        "refused: token refused by ",
        "refused: token refused by "
    };

    private final Worker worker = new Worker();
    private final LinkedBlockingQueue<String> seen = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        worker.close();
    }

    private static String caught(String steps) {
        return "{doTry: {steps: [" + steps + "], doCatch: [{exception: [java.lang.Exception], steps: [SEEN]}]}}";
    }

    /** {@code CALL} stands for the steps of a call, and {@code SEEN} for those that handle its failure. */
    private static String branch(String name) {
        return switch (name) {
            case "doCatch" -> caught("CALL");
            case "doFinally" -> "{doTry: {steps: [CALL], doFinally: {steps: [SEEN]}}}";
            case "doCatch around a split" -> caught("{split: {constant: a, stopOnException: true, steps: [CALL]}}");
            case "doCatch around a split in parallel" ->
                caught("{split: {constant: a, stopOnException: true, parallelProcessing: true, steps: [CALL]}}");
            case "doCatch around a multicast" ->
                caught("{multicast: {stopOnException: true, steps: [{pipeline: {steps: [CALL]}}]}}");
            case "doCatch around an enrich" -> caught("{enrich: {constant: 'direct:calledN'}}");
            case "doCatch around a loop of copies" -> caught("{loop: {constant: '2', copy: true, steps: [CALL]}}");
            case "a branch of a multicast" -> "{multicast: {steps: [" + caught("CALL") + "]}}";
            case "a wire tap" -> "{wireTap: {uri: 'direct:tappedN'}}";
            case "onFallback" -> "{circuitBreaker: {steps: [CALL], onFallback: {steps: [SEEN]}}}";
            case "onFallback around a split" ->
                "{circuitBreaker: {steps: [{split: {constant: a, stopOnException: true, steps: [CALL]}}],"
                        + " onFallback: {steps: [SEEN]}}}";
            case "around a circuit breaker without onFallback" -> caught("{circuitBreaker: {steps: [CALL]}}");
            case "onException" -> "CALL";
            case "onException around a split" -> "{split: {constant: a, stopOnException: true, steps: [CALL]}}";
            case "onException around another route" -> "{to: 'direct:calledN'}";
            case "onCompletion" -> "CALL";
            case "dead letter channel" -> "CALL";
            case "dead letter channel around a split" ->
                "{split: {constant: a, stopOnException: true, shareUnitOfWork: true, steps: [{to: 'direct:calledN'}]}}";
            default -> throw new IllegalArgumentException(name);
        };
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "doCatch",
                "doFinally",
                "doCatch around a split",
                "doCatch around a split in parallel",
                "doCatch around a multicast",
                "doCatch around an enrich",
                "doCatch around a loop of copies",
                "a branch of a multicast",
                "a wire tap",
                "onFallback",
                "onFallback around a split",
                "around a circuit breaker without onFallback",
                "onException",
                "onException around a split",
                "onException around another route",
                "onCompletion",
                "dead letter channel",
                "dead letter channel around a split"
            })
    void isThere(String branch) throws Exception {
        start(branch);
        List<String> found = new ArrayList<>();
        for (int i = 0; i < CALLS.length; i++) {
            worker.send("in" + i, "a");
            String words = String.valueOf(seen.poll(60, TimeUnit.SECONDS));
            String wanted = WORDS[i].replace("BASE", worker.address("orders"));
            found.add(words.startsWith(wanted) ? WORDS[i] : words);
        }

        assertThat(found).containsExactly(WORDS);
        assertThat(seen).isEmpty();
    }

    /** A route for each call. */
    private void start(String branch) throws Exception {
        for (String same : new String[] {"base-address", "profile", "authority", "client-id", "scope"}) {
            worker.set("dromedar.api.gone." + same, "{{dromedar.api.orders." + same + "}}");
            worker.set("dromedar.api.refused." + same, "{{dromedar.api.orders." + same + "}}");
        }
        worker.set("dromedar.api.gone.base-address", "http://localhost:1")
                .set("dromedar.api.gone.client-secret", "{{dromedar.api.orders.client-secret}}")
                .set("dromedar.api.refused.client-secret", "wrong");
        worker.sandbox.api("orders").respond(request -> Answer.of(503, List.of(), ""));
        String handled =
                "- routeConfiguration: {id: errors, onException: [{onException: {exception: [java.lang.Exception],"
                        + " handled: {constant: 'true'}, steps: [SEEN]}}]}\n";
        String completed = "- routeConfiguration: {id: errors, onCompletion: [{onCompletion: {steps: [SEEN]}}]}\n";
        String letters =
                "- routeConfiguration: {id: errors, errorHandler: {deadLetterChannel: {deadLetterUri: 'direct:seen'}}}\n";
        worker.yaml(seen(branch.startsWith("onException") ? handled : branch.startsWith("dead") ? letters : completed));
        boolean configured = branch.matches("on(Exception|Completion).*|dead.*");
        for (int i = 0; i < CALLS.length; i++) {
            worker.yaml(route("in" + i, configured ? "routeConfigurationId: errors, " : "", branch(branch), i))
                    .yaml(route("called" + i, "errorHandler: {noErrorHandler: {}}, ", "CALL", i))
                    .yaml(route("tapped" + i, "", caught("CALL"), i));
        }
        worker.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:seen").process(exchange -> seen.add(String.valueOf(exchange.getProperty(Call.FAILURE))));
            }
        });
    }

    private String route(String name, String more, String steps, int call) {
        String calls = CALLS[call].replace("BASE", worker.address("orders"));
        return "- route: {id: " + name + ", " + more + "from: {uri: 'direct:" + name + "', steps: ["
                + seen(steps)
                        .replace("CALL", calls)
                        .replace("calledN", "called" + call)
                        .replace("tappedN", "tapped" + call)
                + "]}}\n";
    }

    private static String seen(String steps) {
        return steps.replace("SEEN", "{to: 'direct:seen'}");
    }

    @Test
    void isThatOfTheLastFailureAndNotOfOneBefore() throws Exception {
        worker.sandbox.api("orders").answers(500).then(404);
        worker.yaml("- route: {from: {uri: 'direct:in', steps: ["
                        + seen(caught("{to: 'api:orders/a'}")) + ", "
                        + seen(caught("{split: {constant: a, stopOnException: true, steps: [{to: 'api:orders/b'}]}}"))
                        + ", {to: 'api:orders/c'}, {to: 'direct:seen'}]}}\n")
                .start(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:seen")
                                .process(exchange -> seen.add(String.valueOf(exchange.getProperty(Call.FAILURE))));
                    }
                });

        worker.send("in");

        assertThat(seen.poll()).contains("/a: HTTP 500");
        assertThat(seen.poll()).contains("/b: HTTP 404");
        assertThat(seen.poll()).isEqualTo("null");
    }
}
