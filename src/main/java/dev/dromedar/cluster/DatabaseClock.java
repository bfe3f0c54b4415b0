package dev.dromedar.cluster;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the database's clock runs evenly, measured by this machine's timer. When it is set, all that others have written by it
 * (signs of life, leases) looks too old, or as if written in the future: until they have written anew, no one may judge by it.
 * Thread-safe.
 */
final class DatabaseClock {
    private static final Logger LOG = LoggerFactory.getLogger(DatabaseClock.class);
    private static final OffsetDateTime FIRST = OffsetDateTime.of(1, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);
    private static final OffsetDateTime LAST = FIRST.withYear(9999);

    private final Duration silence;
    private @Nullable Instant time;
    private long nanos;
    private @Nullable Long steppedAt;

    /** @param silence after which a node is considered dead; a third of it is tolerated */
    DatabaseClock(Duration silence) {
        this.silence = silence;
    }

    /** What it said between two moments of {@link System#nanoTime}. */
    synchronized void said(Instant now, long before, long after) {
        Instant last = time;
        if (last != null) {
            Duration earlier = Duration.between(now, last.plusNanos(before - nanos));
            Duration later = Duration.between(last.plusNanos(after - nanos), now);
            boolean back = earlier.compareTo(tolerance()) > 0;
            if (back || later.compareTo(tolerance()) > 0) {
                steppedAt = after;
                LOG.warn(
                        "The database's clock was set {} by {} s while this node ran, or this machine was paused. For {} s no node is considered dead.",
                        back ? "back" : "ahead",
                        (back ? earlier : later).toSeconds(),
                        silence.toSeconds());
            }
        }
        time = now;
        nanos = after;
    }

    private Duration tolerance() {
        return silence.dividedBy(3);
    }

    /** Whether what others have written by it can be compared with it now. */
    synchronized boolean isSteady() {
        return steppedAt == null || System.nanoTime() - steppedAt > silence.toNanos();
    }

    /**
     * What may be judged by it, all as of one moment: a sign of life of this node, which learns that it was set, may come between
     * two questions.
     *
     * @param steady whether what others have written by it can be compared with it
     * @param earliest if it is at an earlier time than this, it was set back since
     * @param latest if it is at a later time than this within the next second, it was set ahead since
     */
    record Range(boolean steady, OffsetDateTime earliest, OffsetDateTime latest) {}

    synchronized Range range() {
        if (time == null) {
            return new Range(isSteady(), FIRST, LAST);
        }
        Instant now = time.plusNanos(System.nanoTime() - nanos);
        return new Range(
                isSteady(),
                now.minus(tolerance()).atOffset(ZoneOffset.UTC),
                now.plus(tolerance()).atOffset(ZoneOffset.UTC));
    }
}
