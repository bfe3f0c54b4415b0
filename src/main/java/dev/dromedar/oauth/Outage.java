package dev.dromedar.oauth;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether an authority is down for the clients of this process, so that its outage is told once and its end once, however
 * many tokens wait for it. Thread-safe.
 */
final class Outage {
    /** Whoever still wants a token asks again well within this; one that nobody asks for any more must not keep it open. */
    private static final Duration FORGOTTEN = Duration.ofMinutes(90);

    private static final int MOST = 1000;

    private final String authority;
    private final Time time;
    private final Set<TokenHolder> failing = new HashSet<>();
    private Instant since = Instant.EPOCH;
    private long last;

    Outage(String authority, Time time) {
        this.authority = authority;
        this.time = time;
    }

    String authority() {
        return authority;
    }

    /** The authority could not be used for this token; says whether that is news. */
    synchronized boolean begins(TokenHolder holder) {
        long now = time.nanos();
        if (now - last > FORGOTTEN.toNanos()) {
            failing.clear();
        }
        boolean news = failing.isEmpty();
        if (news) {
            since = time.now();
        }
        if (failing.size() < MOST) {
            failing.add(holder);
        }
        last = now;
        return news;
    }

    /** The authority answered for this token; says since when it had not, or null if that is no news. */
    synchronized @Nullable Instant ends(TokenHolder holder) {
        if (!failing.contains(holder)) {
            return null;
        }
        failing.clear();
        return since;
    }
}
