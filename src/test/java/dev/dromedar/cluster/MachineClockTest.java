package dev.dromedar.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MachineClockTest {
    private Instant now = Instant.parse("2026-11-30T10:00:00Z");
    private final MachineClock clock = new MachineClock(() -> now);

    private void compare(Duration behind, boolean othersAgree) {
        clock.said(now.plus(behind), now, now, othersAgree);
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S, true, true",
        "PT-59S, true, true",
        "PT59S, true, true",
        "PT-61S, true, false",
        "PT61S, true, false",
        "PT-1H, true, false",
        "PT-1H, false, true",
        "PT1H, false, true"
    })
    void isFitUnlessItIsWrongAndAnotherIsRight(Duration behind, boolean othersAgree, boolean fit) {
        compare(behind, othersAgree);

        assertThat(clock.isFit()).isEqualTo(fit);
    }

    @Test
    void isUnfitFromTheMomentItIsSetUntilItIsComparedAgain() {
        assertThat(clock.isFit()).as("not compared yet").isTrue();
        compare(Duration.ZERO, true);

        for (Duration step : new Duration[] {Duration.ofHours(1), Duration.ofHours(-2)}) {
            now = now.plus(step);
            assertThat(clock.isFit()).as("set by %s", step).isFalse();
        }

        compare(Duration.ofHours(1), false);
        assertThat(clock.isFit()).as("compared: the database's may be wrong").isTrue();
        now = now.plus(Duration.ofHours(1));
        assertThat(clock.isFit()).as("set right, not compared yet").isFalse();
        compare(Duration.ZERO, true);
        assertThat(clock.isFit()).isTrue();
    }

    @Test
    void saysThatNoFiringStarts() {
        compare(Duration.ofHours(-1), true);
        assertThat(clock.fault())
                .isEqualTo("This machine's clock is 3600 s ahead of the database's: another node's is right, and until"
                        + " this one's is no firing starts here. Set the clocks of both by NTP.");

        compare(Duration.ofSeconds(5), true);
        assertThat(clock.fault())
                .isEqualTo("This machine's clock is 5 s behind the database's: firings here come that much too late."
                        + " Set the clocks of both by NTP.");

        compare(Duration.ofSeconds(2), true);
        assertThat(clock.fault()).isNull();
    }
}
