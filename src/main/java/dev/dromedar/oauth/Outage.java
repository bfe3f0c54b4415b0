package dev.dromedar.oauth;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
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
    private final Set<String> apis = new TreeSet<>();
    private Instant since = Instant.EPOCH;
    private long last;

    Outage(String authority, Time time) {
        this.authority = authority;
        this.time = time;
    }

    String authority() {
        return authority;
    }

    /** What a failure is news of. */
    enum News {
        NOTHING,
        /** The outage is known, and that it is one of these APIs too is not. */
        FURTHER_APIS,
        OUTAGE
    }

    /**
     * An outage that is over.
     *
     * @param apis the names of those that it was known for
     */
    record Ended(Instant since, Set<String> apis) {}

    /**
     * The authority could not be used for a token.
     *
     * @param holder the token's identity
     * @param names the APIs that the token is for
     */
    synchronized News begins(Object holder, Collection<String> names) {
        long now = time.nanos();
        if (now - last > FORGOTTEN.toNanos()) {
            failing.clear();
        }
        boolean first = failing.isEmpty();
        if (first) {
            since = time.now();
            apis.clear();
        }
        boolean further = apis.size() < MOST && apis.addAll(names);
        if (failing.size() < MOST) {
            failing.add(holder);
        }
        last = now;
        return first ? News.OUTAGE : further ? News.FURTHER_APIS : News.NOTHING;
    }

    /** The authority answered for this token; says which outage is over with that, or null if that is no news. */
    synchronized @Nullable Ended ends(Object holder) {
        if (!failing.contains(holder)) {
            return null;
        }
        failing.clear();
        return new Ended(since, new TreeSet<>(apis));
    }

    /** This token is not wanted any more: it keeps no outage open, and is not kept. */
    synchronized void released(Object holder) {
        failing.remove(holder);
    }
}
