package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dromedar.RawServer;
import dev.dromedar.sandbox.Answer;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.Header;
import dev.dromedar.sandbox.Request;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.ExchangeBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One line in a route calls an API, and a message fills in data alone. */
@Tag("long")
class ApiComponentTest {
    private static final String RECORDS = """
            to:
              uri: api:health-records/records/{id}
              parameters:
                query.changed: "${header.since}"
                path.id: "${body[recordId]}"
            """;

    /** What a message might hold to become more than data. */
    private static final List<String> HOSTILE = List.of(
            "../../other",
            "%2e%2e",
            "..%2f..",
            "{{dromedar.api.orders.client-secret}}",
            "{{env:PATH}}",
            "${env:PATH}",
            "#class:java.io.File",
            "#bean:orders",
            "RAW(x)",
            "a?httpMethod=DELETE",
            "1&httpMethod=DELETE",
            "1&throwExceptionOnFailure=false",
            "a/b",
            "a\\b",
            "a\r\nX-Evil: 1",
            "a\u0000b",
            "http://evil.example/",
            "a;b=c",
            "a b+c",
            "Ærlig 🐪",
            "{id}",
            "a#b",
            "{{secretfile:secrets/a.jwk.json}}",
            "{{secretfile:pom.xml}}",
            "{{sys:user.home}}",
            "1&customHostHeader=evil.example",
            "1&proxyHost=localhost&proxyPort=PORT",
            "1&headerFilterStrategy=#class:java.io.FileOutputStream('target/written-by-a-message')",
            "#class:javax.naming.InitialContext#doLookup('ldap://localhost:PORT/x')",
            "http://localhost:PORT/",
            "//localhost:PORT/",
            "?CamelHttpUri=http://localhost:PORT/",
            "${bean:type:java.lang.System?method=exit}",
            "%7b%7benv:PATH%7d%7d");

    private final Worker worker = new Worker();

    @AfterEach
    void close() {
        worker.close();
    }

