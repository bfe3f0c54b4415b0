package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.sandbox.Answer;
import dev.dromedar.sandbox.BulkExport;
import dev.dromedar.sandbox.PlainOrigin;
import dev.dromedar.sandbox.ProtectedApi;
import dev.dromedar.sandbox.Registration;
import dev.dromedar.sandbox.Request;
import dev.dromedar.sandbox.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The README's route for FHIR Bulk Data, against a server that is as strict as the specification. */
@Tag("long")
@Timeout(120)
class BulkExportTest {
    private static final String[] FILES = {"{\"id\":\"1\"}\n{\"id\":\"2\"}\n", "{\"id\":\"3\"}\n", "{\"id\":\"4\"}\n"};

    private final Path temp;
    private final Sandbox sandbox = Sandbox.start();
    private final List<String> taken = new ArrayList<>();
    private final ProtectedApi api = sandbox.add(Registration.helseid("fhir"));
    private final PlainOrigin files = sandbox.plainOrigin();
    private final BulkExport server = new BulkExport(api, files);
    private String failsAt = "";
    private Worker worker;

    BulkExportTest(@TempDir Path temp) {
        this.temp = temp;
    }

    @BeforeEach
    void start() throws Exception {
        worker = new Worker(sandbox).set("dromedar.feed.folder", temp.toString());
        sandbox.properties().forEach((key, value) -> {
            if (key.startsWith("sandbox.fhir.")) {
                worker.set("dromedar.api." + key.substring("sandbox.".length()), value);
            }
        });
        String yaml = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("README-cluster.md")))
                .results()
                .map(match -> match.group(1))
                .filter(text -> text.contains("id: patients-export\n"))
                .findFirst()
                .orElseThrow();
        worker.yaml(yaml.replaceFirst("uri: quartz:.*\n.*\n", "uri: direct:export\n")
                .replace("https://files.example.no", files.uri().toString()));
        worker.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:one-event").process(exchange -> {
                    String line = exchange.getMessage().getBody(String.class);
                    if (line.equals(failsAt)) {
                        failsAt = "";
                        throw new IllegalStateException("the work fails");
                    }
                    taken.add(line.replaceAll("\\D", ""));
                });
            }
        });
    }

    @AfterEach
    void close() {
        worker.close();
    }

    private void restart() throws Exception {
        worker.context.stop();
        start();
    }

    private void succeeds() {
        Exchange done = worker.send("export");
        assertThat(done.getException()).isNull();
        assertThat(server.faults()).isEmpty();
        assertThat(server.jobs()).isZero();
    }

    private List<String> paths(List<Request> requests) {
        String base = api.baseAddress().getRawPath();
        return requests.stream()
                .map(request -> request.method() + " " + request.path().replace(base, ""))
                .toList();
    }

    @Test
    void filesThatNeedTheTokenGetIt() {
        server.exports(true, 2, FILES);

        succeeds();

        assertThat(taken).containsExactly("1", "2", "3", "4");
        assertThat(paths(api.received()))
                .containsExactly(
                        "GET /Patient/$export",
                        "GET /jobs/1",
                        "GET /jobs/1",
                        "GET /jobs/1",
                        "GET /jobs/1/files/0",
                        "GET /jobs/1/files/1",
                        "GET /jobs/1/files/2",
                        "DELETE /jobs/1");
        assertThat(api.received().stream().map(request -> request.header("DPoP")))
                .doesNotHaveDuplicates();
        assertThat(files.received()).isEmpty();
    }

    @Test
    void filesThatMustNotGetTheTokenAreFetchedWithout() {
        server.exports(false, 0, FILES);

        succeeds();

        assertThat(taken).containsExactly("1", "2", "3", "4");
        assertThat(files.received()).hasSize(3);
        assertThat(files.seen().refusals()).isEmpty();
        assertThat(files.received()).allSatisfy(request -> assertThat(
                        request.headers().stream().map(header -> header.name().toLowerCase(java.util.Locale.ROOT)))
                .containsOnly("accept", "accept-encoding", "connection", "host", "user-agent"));
    }

    @Test
    void theNextExportBeginsWhereTheLastOneEnded() {
        server.exports(true, 0, FILES);
        succeeds();
        succeeds();

        assertThat(server.started()).isEqualTo(2);
        assertThat(api.received().stream()
                        .filter(request -> request.path().endsWith("$export"))
                        .map(Request::query))
                .containsExactly(null, "_since=2026-11-29T01%3A00%3A00Z");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void goesOnWithTheFileItWasAtAfterARestart(boolean token) throws Exception {
        server.exports(token, 1, FILES);
        failsAt = "{\"id\":\"3\"}";
        assertThat(worker.send("export").getException()).hasRootCauseMessage("the work fails");
        assertThat(taken).containsExactly("1", "2");
        taken.clear();

        restart();
        succeeds();

        assertThat(taken).containsExactly("3", "4");
        assertThat(server.started()).isEqualTo(1);
    }

    @Test
    void anExportWhoseJobIsGoneIsBegunAnew() throws Exception {
        server.exports(true, 0, FILES);
        failsAt = "{\"id\":\"3\"}";
        worker.send("export");
        server.forgetJobs();
        restart();

        assertThat(worker.send("export").getException()).hasMessage("The server has no such export any more.");
        succeeds();

        assertThat(server.started()).isEqualTo(2);
    }

    @Test
    void anAnswerThatDoesNotComeIsNoReasonForASecondExport() throws Exception {
        server.exports(true, 0, FILES);
        var down = api.fault((request, next) ->
                request.path().contains("/jobs/") ? Answer.of(500, List.of(), "") : next.answer(request));
        assertThat(worker.send("export").getException()).isInstanceOf(FailedCall.class);
        down.off();

        restart();
        succeeds();

        assertThat(server.started()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://evil.example/f", "//evil.example/f", "http://localhost:1/f", "FILES/f"})
    void noTokenGoesElsewhere(String url) {
        manifest(true, url);

        assertThat(worker.send("export").getException())
                .cause()
                .isInstanceOf(FailedCall.class)
                .hasMessageStartingWith("fhir: The message names an address that is not under the base address");
        assertThat(files.received()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://evil.example/f", "FILES@evil.example/f", "BASE/jobs/1/files/0"})
    void nothingIsFetchedWithoutATokenButWhereTheRouteSays(String url) {
        manifest(false, url);

        assertThat(worker.send("export").getException())
                .hasRootCauseMessage("The manifest names a file that this route does not fetch.");
        assertThat(files.received()).isEmpty();
    }

    private void manifest(boolean token, String url) {
        server.exports(token, 0, FILES);
        api.fault((request, next) -> {
            Answer answer = next.answer(request);
            return request.path().endsWith("/jobs/1") && answer.status() == 200
                    ? Answer.of(
                            200,
                            "application/json",
                            "{\"transactionTime\":\"2026-11-29T00:00:00Z\",\"requiresAccessToken\":" + token
                                    + ",\"output\":[{\"type\":\"Patient\",\"url\":\""
                                    + url.replace("FILES", files.uri().toString())
                                            .replace("BASE", api.baseAddress().toString())
                                    + "\"}]}")
                    : answer;
        });
    }
}
