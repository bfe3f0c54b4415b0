package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.RawServer;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.builder.ExchangeBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a message carries is data: no address, option, placeholder, method or credential of an API's call is taken from it. */
@Tag("long")
public class MessageAsDataTest {
    /** What a message could say to be more than data. */
    static final List<String> HOSTILE = List.of(
            "{{dromedar.api.orders.client-secret}}",
            "{{secretfile:pom.xml}}",
            "{{env:PATH}}",
            "{{sys:java.version}}",
            "{{?x}}{{",
            "}}{{x",
            "1&httpMethod=DELETE",
            "1&customHostHeader=evil.example",
            "1&proxyHost=evil.example&proxyPort=1",
            "1&headerFilterStrategy=#class:java.io.FileOutputStream('target/evil')",
            "1&httpClientConfigurer=#class:javax.naming.InitialContext#doLookup('ldap://127.0.0.1:1/x')",
            "1&sslContextParameters=#bean:health-records",
            "#bean:health-records",
            "#class:java.lang.Object",
            "RAW({{env:PATH}})",
            "RAW{a}",
            "1&authUsername=a&authPassword=b&authMethod=Basic",
            "1&bridgeEndpoint=true&preserveHostHeader=true",
            "1&x509HostnameVerifier=#class:org.apache.hc.client5.http.ssl.NoopHostnameVerifier",
            "1;httpMethod=DELETE",
            "1?httpMethod=DELETE",
            "1#httpMethod=DELETE",
            "1%26httpMethod%3DDELETE",
            "%7B%7Benv:PATH%7D%7D",
            "${env.PATH}",
            "$simple{env.PATH}",
            "a/b",
            "a\\b",
            "a,http://evil.example/x",
            "a b+c",
            "@evil.example/",
            "blåbær–☃🐪",
            "1\r\nX-Evil: 1",
            "x".repeat(5000),
            "1&".repeat(500));

    private final Worker worker = new Worker();
    private final RawServer api = new RawServer(request -> RawServer.answer(200, "", "{}"));
    private final RawServer other = new RawServer(request -> RawServer.answer(200, "", "{}"));

    MessageAsDataTest() {
        worker.set("dromedar.api.health-records.base-address", api.uri() + "/base")
                .set("base", api.uri() + "/base");
    }

    @AfterEach
    void close() {
        worker.close();
        api.close();
        other.close();
    }

    /** The ways of Camel's to compute an address. {@code ADDRESS} stands for it. */
    private static final List<String> STEPS = List.of(
            "toD: \"ADDRESS\"",
            "toD: {uri: \"ADDRESS\", cacheSize: \"-1\"}",
            "toD: {uri: \"ADDRESS\", allowOptimisedComponents: \"false\"}",
            "toD: {uri: \"language:simple:ADDRESS\"}",
            "enrich: {simple: \"ADDRESS\"}",
            "recipientList: {simple: \"ADDRESS\"}",
            "recipientList: {simple: \"ADDRESS\", delimiter: \"false\"}",
            "recipientList: {simple: \"ADDRESS\", parallelProcessing: \"true\"}",
            "routingSlip: {simple: \"ADDRESS\"}",
            "multicast: {steps: [{toD: \"ADDRESS\"}]}",
            "choice: {when: [{simple: \"${body} != null\", steps: [{toD: \"ADDRESS\"}]}]}");

    private void route(List<String> steps, String address) throws Exception {
        for (int i = 0; i < steps.size(); i++) {
            worker.route(
                    "call" + i,
                    "process: {ref: health-records}",
                    "setHeader: {name: CamelHttpMethod, constant: GET}",
                    steps.get(i).replace("ADDRESS", address));
        }
        worker.start();
    }

    @Test
    void theTextOfAMessageIsDataInTheQuery() throws Exception {
        route(STEPS, "{{base}}/patients?fixed=1&id=${body}&last=x");

        for (int i = 0; i < STEPS.size(); i++) {
            for (String text : HOSTILE) {
                int before = api.received().size();
                assertThat(worker.send("call" + i, text).getException())
                        .as(STEPS.get(i) + text)
                        .isNull();
                assertThat(api.received()).as(STEPS.get(i) + text).hasSize(before + 1);
                RawServer.Received request = api.received().get(before);
                assertThat(request.method()).isEqualTo("GET");
                assertThat(request.path()).isEqualTo("/base/patients");
                assertThat(request.target())
                        .startsWith("/base/patients?fixed=1&id=")
                        .endsWith("&last=x");
                assertThat(decoded(request.target().replaceAll("^[^?]*\\?fixed=1&id=|&last=x$", "")))
                        .isEqualTo(text);
                assertThat(request.header("Host")).isEqualTo(api.uri().getRawAuthority());
                assertThat(request.headerNames()).doesNotContain("X-Evil");
            }
        }
    }

