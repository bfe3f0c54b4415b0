package dev.dromedar.oauth;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Why there is no new token. Immutable.
 *
 * @param times how often in a row
 * @param since when the first of them was
 * @param nextTry in ticks; no request is sent before
 */
record TokenFailure(OAuthException reason, int times, Instant since, long nextTry) {

    /**
     * The next failure in a row of its kind.
     *
     * @param before the one before it, or null if this is the first
     * @param servedFor how long the token in memory still lives, in nanoseconds; 0 if there is none
     */
    static TokenFailure after(@Nullable TokenFailure before, OAuthException reason, Time time, long servedFor) {
        // The first refusal after an outage is the first: authorities that come back refuse for a moment
        boolean alike = before != null && isRefusal(before.reason()) == isRefusal(reason);
        int times = before != null && alike ? before.times() + 1 : 1;
        Instant since = before == null ? time.now() : before.since();
        return new TokenFailure(reason, times, since, time.nanos() + backOff(reason, times, servedFor));
    }

    private static boolean isRefusal(OAuthException reason) {
        return !(reason instanceof AuthorityUnavailable);
    }

    /** One that bars no request, and that the next failure does not count on. */
    static TokenFailure withoutBackOff(OAuthException reason, Instant since, long now) {
        return new TokenFailure(reason, 0, since, now);
    }

    boolean bars(long now) {
        return now - nextTry < 0;
    }

    /** What a caller gets who comes before the next try. */
    OAuthException inBackOff(long now) {
        long seconds = Math.max(1, TimeUnit.NANOSECONDS.toSeconds(nextTry - now + 999_999_999));
        return reason.reworded(reason.getMessage() + " Next try in " + seconds + " s.");
    }

    /**
     * Refused: long, since the operator must correct something; a second for the first in a row if its answer came late
     * ({@link TokenRefused#isLate}). Unavailable: a few seconds at most while callers fail for want
     * of a token, so that they do not fail on after the authority is back; longer while a token is served, and at the latest
     * when that expires. What the authority asks for: obeyed.
     */
    private static long backOff(OAuthException reason, int times, long servedFor) {
        double jitter = ThreadLocalRandom.current().nextDouble();
        boolean unavailable = reason instanceof AuthorityUnavailable;
        Duration asked = reason instanceof AuthorityUnavailable of ? of.retryAfter() : null;
        if (asked != null && !asked.isZero()) {
            return asked.toNanos() + (long) (1_000_000_000 * jitter);
        }
        boolean late = reason instanceof TokenRefused refused && refused.isLate() && times == 1;
        long first = unavailable || late ? 1_000 : 30_000;
        long longest = !unavailable ? 600_000 : servedFor > 0 ? 60_000 : 5_000;
        long wait = Math.min(longest, first << Math.min(times - 1, 10));
        long nanos = TimeUnit.MILLISECONDS.toNanos((long) (wait * (0.8 + 0.4 * jitter)));
        return unavailable && servedFor > TimeUnit.MILLISECONDS.toNanos(first) ? Math.min(nanos, servedFor) : nanos;
    }
}
