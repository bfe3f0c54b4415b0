package dev.dromedar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which package may know which: the protocol knows no Camel, and the sandbox shares nothing with the client. */
class HouseTest {
    private static final Path SOURCES = Path.of("src/main/java/dev/dromedar");
    private static final Pattern OTHER = Pattern.compile("\\bdev\\.dromedar\\.([a-z]+)\\b");
    private static final Map<String, Set<String>> MAY_KNOW = Map.of(
            "oauth", Set.of(),
            "sandbox", Set.of(),
            "store", Set.of("oauth"),
            "camel", Set.of("oauth", "store"),
            "ops", Set.of("oauth", "camel", "store"),
            "spring", Set.of("oauth", "camel", "ops"),
            "cli", Set.of("oauth", "sandbox", "store", "camel", "ops"));

    @ParameterizedTest
    @ValueSource(strings = {"oauth", "sandbox", "store", "camel", "ops", "spring", "cli"})
    void knowsOnlyWhatItMay(String room) throws IOException {
        var known = new TreeSet<String>();
        for (Path file : sources(room)) {
            OTHER.matcher(Files.readString(file)).results().forEach(name -> known.add(name.group(1)));
        }
        known.remove(room);

        assertThat(MAY_KNOW.get(room)).containsAll(known);
    }

    @ParameterizedTest
    @ValueSource(strings = {"oauth", "sandbox"})
    void knowsNoCamel(String room) throws IOException {
        for (Path file : sources(room)) {
            assertThat(Files.readString(file)).as(file.toString()).doesNotContain("org.apache.camel");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"oauth", "sandbox", "store", "camel", "ops", "spring", "cli"})
    void isNullMarked(String room) throws IOException {
        assertThat(Files.readString(SOURCES.resolve(room).resolve("package-info.java")))
                .contains("@NullMarked");
    }

    /** Whoever embeds the APIs needs none of the command line, and a worker loads none of it. */
    @Test
    void onlyTheCommandLineKnowsItsLibrary() throws IOException {
        for (Path file : sources("")) {
            if (!file.startsWith(SOURCES.resolve("cli"))) {
                assertThat(Files.readString(file)).as(file.toString()).doesNotContain("picocli.");
            }
        }
        for (String file :
                List.of("Worker", "WorkerConfiguration", "Folder", "LogSetUp", "OwnSandbox", "Ports", "Signals")) {
            assertThat(Files.readString(SOURCES.resolve("cli").resolve(file + ".java")))
                    .as(file)
                    .doesNotContain("picocli.")
                    .doesNotContainPattern("Commands?\\b\\.");
        }
    }

    private static Iterable<Path> sources(String room) throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES.resolve(room))) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }
}
