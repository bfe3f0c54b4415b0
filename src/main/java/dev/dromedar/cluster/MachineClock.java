package dev.dromedar.cluster;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
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
    /** As late as a firing may be before it counts as missed. */
    static final Duration UNFIT = Duration.ofMinutes(1);

    private final InstantSource clock;
    private volatile @Nullable Comparison last;
    private boolean told;
    private boolean toldHeld;

    /**
     * @param offset by how much this clock is behind the database's
     * @param database its time at {@code nanos}
     * @param othersAgree whether the clock of another living node agrees with the database's
     */
    private record Comparison(Duration offset, Instant database, long nanos, boolean othersAgree) {
        boolean isWrong() {
            return offset.abs().compareTo(UNFIT) > 0 && othersAgree;
        }
    }

    MachineClock(InstantSource clock) {
        this.clock = clock;
    }

    /** What the database's clock said between two times of this machine's, just now. */
    void said(Instant database, Instant before, Instant after, boolean othersAgree) {
        Duration offset = database.isBefore(before)
                ? Duration.between(before, database)
                : database.isAfter(after) ? Duration.between(after, database) : Duration.ZERO;
        last = new Comparison(offset, database, System.nanoTime(), othersAgree);
    }

    /** By how much this machine's clock is behind the database's; negative if it is ahead. */
    Duration offset() {
        Comparison known = last;
        return known == null ? Duration.ZERO : known.offset();
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
        Instant database = known.database().plusNanos(System.nanoTime() - known.nanos());
        Duration since = Duration.between(clock.instant(), database).minus(known.offset());
        return !known.isWrong() && since.abs().compareTo(UNFIT) <= 0;
    }

    /**
     * Once when it is wrong, once when no firing starts for it, and once when it is right again; half as wrong still counts, so
     * that it is not reported over and over.
     */
    void tell() {
        Comparison known = last;
        Duration tolerated = told ? TOLERANCE.dividedBy(2) : TOLERANCE;
        boolean wrong = offset().abs().compareTo(tolerated) > 0;
        boolean holds = known != null && known.isWrong();
        if (wrong && (!told || holds && !toldHeld)) {
            LOG.warn("{}", fault());
        } else if (told && !wrong) {
            LOG.info("This machine's clock agrees with the database's again");
        }
        toldHeld = wrong && (holds || toldHeld);
        told = wrong;
    }

    /** What is wrong with this machine's clock, or null if it agrees with the database's within two seconds. */
    @Nullable
    String fault() {
        Comparison known = last;
        if (known == null || known.offset().abs().compareTo(TOLERANCE) <= 0) {
            return null;
        }
        boolean behind = !known.offset().isNegative();
        long seconds = known.offset().abs().plusMillis(500).toSeconds();
        return "This machine's clock is " + seconds + " s " + (behind ? "behind" : "ahead of") + " the database's: "
                + (known.isWrong()
                        ? "another node's is right, and until this one's is no firing starts here."
                        : "firings here come that much too " + (behind ? "late." : "early."))
                + " Set the clocks of both by NTP.";
    }
}
