package dev.dromedar.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.cli.Terminal.Said;
import dev.dromedar.sandbox.Answer;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.Header;
import dev.dromedar.sandbox.NonceUse;
import dev.dromedar.sandbox.Request;
import dev.dromedar.sandbox.Sandbox;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One call from the command line, as an operator makes it, to strict APIs. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CallCommandTest {
    private final Sandbox sandbox = Sandbox.start();
    private final Path folder;
    private final Terminal terminal;

    CallCommandTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        this.terminal = new Terminal(folder);
        var text = new StringBuilder("dromedar.api.broken.profile = duende\n");
        sandbox.properties().forEach((key, value) -> {
            if (!key.matches("sandbox\\.(helseid|duende)\\..*")) {
                text.append(key.replaceFirst("sandbox", "dromedar.api"))
                        .append(" = ")
                        .append(value.replace("\\", "\\\\"))
                        .append('\n');
            }
        });
        Files.writeString(folder.resolve("application.properties"), text);
    }

    @AfterAll
    void close() {
        sandbox.close();
    }

    private Request last(String api) {
        List<Request> received = sandbox.api(api).received();
        return received.get(received.size() - 1);
    }

    @Test
    void printsStatusHeadersAndBodyAndStartsNoRoute() throws Exception {
        Files.createDirectories(folder.resolve("routes"));
        Files.writeString(folder.resolve("routes/broken.yaml"), "- route: {from: {uri: nonsense:}}");

        Said said = terminal.run(
                "call", "orders", "/orders?changed=2026-11-29&q=a b&throwExceptionOnFailure=true", "-H", "X-Trace: 7");

        assertThat(said.out())
                .startsWith("HTTP 200")
                .containsIgnoringCase("Content-Type: application/json")
                .contains("\n\n{\"api\":\"orders\",\"method\":\"GET\"", "Ærlig Ønskedal");
        assertThat(said.status()).isZero();
        assertThat(last("orders").target())
                .isEqualTo("/orders/orders?changed=2026-11-29&q=a%20b&throwExceptionOnFailure=true");
        assertThat(last("orders").headers("X-Trace")).containsExactly("7");
        assertThat(Files.exists(folder.resolve("data"))).isFalse();
    }

    @Test
    void sendsABodyFromAFileWithAProofForItsMethod() throws Exception {
        Files.writeString(folder.resolve("record.json"), "{\"name\":\"Å\"}");
        sandbox.api("health-records").nonces(NonceUse.SINGLE_USE);

        Said said = terminal.run("call", "health-records", "records/1", "-X", "PUT", "-d", "@record.json");

        assertThat(said.out()).startsWith("HTTP 200").contains("\"method\":\"PUT\"", "DPoP-Nonce: ***");
        assertThat(last("health-records").body()).isEqualTo("{\"name\":\"Å\"}");
        assertThat(last("health-records").header("Content-Type")).isEqualTo("application/json");
        assertThat(last("health-records").proof().claim("htm")).isEqualTo("PUT");
    }

    @Test
    void requestsATokenForAnOrganisationScopeOrResource() throws Exception {
        sandbox.api("health-records").client().children(Sandbox.CHILD);
        sandbox.api("health-records").client().allowScope("sandbox:other/read");

        Said child = terminal.run(
                "call",
                "health-records",
                "/x",
                "--as=" + Sandbox.CHILD,
                "--scope",
                "sandbox:health-records/read sandbox:other/read");

        assertThat(child.out()).startsWith("HTTP 200");
        String token =
                String.valueOf(last("health-records").header("Authorization")).split("[ .]")[2];
        assertThat(new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8))
                .contains("orgnr_child\":\"" + Sandbox.CHILD, "sandbox:health-records/read sandbox:other/read");
        int before = sandbox.api("orders").received().size();
        Said none = terminal.run("call", "orders", "/x", "--as=" + Sandbox.CHILD);
        assertThat(none.status()).isEqualTo(1);
        assertThat(none.out() + none.err()).contains("--as has no meaning with the profile duende");
        Said resource = terminal.run("call", "orders", "/x", "--resource", "urn:unknown");
        assertThat(resource.status()).isEqualTo(1);
        assertThat(resource.out()).contains("invalid_target");
        assertThat(terminal.run("call", "orders", "/x", "--system-user=b").err())
                .startsWith("--system-user has no effect without --as");
        assertThat(sandbox.api("orders").received()).hasSize(before);
    }

    /** An API that echoes what it was sent, in body, headers and challenge, across the borders of what is read at once. */
    @ParameterizedTest
    @ValueSource(strings = {"orders", "health-records", "health-records-bearer"})
    void printsNoCredentialThatAnAnswerEchoes(String api) throws Exception {
        for (int before : List.of(0, 8100, 8191, 8192, 20_000)) {
            var on = sandbox.api(api).fault(2, (request, server) -> {
                String sent = request.header("Authorization") + " " + request.header("DPoP") + " ";
                return Answer.of(
                        401,
                        List.of(
                                new Header("Content-Type", "text/plain"),
                                new Header(
                                        "WWW-Authenticate", "Bearer error=\"invalid_token\", token=\"" + sent + "\""),
                                new Header("X-Echo", sent),
                                new Header("Set-Cookie", "session=open")),
                        "x".repeat(before) + " " + sent + request.header("Authorization") + " the end");
            });
            Path file = folder.resolve("echo-" + api + before);

            Said said = terminal.run("call", api, "/echo");
            on.off();
            var again = sandbox.api(api)
                    .fault(
                            1,
                            (request, server) ->
                                    Answer.of(200, "text/plain", "x".repeat(before) + request.header("Authorization")));
            Said kept =
                    terminal.run("call", api, "/echo", "-o", file.getFileName().toString());
            again.off();

            assertThat(said.status()).isEqualTo(1);
            assertThat(said.out())
                    .startsWith("HTTP 401")
                    .contains("error=\"invalid_token\"", "Set-Cookie: ***", "*** the end")
                    .doesNotContain("session=open");
            assertThat(kept.status()).as(kept.out()).isZero();
            for (String text : List.of(said.out(), said.err(), Files.readString(file))) {
                assertThat(text).doesNotContainPattern("eyJ[\\w-]+\\.[\\w-]*");
            }
            assertThat(Files.readString(file)).endsWith("***");
        }
    }

    @Test
    void printsNothingOfAnAnswerThatActsOnATerminal() {
        var on = sandbox.api("orders").fault(1, Fault.instead(Answer.of(200, "text/plain", "\u001b[31mred\u202e")));

        Said said = terminal.run("call", "orders");
        on.off();

        assertThat(said.out()).contains("\\u001b[31mred\\u202e").doesNotContain("\u001b", "\u202e");
    }

    @Test
    void keepsBytesThatAreNoText() throws Exception {
        var on = sandbox.api("orders").fault(2, Fault.contentType("application/pdf"));

        Said shown = terminal.run("call", "orders");
        Said kept = terminal.run("call", "orders", "-o", "orders.pdf");
        Said again = terminal.run("call", "orders", "-o", "orders.pdf");
        on.off();

        assertThat(shown.out())
                .contains(" bytes that are no text; -o FILE keeps them)")
                .doesNotContain("Ærlig");
        assertThat(kept.out()).contains(Files.size(folder.resolve("orders.pdf")) + " bytes in orders.pdf");
        assertThat(again.err()).contains("the file 'orders.pdf' exists. Name a new one.");
        assertThat(again.status()).isEqualTo(2);
    }

    @Test
    void saysWhyThereIsNoAnswer() {
        sandbox.duende().origin().refuseConnections();
        Said withoutToken = terminal.run("call", "orders", "/orders");
        sandbox.duende().origin().heal();
        sandbox.api("orders").origin().refuseConnections();
        Said withoutApi = terminal.run("call", "orders", "/orders");
        sandbox.api("orders").origin().heal();

        assertThat(withoutToken.out()).startsWith("orders: ").contains("Cannot read the authority's metadata");
        assertThat(withoutApi.out()).startsWith("orders: GET http://localhost:").contains("refused");
        assertThat(List.of(withoutToken.status(), withoutApi.status())).containsExactly(1, 1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            call                                   | 2 | Missing required parameter
            call ordres /x                         | 2 | There is no API 'ordres'. Did you mean 'orders'?
            call orders /x -H Authorization:x      | 2 | -H: 'Authorization' is set from the API's properties
            call orders /x -H dpop:x               | 2 | -H: 'dpop' is set from
            call orders /x -H CamelHttpUri:x       | 2 | -H: 'CamelHttpUri' is set from
            call orders /x -H nothing              | 2 | -H: 'nothing' is not a header such as
            call orders /x -X CONNECT              | 2 | -X: 'CONNECT' is no method that can be sent.
            call orders /x -d @nowhere.json        | 2 | -d: the file 'nowhere.json' cannot be read
            call orders /x --dta=1                 | 2 | Unknown option '--dta'. Did you mean '--data'?
            call orders http://localhost:1/x       | 1 | does not lie under the base address of orders
            call orders http://user@localhost/x    | 1 | does not lie under the base address of orders
            call orders /../seen                     | 1 | does not lie under
            call orders /%2e%2e/seen               | 1 | does not lie under
            call broken /x                         | 1 | dromedar.api.broken.authority: missing
            """)
    void refusesWhatItCannotSend(String line, int status, String words) {
        Said said = terminal.run(line.split(" "));

        assertThat(said.out() + said.err()).contains(words).doesNotContain("\tat ", "Exception");
        assertThat(said.status()).isEqualTo(status);
    }
}
