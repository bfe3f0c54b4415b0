package dev.dromedar.cluster;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This machine's clock beside the database's and those of the other nodes. Quartz fires by it: a node whose clock is an hour
 * ahead would find every firing an hour late, and move the schedules of all nodes on by that hour. Thread-safe.
 */
final class MachineClock {
    private static final Logger LOG = LoggerFactory.getLogger("dev.dromedar.cluster.Cluster");
    private static final Duration TOLERANCE = Duration.ofSeconds(2);
    /** As late as a firing may be before it counts as missed, if {@code misfireThreshold} is not set. */
    static final Duration UNFIT = Duration.ofMinutes(1);
    /** How long the word of a node holds that was right and is gone, as while it is restarted. */
    private static final Duration REFUTED_FOR = Duration.ofMinutes(10);

    private final InstantSource clock;
    /** As {@link System#nanoTime}. */
    private final LongSupplier nanos;

    private volatile @Nullable Comparison last;
    private boolean told;
    private boolean toldHeld;

    /** That another node's clock agreed with the database's when this one was off by so much. */
    private record Refutation(Duration offset, long nanos) {}

    /**
     * With the database's clock.
     *
     * @param offset by how much this machine's is behind
     * @param database its time at {@code nanos}
     * @param steps how often one of the two was set
     */
    private record Comparison(
            Duration offset,
            Instant database,
            long nanos,
            @Nullable Refutation refutation,
            int steps) {
        boolean isRefuted(long now) {
            return refutation != null
                    && differ(offset, Duration.ZERO)
                    && !differ(offset, refutation.offset())
                    && now - refutation.nanos() < REFUTED_FOR.toNanos();
        }
    }

    MachineClock(InstantSource clock, LongSupplier nanos) {
        this.clock = clock;
        this.nanos = nanos;
    }

    private static boolean differ(Duration one, Duration other) {
        return one.minus(other).abs().compareTo(UNFIT) > 0;
    }

    /**
     * What the database's clock said between two times of this machine's, just now.
     *
     * @param othersAgree whether the clock of another node, which can do the work of this one, agrees with the database's
     */
    void said(Instant database, Instant before, Instant after, boolean othersAgree) {
        Duration offset = database.isBefore(before)
                ? Duration.between(before, database)
                : database.isAfter(after) ? Duration.between(after, database) : Duration.ZERO;
        long now = nanos.getAsLong();
        Comparison known = last;
        last = new Comparison(
                offset,
                database,
                now,
                othersAgree ? new Refutation(offset, now) : known == null ? null : known.refutation(),
                known == null ? 0 : known.steps() + (differ(offset, known.offset()) ? 1 : 0));
    }

    /** By how much this machine's clock is behind the database's; negative if it is ahead. */
    Duration offset() {
        Comparison known = last;
        return known == null ? Duration.ZERO : known.offset();
    }

    /** How often it was set by more than a minute, or the database's was, or this machine was paused. */
    int steps() {
        Comparison known = last;
        return known == null ? 0 : known.steps();
    }

    /**
     * Whether this node may fire by its clock: not if that is wrong by more than a minute and another node's is right, nor if it
     * was set since it was last compared, or the machine was paused. If no other node's clock agrees with the database's, that
     * one may be the wrong one, and firings go on.
     */
    boolean isFit() {
        Comparison known = last;
        if (known == null) {
            return true;
        }
        long now = nanos.getAsLong();
        Duration behind = Duration.between(clock.instant(), known.database().plusNanos(now - known.nanos()));
        return !known.isRefuted(now) && !differ(behind, known.offset());
    }

    /**
     * When it is wrong, when firings do not start for it or start again though it is wrong still, and when it is right; half as
     * wrong still counts, so that it is not reported over and over.
     */
    void tell() {
        Comparison known = last;
        Duration tolerated = told ? TOLERANCE.dividedBy(2) : TOLERANCE;
        boolean wrong = offset().abs().compareTo(tolerated) > 0;
        boolean holds = known != null && known.isRefuted(nanos.getAsLong());
        if (wrong && (!told || holds != toldHeld)) {
            LOG.warn("{}", words(offset(), holds));
        } else if (told && !wrong) {
            LOG.info("This machine's clock agrees with the database's again");
        }
        toldHeld = holds;
        told = wrong;
    }

    /** What is wrong with this machine's clock, or null if it agrees with the database's within two seconds. */
    @Nullable
    String fault() {
        Comparison known = last;
        return known == null || known.offset().abs().compareTo(TOLERANCE) <= 0
                ? null
                : words(known.offset(), known.isRefuted(nanos.getAsLong()));
    }

    private static String words(Duration offset, boolean holds) {
        boolean behind = !offset.isNegative();
        long seconds = offset.abs().plusMillis(500).toSeconds();
        return "This machine's clock is " + seconds + " s " + (behind ? "behind" : "ahead of") + " the database's"
                + (holds
                        ? ", with which another node's agrees: no firing starts here until this one does too."
                        : ": firings here come that much too " + (behind ? "late." : "early."))
                + " Set the clocks of both by NTP.";
    }
}
