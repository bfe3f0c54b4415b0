package dev.dromedar.letters;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The time for what is deleted by its age. A clock that jumps ahead makes everything look old, and the machine sets it right a
 * while later: so the time counts only when the clock has run evenly for an hour, by the machine's count of elapsed time. That
 * hour begins anew at each start and each jump. Used by one thread.
 */
final class SteadyTime {
    static final Duration NEEDED = Duration.ofHours(1);
    /** Between two looks, a minute apart: corrections of NTP are smaller. */
    private static final Duration JUMP = Duration.ofSeconds(30);

    private final Clock clock;
    private final LongSupplier nanos;
    private boolean begun;
    private Instant seen = Instant.EPOCH;
    private long seenNanos;
    private long since;
    private @Nullable Duration jumped;

    SteadyTime(Clock clock, LongSupplier nanos) {
        this.clock = clock;
        this.nanos = nanos;
    }

    /** The time now; null while the clock has not run evenly for long enough. */
    @Nullable
    Instant now() {
        Instant now = clock.instant();
        long elapsed = nanos.getAsLong();
        Duration off = begun ? Duration.between(seen, now).minusNanos(elapsed - seenNanos) : Duration.ZERO;
        boolean jump = off.abs().compareTo(JUMP) > 0;
        if (!begun || jump) {
            since = elapsed;
        }
        jumped = jump ? off : null;
        begun = true;
        seen = now;
        seenNanos = elapsed;
        return elapsed - since < NEEDED.toNanos() ? null : now;
    }

    /** By how much the clock had jumped at the last look, back if negative; null if it had not. */
    @Nullable
    Duration jumped() {
        return jumped;
    }
}
