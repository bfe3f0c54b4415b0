package dev.dromedar.oauth;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicLong;

/** Both clocks of a machine, standing still until they are moved, together or each for itself. */
final class MutableTime extends Clock {
    private final AtomicLong ticks =
            new AtomicLong(Long.MAX_VALUE - 1_000_000_000L); // nanoTime may overflow: it does here
    private volatile Instant now = Instant.parse("2026-11-22T12:00:00Z");

    Time time() {
        return new Time(this, ticks::get);
    }

    void advance(Duration by) {
        stepWallClock(by);
        ticks.addAndGet(by.toNanos());
    }

    /** As people and NTP do; and as a suspended machine finds it when it wakes, since Linux does not count the sleep. */
    synchronized void stepWallClock(Duration by) {
        now = now.plus(by);
    }

    @Override
    public Instant instant() {
        return now;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