    @Test
    void theTextOfAMessageStaysWithinItsSegmentOfThePath() throws Exception {
        route(STEPS, "{{base}}/patients/${body}/records");

        for (int i = 0; i < STEPS.size(); i++) {
            for (String text : HOSTILE) {
                int before = api.received().size();
                Exception refused = worker.send("call" + i, text).getException();
                if (text.contains("\\") || text.contains("\r")) { // which servers read in more than one way
                    assertThat(refused).as(STEPS.get(i) + text).isInstanceOf(RefusedCall.class);
                    assertThat(api.received()).hasSize(before);
                    continue;
                }
                assertThat(refused).as(STEPS.get(i) + text).isNull();
                assertThat(api.received()).as(STEPS.get(i) + text).hasSize(before + 1);
                RawServer.Received request = api.received().get(before);
                assertThat(request.target()).startsWith("/base/patients/").endsWith("/records");
                assertThat(request.target().split("/")).hasSize(5);
                assertThat(decoded(request.target().replaceAll("^/base/patients/|/records$", "")))
                        .isEqualTo(text);
            }
        }
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    @Test
    void noTextLeadsToAnotherPath() throws Exception {
        route(STEPS, "{{base}}/patients/${body}");

        for (int i = 0; i < STEPS.size(); i++) {
            for (String text : List.of(
                    "",
                    ".",
                    "..",
                    "../../x",
                    "..%2f..%2fx",
                    "%2e%2e",
                    "%252e%252e",
                    "..;/x",
                    "..\\x",
                    "..\u0000",
                    "..\t",
                    ".. ",
                    "\uff0e\uff0e",
                    "\u2025",
                    "..%00",
                    "%c0%ae%c0%ae",
                    "\ud800")) {
                Exception refused = worker.send("call" + i, text).getException();
                if (!(text.isEmpty() && STEPS.get(i).startsWith("choice"))) {
                    assertThat(refused)
                            .as(STEPS.get(i) + text)
                            .isInstanceOf(RefusedCall.class)
                            .hasMessageContaining("Nothing was sent");
                }
            }
        }
        assertThat(api.received()).isEmpty();
    }

    @Test
    void twoPartsOfAMessageMakeNoPlaceholder() throws Exception {
        worker.route(
                        "call",
                        "process: {ref: health-records}",
                        "toD: \"{{base}}/a?q=${header.a}${header.b}env:PATH${header.c}${header.c}\"")
                .start();

        Exchange answer = send(Map.of("a", "{", "b", "{", "c", "}"));

        assertThat(answer.getException()).isNull();
        assertThat(api.received().get(0).target()).isEqualTo("/base/a?q=%7B%7Benv:PATH%7D%7D");
    }

    private Exchange send(Map<String, Object> headers) {
        return send("call", headers);
    }

    private Exchange send(String route, Map<String, Object> headers) {
        var exchange = ExchangeBuilder.anExchange(worker.context).build();
        exchange.getIn().setHeaders(new LinkedHashMap<>(headers));
        try (var template = worker.context.createProducerTemplate()) {
            return template.send("direct:" + route, exchange);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Steps that let a message choose where to. */
    public static final List<String> UNSAFE = List.of(
            "toD: \"${header.to}\"",
            "toD: \"http://${header.host}/base/x\"",
            "toD: \"http:${header.to}\"",
            "toD: \"http://${header.host}.example/base/x\"",
            "toD: \"{{base}}/x?${header.query}\"",
            "toD: \"{{base}}/x?httpMethod=${header.method}\"",
            "toD: \"{{base}}/x?http-method=${header.method}\"",
            "toD: \"language:header:to\"",
            "toD: \"bean:${header.to}\"",
            "wireTap: {uri: \"${header.to}\"}",
            "enrich: {header: to}",
            "enrich: {simple: \"${exchangeProperty.to}\"}",
            "recipientList: {header: to}",
            "routingSlip: {header: to}",
            "dynamicRouter: {header: to}",
            "recipientList: {variable: to}",
            "recipientList: {exchangeProperty: to}",
            "recipientList: {jsonpath: $.to}",
            "recipientList: {xpath: /to}",
            "recipientList: {simple: \"${header.to}\"}",
            "recipientList: {simple: \"direct:a,${header.to}\"}",
            "pollEnrich: {simple: \"${header.to}\"}",
            "poll: {uri: \"${header.to}\"}");

    @Test
    void anAddressThatTheRouteDoesNotWriteIsNoApis() throws Exception {
        List<String> steps = UNSAFE.stream()
                .filter(step -> !step.contains("wireTap") && !step.contains("path") && !step.contains("direct:a"))
                .toList();
        for (int i = 0; i < steps.size(); i++) {
            worker.route(
                    "call" + i,
                    "setProperty: {name: to, simple: \"${header.to}\"}",
                    "setVariable: {name: to, simple: \"${header.to}\"}",
                    "process: {ref: health-records}",
                    steps.get(i));
        }
        worker.start();

        for (int i = 0; i < steps.size(); i++) {
            for (String to : List.of(
                    api.uri() + "/base/x",
                    api.uri() + "/base/x?httpMethod=DELETE",
                    api.uri().toString().replace("http:", "HTTP:") + "/base/x",
                    other.uri() + "/x?id={{dromedar.api.orders.client-secret}}",
                    other.uri() + "/x?headerFilterStrategy=#class:java.lang.Object",
                    "bean:health-records",
                    "class:java.lang.Runtime",
                    "language:simple:${env.PATH}")) {
                Exchange answer = send(
                        "call" + i,
                        Map.of(
                                "to",
                                to,
                                "host",
                                api.uri().getRawAuthority(),
                                "query",
                                "httpMethod=DELETE",
                                "method",
                                "DELETE"));
                assertThat(answer.getException()).as(steps.get(i) + " " + to).isInstanceOf(RefusedCall.class);
            }
        }
        assertThat(api.received()).isEmpty();
        assertThat(other.received()).isEmpty();
    }

    @Test
    void afterACallAMessageMaySayWhereToGoOnButToNoApi() throws Exception {
        worker.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:call")
                        .process("health-records")
                        .to(api.uri() + "/base/a")
                        .recipientList(header("to"));
            }
        });

        assertThat(send(Map.of("to", other.uri() + "/b?q=1")).getException()).isNull();
        assertThat(send(Map.of("to", api.uri() + "/base/b")).getException()).isInstanceOf(RefusedCall.class);

        assertThat(other.received()).singleElement().satisfies(request -> {
            assertThat(request.target()).isEqualTo("/b?q=1");
            assertThat(request.headerNames()).doesNotContain("Authorization", "DPoP");
        });
        assertThat(api.received()).extracting(RawServer.Received::path).containsExactly("/base/a", "/base/a");
    }

