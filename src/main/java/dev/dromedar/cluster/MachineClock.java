package dev.dromedar.cluster;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This machine's clock beside the database's, by which all nodes judge. Thread-safe. */
final class MachineClock {
    private static final Logger LOG = LoggerFactory.getLogger("dev.dromedar.cluster.Cluster");
    private static final Duration TOLERANCE = Duration.ofSeconds(2);

    private volatile Duration offset = Duration.ZERO;
    private boolean told;

    /** What the database's clock said between two times of this machine's. */
    void said(Instant database, Instant before, Instant after) {
        offset = database.isBefore(before)
                ? Duration.between(before, database)
                : database.isAfter(after) ? Duration.between(after, database) : Duration.ZERO;
    }

    /** By how much this machine's clock is behind the database's; negative if it is ahead. */
    Duration offset() {
        return offset;
    }

    /** Once when it is wrong, and once when it is right again; half as wrong still counts, so that it is not reported over and over. */
    void tell() {
        Duration tolerated = told ? TOLERANCE.dividedBy(2) : TOLERANCE;
        boolean wrong = offset.abs().compareTo(tolerated) > 0;
        if (wrong && !told) {
            LOG.warn("{}", words(offset));
        } else if (told && !wrong) {
            LOG.info("This machine's clock agrees with the database's again");
        }
        told = wrong;
    }

    /** What is wrong with this machine's clock, or null if it agrees with the database's within two seconds. */
    @Nullable
    String fault() {
        Duration now = offset;
        return now.abs().compareTo(TOLERANCE) > 0 ? words(now) : null;
    }

    private static String words(Duration offset) {
        boolean behind = !offset.isNegative();
        long seconds = offset.abs().plusMillis(500).toSeconds();
        return "This machine's clock is " + seconds + " s " + (behind ? "behind" : "ahead of")
                + " the database's: firings here come that much too " + (behind ? "late" : "early")
                + ". Set the clocks of both by NTP.";
    }
}
