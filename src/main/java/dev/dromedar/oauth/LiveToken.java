package dev.dromedar.oauth;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * A token with its moments, its end by both clocks of this machine. Immutable.
 *
 * @param minted in ticks, when it arrived
 * @param renewAt in ticks, when its renewal is due
 * @param deadAt in ticks, when it counts as expired
 * @param deadAtMillis the same on the wall clock
 * @param takenBy the APIs that have answered it with anything but a refusal
 */
record LiveToken(AccessToken token, long minted, long renewAt, long deadAt, long deadAtMillis, Set<String> takenBy) {
    /** Before its end by this a token counts as expired: the call it is for takes time too. */
    private static final Duration LONGEST_MARGIN = Duration.ofSeconds(5);

    LiveToken {
        takenBy = Set.copyOf(takenBy);
    }

    /**
     * Counted from when the request left, since the authority counts from when it answered. The renewal begins early
     * enough for three of the slowest recent answers (a nonce challenge doubles one), and never in the first part of a life.
     *
     * @param slowest in nanoseconds
     */
    static LiveToken of(TokenEndpoint.Minted minted, Duration renewAhead, long slowest, long now) {
        AccessToken token = minted.token();
        long life = token.lifetime().toNanos();
        long margin = Math.min(LONGEST_MARGIN.toNanos(), life / 10);
        long window = Math.min(life / 2, Math.max(Math.min(renewAhead.toNanos(), life / 4), slowest * 3));
        long jittered = (long) (window * (1 - 0.1 * ThreadLocalRandom.current().nextDouble()));
        long deadAt = minted.sent() + life - margin;
        long deadAtMillis = token.expiresAt().toEpochMilli() - TimeUnit.NANOSECONDS.toMillis(margin);
        return new LiveToken(token, now, deadAt - jittered, deadAt, deadAtMillis, Set.of());
    }

    LiveToken takenBy(String api) {
        Set<String> more = new HashSet<>(takenBy);
        more.add(api);
        return new LiveToken(token, minted, renewAt, deadAt, deadAtMillis, more);
    }

    boolean isFresh(long now, long millis) {
        return now - renewAt < 0 && millis < deadAtMillis;
    }

    boolean isAlive(long now, long millis) {
        return now - deadAt < 0 && millis < deadAtMillis;
    }
}
