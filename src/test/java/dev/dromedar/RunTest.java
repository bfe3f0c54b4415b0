package dev.dromedar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ./run} starts and when it makes an archive of classes, told by JDKs that only write down how they were called. */
@DisabledOnOs(OS.WINDOWS)
class RunTest {
    private static final String ALWAYS = "--enable-native-access=ALL-UNNAMED -XX:CompileThresholdScaling=2 ";

    private static final String JAVA = """
            #!/bin/sh
            echo "$@" >> "$CALLS"
            for argument; do
              case $argument in
                -XX:AOTCacheOutput=* | -XX:ArchiveClassesAtExit=*) [ -n "${FAILS:-}" ] || echo classes > "${argument#*=}" ;;
              esac
            done
            case $* in *rehearse) exit "${REHEARSAL:-0}" ;; esac
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private Path home = Path.of("");
    private Path calls = Path.of("");
    private String errors = "";

    @BeforeEach
    void install() throws IOException {
        home = Files.createDirectories(folder.resolve("a home with spaces"));
        calls = folder.resolve("calls");
        Files.copy(Path.of("run"), home.resolve("run"));
        Files.createDirectories(home.resolve("lib"));
        Files.writeString(home.resolve("dromedar.jar"), "one");
        Files.writeString(home.resolve("lib/other-1.0.jar"), "other");
        jdk("17.0.15");
        jdk("25.0.3");
    }

    private void jdk(String version) throws IOException {
        Path jdk = folder.resolve("jdk-" + version);
        Files.createDirectories(jdk.resolve("bin"));
        Files.createDirectories(jdk.resolve("lib"));
        Files.writeString(jdk.resolve("lib/modules"), version);
        Files.writeString(jdk.resolve("release"), "IMPLEMENTOR=\"Somebody\"\nJAVA_VERSION=\"" + version + "\"\n");
        Files.createFile(
                jdk.resolve("bin/java"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Files.writeString(jdk.resolve("bin/java"), JAVA);
    }

    /** Returns how java was called, a line for each call. */
    private List<String> run(String version, Map<String, String> environment, String... arguments) throws Exception {
        Files.writeString(calls, "");
        Path site = Files.createDirectories(folder.resolve("site"));
        var command = new ProcessBuilder(
                        Stream.concat(Stream.of("sh", home.resolve("run").toString()), Stream.of(arguments))
                                .toList())
                .directory(site.toFile());
        command.environment()
                .keySet()
                .removeAll(List.of("JAVA_OPTS", "JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "DROMEDAR_ARCHIVE"));
        command.environment().put("JAVA_HOME", folder.resolve("jdk-" + version).toString());
        command.environment().put("CALLS", calls.toString());
        command.environment().putAll(environment);
        Process process = command.start();
        errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        return Files.readAllLines(calls);
    }

    private List<String> archives() throws IOException {
        try (Stream<Path> files = Files.list(home)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("classes-"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void makesTheArchiveAtTheFirstStartAndUsesItFromThenOn() throws Exception {
        List<String> first = run("25.0.3", Map.of());
        List<String> second = run("25.0.3", Map.of());

        String archive = home + "/" + archives().get(0);
        assertThat(archives()).singleElement().asString().matches("classes-25-\\d+-\\d+\\.aot");
        assertThat(first).hasSize(2);
        assertThat(first.get(0)).startsWith("-XX:AOTCacheOutput=" + archive).endsWith("dev.dromedar.Dromedar rehearse");
        assertThat(first.get(1)).startsWith("-XX:AOTCache=" + archive + " ").endsWith("dev.dromedar.Dromedar");
        assertThat(second).containsExactly(first.get(1));
        assertThat(errors).isEmpty();
    }

    @Test
    void usesTheOlderKindOfArchiveOnAnOlderJdk() throws Exception {
        List<String> calls = run("17.0.15", Map.of());

        assertThat(calls.get(0)).startsWith("-XX:ArchiveClassesAtExit=");
        assertThat(calls.get(1))
                .startsWith("-XX:SharedArchiveFile=" + home + "/" + archives().get(0) + " ");
    }

    @Test
    void makesAnotherWhenAJarChanges() throws Exception {
        run("25.0.3", Map.of());
        List<String> before = archives();
        Files.writeString(home.resolve("dromedar.jar"), "two"); // as long as it was
        Files.setLastModifiedTime(home.resolve("dromedar.jar"), Files.getLastModifiedTime(home.resolve("run")));

        List<String> afterWorker = run("25.0.3", Map.of());
        Files.writeString(home.resolve("lib/more-1.0.jar"), "more");
        List<String> afterLibrary = run("25.0.3", Map.of());

        assertThat(afterWorker).hasSize(2);
        assertThat(afterLibrary).hasSize(2);
        assertThat(archives()).hasSize(1).isNotEqualTo(before);
    }

    @Test
    void keepsOneForEachJdk() throws Exception {
        run("25.0.3", Map.of());
        run("17.0.15", Map.of());

        List<String> again = run("25.0.3", Map.of());

        assertThat(again).hasSize(1);
        assertThat(archives()).hasSize(2);
    }

    @Test
    void triesOnceWhereNoneCanBeMade() throws Exception {
        List<String> first = run("25.0.3", Map.of("FAILS", "yes"));
        List<String> second = run("25.0.3", Map.of("FAILS", "yes"));

        assertThat(first).hasSize(2);
        assertThat(first.get(1)).startsWith(ALWAYS + "-cp ");
        assertThat(second).containsExactly(first.get(1));
        assertThat(errors).isEmpty();
    }

    @Test
    void usesNoneOfARehearsalThatFailed() throws Exception {
        List<String> calls = run("25.0.3", Map.of("REHEARSAL", "1"));

        assertThat(calls.get(1)).startsWith(ALWAYS + "-cp ");
    }

    @Test
    void makesNoneForACommandButUsesIt() throws Exception {
        List<String> without = run("25.0.3", Map.of(), "status", "--once");
        run("25.0.3", Map.of());
        List<String> with = run("25.0.3", Map.of(), "status", "--once");

        assertThat(without)
                .singleElement()
                .asString()
                .startsWith(ALWAYS + "-cp ")
                .endsWith("status --once");
        assertThat(with).singleElement().asString().startsWith("-XX:AOTCache=").endsWith("status --once");
    }

    @Test
    void leavesItToWhoeverSaysOtherwise() throws Exception {
        List<String> off = run("25.0.3", Map.of("DROMEDAR_ARCHIVE", "off"));
        List<String> own = run("25.0.3", Map.of("JAVA_OPTS", "-XX:SharedArchiveFile=mine.jsa"));

        assertThat(off).singleElement().asString().startsWith(ALWAYS + "-cp ");
        assertThat(own).singleElement().asString().startsWith(ALWAYS + "-XX:SharedArchiveFile=mine.jsa -cp ");
        assertThat(archives()).isEmpty();
    }

    @Test
    void startsWithAnyJava() throws Exception {
        Files.delete(folder.resolve("jdk-25.0.3/release"));

        List<String> calls = run("25.0.3", Map.of());

        assertThat(calls).singleElement().asString().startsWith(ALWAYS + "-cp ");
        assertThat(errors).isEmpty();
    }
}
