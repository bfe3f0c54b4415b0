package dev.dromedar.oauth;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether an authority is down for the clients of this process, so that its outage is reported once and its end once,
 * however many tokens wait for it. Thread-safe.
 */
final class Outage {
    /** A token that is still wanted is requested again well within this; one that is not must not keep it open. */
    private static final Duration FORGOTTEN = Duration.ofMinutes(90);

    private static final int MOST = 1000;

    private final String authority;
    private final Time time;
    private final Set<Object> failing = new HashSet<>();
    private Instant since = Instant.EPOCH;
    private long last;

    Outage(String authority, Time time) {
        this.authority = authority;
        this.time = time;
    }

    String authority() {
        return authority;
    }

    /** The authority could not be used for this token, which is known by its identity; says whether that is news. */
    synchronized boolean begins(Object holder) {
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
    synchronized @Nullable Instant ends(Object holder) {
        if (!failing.contains(holder)) {
            return null;
        }
        failing.clear();
        return since;
    }

    /** This token is not wanted any more: it keeps no outage open, and is not kept. */
    synchronized void released(Object holder) {
        failing.remove(holder);
    }
}
