package dev.dromedar;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The list of known weaknesses finds what it lists, and nothing else. */
class WeaknessesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static JsonNode vex() throws IOException {
        return JSON.readTree(Path.of("src/main/supply/vex.json").toFile());
    }

    @ParameterizedTest
    @CsvSource({
        "pkg:maven/io.netty/netty-codec-http@4.1.137.Final?type=jar, 1",
        "pkg:maven/io.netty/netty-codec-http@4.1.138.Final?type=jar, 0",
        "pkg:maven/io.netty/netty-codec-http@4.2.18.Final?type=jar, 0",
        "pkg:maven/com.mchange/c3p0@0.14.1?type=jar, 1",
        "pkg:maven/ch.qos.logback/logback-core@1.5.22?type=jar, 2",
        "pkg:maven/ch.qos.logback/logback-core@1.5.38?type=jar, 0",
        "pkg:maven/org.apache.camel/camel-http@4.18.0?type=jar, 0", // open, and explained
    })
    void findsWhatIsOpenInAVersion(String purl, int weaknesses) throws IOException {
        var bom = JSON.createObjectNode();
        bom.putArray("components").addObject().put("purl", purl);

        assertThat(Weaknesses.open(bom, vex())).hasSize(weaknesses);
    }

    @Test
    void takesNoWeaknessForHarmlessWithoutAReason() throws IOException {
        var bom = JSON.createObjectNode();
        bom.putArray("components").addObject().put("purl", "pkg:maven/org.apache.camel/camel-http@4.18.0");
        JsonNode vex = vex();
        vex.path("vulnerabilities")
                .forEach(weakness -> ((com.fasterxml.jackson.databind.node.ObjectNode) weakness.path("analysis"))
                        .put("detail", " "));

        assertThat(Weaknesses.open(bom, vex)).hasSizeGreaterThan(1);
    }
}
