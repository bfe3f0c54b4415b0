package dev.dromedar;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dromedar.sandbox.Sandbox;
import java.io.File;
import java.io.InputStream;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;

/** The packed jar with what an application gets that depends on it: without the optional dependencies and what they bring. */
@Tag("long")
class EmbedderIT {
    private static final int MOST_JARS = 40;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path temp;

    @Test
    void anApplicationWithoutTheOptionalJarsCallsAnApi() throws Exception {
        Set<String> jars = jars();
        assertThat(jars).hasSizeBetween(20, MOST_JARS);
        assertThat(jars)
                .noneMatch(jar -> jar.matches("(vertx|netty|opentelemetry|quartz|camel-(quartz|yaml|xml-io-dsl"
                        + "|mock|console|platform-http)|c3p0|micrometer-core|logback|postgresql|flyway|HikariCP).*"));
        Path here = Files.createDirectories(temp.resolve("application"));
        // Alone in its folder: the worker's own jar names lib/ in its manifest
        Path dromedar = Files.copy(Path.of("target/dromedar.jar"), here.resolve("dromedar.jar"));
        copy(Embedder.class);
        copy(Class.forName(Embedder.class.getName() + "$1"));
        String classes = Stream.concat(
                        Stream.of(here, dromedar),
                        // What it brings itself, for its own route
                        Stream.concat(jars.stream(), packed("camel-direct-"))
                                .map(jar -> Path.of("target/lib", jar).toAbsolutePath()))
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));

        try (Sandbox sandbox = Sandbox.start()) {
            var properties = new Properties();
            sandbox.properties().forEach((key, value) -> {
                if (key.startsWith("sandbox.orders.")) {
                    properties.put("dromedar.api." + key.substring("sandbox.".length()), value);
                }
            });
            try (Writer file = Files.newBufferedWriter(here.resolve("x.properties"))) {
                properties.store(file, null);
            }
            Path log = here.resolve("log");
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            classes,
                            Embedder.class.getName(),
                            "x.properties")
                    .directory(here.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            try {
                assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
                assertThat(log)
                        .content()
                        .contains("answer: ")
                        .contains("records")
                        .doesNotContain("NoClassDefFound");
                assertThat(process.exitValue()).isZero();
                assertThat(sandbox.api("orders").seen().accepted()).isEqualTo(1);
            } finally {
                process.destroyForcibly();
            }
        }
    }

    private void copy(Class<?> type) throws Exception {
        String name = type.getName().replace('.', '/') + ".class";
        Path to = temp.resolve("application").resolve(name);
        Files.createDirectories(Objects.requireNonNull(to.getParent()));
        try (InputStream from = Objects.requireNonNull(type.getClassLoader().getResourceAsStream(name))) {
            Files.copy(from, to);
        }
    }

    private static Stream<String> packed(String beginning) throws Exception {
        try (Stream<Path> all = Files.list(Path.of("target/lib"))) {
            return all
                    .map(jar -> jar.getFileName().toString())
                    .filter(jar -> jar.startsWith(beginning))
                    .toList()
                    .stream();
        }
    }

    /** By the graph of the bill of materials, from the POM's dependencies that are neither optional nor for tests. */
    private static Set<String> jars() throws Exception {
        JsonNode bill = new ObjectMapper().readTree(new File("target/bom.json"));
        Deque<String> left = new ArrayDeque<>();
        for (String wanted : wanted()) {
            bill.path("components").findValuesAsText("purl").stream()
                    .filter(purl -> purl.startsWith("pkg:maven/" + wanted + "@"))
                    .forEach(left::add);
        }
        Set<String> found = new TreeSet<>();
        while (!left.isEmpty()) {
            String next = left.remove();
            if (found.add(next)) {
                for (JsonNode entry : bill.path("dependencies")) {
                    if (entry.path("ref").asText().equals(next)) {
                        entry.path("dependsOn").forEach(needed -> left.add(needed.asText()));
                    }
                }
            }
        }
        return found.stream()
                .map(purl -> purl.replaceFirst("^pkg:maven/[^/]+/([^@]+)@([^?]+).*", "$1-$2.jar"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<String> wanted() throws Exception {
        var factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        var project = factory.newDocumentBuilder().parse(new File("pom.xml")).getDocumentElement();
        List<String> wanted = new ArrayList<>();
        for (Element dependencies : children(project, "dependencies")) {
            for (Element dependency : children(dependencies, "dependency")) {
                if (text(dependency, "optional").isEmpty()
                        && text(dependency, "scope").isEmpty()) {
                    wanted.add(text(dependency, "groupId") + "/" + text(dependency, "artifactId"));
                }
            }
        }
        return wanted;
    }

    private static String text(Element element, String name) {
        List<Element> found = children(element, name);
        return found.isEmpty() ? "" : found.get(0).getTextContent().strip();
    }

    private static List<Element> children(Element element, String name) {
        List<Element> found = new ArrayList<>();
        for (var child = element.getFirstChild(); child != null; child = child.getNextSibling()) {
            if (child instanceof Element part && part.getTagName().equals(name)) {
                found.add(part);
            }
        }
        return found;
    }
}
