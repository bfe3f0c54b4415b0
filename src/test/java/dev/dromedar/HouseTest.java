package dev.dromedar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which package may know which: the protocol knows no Camel, and the sandbox shares nothing with the client. */
class HouseTest {
    private static final Path SOURCES = Path.of("src/main/java/dev/dromedar");
    private static final Pattern OTHER = Pattern.compile("\\bdev\\.dromedar\\.([a-z]+)\\b");
    private static final Map<String, Set<String>> MAY_KNOW = Map.of(
            "oauth", Set.of(),
            "sandbox", Set.of(),
            "letters", Set.of("oauth"),
            "store", Set.of("oauth", "letters"),
            "camel", Set.of("oauth", "letters", "store"),
            "ops", Set.of("oauth", "camel", "letters", "store"),
            "spring", Set.of("oauth", "camel", "ops"));

    @ParameterizedTest
    @ValueSource(strings = {"oauth", "sandbox", "letters", "store", "camel", "ops", "spring"})
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
    @ValueSource(strings = {"oauth", "sandbox", "letters", "store", "camel", "ops", "spring"})
    void isNullMarked(String room) throws IOException {
        assertThat(Files.readString(SOURCES.resolve(room).resolve("package-info.java")))
                .contains("@NullMarked");
    }

    private static Iterable<Path> sources(String room) throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES.resolve(room))) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }
}
