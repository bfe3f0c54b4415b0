package dev.dromedar.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.RawServer;
import dev.dromedar.cli.Terminal.Said;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

/** Tests of routes, as their author writes and reads them: {@code ./run test}. */
@Tag("long")
class TestCommandTest {
    /** A site that no one has: names that do not resolve, secrets that are not there, one API of each profile. */
    private static final String PROPERTIES = """
            # production's
            dromedar.sandbox.enabled = false
            dromedar.dead-letters.every-route = true
            dromedar.cluster.address = jdbc:postgresql://db.invalid/workers
            dromedar.tls.ca-file = secrets/ca.pem
            camel.management.enabled = true
            archive.password = {{secretfile:secrets/archive}}
            dromedar.api.orders.profile = duende
            dromedar.api.orders.base-address = https://orders.invalid/v1
            dromedar.api.orders.authority = https://login.invalid
            dromedar.api.orders.client-id = worker
            dromedar.api.orders.client-secret = {{env:NO_SUCH_SECRET}}
            dromedar.api.orders.scope = orders.read
            dromedar.api.orders.proxy = http://proxy.invalid:8080
            dromedar.api.patients.profile = helseid
            dromedar.api.patients.base-address = https://patients.invalid
            dromedar.api.patients.authority = https://helseid.invalid
            dromedar.api.patients.client-id = 1
            dromedar.api.patients.private-key = {{secretfile:secrets/patients.jwk.json}}
            dromedar.api.patients.scope = nhn:patients/read nhn:patients/write
            """;

    private static final String ROUTES = """
            - route:
                id: nightly
                from:
                  uri: quartz:nightly
                  parameters: {cron: "0 0 3 * * ?"}
                  steps:
                    - to:
                        uri: api:patients/changes/{id}
                        parameters: {path.id: "${header.id}", query.day: "${date:now:yyyy-MM-dd}"}
                    - to: file:archive
                    - to:
                        uri: api:orders/orders
                        parameters: {method: POST, contentType: application/json}
                    - log: "sent ${header.id}"
            """;

    private final Path folder;
    private final Terminal terminal;

    TestCommandTest(@TempDir Path folder) {
        this.folder = folder;
        this.terminal = new Terminal(folder);
    }

    @BeforeEach
    void makeSite() throws IOException {
        Files.writeString(folder.resolve("application.properties"), PROPERTIES);
        Files.createDirectories(folder.resolve("routes"));
        Files.writeString(folder.resolve("routes/nightly.yaml"), ROUTES);
    }

    private Said test(String tests, String... options) throws IOException {
        Files.writeString(folder.resolve("routes/nightly.test.yaml"), tests);
        String[] line = new String[options.length + 1];
        line[0] = "test";
        System.arraycopy(options, 0, line, 1, options.length);
        return terminal.run(line);
    }

    @Test
    void aTestSeesCallsFilesLogAndTimeOfARouteThatGoesNowhere() throws Exception {
        Said said = test("""
                - test: hands changes on
                  given:
                    time: 2024-02-29T02:00:00Z
                    answers:
                      patients: {headers: {ETag: x}, body: {n: 1, names: [Å]}}
                      orders: {for: POST /orders, status: 201}
                  when: {fire: nightly, headers: {id: "a/b?c"}}
                  then:
                    calls:
                      - patients: GET /changes/a%2Fb%3Fc?day=2024-02-29
                      - {api: orders, method: POST, body: {names: [Å], n: 1}, headers: {Content-Type: application/json, DPoP: }}
                    sent:
                      - {to: "file:archive", body: {n: 1, names: [Å]}}
                    log: [sent a/b]
                    dead-letters: []
                """);

        assertThat(said.out())
                .contains("ok      routes", "nightly.test.yaml:1: hands changes on (", "One test, all passed.");
        assertThat(said.status()).isZero();
        assertThat(folder.resolve("archive")).doesNotExist();
        assertThat(Path.of("archive")).doesNotExist();
        assertThat(folder.resolve("data")).doesNotExist();
    }

