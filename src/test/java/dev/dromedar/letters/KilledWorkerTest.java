package dev.dromedar.letters;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A short form of {@code src/bench/run Store kills 100}. */
@Tag("long")
class KilledWorkerTest {
    private final KilledWorker worker;

    KilledWorkerTest(@TempDir Path temp) {
        worker = new KilledWorker(temp);
    }

    @AfterEach
    void end() {
        worker.close();
    }

    @Test
    void eachAcknowledgedRunHasDoneItsWorkOrHasOneWholeLetter() throws Exception {
        worker.killAfter(Duration.ofMillis(400), true);
        worker.killAfter(Duration.ofMillis(1700), false);
        worker.killAfter(Duration.ofMillis(1300), false);

        KilledWorker.Found found = worker.look();

        assertThat(found.faults()).as(found.toString()).isEmpty();
        assertThat(found.acknowledged()).isPositive();
        assertThat(found.begun() - found.acknowledged()).as("one at each kill").isLessThanOrEqualTo(3);
    }
}