    @Test
    void aStepThatALanguageOfTheRoutesFillsGoesOnWithinTheWorker() throws Exception {
        worker.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:call").recipientList(header("to"));
                from("direct:a").setBody(constant("a was here"));
            }
        });

        assertThat(send(Map.of("to", "direct:a")).getMessage().getBody()).isEqualTo("a was here");
    }

    private static final List<String> CONTROL = List.of(
            "CamelHttpUri=OTHER/x",
            "CamelHttpUri=API/base/elsewhere",
            "CamelHttpUri={{env:PATH}}",
            "CAMELHTTPURI=OTHER/x",
            "camelhttppath=/elsewhere",
            "CamelHttpPath=/{{dromedar.api.orders.client-secret}}",
            "CamelHttpQuery=q={{dromedar.api.orders.client-secret}}",
            "CamelHttpRawQuery=q=1",
            "CamelHttpMethod=DELETE",
            "camelHttpMethod=DELETE",
            "CamelRestHttpUri=OTHER/x",
            "CamelRestHttpQuery=q=1",
            "CamelHttpHost=evil.example",
            "CamelHttpPort=1",
            "CamelHttpProtocolVersion=HTTP/1.0",
            "X-HTTP-Method-Override=DELETE",
            "x-http-method=DELETE",
            "X_Original_Url=/base/b",
            "X-Rewrite-URL=/base/b",
            "X-Forwarded-Host=evil.example",
            "Forwarded=host=evil.example",
            "Expect=100-continue",
            "Host=evil.example");

    @Test
    void aHeaderThatCameWithTheMessageDirectsNothing() throws Exception {
        worker.route("call", "process: {ref: health-records}", "to: \"{{base}}/a?q=0\"")
                .start();

        for (String row : CONTROL) {
            String name = row.substring(0, row.indexOf('='));
            String there = row.substring(row.indexOf('=') + 1)
                    .replace("OTHER", other.uri().toString())
                    .replace("API", api.uri().toString());
            int before = api.received().size();

            Exchange answer = send(Map.of(name, there));

            assertThat(answer.getException()).as(row).isNull();
            assertThat(api.received()).as(row).hasSize(before + 1);
            RawServer.Received request = api.received().get(before);
            assertThat(request.head().lines().findFirst().orElseThrow()).isEqualTo("GET /base/a?q=0 HTTP/1.1");
            assertThat(request.header("Host")).isEqualTo(api.uri().getRawAuthority());
            if (!name.equals("Host")) {
                assertThat(request.header(name)).as(row).isNull();
                assertThat(answer.getMessage().getHeader(name))
                        .as("still the route's to read")
                        .isEqualTo(there);
            }
        }
        assertThat(other.received()).isEmpty();
    }

    @Test
    void aHeaderThatTheRouteSetsDirectsTheCall() throws Exception {
        worker.route(
                        "call",
                        "setHeader: {name: CamelHttpMethod, constant: PUT}",
                        "setHeaders: {headers: [{name: CamelHttpPath, simple: \"/more/${header.id}\"},"
                                + " {name: CamelHttpQuery, simple: \"q=${header.q}\"}]}",
                        "process: {ref: health-records}",
                        "to: \"{{base}}/a\"",
                        "setBody: {constant: null}",
                        "setHeader: {name: CamelHttpPath, constant: ''}",
                        "setHeader: {name: CamelHttpUri, simple: \"${header.next}\"}",
                        "setHeader: {name: CamelHttpMethod, constant: GET}",
                        "removeHeader: {name: CamelHttpQuery}",
                        "process: {ref: health-records}",
                        "to: \"{{base}}\"")
                .start();

        Exchange answer = send(Map.of("id", "7", "q", "{{env:PATH}}", "next", api.uri() + "/base/next?page=2"));

        assertThat(answer.getException()).isNull();
        assertThat(api.received())
                .extracting(request -> request.head().lines().findFirst().orElseThrow())
                .containsExactly(
                        "PUT /base/a/more/7?q=%7B%7Benv:PATH%7D%7D HTTP/1.1", "GET /base/next?page=2 HTTP/1.1");
    }

    @Test
    void noPlaceholderInAnAddressFromTheMessageIsExpandedWhoeverIsCalled() throws Exception {
        worker.route(
                        "call",
                        "setHeader: {name: CamelHttpUri, simple: \"${header.next}\"}",
                        "process: {ref: health-records}",
                        "to: \"{{base}}\"")
                .route("other", "to: \"" + other.uri() + "/fixed\"")
                .start();
        String placeholder = "/base/x?q={{dromedar.api.orders.client-secret}}{{sys:java.home}}";

        Exchange own = send(Map.of("next", api.uri() + placeholder));
        Exchange foreign = send("other", Map.of("CamelHttpUri", other.uri() + placeholder));

        String sent = "/base/x?q=%7B%7Bdromedar.api.orders.client-secret%7D%7D%7B%7Bsys:java.home%7D%7D";
        assertThat(own.getException()).isNull();
        assertThat(api.received()).extracting(RawServer.Received::target).containsExactly(sent);
        assertThat(foreign.getException()).isNull();
        assertThat(other.received()).extracting(RawServer.Received::target).containsExactly(sent);
        assertThat(own.getMessage().getHeader("CamelHttpUri")).isEqualTo(api.uri() + placeholder);
    }

    /** Camel's own patterns would need minutes for it, and a server refuses it. */
    @Test
    void anAddressThatIsTooLongIsRefusedAtOnce() throws Exception {
        worker.route("call", "process: {ref: health-records}", "toD: \"{{base}}/a/${header.id}?q=${body}\"")
                .route(
                        "header",
                        "setHeader: {name: CamelHttpQuery, simple: \"${header.id}\"}",
                        "process: {ref: health-records}",
                        "to: \"{{base}}/a\"")
                .route("list", "recipientList: {simple: \"{{base}}/a?q=${header.id}\"}")
                .route("other", "toD: \"" + other.uri() + "/a?q=${header.id}\"")
                .route("file", "toD: \"file:target/none/${header.id}\"")
                .start();

        for (String route : List.of("call", "header", "list", "other", "file")) {
            assertThat(send(route, Map.of("id", "1%".repeat(50_000))).getException())
                    .as(route)
                    .isInstanceOf(RefusedCall.class)
                    .hasMessageContaining("longer than 8000 characters");
        }
        assertThat(api.received()).isEmpty();
        assertThat(other.received()).isEmpty();
    }

    @Test
    void aRefusalIsAFailureOfTheApi() throws Exception {
        worker.route("call", "process: {ref: health-records}", "toD: \"{{base}}/a/${header.id}\"")
                .route(
                        "relative",
                        "setHeader: {name: CamelHttpUri, simple: \"${header.next}\"}",
                        "process: {ref: health-records}",
                        "to: \"{{base}}\"")
                .start();

        Exchange empty = send(Map.of());
        Exchange relative = send("relative", Map.of("next", "//evil.example/x"));

        assertThat(empty.getException()).hasMessageStartingWith("health-records: ");
        assertThat(relative.getException())
                .isInstanceOf(RefusedCall.class)
                .hasMessageStartingWith("health-records: ")
                .hasMessageContaining("no whole address");
        assertThat(worker.context.hasService(Apis.class).clients().all().stream()
                        .filter(client -> client.name().equals("health-records"))
                        .map(client -> client.snapshot().calls().failed()))
                .containsExactly(2L);
    }

    @Test
    void aProcessorOfTheRoutesDirectsTheCallToo() throws Exception {
        worker.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:call")
                        .process(exchange -> exchange.getMessage().setHeader("CamelHttpMethod", "DELETE"))
                        .process("health-records")
                        .to(api.uri() + "/base/a");
            }
        });

        assertThat(worker.send("call").getException()).isNull();

        assertThat(api.received().get(0).method()).isEqualTo("DELETE");
    }

    @Test
    void anAnswerDirectsNothingAndItsCredentialsStayWithTheRoute() throws Exception {
        try (var login = new RawServer(request -> RawServer.answer(
                200, "X-Session-Token: s1\r\nCamelHttpUri: " + other.uri() + "\r\nSet-Cookie: a=b\r\n", "{}"))) {
            worker.set("dromedar.api.orders.base-address", login.uri().toString())
                    .route(
                            "call",
                            "process: {ref: orders}",
                            "to: \"" + login.uri() + "/login\"",
                            "process: {ref: health-records}",
                            "to: \"{{base}}/first\"",
                            "setHeader: {name: X-Session-Token, simple: \"${header.X-Session-Token}\"}",
                            "process: {ref: health-records}",
                            "to: \"{{base}}/second\"")
                    .start();

            assertThat(worker.send("call").getException()).isNull();
        }

        assertThat(other.received()).isEmpty();
        assertThat(api.received()).extracting(RawServer.Received::path).containsExactly("/base/first", "/base/second");
        assertThat(api.received().get(0).headerNames()).doesNotContain("X-Session-Token", "Cookie", "Set-Cookie");
        assertThat(api.received().get(1).header("X-Session-Token")).isEqualTo("s1");
    }

    @Test
    void aCredentialOfOneApiGoesNowhereElse() throws Exception {
        List<String> names = List.of(
                "X-Api-Key",
                "x-functions-key",
                "Ocp-Apim-Subscription-Key",
                "Cookie",
                "IntegrasjonPassord",
                "X-Auth-Token",
                "X-Session-Id",
                "X-Amz-Security-Token",
                "X-Authorization",
                "apikey");
        try (var orders = new RawServer(request -> RawServer.answer(200, "", "{}"))) {
            worker.set("dromedar.api.orders.base-address", orders.uri().toString());
            for (String name : names) {
                worker.route(
                        name,
                        "setHeader: {name: " + name + ", constant: of-orders}",
                        "process: {ref: orders}",
                        "to: \"" + orders.uri() + "/a\"",
                        "process: {ref: health-records}",
                        "to: \"{{base}}/b\"",
                        "to: \"" + other.uri() + "/c\"",
                        "setHeader: {name: " + name + ", constant: on-purpose}",
                        "to: \"" + other.uri() + "/d\"");
            }
            worker.start();

            for (int i = 0; i < names.size(); i++) {
                String name = names.get(i);
                assertThat(send(name, Map.of("X-Request", "kept")).getException())
                        .isNull();

                assertThat(orders.received().get(i).header(name)).isEqualTo("of-orders");
                assertThat(api.received().get(i).header(name)).as(name).isNull();
                assertThat(api.received().get(i).header("X-Request")).isEqualTo("kept");
                assertThat(other.received().get(2 * i).header(name)).as(name).isNull();
                assertThat(other.received().get(2 * i + 1).header(name)).isEqualTo("on-purpose");
            }
        }
    }

    @Test
    void aCredentialThatCameWithTheMessageGoesToNoApi() throws Exception {
        worker.route("call", "process: {ref: health-records}", "to: \"{{base}}/a\"")
                .start();

        assertThat(send(Map.of("Cookie", "a=b", "X-Api-Key", "k", "X-Other", "o"))
                        .getException())
                .isNull();

        assertThat(api.received().get(0).headerNames()).contains("X-Other").doesNotContain("Cookie", "X-Api-Key");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"customHostHeader=evil.example", "preserveHostHeader=true", "customHostHeader=evil.example:80"})
    void noTokenGoesUnderAnotherHost(String option) throws Exception {
        worker.route("call", "process: {ref: health-records}", "to: \"{{base}}/a?" + option + "\"")
                .start();

        Exchange answer = send(Map.of("Host", "evil.example"));

        assertThat(answer.getException()).isInstanceOf(RefusedCall.class).hasMessageContaining("customHostHeader");
        assertThat(api.received()).isEmpty();
    }

    @Test
    void aWiretapTakesTheMessageAsDataToo() throws Exception {
        var came = new CountDownLatch(1);
        try (var tapped = new RawServer(request -> {
            came.countDown();
            return RawServer.answer(200, "", "{}");
        })) {
            worker.set("dromedar.api.orders.base-address", tapped.uri().toString())
                    .route("call", "process: {ref: orders}", "wireTap: {uri: \"" + tapped.uri() + "/x?id=${body}\"}")
                    .start();

            worker.send("call", "1&httpMethod=DELETE");

            assertThat(came.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(tapped.received().get(0).head()).startsWith("GET /x?id=1%26httpMethod%3DDELETE HTTP");
        }
    }

    @Test
    void aDynamicRouterTakesTheMessageAsDataToo() throws Exception {
        try (var failing = new RawServer(request -> RawServer.answer(500, "", ""))) { // which ends the router's turns
            worker.set("dromedar.api.health-records.base-address", failing.uri() + "/base")
                    .route(
                            "call",
                            "process: {ref: health-records}",
                            "dynamicRouter: {simple: \"" + failing.uri() + "/base/x?id=${header.id}\"}")
                    .start();

            send(Map.of("id", "1&httpMethod=DELETE"));

            assertThat(failing.received().get(0).head()).startsWith("GET /base/x?id=1%26httpMethod%3DDELETE HTTP");
        }
    }

    /** A folder that the route names is not left, in whatever spelling; what only looks like it is a name like any other. */
    @ParameterizedTest
    @CsvSource({
        "/in/,     ../evil,         false",
        "/in/,     a/../../evil,    false",
        "/in/,     %2e%2E/evil,     false",
        "/in/,     ..%2Fevil,       false",
        "/in/,     ..\\evil,        false",
        "/in/.,    ./evil,          false",
        "/in/,     evil/..,         false",
        "/in/,     ..evil,          true",
        "/in/,     a..b/c...d,      true",
        "/in/../,  evil,            true",
    })
    void aMessageLeavesNoFolderOfTheRoutes(String route, String body, boolean written, @TempDir Path folder)
            throws Exception {
        Files.createDirectory(folder.resolve("in"));
        worker.route("call", "toD: \"file:" + folder + route + "${body}?fileName=x\"")
                .start();

        Exchange sent = worker.send("call", body);

        if (written) {
            assertThat(sent.getException()).isNull();
            assertThat(folder.resolve(route.substring(1) + body + "/x")).exists();
        } else {
            assertThat(sent.getException()).isInstanceOf(RefusedCall.class).hasMessageContaining("folder");
            try (var files = Files.walk(folder)) {
                assertThat(files.filter(Files::isRegularFile)).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "%2F", "//", "\\", "~"})
    void aMessageChoosesNoFolderOfItsOwn(String start, @TempDir Path folder) throws Exception {
        worker.route("call", "toD: \"file:${body}?fileName=x\"").start();

        Exchange sent = worker.send("call", start + folder.toString().substring(1) + "/evil");

        assertThat(sent.getException()).isInstanceOf(RefusedCall.class).hasMessageContaining("folder");
        assertThat(folder).isEmptyDirectory();
    }
}
