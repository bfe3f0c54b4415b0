package dev.dromedar.oauth;

import java.time.Clock;
import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * The two clocks of this machine: the one that is set by people and NTP, and the one that only counts. A token lives by
 * both, so that neither a step of the wall clock nor a suspended machine lets a dead one be served.
 *
 * @param clock wall clock, for what is sent and shown
 * @param ticks elapsed nanoseconds from any origin, as {@link System#nanoTime()}
 */
public record Time(Clock clock, LongSupplier ticks) {
    public static final Time SYSTEM = new Time(Clock.systemUTC(), System::nanoTime);

    Instant now() {
        return clock.instant();
    }

    long nanos() {
        return ticks.getAsLong();
    }
}
