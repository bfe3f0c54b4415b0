package dev.dromedar;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What has been packed has no known weakness that is open. */
@Tag("long")
class WeaknessesIT {
    @Test
    void noneIsPackedThatIsKnownAndOpen() throws IOException {
        var json = new ObjectMapper();
        JsonNode bom = json.readTree(Path.of("target/bom.json").toFile());

        assertThat(bom.path("components")).hasSizeGreaterThan(50);
        assertThat(Weaknesses.open(
                        bom, json.readTree(Path.of("src/main/supply/vex.json").toFile())))
                .isEmpty();
    }
}
