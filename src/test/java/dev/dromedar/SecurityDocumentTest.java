package dev.dromedar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What SECURITY.md and the VEX document promise is proved by the tests that they name. */
class SecurityDocumentTest {
    private static final Pattern CITED = Pattern.compile("\\b([A-Z]\\w*(?:Test|IT))\\b(?:\\.(\\w+))?");

    private static final List<Class<? extends Annotation>> TESTS = List.of(Test.class, ParameterizedTest.class);

    @ParameterizedTest
    @ValueSource(strings = {"SECURITY.md", "src/main/supply/vex.json"})
    void everyTestThatIsNamedExists(String document) throws IOException {
        Set<String> cited = new TreeSet<>();
        CITED.matcher(Files.readString(Path.of(document)))
                .results()
                .forEach(name -> cited.add(name.group(1) + '.' + name.group(2)));

        assertThat(cited).isNotEmpty().isSubsetOf(tests());
    }

    /** A row without a test, or a reason, is a promise that nobody keeps. */
    @Test
    void everyRowNamesATestOrAReason() throws IOException {
        List<String> rows = Files.readAllLines(Path.of("SECURITY.md")).stream()
                .filter(line -> line.startsWith("| "))
                .filter(line -> !line.startsWith("| ---")
                        && !line.startsWith("| actor")
                        && !line.matches("\\| (Version|the |older ).*"))
                .toList();

        assertThat(rows).hasSizeGreaterThan(15).allSatisfy(row -> assertThat(
                        CITED.matcher(row).find() || row.matches("\\|[^|]+\\| n/a \\|[^|]*\\w[^|]*\\|"))
                .as(row)
                .isTrue());
    }

    @Test
    void whatIsShippedListensOnThisMachineAloneAndHasNoConsole() throws IOException {
        var shipped = new Properties();
        try (Reader in = Files.newBufferedReader(Path.of("application.properties"))) {
            shipped.load(in);
        }

        assertThat(shipped)
                .containsEntry("camel.management.host", "127.0.0.1")
                .containsEntry("camel.main.devConsoleEnabled", "false")
                .containsEntry("camel.management.devConsoleEnabled", "false");
    }

    private static Set<String> tests() throws IOException {
        Path root = Path.of("src/test/java");
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith("Test.java")
                            || file.toString().endsWith("IT.java"))
                    .flatMap(file -> tests(root.relativize(file).toString()))
                    .collect(Collectors.toSet());
        }
    }

    private static Stream<String> tests(String file) {
        String name = file.substring(0, file.length() - ".java".length()).replaceAll("[/\\\\]", ".");
        try {
            Class<?> test = Class.forName(name, false, SecurityDocumentTest.class.getClassLoader());
            return Arrays.stream(test.getDeclaredMethods())
                    .filter(SecurityDocumentTest::isTest)
                    .map(method -> test.getSimpleName() + '.' + method.getName());
        } catch (ClassNotFoundException e) {
            throw new UncheckedIOException(new IOException(file, e));
        }
    }

    private static boolean isTest(Method method) {
        return TESTS.stream().anyMatch(method::isAnnotationPresent);
    }
}
