package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.oauth.ApiClient;
import dev.dromedar.sandbox.Header;
import dev.dromedar.sandbox.Request;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Headers that an API requires with each call besides the token, like {@code api-version} (EDI 2.0) or a key of KS Fiks. */
class ApiHeadersTest {
    private static final String PREFIX = "dromedar.api.health-records.header.";

    private final Path folder;

    private final Worker worker = new Worker();

    ApiHeadersTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @AfterEach
    void close() {
        worker.close();
    }

    @Test
    void everyAttemptCarriesThemAndNothingElseDoes() throws Exception {
        Path file = Files.writeString(folder.resolve("key"), "top secret");
        worker.set("camel.main.name", "site-7")
                .set(PREFIX + "api-version", "3")
                .set(PREFIX + "nhn-source-system", "{name};{version}")
                .set(PREFIX + "IntegrasjonPassord", "{{secretfile:" + file + "}}");
        both().start();
        worker.send("both");
        worker.sandbox.api("health-records").answers(401, Header.invalidToken("DPoP"));

        Exchange answer = worker.send("both");

        assertThat(answer.getException()).isNull();
        List<Request> calls = worker.sandbox.api("health-records").received();
        assertThat(calls).hasSize(3).allSatisfy(call -> {
            assertThat(call.header("api-version")).isEqualTo("3");
            assertThat(call.header("nhn-source-system")).startsWith("site-7;").doesNotContain("{");
            assertThat(call.header("IntegrasjonPassord")).isEqualTo("top secret");
        });
        assertThat(worker.sandbox.api("orders").received()).hasSize(2).allSatisfy(call -> {
            assertThat(call.header("api-version")).isNull();
            assertThat(call.header("IntegrasjonPassord")).isNull();
        });
        assertThat(answer.getMessage().getHeaders()).doesNotContainKeys("api-version", "IntegrasjonPassord");
    }

    @Test
    void aMessageDoesNotChangeThem() throws Exception {
        worker.set(PREFIX + "api-version", "3");
        both().start();

        worker.sendWith("both", "API-Version", "999");

        assertThat(worker.sandbox.api("health-records").received().get(0).header("api-version"))
                .isEqualTo("3");
    }

    @Test
    void whatTheApiRepeatsOfThemDoesNotReachTheMessage() throws Exception {
        worker.set(PREFIX + "x-key", "top secret");
        worker.sandbox
                .api("health-records")
                .answers(200, List.of(new Header("X-Key", "top secret"), new Header("x-other", "kept")));
        both().start();

        Exchange answer = worker.send("both");

        assertThat(worker.sandbox.api("orders").received().get(0).header("x-key"))
                .isNull();
        assertThat(answer.getMessage().getHeaders().toString()).doesNotContain("top secret");
    }

    @Test
    void aFileThatChangesIsReadAgainAndABrokenOneIsNot() throws Exception {
        Path file = Files.writeString(folder.resolve("key"), "one");
        worker.set(PREFIX + "x-key", "{{secretfile:" + file + "}}");
        both().start();
        var clients = worker.context.hasService(Apis.class).clients();
        ApiClient client = Objects.requireNonNull(clients.named("health-records"));

        Files.writeString(file, "two");
        look(client);
        worker.send("both");
        Files.writeString(file, "th\u0000ree");
        look(client);
        worker.send("both");

        assertThat(worker.sandbox.api("health-records").received())
                .extracting(call -> call.header("x-key"))
                .containsExactly("two", "two");
        assertThat(client.credentialFaults())
                .singleElement()
                .asString()
                .contains(PREFIX + "x-key: ", "printable ASCII");
    }

    /** New content counts when it is seen the second time. */
    private static void look(ApiClient client) {
        client.settings().calls().headers().fixed().values().forEach(value -> {
            value.check();
            value.check();
        });
    }

    private Worker both() {
        return worker.route(
                "both",
                "setHeader: {name: CamelHttpMethod, constant: GET}",
                "process: {ref: health-records}",
                "to: \"" + worker.address("health-records") + "/records\"",
                "process: {ref: orders}",
                "to: \"" + worker.address("orders") + "/orders\"");
    }
}