    @Test
    void showsWhatWasExpectedBesideWhatWasSeen() throws Exception {
        Said said = test("""
                - test: wrong
                  given:
                    answers:
                      patients: [{body: {n: 1}}, {body: never}]
                      orders: {status: 503, body: "<x>&\\u0001"}
                  when: {fire: nightly, headers: {id: 7}}
                  then:
                    calls:
                      - patients: GET /changes/8
                      - {api: orders, method: POST, body: {n: 2}}
                    sent:
                      - {to: "file:archive", body: {n: 1}}
                    dead-letters:
                      - {route: nightly, api: orders, cause: HTTP 404}
                - test: no answer
                  when: {fire: nightly, headers: {id: 7}}
                """, "--junit", "target/reports");

        assertThat(said.status()).isEqualTo(1);
        assertThat(said.out())
                .contains("FAILED  routes", "2 tests, 2 failed.")
                .contains("The answer of patients in line 4 was given to no call.")
                .contains("A call that the test gives no answer to: patients: GET /changes/7?day=")
                .contains("The route failed: patients: GET http")
                .containsPattern("patients: GET /changes/8 +\\| patients: GET /changes/7\n +\\| +\\? day = ")
                .containsPattern("\"n\" : 2 +\\|   \"n\" : 1")
                .containsPattern("route nightly, API orders: HTTP 404 +\\| route nightly, API orders: ");
        String xml = Files.readString(folder.resolve("target/reports/TEST-routes.nightly.xml"));
        var suite = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(xml)))
                .getDocumentElement();
        assertThat(suite.getAttribute("tests")).isEqualTo("2");
        assertThat(suite.getAttribute("failures")).isEqualTo("2");
        assertThat(suite.getElementsByTagName("failure").getLength()).isEqualTo(2);
    }

    /** Whatever step sends it, and whatever address the message makes. */
    @Test
    void nothingLeavesByAnAddressOfAMessage() throws Exception {
        try (var server = new RawServer(request -> RawServer.answer(200, "", "left"))) {
            Files.writeString(folder.resolve("routes/nightly.yaml"), """
                    - route:
                        id: nightly
                        from:
                          uri: direct:in
                          steps:
                            - toD: "file:archive/${header.id}"
                            - toD: {uri: "file:archive/${header.id}?fileName=b", cacheSize: -1}
                            - toD: "SERVER/x/${header.id}?q=${body}"
                            - wireTap: {uri: "SERVER/tap/${header.id}", dynamicUri: true}
                            - recipientList: {simple: "SERVER/list/${header.id}"}
                            - enrich: {simple: "SERVER/enrich/${header.id}"}
                    """.replace(
                            "SERVER", server.uri().toString()));

            Said caught = test("""
                    - test: nothing leaves
                      when: {send: direct:in, headers: {id: "7"}, body: b}
                      then:
                        sent:
                          - {to: "file:archive/7", body: b}
                          - {to: "file:archive/7?fileName=b"}
                          - {to: "SERVER/x/7"}
                          - {to: "SERVER/tap/7"}
                          - {to: "SERVER/list/7"}
                          - {to: "SERVER/enrich/7"}
                    - test: none is expected
                      when: {send: direct:in, headers: {id: "7"}, body: b}
                    """.replace("SERVER", server.uri().toString()));

            assertThat(caught.out()).contains("ok      routes").contains("2 tests, 1 failed.");
            assertThat(server.received()).isEmpty();
            assertThat(folder.resolve("archive")).doesNotExist();
        }
    }

    @Test
    void whatWaitsInAQueueIsPartOfTheRun() throws Exception {
        Files.writeString(folder.resolve("routes/nightly.yaml"), """
                - route:
                    id: nightly
                    from:
                      uri: direct:in
                      steps:
                        - split:
                            tokenize: ","
                            steps:
                              - to: seda:later
                - route:
                    id: later
                    from:
                      uri: seda:later
                      steps:
                        - delay: {constant: 5}
                        - to: file:archive
                """);

        Said said = test("""
                - test: all are sent
                  when: {send: direct:in, body: "1,2,3,4,5,6,7,8"}
                  then:
                    sent:
                """ + "      - {to: file:archive}\n".repeat(8));

        assertThat(said.out()).contains("One test, all passed.");
    }

    @Test
    void noStylesheetOrTemplateIsFetched() throws Exception {
        try (var server = new RawServer(request -> RawServer.answer(200, "", "${body} fetched"))) {
            Files.writeString(folder.resolve("routes/nightly.yaml"), """
                    - route:
                        id: nightly
                        from:
                          uri: direct:in
                          steps:
                            - to: "language:simple:resource:SERVER/template"
                    """.replace(
                            "SERVER", server.uri().toString()));

            assertThat(test("- test: x\n  when: {send: direct:in, body: b}\n").out())
                    .contains("A test fetches nothing: '" + server.uri() + "/template' is elsewhere");
            assertThat(server.received()).isEmpty();
        }
    }

    @Test
    void noSecretIsReadHoweverItIsNamed() throws Exception {
        Files.createDirectories(folder.resolve("secrets"));
        Files.writeString(folder.resolve("secrets/key"), "topsecret");
        Files.writeString(
                folder.resolve("application.properties"),
                "dir = " + folder.resolve("secrets") + "\n"
                        + "dromedar.api.orders.header.Purpose = a{{secretfile:{{dir}}/key}}b\n"
                        + "dromedar.api.orders.header.Machine = {{env:PATH:none}} {{?env:PATH}}\n"
                        + "dromedar.api.orders.header.Place = {{place:{{env:PATH:x}}}}\n",
                StandardOpenOption.APPEND);
        Files.writeString(
                folder.resolve("routes/nightly.yaml"),
                "- route: {id: nightly, from: {uri: 'direct:in', steps: [{to: 'api:orders/x'}]}}");

        Said said = test("""
                - test: x
                  given: {answers: {orders: {}}}
                  when: {send: direct:in}
                  then: {calls: [{api: orders, headers: {Purpose: atestb, Machine: none test, Place: x}}]}
                """);

        assertThat(said.out()).contains("One test, all passed.");
    }

    @Test
    void positionsOfFeedsAreNumbersAndTexts() throws Exception {
        Files.writeString(folder.resolve("routes/nightly.yaml"), """
                - route:
                    id: nightly
                    from:
                      uri: quartz:nightly
                      parameters: {cron: "0 0 3 * * ?"}
                      steps:
                        - to: {uri: "dromedar:feed/cursor?position=text"}
                        - to: {uri: api:orders/events, parameters: {query.after: "${header.DromedarFeedFrom}"}}
                        - to: {uri: "dromedar:feed/cursor?position=text&last=json:$[-1].id&advance=true"}
                        - to: {uri: "dromedar:feed/number"}
                        - setHeader: {name: DromedarFeedLast, simple: "${header.DromedarFeedFrom}"}
                        - to: {uri: "dromedar:feed/number?advance=true"}
                """);

        Said said = test("""
                - test: goes on
                  given:
                    feeds: {cursor: a/b, number: 7}
                    answers: {orders: {body: [{id: c/d}]}}
                  when: {fire: nightly}
                  then:
                    calls: [orders: GET /events?after=a%2Fb]
                    feeds: {cursor: c/d, number: 8}
                - test: is not there yet
                  given: {answers: {orders: {body: []}}}
                  when: {fire: nightly}
                  then:
                    calls: [orders: GET /events]
                    feeds: {cursor: , number: 1}
                - test: wrong
                  given: {feeds: {cursor: a}, answers: {orders: {body: [{id: b}]}}}
                  when: {fire: nightly}
                  then: {feeds: {cursor: x}}
                """);

        assertThat(said.out()).contains("3 tests, 1 failed.").containsPattern("x +\\| b\n");
    }

    /** The sandbox is as strict as the profile, and goes wrong as a test says. */
    @Test
    void failuresOfAnAuthorityArePartOfATest() throws Exception {
        Said said = test("""
                - test: refused
                  given: {faults: {patients: token-refused}}
                  when: {fire: nightly, headers: {id: 7}}
                  then:
                    calls: []
                    failure: "patients: token refused"
                    dead-letters: [{route: nightly, api: patients, cause: token refused}]
                """);

        assertThat(said.out()).contains("One test, all passed.");
    }

    @Test
    void faultsOfATestFileHaveItsLineAndNothingRuns() throws Exception {
        Said said = test("""
                - test: x
                  givn: {}
                  when: {fire: nightly, send: direct:b}
                - test: x
                  given:
                    time: tomorrow
                    answers: {ordes: {stauts: 1}}
                    faults: {orders: down}
                - test: y
                  when: {send: "class:java.lang.Runtime?method=getRuntime"}
                """);

        assertThat(said.status()).isEqualTo(1);
        assertThat(said.out())
                .contains("nightly.test.yaml:2: 'givn' is not known in a test. Did you mean 'given'?")
                .contains("nightly.test.yaml:3: when: write either 'fire: ROUTE' or 'send: direct:NAME'.")
                .contains("nightly.test.yaml:4: The test has no 'when'.")
                .contains("nightly.test.yaml:4: There are two tests 'x'.")
                .contains("nightly.test.yaml:6: time: 'tomorrow' is no time")
                .contains("nightly.test.yaml:7: There is no API 'ordes'", "Did you mean 'orders'?")
                .contains("nightly.test.yaml:7: 'stauts' is not known in an answer. Did you mean 'status'?")
                .contains("nightly.test.yaml:8: 'down' is no fault of the sandbox.")
                .contains(
                        "nightly.test.yaml:10: send: 'class:java.lang.Runtime?method=getRuntime' must be direct:NAME or")
                .contains("9 faults. No test was run.");
        assertThat(test("- test: x\n when: 3").out()).contains("nightly.test.yaml:2: The YAML cannot be read:");
        assertThat(test("").out()).contains("There is no test in it.");
    }

    @Test
    void isNoRouteFile() throws Exception {
        test("- test: x\n  when: {fire: nightly}\n");

        assertThat(terminal.run("validate").out()).doesNotContain("test.yaml");
    }

    @Test
    void saysWhereTestsAreLookedFor() throws Exception {
        assertThat(terminal.run("test").err()).startsWith("There is no test: no routes/*.test.yaml.");
        assertThat(terminal.run("test", "none.test.yaml").err()).startsWith("FILE: 'none.test.yaml' cannot be read.");
        assertThat(terminal.run("test", "--junt=x").err())
                .startsWith("Unknown option '--junt'. Did you mean '--junit'?");
        Files.delete(folder.resolve("application.properties"));
        assertThat(terminal.run("test").status()).isEqualTo(2);
    }

    @Test
    void theReadmesTestPasses() throws Exception {
        String readme = Files.readString(Path.of("README.md"));
        Files.delete(folder.resolve("routes/nightly.yaml"));
        Files.writeString(
                folder.resolve("application.properties"), block(readme, "properties", "dromedar.api.deliveries"));
        Files.copy(Path.of("routes/api-errors.yaml"), folder.resolve("routes/api-errors.yaml"));
        Files.writeString(
                folder.resolve("routes/deliveries.yaml"), block(readme, "yaml", "- route:\n    id: deliveries"));

        Said said = test(block(readme, "yaml", "- test:"));

        assertThat(said.out()).contains("One test, all passed.");
    }

    private static String block(String readme, String language, String beginning) {
        int start = readme.indexOf("```" + language + "\n" + beginning) + language.length() + 4;
        return readme.substring(start, readme.indexOf("```", start));
    }

    /** Those that ship, as a site's team would run them. */
    @Test
    void theShippedRoutesPassTheirTests() {
        Said said = new Terminal(Path.of("")).run("test");

        assertThat(said.out()).contains("5 tests, all passed.");
    }
}
