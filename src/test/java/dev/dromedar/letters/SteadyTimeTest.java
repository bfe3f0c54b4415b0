package dev.dromedar.letters;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.MovableClock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SteadyTimeTest {
    private final MovableClock clock = new MovableClock();
    private final AtomicLong nanos = new AtomicLong(-5);
    private final SteadyTime time = new SteadyTime(clock, nanos::get);

    /** Both clocks go on, and the time is looked at each minute. */
    private void pass(Duration duration) {
        for (long minute = 0; minute < duration.toMinutes(); minute++) {
            clock.advance(Duration.ofMinutes(1));
            nanos.addAndGet(Duration.ofMinutes(1).toNanos());
            time.now();
        }
    }

    @Test
    void countsAfterAnHourOfAnEvenClock() {
        assertThat(time.now()).isNull();
        pass(SteadyTime.NEEDED.minusMinutes(1));
        assertThat(time.now()).isNull();

        pass(Duration.ofMinutes(1));

        assertThat(time.now()).isEqualTo(clock.instant());
        assertThat(time.jumped()).isNull();
    }

    /** Also by the sleep of a machine, in which elapsed time may stand still. */
    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "PT744H", "PT-1H", "PT31S"})
    void beginsAnewAtAJump(Duration jump) {
        time.now();
        pass(SteadyTime.NEEDED);
        assertThat(time.now()).isNotNull();

        clock.advance(jump);

        assertThat(time.now()).isNull();
        assertThat(time.jumped()).isEqualTo(jump);
        pass(SteadyTime.NEEDED.minusMinutes(1));
        assertThat(time.now()).isNull();
        pass(Duration.ofMinutes(1));
        assertThat(time.now()).isEqualTo(clock.instant());
    }

    @Test
    void aSmallCorrectionIsNoJump() {
        time.now();
        pass(SteadyTime.NEEDED);

        clock.advance(Duration.ofSeconds(-3));

        assertThat(time.now()).isEqualTo(clock.instant());
    }
}
