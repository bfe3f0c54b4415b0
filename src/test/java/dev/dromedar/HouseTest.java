package dev.dromedar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which package may know which, and that no classes know each other in a circle. */
class HouseTest {
    private static final Path SOURCES = Path.of("src/main/java/dev/dromedar");

    /** The rooms and their arrows. The empty name is {@code dev.dromedar} itself, which may know all. */
    private static final Map<String, Set<String>> MAY_KNOW = Map.ofEntries(
            Map.entry("keys", Set.of()),
            Map.entry("sandbox", Set.of()),
            Map.entry("oauth", Set.of("keys")),
            Map.entry("audit", Set.of("keys", "oauth")),
            Map.entry("letters", Set.of("keys", "oauth")),
            Map.entry("cluster", Set.of("keys", "oauth", "letters")),
            Map.entry("settings", Set.of("audit", "keys", "oauth", "letters", "cluster")),
            Map.entry("camel", Set.of("audit", "keys", "oauth", "settings", "letters", "cluster")),
            Map.entry("routes", Set.of("oauth", "settings", "letters", "camel")),
            Map.entry("ops", Set.of("audit", "keys", "oauth", "letters", "cluster", "camel", "routes")),
            Map.entry("spring", Set.of("oauth", "camel", "ops", "")),
            Map.entry(
                    "cli",
                    Set.of(
                            "audit",
                            "keys",
                            "oauth",
                            "sandbox",
                            "letters",
                            "cluster",
                            "settings",
                            "camel",
                            "routes",
                            "ops")),
            Map.entry("", Set.of("keys", "oauth", "cluster", "letters", "settings", "camel", "ops", "cli")));

    /** The rooms in which no class knows Camel. */
    private static final Set<String> WITHOUT_CAMEL = Set.of("audit", "keys", "oauth", "sandbox");

    private static final ClassGraph GRAPH = ClassGraph.of("target/classes");

    static Set<String> rooms() {
        return MAY_KNOW.keySet();
    }

    static Set<String> withoutCamel() {
        return WITHOUT_CAMEL;
    }

    @Test
    void hasTheRoomsOfTheTable() {
        assertThat(GRAPH.rooms()).isEqualTo(new HashSet<>(MAY_KNOW.keySet()));
    }

    @ParameterizedTest(name = "''{0}''")
    @MethodSource("rooms")
    void knowsOnlyWhatItMay(String room) {
        Map<String, Set<String>> strangers = new TreeMap<>();
        for (String name : GRAPH.classes()) {
            Set<String> not = GRAPH.knownBy(name).stream()
                    .filter(other -> other.startsWith("dev.dromedar."))
                    .filter(other -> !ClassGraph.room(other).equals(room))
                    .filter(other -> !MAY_KNOW.getOrDefault(room, Set.of()).contains(ClassGraph.room(other)))
                    .collect(Collectors.toSet());
            if (ClassGraph.room(name).equals(room) && !not.isEmpty()) {
                strangers.put(name, not);
            }
        }

        assertThat(strangers).isEmpty();
    }

    @Test
    void noTwoRoomsMayKnowEachOther() {
        assertThat(ClassGraph.of(MAY_KNOW).circles()).isEmpty();
    }

    @Test
    void noClassesKnowEachOtherInACircle() {
        assertThat(GRAPH.circles()).isEmpty();
    }

    @ParameterizedTest(name = "''{0}''")
    @MethodSource("withoutCamel")
    void knowsNoCamel(String room) throws IOException {
        for (String name : GRAPH.classes()) {
            if (ClassGraph.room(name).equals(room)) {
                assertThat(GRAPH.knownBy(name)).as(name).noneMatch(other -> other.startsWith("org.apache.camel."));
            }
        }
        try (var files = Files.walk(SOURCES.resolve(room))) {
            for (Path file :
                    files.filter(file -> file.toString().endsWith(".java")).toList()) {
                assertThat(Files.readString(file)).as(file.toString()).doesNotContain("org.apache.camel");
            }
        }
    }

    @ParameterizedTest(name = "''{0}''")
    @MethodSource("rooms")
    void isNullMarked(String room) throws IOException {
        assertThat(Files.readString(SOURCES.resolve(room).resolve("package-info.java")))
                .contains("@NullMarked");
    }
}
