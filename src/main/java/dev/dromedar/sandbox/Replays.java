package dev.dromedar.sandbox;

import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Remembers each {@code jti} until it could no longer be used. Thread-safe; noting and spending are atomic. */
final class Replays {
    private static final int PRUNE_EVERY = 8192;

    private final Map<String, Instant> noticed = new ConcurrentHashMap<>();
    private final Map<String, Instant> spent = new ConcurrentHashMap<>();
    private final AtomicInteger writes = new AtomicInteger();

    /** True the first time. A {@code jti} that was only noticed can still be spent. */
    boolean notice(String jti, Instant until, Instant now) {
        prune(now);
        return noticed.putIfAbsent(jti, until) == null;
    }

    /** True the first time, false for a replay. */
    boolean spend(String jti, Instant until, Instant now) {
        prune(now);
        return spent.putIfAbsent(jti, until) == null;
    }

    private void prune(Instant now) {
        if (writes.incrementAndGet() % PRUNE_EVERY == 0) {
            noticed.values().removeIf(now::isAfter);
            spent.values().removeIf(now::isAfter);
        }
    }
}
