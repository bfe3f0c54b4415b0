package dev.dromedar.oauth;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What one API's calls came to since the start. Cheap enough for each call; thread-safe. */
final class CallCounters {
    final LongAdder calls = new LongAdder();
    final LongAdder recoveries = new LongAdder();
    /** By the kind's ordinal; an adder for each would be most of what an API keeps. */
    private final AtomicLongArray failures = new AtomicLongArray(FailureKind.values().length);
    /** How many of the newest calls have failed, without a success in between. */
    private final AtomicLong failedInARow = new AtomicLong();

    private volatile @Nullable LastError last;

    /**
     * The newest failure.
     *
     * @param since when failures of this kind began, without a success or another kind in between
     */
    record LastError(FailureKind kind, String words, Instant since, Instant at, boolean over) {}

    void add(CallRecord call, Time time) {
        calls.increment();
        LastError before = last;
        FailureKind kind = call.failure();
        if (kind == null) {
            failedInARow.set(0);
            if (before != null && !before.over()) {
                last = new LastError(before.kind(), before.words(), before.since(), before.at(), true);
            }
            return;
        }
        Instant now = time.now();
        failedInARow.incrementAndGet();
        failures.incrementAndGet(kind.ordinal());
        boolean goesOn = before != null && !before.over() && before.kind() == kind;
        last = new LastError(
                kind, String.valueOf(call.words()), goesOn && before != null ? before.since() : now, now, false);
    }

    CallState state() {
        return CallState.of(calls.sum(), failedInARow.get());
    }

    @Nullable
    LastError last() {
        return last;
    }

    /** How many failures of each kind, all kinds named. */
    Map<String, Long> failures() {
        Map<String, Long> counts = new LinkedHashMap<>();
        for (FailureKind kind : FailureKind.values()) {
            counts.put(kind.label(), failures.get(kind.ordinal()));
        }
        return counts;
    }
}
