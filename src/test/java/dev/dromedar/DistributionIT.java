package dev.dromedar;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The distribution as an operator has it: unpacked into an empty folder, and started from another. */
@Tag("long")
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "starts the worker by a shell")
class DistributionIT {
    private final List<Process> started = new ArrayList<>();
    private final List<String> told = new ArrayList<>();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path temp;

    @BeforeEach
    void unpack() throws IOException {
        try (FileSystem zip = FileSystems.newFileSystem(archive(), Map.of("enablePosixFileAttributes", true));
                Stream<Path> entries = Files.walk(zip.getPath("/"))) {
            for (Path entry : entries.toList()) {
                Path to = temp.resolve("installed").resolve(entry.toString().substring(1));
                if (Files.isDirectory(entry)) {
                    Files.createDirectories(to);
                } else {
                    Files.copy(entry, to);
                    Files.setPosixFilePermissions(to, Files.getPosixFilePermissions(entry));
                }
            }
        }
        Files.createDirectories(temp.resolve("site/routes"));
    }

    @AfterEach
    void end() throws InterruptedException {
        for (Process process : started) {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void runsTheSampleSiteFromAnotherFolderAndStopsWhenTold() throws Exception {
        Path home = temp.resolve("installed/dromedar");
        assertThat(home.resolve("run")).isExecutable();
        assertThat(home).isDirectoryContaining(file -> file.endsWith("run.cmd"));
        for (String file : List.of("README.md", "README-operations.md", "CHANGELOG.md", "SECURITY.md", "LICENSE")) {
            assertThat(home.resolve(file)).exists();
        }
        assertThat(new ObjectMapper()
                        .readTree(home.resolve("bom.json").toFile())
                        .get("bomFormat")
                        .asText())
                .isEqualTo("CycloneDX");
        int port = freePort();
        Files.writeString(
                temp.resolve("site/application.properties"),
                Files.readString(home.resolve("application.properties"))
                                .replaceFirst("(?m)^camel.management.port.*$", "camel.management.port = " + port)
                        + "\ndromedar.log.json = true\ndromedar.audit = true\n");
        try (Stream<Path> routes = Files.list(home.resolve("routes"))) {
            for (Path route : routes.toList()) {
                Files.copy(route, temp.resolve("site/routes").resolve(route.getFileName()));
            }
        }

        Process worker = started(run().redirectError(temp.resolve("errors.txt").toFile()));
        BufferedReader out = worker.inputReader(StandardCharsets.UTF_8);
        await(out, line -> line.contains("health-records 200") && line.contains("orders 200"));
        await(out, line -> line.contains("dromedar.audit"));

        for (String line : told) {
            JsonNode json = new ObjectMapper().readTree(line);
            assertThat(json.hasNonNull("@timestamp") && json.hasNonNull("log.level") && json.hasNonNull("log.logger"))
                    .as(line)
                    .isTrue();
        }
        Process status = start("status", "--once");
        String table = new String(status.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(status.waitFor()).as(table).isZero();
        assertThat(table).contains("API", "health-records", "good", "fetch-records");

        worker.toHandle().destroy(); // which, unlike the process, leaves its output open
        assertThat(worker.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(worker.exitValue()).isZero();
    }

    @Test
    void runsCommandsWithoutTheSandboxAndAWorkerWithoutTheCommandsLibrary() throws Exception {
        Path lib = temp.resolve("installed/dromedar/lib");
        Files.delete(lib.resolve("dromedar-sandbox.jar"));

        Process help = start("help");
        String listed = new String(help.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(help.waitFor()).as(listed).isZero();
        assertThat(listed).startsWith("Usage: ./run ").contains("  sandbox  ").doesNotContain("\u001b");
        Process sandbox = start("sandbox");
        String missing = new String(sandbox.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(sandbox.waitFor()).as(missing).isEqualTo(1);
        assertThat(missing).startsWith("The sandbox is not installed here").doesNotContain("\tat ");

        try (Stream<Path> jars = Files.list(lib)) {
            for (Path jar : jars.filter(jar -> jar.getFileName().toString().startsWith("picocli"))
                    .toList()) {
                Files.delete(jar);
            }
        }
        slowSite(0);
        Process worker = start();
        await(worker.inputReader(StandardCharsets.UTF_8), line -> line.contains("ended"));
        worker.toHandle().destroy();
        assertThat(worker.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(worker.exitValue()).isZero();
    }

    @Test
    void letsAnExchangeUnderWayEndWhenTold() throws Exception {
        slowSite(2_000);
        Process worker = start();
        BufferedReader out = worker.inputReader(StandardCharsets.UTF_8);
        await(out, line -> line.contains("begun"));

        worker.toHandle().destroy(); // which, unlike the process, leaves its output open
        worker.toHandle().destroy(); // as a shell's timeout does

        await(out, line -> line.contains("ended"));
        assertThat(worker.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(worker.exitValue()).isZero();
    }

    @Test
    void stopsAtOnceWhenToldTwice() throws Exception {
        slowSite(600_000);
        Process worker = start();
        BufferedReader out = worker.inputReader(StandardCharsets.UTF_8);
        await(out, line -> line.contains("begun"));

        worker.toHandle().destroy(); // which, unlike the process, leaves its output open
        await(out, line -> line.contains("A second signal stops at once"));
        for (int i = 0; i < 200 && !worker.waitFor(100, TimeUnit.MILLISECONDS); i++) {
            worker.toHandle().destroy(); // the first ones may come in the same second, which is once
        }

        await(out, line -> line.contains("Stopped at once"));
        assertThat(worker.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(worker.exitValue()).isEqualTo(143);
    }

    private void slowSite(int millis) throws IOException {
        Files.writeString(temp.resolve("site/application.properties"), "camel.main.shutdownTimeout = 300\n");
        Files.writeString(temp.resolve("site/routes/slow.yaml"), """
                - route:
                    id: slow
                    from:
                      uri: timer:slow
                      parameters: {repeatCount: 1, delay: 0}
                      steps:
                        - log: begun
                        - delay: {constant: %d}
                        - log: ended
                """.formatted(millis));
    }

    private Process start(String... arguments) throws IOException {
        return started(run(arguments).redirectErrorStream(true));
    }

    private ProcessBuilder run(String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(temp.resolve("installed/dromedar/run").toString()));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).directory(temp.resolve("site").toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putIfAbsent("DROMEDAR_ARCHIVE", "off"); // RunTest has it; here it would only take time
        return builder;
    }

    private Process started(ProcessBuilder builder) throws IOException {
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private void await(BufferedReader out, Predicate<String> wanted) throws IOException {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            told.add(line);
            if (wanted.test(line)) {
                return;
            }
        }
        throw new AssertionError("The worker ended after: " + String.join("\n", told));
    }

    private static Path archive() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("target"))) {
            return files.filter(file -> file.toString().endsWith("-distribution.zip"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
