package dev.dromedar.cli;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** The clock of a test: goes on from the time that the test gives. Thread-safe. */
final class TestClock extends Clock {
    private final Clock machine = Clock.systemUTC();
    private volatile Duration offset = Duration.ZERO;

    /** @param time null for this machine's */
    void set(@Nullable Instant time) {
        offset = time == null ? Duration.ZERO : Duration.between(machine.instant(), time);
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return machine.withZone(zone);
    }

    @Override
    public Instant instant() {
        return machine.instant().plus(offset);
    }
}
