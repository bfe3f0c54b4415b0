package dev.dromedar.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The short form of {@code src/bench/run Edits}. */
@Tag("long")
class RandomEditsTest {
    private static final int EDITS = 30;

    @Test
    void aSiteThatIsEditedAtRandomEndsAsAFreshStartAndLosesNoExchange(@TempDir Path site) throws Exception {
        try (var edits = new RandomEdits(site, 4, 20261129)) {
            edits.load();

            for (int i = 0; i < EDITS; i++) {
                edits.edit();
                edits.look();
            }
            edits.settle();

            assertThat(edits.state()).isEqualTo(edits.stateOfAFreshStart());
            assertThat(edits.failures()).isEmpty();
        }
    }
}
