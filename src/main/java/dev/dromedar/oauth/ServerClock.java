package dev.dromedar.oauth;

import java.time.Duration;
import java.time.Instant;
import org.apache.hc.client5.http.utils.DateUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far an authority's clock is from ours, learnt from the {@code Date} of its answers (RFC 9110 section 6.6.1). Times in
 * assertions and proofs are put on its clock, because HelseID takes a proof for seconds only; beyond the bound ours is used
 * as it is, since a stranger's clock must not push our claims anywhere it likes. Thread-safe.
 */
final class ServerClock {
    /** Below this a difference is the network and the header's whole seconds. */
    private static final Duration NOTICED = Duration.ofSeconds(2);
    /** Once noticed, it must fall below this: otherwise a difference at the border would be reported every time. */
    private static final Duration AGREED = Duration.ofSeconds(1);
    /** The most that claims are moved by: HelseID's longest assertion lives 60 s. */
    private static final Duration BOUND = Duration.ofMinutes(5);

    private static final Logger LOG = LoggerFactory.getLogger(ServerClock.class);

    private final String authority;
    private final Time time;
    private volatile Duration offset = Duration.ZERO;
    private volatile boolean heard;

    ServerClock(String authority, Time time) {
        this.authority = authority;
        this.time = time;
    }

    /** The authority's clock minus ours; zero until learnt. Positive: ours is behind. */
    Duration offset() {
        return offset;
    }

    /** Whether the authority has ever said what time it is. */
    boolean heard() {
        return heard;
    }

    /** What to add to this machine's time for claims: the offset, or zero when that is beyond the bound. */
    Duration shift() {
        Duration by = offset;
        return by.abs().compareTo(BOUND) > 0 ? Duration.ZERO : by;
    }

    /** Whether claims would be dated otherwise now than when the shift was this. */
    boolean hasMovedFrom(Duration shift) {
        return shift().minus(shift).abs().compareTo(NOTICED) >= 0;
    }

    /** The time to put into claims: the authority's, as far as the bound allows. */
    Instant now() {
        return time.now().plus(shift());
    }

    /**
     * Learns from one answer.
     *
     * @param date the {@code Date} header, or null
     * @param roundTrip how long the answer took: it was dated somewhere within
     */
    void learn(@Nullable String date, Duration roundTrip) {
        Instant theirs = date == null ? null : DateUtils.parseStandardDate(date);
        if (theirs == null) {
            return;
        }
        heard = true;
        // The header holds whole seconds: half a second is its middle. The answer was made about half a round trip ago.
        Duration seen = Duration.between(time.now().minus(roundTrip.dividedBy(2)), theirs.plusMillis(500));
        Duration uncertainty = roundTrip.dividedBy(2).plusMillis(500);
        boolean agrees = offset.isZero()
                ? seen.abs().minus(uncertainty).compareTo(NOTICED) < 0
                : seen.abs().compareTo(AGREED.plus(roundTrip.dividedBy(2))) < 0;
        Duration learnt = agrees ? Duration.ZERO : seen;
        if (!learnt.isZero() && offset.isZero()) {
            LOG.warn(
                    "The clock of {} is {} s {} this machine's. Synchronise this machine's clock (NTP).{}",
                    authority,
                    learnt.abs().toSeconds(),
                    learnt.isNegative() ? "behind" : "ahead of",
                    learnt.abs().compareTo(BOUND) > 0
                            ? " The difference is too large to make up for: expect refusals."
                            : " Until then assertions and proofs are dated on the authority's clock.");
        } else if (learnt.isZero() && !offset.isZero()) {
            LOG.info("The clock of {} agrees with this machine's again", authority);
        }
        offset = learnt;
    }
}