    private Exchange send(String route, Object body, Map<String, Object> headers) {
        try (ProducerTemplate template = worker.context.createProducerTemplate()) {
            var exchange = ExchangeBuilder.anExchange(worker.context).withBody(body);
            headers.forEach(exchange::withHeader);
            return template.send("direct:" + route, exchange.build());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private List<Request> received(String api) {
        return worker.sandbox.api(api).received();
    }

    @Test
    void callsAProtectedApiInOneLine() throws Exception {
        worker.route("call", RECORDS).start();

        Exchange answer = send("call", Map.of("recordId", "r 1/2"), Map.of("since", "2026-01-01", "X-Own", "kept"));

        assertThat(answer.getException()).isNull();
        assertThat(received("health-records")).singleElement().satisfies(request -> {
            assertThat(request.method()).isEqualTo("GET");
            assertThat(request.target()).endsWith("/records/r%201%2F2?changed=2026-01-01");
            assertThat(request.headers("X-Own")).isEmpty();
            assertThat(request.size()).isZero();
        });
        assertThat(answer.getMessage().getBody(String.class)).contains("\"records\"");
        assertThat(answer.getMessage().getHeaders())
                .containsEntry("CamelHttpResponseCode", 200)
                .containsEntry("X-Own", "kept")
                .containsEntry("since", "2026-01-01");
        assertThat(worker.seen("health-records").calls().count()).isEqualTo(1);
    }

    private static String decoded(String encoded) {
        return URLDecoder.decode(encoded, StandardCharsets.UTF_8);
    }

    @Test
    void whatAMessageHoldsIsDataInPathAndQuery() throws Exception {
        worker.route("call", RECORDS).start();
        String path = worker.sandbox.api("health-records").baseAddress().getRawPath() + "/records/";

        List<String> decoys = new ArrayList<>();
        try (var elsewhere = new RawServer(request -> {
            decoys.add(request.target());
            return RawServer.answer(200, "", "");
        })) {
            String port = String.valueOf(elsewhere.uri().getPort());
            for (String text : HOSTILE) {
                isData(text.replace("PORT", port), path);
            }
        }
        assertThat(HOSTILE).hasSizeGreaterThan(20);
        assertThat(decoys).isEmpty();
        assertThat(java.nio.file.Path.of("target/written-by-a-message")).doesNotExist();
        assertThat(received("orders")).isEmpty();
    }

    private void isData(String text, String path) {
        int before = received("health-records").size();

        Exchange answer = send("call", Map.of("recordId", "r" + text), Map.of("since", text));

        if (answer.getException() != null) { // what a server might read in two ways does not go at all
            assertThat(answer.getException())
                    .as(text)
                    .isInstanceOf(FailedCall.class)
                    .hasMessageContaining("two ways");
            assertThat(text).containsPattern("[.][.]|%2e|\\\\|[\\x00-\\x1f]");
            assertThat(received("health-records")).as(text).hasSize(before);
            send("call", Map.of("recordId", "r"), Map.of("since", text));
            assertThat(decoded(String.valueOf(
                            received("health-records").get(before).query())))
                    .isEqualTo("changed=" + text);
            return;
        }
        Request request = received("health-records").get(before);
        assertThat(received("health-records")).as(text).hasSize(before + 1);
        assertThat(request.method()).isEqualTo("GET");
        assertThat(request.path()).startsWith(path);
        assertThat(request.path().substring(path.length())).doesNotContain("/");
        assertThat(decoded(request.path().substring(path.length()))).isEqualTo("r" + text);
        assertThat(request.query()).startsWith("changed=").doesNotContain("&", "#");
        assertThat(decoded(String.valueOf(request.query()).substring("changed=".length())))
                .isEqualTo(text);
        assertThat(request.headers("X-Evil")).isEmpty();
        assertThat(request.header("Host")).startsWith("localhost:");
    }

    @Test
    void headersOfTheCatalogueAreThoseThatAreRead() throws Exception {
        List<String> known = new ArrayList<>();
        for (var field : CallHeaders.class.getFields()) {
            known.add((String) field.get(null));
        }

        assertThat(known)
                .containsAll(PerMessage.ALL.stream().map(name -> "Camel" + name).toList());
    }

    /** A whole address of the message goes below the base address or nowhere. */
    @Test
    void anAddressOfAMessageIsUnderTheBaseAddress() throws Exception {
        String base = worker.sandbox.api("health-records").baseAddress().toString();
        worker.route("call", "to: {uri: 'api:health-records', parameters: {address: '${body}'}}")
                .start();
        for (String text : HOSTILE) {
            send("call", text, Map.of());
            send("call", base + "@evil.example/", Map.of());
            send("call", base + ".evil.example/", Map.of());
            send("call", base + "/../" + text, Map.of());
        }
        assertThat(received("orders")).isEmpty();
        assertThat(received("health-records"))
                .allSatisfy(request -> assertThat(request.url()).startsWith(base + "/"));
        int before = received("health-records").size();

        Exchange answer = send("call", base + "/files/1?signature=a%2Fb", Map.of());

        assertThat(answer.getException()).isNull();
        assertThat(received("health-records").get(before).target()).endsWith("/files/1?signature=a%2Fb");
        assertThat(send("call", "", Map.of()).getException()).hasMessageContaining("no value for address");
        assertThat(send("call", "https://evil.example/", Map.of()).getException())
                .hasMessageContaining("names an address that is not under the base address");
        assertThat(received("health-records")).hasSize(before + 1);
    }

    @Test
    void aQueryTakesAnyText() throws Exception {
        worker.route("call", "to: {uri: \"api:orders/search\", parameters: {query.q: \"${body}\", query.fixed: 'a b'}}")
                .start();

        for (String text : HOSTILE) {
            int before = received("orders").size();

            assertThat(send("call", text, Map.of()).getException()).as(text).isNull();

            List<String> pairs = Arrays.asList(
                    String.valueOf(received("orders").get(before).query()).split("&"));
            assertThat(pairs).as(text).hasSize(2);
            assertThat(decoded(pairs.stream()
                            .filter(pair -> pair.startsWith("q="))
                            .findFirst()
                            .orElseThrow()
                            .substring(2)))
                    .isEqualTo(text);
            assertThat(pairs).contains("fixed=a%20b");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", ".."})
    void aPathWithoutAValueIsRefused(String id) throws Exception {
        worker.route("call", RECORDS).start();

        Exchange answer = send("call", Map.of("recordId", id), Map.of());

        assertThat(answer.getException())
                .isInstanceOf(FailedCall.class)
                .hasMessageStartingWith("health-records: A call was refused")
                .hasCauseInstanceOf(RefusedCall.class);
        assertThat(answer.getProperty(Call.FAILURE))
                .isEqualTo(answer.getException().getMessage());
        assertThat(received("health-records")).isEmpty();
        assertThat(worker.seen("health-records").calls().failures()).containsEntry("refused-here", 1L);
    }

    @Test
    void aParameterIsRepeatedForAListAndLeftOutWithoutAValue() throws Exception {
        worker.route(
                        "call",
                        "to: {uri: \"api:orders/x?query.id=${body}&query.none=${header.none}&query.two=1&query.two=2\"}")
                .start();

        assertThat(send("call", List.of("a", "b&c"), Map.of()).getException()).isNull();

        assertThat(Objects.requireNonNull(received("orders").get(0).query()).split("&"))
                .containsExactlyInAnyOrder("id=a", "id=b%26c", "two=1", "two=2");
    }

    @Test
    void aMessageDirectsNothing() throws Exception {
        worker.route("call", "to: \"api:orders/x\"").start();

        Exchange answer = send(
                "call",
                "a body",
                Map.of(
                        "CamelHttpMethod", "DELETE",
                        "CamelHttpUri", "http://evil.example/",
                        "CamelHttpPath", "/y",
                        "CamelHttpQuery", "a=b",
                        "CamelHttpRawQuery", "a=b",
                        "Authorization", "Bearer x",
                        "Cookie", "a=b",
                        "Host", "evil.example",
                        "X-Api-Key", "k"));

        assertThat(answer.getException()).isNull();
        Request request = received("orders").get(0);
        assertThat(request.method()).isEqualTo("GET");
        assertThat(request.target()).endsWith("/x");
        assertThat(request.size()).isZero();
        assertThat(request.headers("Cookie")).isEmpty();
        assertThat(request.headers("X-Api-Key")).isEmpty();
        assertThat(answer.getMessage().getHeaders())
                .containsEntry("CamelHttpMethod", "DELETE")
                .containsEntry("X-Api-Key", "k");
    }

    @Test
    void sendsABodyAndHeadersThatTheRouteNames() throws Exception {
        worker.route("call", """
                        to:
                          uri: api:orders/x
                          parameters:
                            method: POST
                            accept: application/json
                            contentType: application/json
                            header.X_Api_Key: "${header.key}"
                            header.X_None: "${header.none}"
                            header.X_Two: "a ${header.key}"
                        """, "to: {uri: \"api:orders/y\", parameters: {method: POST, body: false}}")
                .start();

        Exchange answer = send("call", "{\"name\":\"Ærlig\"}", Map.of("key", "k1"));

        assertThat(answer.getException()).isNull();
        Request request = received("orders").get(0);
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.body()).isEqualTo("{\"name\":\"Ærlig\"}");
        assertThat(request.headers("Content-Type")).containsExactly("application/json");
        assertThat(request.headers("Accept")).containsExactly("application/json");
        assertThat(request.headers("X-Api-Key")).containsExactly("k1");
        assertThat(request.headers("X-Two")).containsExactly("a k1");
        assertThat(request.headers("X-None")).isEmpty();
        assertThat(received("orders").get(1).size()).isZero();
        assertThat(received("orders").get(1).headers("X-Api-Key")).isEmpty();
    }

    @Test
    void whatAMessageHoldsIsDataInAHeader() throws Exception {
        worker.route("call", "to: {uri: \"api:orders/x\", parameters: {header.X_Own: \"${body}\"}}")
                .start();

        for (String text : HOSTILE) {
            int before = received("orders").size();

            Exchange answer = send("call", text, Map.of());

            if (text.chars().allMatch(c -> c >= ' ' && c <= '~')) {
                assertThat(answer.getException()).as(text).isNull();
                Request request = received("orders").get(before);
                assertThat(request.headers("X-Own")).containsExactly(text);
                assertThat(request.headers("X-Evil")).isEmpty();
                assertThat(request.method() + " " + request.query()).isEqualTo("GET null");
            } else { // no header can carry it
                assertThat(answer.getException()).as(text).isInstanceOf(FailedCall.class);
                assertThat(received("orders")).hasSize(before);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nX-Evil: 1", "a\u0000b", "Ærlig", "a\u007f"})
    void aHeaderTakesNothingThatEndsALine(String value) throws Exception {
        worker.route("call", "to: {uri: \"api:orders/x\", parameters: {header.X_Own: \"${body}\"}}")
                .start();

        assertThat(send("call", value, Map.of()).getException())
                .isInstanceOf(FailedCall.class)
                .hasMessageContaining("X-Own");
        assertThat(received("orders")).isEmpty();
    }

    @Test
    void nothingOfAnAnswerGoesOutWithALaterCall() throws Exception {
        worker.sandbox
                .api("orders")
                .fault(Fault.change(answer -> Answer.of(
                        200,
                        List.of(
                                new Header("ETag", "\"1\""),
                                new Header("X-Session-Token", "s"),
                                new Header("Set-Cookie", "a=b"),
                                new Header("X-Answer", "y"),
                                new Header("CamelHttpUri", "http://evil.example/"),
                                new Header("Content-Type", "text/plain")),
                        "text")));
        try (var other = new RawServer(request -> RawServer.answer(200, "", "{}"))) {
            worker.route(
                            "call",
                            "to: api:orders/x",
                            "setProperty: {name: seen, simple: \"${exchangeProperty.DromedarAnswer[etag]}\"}",
                            "setProperty: {name: type, simple: \"${exchangeProperty.DromedarAnswer[Content-Type]}\"}",
                            "setProperty: {name: whole, simple: \"${body}\"}",
                            "to: \"" + other.uri() + "/y\"",
                            "to: api:health-records/z")
                    .start();

            Exchange answer = worker.send("call");

            assertThat(answer.getException()).isNull();
            assertThat(answer.getProperty("seen")).isEqualTo("\"1\"");
            assertThat(answer.getProperty("type")).isEqualTo("text/plain");
            assertThat(answer.getProperty("whole", String.class)).isEqualTo("text");
            assertThat(other.received().get(0).headerNames())
                    .doesNotContain("ETag", "X-Answer", "X-Session-Token", "Set-Cookie", "Authorization", "DPoP");
            assertThat(String.valueOf(other.received().get(0).header("Content-Type")))
                    .doesNotContain("text/plain");
            assertThat(received("health-records").get(0).headers().stream()
                            .map(Header::name)
                            .toList())
                    .doesNotContain("ETag", "X-Answer", "X-Session-Token", "Set-Cookie", "Cookie");
        }
    }

    @Test
    void aFailureHasFields() throws Exception {
        worker.route("call", "to: api:orders/x").start();
        worker.sandbox
                .api("orders")
                .fault(
                        Fault.instead(
                                Answer.of(
                                        403,
                                        List.of(
                                                new Header("WWW-Authenticate", "Bearer error=\"insufficient_scope\""),
                                                new Header("Content-Type", "application/problem+json")),
                                        "{\"title\":\"Not\\nallowed\",\"errorCode\":\"E-17\",\"requestId\":\"ab:1\",\"detail\":\"01019012345\"}")));

        Exchange answer = worker.send("call");

        assertThat(answer.getException()).isInstanceOfSatisfying(FailedCall.class, failure -> {
            assertThat(failure.getApi()).isEqualTo("orders");
            assertThat(failure.getStatus()).isEqualTo(403);
            assertThat(failure.getError()).isEqualTo("insufficient_scope");
            assertThat(failure.getTitle()).isEqualTo("Not\\nallowed");
            assertThat(failure.getErrorCode()).isEqualTo("E-17");
            assertThat(failure.getRequestId()).isEqualTo("ab:1");
            assertThat(failure.getAdvice()).contains("Check scope");
            assertThat(failure)
                    .hasMessageContaining("HTTP 403 insufficient_scope")
                    .hasNoCause();
        });
        assertThat(answer.getProperty(Call.FAILURE))
                .isEqualTo(answer.getException().getMessage());
        assertThat(answer.getMessage().getBody()).isNull();
    }

    @Test
    void aMissingTokenIsAFailureOfTheSameKind() throws Exception {
        worker.set("dromedar.api.orders.time-limit", "1s")
                .route("call", "to: api:orders/x")
                .start();
        worker.sandbox
                .duende()
                .origin()
                .fault(Fault.error(400, "invalid_client").at("/connect/token"));

        Exchange answer = worker.send("call");

        assertThat(answer.getException()).isInstanceOfSatisfying(FailedCall.class, failure -> {
            assertThat(failure.getStatus()).isZero();
            assertThat(failure.getError()).isEqualTo("invalid_client");
        });
        assertThat(answer.getProperty(Call.FAILURE, String.class)).startsWith("orders: ");
        assertThat(received("orders")).isEmpty();
    }

    @Test
    void aStatusThatTheRouteExpectsIsNoFailure() throws Exception {
        worker.route("call", "to: {uri: \"api:orders/x\", parameters: {okStatus: \"200-299,404\"}}")
                .start();
        worker.sandbox.api("orders").fault(Fault.status(404));

        Exchange answer = worker.send("call");

        assertThat(answer.getException()).isNull();
        assertThat(answer.getMessage().getHeader("CamelHttpResponseCode")).isEqualTo(404);
        assertThat(answer.getProperty(Call.FAILURE)).isNull();
        assertThat(worker.seen("orders").calls().failed()).isZero();
    }

    @Test
    void aRefusedTokenIsRecoveredFromOnceAndABodySentAgain() throws Exception {
        worker.route("call", "to: {uri: \"api:health-records/x\", parameters: {method: PUT}}")
                .start();
        worker.sandbox.api("health-records").answers(401, Header.useNonce("n1"));

        Exchange answer = send("call", "a body", Map.of());

        assertThat(answer.getException()).isNull();
        assertThat(received("health-records")).hasSize(2).allSatisfy(request -> assertThat(request.body())
                .isEqualTo("a body"));
        assertThat(received("health-records").get(0).header("DPoP"))
                .isNotEqualTo(received("health-records").get(1).header("DPoP"));
    }

    @Test
    void scopeAndOrganisationAreOfOneCall() throws Exception {
        worker.route("call", "to: {uri: \"api:orders/x\", parameters: {scope: \"${body} more\"}}", "to: api:orders/y")
                .start();

        Exchange answer = send("call", "orders.read", Map.of());

        assertThat(answer.getProperty(PerMessage.SCOPE)).isNull();
        assertThat(answer.getException()).isInstanceOf(FailedCall.class);
        assertThat(worker.sandbox.duende().origin().received().stream()
                        .map(Request::body)
                        .filter(body -> body.contains("scope=")))
                .allSatisfy(body -> assertThat(body).contains("more").contains("orders.read"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "api:ordrs/x | Did you mean 'orders'?",
                "api:orders/x/{id} | there is no parameter path.id",
                "api:orders/x?path.id=1 | the path has no {id}",
                "api:orders/x?method=FETCH | method 'FETCH' is not known",
                "api:orders/x?body=true | no effect with method GET",
                "api:orders/../x | leads elsewhere",
                "api:orders/x?query.q=${bodyy | cannot be read",
                "api:orders/x?header.Authorization=x | header.Authorization cannot be set",
                "api:orders/x?header.Host=x | header.Host cannot be set",
                "api:orders/x?okStatus=ok | okStatus 'ok'",
                "api:orders/x?timeLimit=soon | timeLimit 'soon'",
                "api:orders/x?querry.q=1 | Unknown parameters",
                "api:orders/x?query.q={{dromedar.api.orders.client-secret}} | secret",
                "api:orders/x/{id | brace"
            })
    void whatDoesNotFitTogetherIsRefusedBeforeARun(String row) throws Exception {
        worker.start();

        assertThatThrownBy(() -> worker.context.getEndpoint(row.substring(0, row.indexOf(" | "))))
                .rootCause()
                .hasMessageContaining(row.substring(row.indexOf(" | ") + 3));
    }

    @Test
    void anAddressOfAMessageCallsNoApi() throws Exception {
        worker.route("text", "toD: \"api:orders/${body}\"")
                .route("list", "recipientList: {header: to}")
                .start();

        assertThat(send("text", "x", Map.of()).getException()).isInstanceOf(RefusedCall.class);
        assertThat(send("list", "x", Map.of("to", "api:orders/x")).getException())
                .isInstanceOf(RefusedCall.class);
        assertThat(received("orders")).isEmpty();
    }

    @Test
    void aHyphenThatCamelsYamlTakesOutIsRefused() {
        worker.route("call", "to: {uri: \"api:orders/x\", parameters: {header.X-Own: a, query.page-size: 1}}");

        assertThatThrownBy(worker::start)
                .rootCause()
                .hasMessageContaining("takes the hyphen out of the name 'header.X-Own'. Write 'header.X_Own'.");
    }

    @Test
    void aNameMayBePercentEncoded() throws Exception {
        worker.route("call", "to: {uri: \"api:orders/x\", parameters: {query.page%2Dsize: 1}}")
                .start();

        assertThat(worker.send("call").getException()).isNull();

        assertThat(received("orders").get(0).query()).isEqualTo("page-size=1");
    }

    @Test
    void anIdempotencyKeyStaysOverRedeliveryAndRecovery() throws Exception {
        worker.sandbox.api("health-records").answers(503).then(401, Header.useNonce("n1"));
        worker.start(new RouteBuilder() {
            @Override
            public void configure() {
                errorHandler(defaultErrorHandler().maximumRedeliveries(2).redeliveryDelay(0));
                from("direct:call")
                        .to("api:health-records/x?method=POST&idempotencyKey=true")
                        .setBody(constant("b"))
                        .to("api:health-records/x?method=POST&idempotencyKey=true");
            }
        });

        assertThat(send("call", "a", Map.of()).getException()).isNull();
        assertThat(send("call", "a", Map.of("Idempotency-Key", "mine")).getException())
                .isNull();

        List<String> keys = received("health-records").stream()
                .map(request -> String.valueOf(request.header("Idempotency-Key")))
                .toList();
        assertThat(keys).hasSize(6);
        assertThat(keys.subList(0, 3)).containsOnly(keys.get(0));
        assertThat(keys.subList(2, 6)).doesNotHaveDuplicates().doesNotContain("mine", "null");
    }
}
