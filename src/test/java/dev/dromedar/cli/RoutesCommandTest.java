package dev.dromedar.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoutesCommandTest {
    private final Path folder;
    private final Path routes;

    RoutesCommandTest(@TempDir Path folder) {
        this.folder = folder;
        this.routes = folder.resolve("routes");
    }

    private record Said(int status, String text) {}

    private Said routes() throws IOException {
        if (!Files.exists(folder.resolve("application.properties"))) {
            Files.createFile(folder.resolve("application.properties"));
        }
        var out = new ByteArrayOutputStream();
        var shell = new Shell(new Folder(folder), new PrintStream(out, true, StandardCharsets.UTF_8));
        int status = new RoutesCommand(shell).call();
        return new Said(status, out.toString(StandardCharsets.UTF_8));
    }

    private void file(String name, String content) throws IOException {
        Files.createDirectories(routes);
        Files.writeString(routes.resolve(name), content);
    }

    @Test
    void listsRoutesWithTheirSchedulesAsPeopleSayThem() throws IOException {
        file("hourly.yaml", """
                - route:
                    id: hourly
                    from:
                      uri: quartz:hourly
                      parameters: {trigger.repeatInterval: 3600000}
                      steps:
                        - log: "x"
                - route:
                    id: often
                    from:
                      uri: timer:often
                      parameters: {period: 250}
                      steps:
                        - log: "x"
                """);

        Said said = routes();

        assertThat(said.text()).contains("hourly", "every 1h", "often", "every 250ms", "2 routes in 1 file.");
        assertThat(said.status()).isZero();
    }

    @Test
    void tellsFaultsWithFileAndLine() throws IOException {
        file("a.yaml", """
                - route:
                    id: a
                    from:
                      uri: timer:a
                      steps:
                        - process: {ref: nobody}
                """);
        file("b.xml", "<routes>\n  <route>\n</routes>\n");

        Said said = routes();

        assertThat(said.text()).contains("a.yaml:6: ", "b.xml:3: ", "2 faults.");
        assertThat(said.status()).isEqualTo(1);
    }

    @Test
    void reportsAKeyThatCamelDoesNotTakeAsTheWorkerDoes() throws IOException {
        Files.writeString(folder.resolve("application.properties"), "camel.main.nosuch = 1\n");
        file("a.yaml", """
                - route:
                    id: a
                    from:
                      uri: timer:a
                      steps:
                        - log: "x"
                """);

        Terminal.Said said = new Terminal(folder).run("routes");

        assertThat(said.out()).contains("application.properties:1: camel.main.nosuch: ", "One fault.");
        assertThat(said.err()).doesNotContain("\tat ");
        assertThat(said.status()).isEqualTo(1);
    }

    @Test
    void saysThatThereIsNoFolderNoFileOrNoRoute() throws IOException {
        assertThat(routes().text()).startsWith("There is no route file");
        assertThat(routes().status()).isEqualTo(2);

        Files.createDirectories(routes);
        assertThat(routes().text()).startsWith("There is no route file");

        file("errors.yaml", "- routeConfiguration:\n    id: errors\n");
        assertThat(routes().text())
                .startsWith("There is no route in the route files, so the worker does not start. Add one.");
        assertThat(routes().status()).isEqualTo(1);
    }

    @Test
    void reportsFaultsOfSettingsAndRoutesTogether() throws IOException {
        Files.writeString(folder.resolve("application.properties"), """
                greeting = hello

                dromedar.api.orders.base-addres = https://api.example.no
                camel.main.shutdownTimout = 5
                """);
        file("a.yaml", """
                - route:
                    id: a
                    from:
                      uri: timer:a
                      steps:
                        - log: "${bodi}"
                """);

        Said said = routes();

        assertThat(said.text())
                .contains("application.properties:3: dromedar.api.orders.base-addres: unknown key. Did you mean")
                .contains("application.properties:4: camel.main.shutdownTimout: unknown key. Did you mean"
                        + " camel.main.shutdownTimeout?")
                .contains("a.yaml:6: the expression cannot be read: the language simple has no function 'bodi'.")
                .doesNotContain("\tat ");
        assertThat(said.status()).isEqualTo(1);
    }

    @Test
    void readsTheFilesAndTheProfileThatTheWorkerReads() throws IOException {
        Files.writeString(
                folder.resolve("application.properties"),
                "camel.main.profile = prod\nperiod = 1000\ncamel.main.routesIncludePattern = file:" + routes
                        + "/**/*.yaml\n");
        Files.writeString(folder.resolve("application-prod.properties"), "period = 2000\n");
        Files.createDirectories(routes.resolve("sub"));
        file("sub/inner.yaml", """
                - route:
                    id: inner
                    from:
                      uri: timer:a?period={{period}}
                      steps: [{log: x}]
                """);
        file("left.yml", "- route: {}\n");

        Said said = routes();

        assertThat(said.text())
                .contains("inner ", "every 2s", "1 route in 1 file.")
                .contains("Warning: " + routes.resolve("left.yml") + ": is not read.");
        assertThat(said.status()).isZero();
    }

    @Test
    void validateWritesOneJsonObjectWithLineAndColumn() throws IOException {
        Files.createFile(folder.resolve("application.properties"));
        file("a.yaml", """
                - route:
                    id: a
                    from:
                      uri: timer:a
                      steps:
                        - proces: {ref: x}
                """);

        Terminal.Said said = new Terminal(folder).run("validate", "--json");

        var answer = new com.fasterxml.jackson.databind.ObjectMapper().readTree(said.out());
        assertThat(answer.path("well").asBoolean()).isFalse();
        assertThat(answer.path("faults")).hasSize(1);
        assertThat(answer.at("/faults/0/file").asText()).endsWith("a.yaml");
        assertThat(answer.at("/faults/0/line").asInt()).isEqualTo(6);
        assertThat(answer.at("/faults/0/column").asInt()).isEqualTo(11);
        assertThat(answer.at("/faults/0/message").asText())
                .isEqualTo("there is no step 'proces'. Did you mean 'process'?");
        assertThat(said.status()).isEqualTo(1);
    }
}
