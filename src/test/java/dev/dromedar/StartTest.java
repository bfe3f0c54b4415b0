package dev.dromedar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The worker as a process of its own, in a folder with something wrong: what it says, and its exit status. */
@Tag("long")
class StartTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path site;

    private record End(int status, String told) {}

    @BeforeEach
    void copyTheShippedSite() throws IOException {
        Files.createDirectory(site.resolve("routes"));
        Files.copy(Path.of("application.properties"), site.resolve("application.properties"));
        replace("application.properties", "= 9876", "= 0"); // whoever runs this may have a worker running
        try (Stream<Path> routes = Files.list(Path.of("routes"))) {
            for (Path route : routes.toList()) {
                Files.copy(
                        route,
                        site.resolve("routes").resolve(route.getFileName().toString()));
            }
        }
    }

    @Test
    void saysThatThereAreNoProperties() throws Exception {
        Files.delete(site.resolve("application.properties"));

        End end = start();

        assertThat(end.status()).isEqualTo(1);
        assertThat(end.told())
                .contains("There is no application.properties in ")
                .doesNotContain("\tat ");
    }

    @Test
    void saysThatThereAreNoRoutes() throws Exception {
        try (Stream<Path> routes = Files.list(site.resolve("routes"))) {
            for (Path route : routes.toList()) {
                Files.delete(route);
            }
        }

        End end = start();

        assertThat(end.status()).isEqualTo(1);
        assertThat(end.told()).contains("There is no route in routes/ of ").doesNotContain("\tat ");
    }

    @Test
    void tellsFaultsOfPropertiesAndRoutesTogether() throws Exception {
        append("application.properties", "dromedar.api.orders.scop = x\n");
        append("application.properties", "dromedar.api.health-records.time-limit = soon\n");
        replace("routes/health-records.yaml", "ref: health-records}", "ref: health-recods}");

        End end = start();

        assertThat(end.status()).isEqualTo(1);
        assertThat(end.told())
                .contains("Startup failed with 3 errors:")
                .contains("Did you mean dromedar.api.orders.scope?")
                .contains("dromedar.api.health-records.time-limit: 'soon' is no time")
                .contains("routes/health-records.yaml:")
                .contains("there is no API 'health-recods'. Did you mean 'health-records'?")
                .doesNotContain("\tat ");
    }

    @Test
    void namesFileAndLineOfARouteThatCannotBeRead() throws Exception {
        append("routes/health-records.yaml", "   - bad: [\n");

        End end = start();

        assertThat(end.status()).isEqualTo(1);
        assertThat(end.told())
                .contains("Startup failed with one error:")
                .contains("routes/health-records.yaml:")
                .doesNotContain("\tat ");
    }

    /** Quartz takes GMT for it. */
    @Test
    void refusesATimeZoneThatIsNotKnown() throws Exception {
        Files.writeString(
                site.resolve("routes/night.yaml"),
                "- route: {id: night, from: {uri: \"quartz:night?cron=0+30+2+*+*+?&trigger.timeZone=Europe/Olso\","
                        + " steps: [{log: x}]}}\n");

        End end = start();

        assertThat(end.status()).isEqualTo(1);
        assertThat(end.told())
                .contains("Startup failed with one error:")
                .contains("routes/night.yaml:1: there is no time zone 'Europe/Olso'. Did you mean 'Europe/Oslo'?")
                .doesNotContain("\tat ");
    }

    @Test
    void namesACamelKeyThatIsUnknown() throws Exception {
        append("application.properties", "camel.main.nosuch = 1\n");

        End end = start();

        assertThat(end.status()).isEqualTo(1);
        assertThat(end.told()).contains("camel.main.nosuch: ").doesNotContain("\tat ");
    }

    @Test
    void saysWhichStoreCannotBeOpenedAndWhatToDo() throws Exception {
        append("application.properties", "dromedar.dead-letters.every-route = true\n");
        append("application.properties", "dromedar.dead-letters.folder = application.properties/letters\n");

        End end = start();

        assertThat(end.status()).isEqualTo(1);
        assertThat(end.told())
                .contains("dromedar.dead-letters.folder: the folder ", " cannot be made: ", "or name another folder.")
                .doesNotContain("\tat ");
    }

    @Test
    void saysThatThePortForWatchingIsTaken() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            append("application.properties", "camel.management.port = " + taken.getLocalPort() + "\n");
            append("application.properties", "dromedar.api.orders.scop = x\n");

            End end = start();

            assertThat(end.status()).isEqualTo(1);
            assertThat(end.told())
                    .contains("camel.management.port: port " + taken.getLocalPort() + " on 127.0.0.1 is in use")
                    .contains("Did you mean dromedar.api.orders.scope?")
                    .doesNotContain("\tat ");
        }
    }

    @Test
    void refusesRoutesThatNameASecretWithFileAndLine() throws Exception {
        Files.writeString(site.resolve("secret"), "topsecret-4711");
        append("application.properties", "dromedar.api.orders.client-secret = {{env:ORDERS_KEY}}\n");
        append("application.properties", "some.step = {{secretfile:secret}}\n");
        append("application.properties", "dromedar.dead-letters.secret-key = {{some.step}}\n");
        List<String> leaks = List.of(
                "{{dromedar.api.orders.client-secret}}",
                "{{env:ORDERS_KEY}}",
                "{{orders.key}}",
                "{{secretfile:secret}}",
                "{{some.step}}",
                "${env:ORDERS_KEY}",
                "${sysenv.orders_key}",
                "${env.${body}}",
                "${properties:some.step}");
        var steps = new StringBuilder("- route:\n    id: leaks\n    from:\n      uri: direct:leaks\n      steps:\n");
        leaks.forEach(leak -> steps.append("        - log: \"").append(leak).append("\"\n"));
        Files.writeString(site.resolve("routes/leaks.yaml"), steps);

        End end = start(Map.of("ORDERS_KEY", "topsecret-4711"));
        End routes = start(Map.of("ORDERS_KEY", "topsecret-4711"), "routes");

        for (End each : List.of(end, routes)) {
            assertThat(each.status()).isEqualTo(1);
            assertThat(each.told()).doesNotContain("topsecret", "\tat ");
            for (int line = 6; line < 6 + leaks.size(); line++) {
                assertThat(each.told()).contains("routes/leaks.yaml:" + line + ": ");
            }
        }
    }

    @Test
    void printsNothingOfASecretThatHoldsBraces() throws Exception {
        append("application.properties", "dromedar.api.orders.client-secret = {{env:S}}\n");
        append("application.properties", "dromedar.api.orders.scop = x\n");

        assertThat(start(Map.of("S", "Xy{{9-topsecret-Zz")).told())
                .contains("one error:", "dromedar.api.orders.scop: unknown key")
                .doesNotContain("topsecret");
        assertThat(start(Map.of("DROMEDAR_API_ORDERS_CLIENT_SECRET", "{{topsecret}}"))
                        .told())
                .contains("dromedar.api.orders.client-secret: cannot resolve a placeholder in its value")
                .doesNotContain("topsecret");
    }

    @Test
    void refusesJmxForEveryoneAndOnePortForTwo() throws Exception {
        append("application.properties", "camel.management.port = 18443\ncamel.server.enabled = true\n");
        append("application.properties", "camel.server.port = 18443\n");

        assertThat(start(Map.of(
                                "JDK_JAVA_OPTIONS",
                                "-Dcom.sun.management.jmxremote.port=0"
                                        + " -Dcom.sun.management.jmxremote.authenticate=false"
                                        + " -Dcom.sun.management.jmxremote.ssl=false"))
                        .told())
                .contains("com.sun.management.jmxremote.authenticate: false lets everyone")
                .contains("camel.management.port: is the port of camel.server too");
    }

    @Test
    void exhaustedMemoryEndsTheProcessWithAMessage() throws Exception {
        try (Stream<Path> routes = Files.list(site.resolve("routes"))) {
            for (Path route : routes.toList()) {
                Files.delete(route);
            }
        }
        Files.writeString(site.resolve("application.properties"), "dromedar.sandbox.enabled = false\n");
        Files.writeString(site.resolve("routes").resolve("doubles.yaml"), """
                - route:
                    id: doubles
                    from:
                      uri: timer:doubles
                      steps:
                        - setBody: {constant: x}
                        - loop:
                            constant: "60"
                            steps:
                              - setBody: {simple: "${body}${body}"}
                """);

        End end = start(Map.of("JDK_JAVA_OPTIONS", "-Xmx96m"));

        assertThat(end.status()).isEqualTo(3);
        assertThat(end.told()).contains("The worker ends: its memory is exhausted");
    }

    private void append(String file, String text) throws IOException {
        Files.writeString(site.resolve(file), Files.readString(site.resolve(file)) + text);
    }

    private void replace(String file, String what, String by) throws IOException {
        Files.writeString(
                site.resolve(file), Files.readString(site.resolve(file)).replace(what, by));
    }

    private End start() throws IOException, InterruptedException {
        return start(Map.of());
    }

    private End start(Map<String, String> environment, String... command) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                absolute(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))),
                "-Dlogback.configurationFile=dromedar-logback.xml",
                "dev.dromedar.Dromedar"));
        words.addAll(List.of(command));
        var builder = new ProcessBuilder(words).directory(site.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new End(process.waitFor(), told);
    }

    private static String absolute(String classPath) {
        var absolute = new StringBuilder();
        for (String entry : classPath.split(java.io.File.pathSeparator)) {
            absolute.append(Path.of(entry).toAbsolutePath()).append(java.io.File.pathSeparator);
        }
        return absolute.toString();
    }
}
