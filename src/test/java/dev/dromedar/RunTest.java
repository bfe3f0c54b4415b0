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
    private static final String ALWAYS =
            "-Dfile.encoding=UTF-8 --enable-native-access=ALL-UNNAMED -XX:CompileThresholdScaling=2 -XX:+ExitOnOutOfMemoryError ";

    /** Makes an archive at its end as the JVM does: one that is whole, or with FAILS one whose head was never written. */
    private static final String JAVA = """
            #!/bin/sh
            echo "$@" >> "$CALLS"
            for argument; do
              case $argument in
                -XX:ArchiveClassesAtExit=*) [ -n "${FAILS:-}" ] && printf '\\0\\0\\0\\0' > "${argument#*=}" || echo classes > "${argument#*=}" ;;
                -Drun.unproved-archive=*) [ -n "${FAULTS:-}" ] || rm "${argument#*=}" ;;
              esac
            done
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private Path home = Path.of("");
    private Path calls = Path.of("");
    private Path site = Path.of("");
    private String errors = "";
    private String shell = "/bin/sh";
    private boolean bare;

    @BeforeEach
    void install() throws IOException {
        home = Files.createDirectories(folder.resolve("a home with spaces"));
        calls = folder.resolve("calls");
        site = Files.createDirectories(folder.resolve("site"));
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
        executable(jdk.resolve("bin/java"), JAVA);
    }

    private static void executable(Path file, String script) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Files.writeString(file, script);
    }

    /** Returns how java was called, a line for each call. */
    private List<String> run(String version, Map<String, String> environment, String... arguments) throws Exception {
        return runs(0, version, environment, arguments);
    }

    private List<String> runs(int status, String version, Map<String, String> environment, String... arguments)
            throws Exception {
        Files.writeString(calls, "");
        var command = new ProcessBuilder(
                        Stream.concat(Stream.of(shell, home.resolve("run").toString()), Stream.of(arguments))
                                .toList())
                .directory(site.toFile());
        command.environment()
                .keySet()
                .removeAll(List.of("JAVA_OPTS", "JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "DROMEDAR_ARCHIVE"));
        if (bare) {
            command.environment().clear();
        }
        command.environment().put("JAVA_HOME", folder.resolve("jdk-" + version).toString());
        command.environment().put("CALLS", calls.toString());
        command.environment().putAll(environment);
        Process process = command.start();
        errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(errors).isEqualTo(status);
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

    /** A colon separates the paths of a class path. */
    @Test
    void startsInAFolderWithAColonInItsName() throws Exception {
        site = Files.createDirectories(folder.resolve("si:te"));
        Files.createDirectories(site.resolve("lib"));

        List<String> elsewhere = run("17.0.15", Map.of("DROMEDAR_ARCHIVE", "off"));
        Path moved = Files.move(home, folder.resolve("ho:me"));
        home = moved;
        site = moved;
        List<String> inItsHome = run("17.0.15", Map.of("DROMEDAR_ARCHIVE", "off"));

        assertThat(elsewhere).singleElement().asString().contains("/lib/*:lib/* dev.dromedar.Dromedar");
        assertThat(inItsHome)
                .singleElement()
                .asString()
                .contains("-cp ./dromedar.jar:./lib/*:lib/* dev.dromedar.Dromedar");
    }

    @Test
    void letsTheFirstWorkerMakeTheArchiveAtItsEndAndUsesItFromThenOn() throws Exception {
        for (String version : List.of("17.0.15", "25.0.3")) {
            List<String> first = run(version, Map.of());
            List<String> second = run(version, Map.of());

            String archive = archives().stream()
                    .filter(name -> name.startsWith("classes-" + version.substring(0, 2)))
                    .findFirst()
                    .orElseThrow();
            assertThat(archive).matches("classes-\\d\\d-\\d+\\.jsa");
            assertThat(first)
                    .singleElement()
                    .asString()
                    .startsWith("-XX:ArchiveClassesAtExit=" + home + "/" + archive + " ")
                    .endsWith("dev.dromedar.Dromedar");
            assertThat(second)
                    .singleElement()
                    .asString()
                    .startsWith("-XX:SharedArchiveFile=" + home + "/" + archive + " ")
                    .endsWith("dev.dromedar.Dromedar");
            assertThat(errors).isEmpty();
        }
        assertThat(archives()).hasSize(2);
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

        assertThat(afterWorker.get(0)).startsWith("-XX:ArchiveClassesAtExit=");
        assertThat(afterLibrary.get(0)).startsWith("-XX:ArchiveClassesAtExit=");
        assertThat(archives()).hasSize(1).isNotEqualTo(before);
    }

    @Test
    void keepsOneForEachSiteWithJarsOfItsOwnBesideThose() throws Exception {
        Path own = Files.createDirectories(folder.resolve("site/lib"));
        Files.writeString(own.resolve("mine.jar"), "mine");

        List<String> first = run("25.0.3", Map.of());
        List<String> second = run("25.0.3", Map.of());

        assertThat(first.get(0)).startsWith("-XX:ArchiveClassesAtExit=" + own + "/classes-25-");
        assertThat(second.get(0)).startsWith("-XX:SharedArchiveFile=" + own + "/classes-25-");
        assertThat(archives()).isEmpty();
    }

    @Test
    void keepsNoArchiveOfAStartThatFailedOrOfAnEndThatWasCutShort() throws Exception {
        for (String what : List.of("FAULTS", "FAILS")) {
            run("25.0.3", Map.of(what, "yes"));

            List<String> next = run("25.0.3", Map.of());

            assertThat(next.get(0)).as(what).startsWith("-XX:ArchiveClassesAtExit=");
            assertThat(archives()).singleElement().asString().endsWith(".jsa");
            assertThat(run("25.0.3", Map.of()).get(0)).startsWith("-XX:SharedArchiveFile=");
            Files.delete(home.resolve(archives().get(0)));
        }
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
        assertThat(with)
                .singleElement()
                .asString()
                .startsWith("-XX:SharedArchiveFile=")
                .endsWith("status --once");
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

    @Test
    void runsInDashAndBashWithoutAnEnvironment() throws Exception {
        for (String each : List.of("/bin/sh", "/bin/dash", "/bin/bash")) {
            if (Files.isExecutable(Path.of(each))) {
                shell = each;
                bare = true;

                assertThat(run("17.0.15", Map.of(), "check", "a b", "*"))
                        .as(each)
                        .singleElement()
                        .asString()
                        .endsWith("dev.dromedar.Dromedar check a b *");
                assertThat(errors).as(each).isEmpty();
            }
        }
    }

    @Test
    void saysWhatToInstallWhereThereIsNoJavaOrAnOldOne() throws Exception {
        jdk("11.0.2");

        assertThat(runs(1, "11.0.2", Map.of())).isEmpty();
        assertThat(errors).startsWith("Java 11 in ").contains("is too old. Install Java 17 or newer");

        assertThat(runs(1, "nowhere", Map.of())).isEmpty();
        assertThat(errors).startsWith("There is no Java: '").contains("Install Java 17 or newer, or set JAVA_HOME");
    }

    @Test
    void saysWhatToInstallWhereThereIsNothingToBuildWith() throws Exception {
        Files.writeString(home.resolve("pom.xml"), "<project/>");
        Path tools = Files.createDirectories(folder.resolve("tools"));
        for (String tool : List.of("sh", "readlink", "dirname", "sed", "find", "head", "awk")) {
            executable(
                    tools.resolve(tool), "#!/bin/sh\nPATH='" + System.getenv("PATH") + "' exec " + tool + " \"$@\"\n");
        }

        runs(1, "25.0.3", Map.of("PATH", tools.toString()));
        assertThat(errors).startsWith("Building the worker needs Maven 3.8 or newer: 'mvn' was not found.");

        executable(tools.resolve("mvn"), "#!/bin/sh\n");
        runs(1, "25.0.3", Map.of("PATH", tools.toString()));
        assertThat(errors).startsWith("Building the worker needs a JDK: ");
    }

    @Test
    void showsHowTheBuildMovesAndEndsWithItsStatus() throws Exception {
        Files.writeString(home.resolve("pom.xml"), "<project/>");
        executable(folder.resolve("jdk-25.0.3/bin/javac"), "#!/bin/sh\n");
        Path tools = Files.createDirectories(folder.resolve("tools"));
        executable(tools.resolve("mvn"), """
                #!/bin/sh
                echo "$@" > "$CALLS"
                echo "[INFO] --- compiler:3.14.1:compile (default-compile) @ dromedar ---"
                echo "[INFO] noise"
                echo "[ERROR] it does not compile"
                exit 3
                """);
        String path = tools + ":" + System.getenv("PATH");

        List<String> calls = runs(3, "25.0.3", Map.of("PATH", path));

        assertThat(calls).singleElement().asString().contains("package", "-Dmaven.test.skip=true");
        assertThat(errors)
                .contains("Building the worker", "  compiler compile\n", "[ERROR] it does not compile")
                .doesNotContain("noise");
    }
}
