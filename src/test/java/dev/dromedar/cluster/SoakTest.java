package dev.dromedar.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The short form of {@code src/bench/run Soak}: each trouble once. */
@Tag("long")
class SoakTest {
    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void nothingFailsAndNothingIsDoubledOrLostThatNoLogNames(@TempDir Path temp) throws Exception {
        try (var soak = new ClusterSoak(temp, 10, 4, 1000)) {
            SoakVerdict verdict = soak.run(Duration.ofSeconds(30), Duration.ofSeconds(3));

            assertThat(verdict.faults()).as(String.join("\n", verdict.words())).isEmpty();
        }
    }
}
