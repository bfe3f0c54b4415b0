package dev.dromedar.oauth;

import java.util.concurrent.atomic.LongAdder;

/** What one client has done since it started. Thread-safe. */
final class Counters {
    final LongAdder tokenRequests = new LongAdder();
    final LongAdder tokens = new LongAdder();
    final LongAdder tokenFailures = new LongAdder();
    final LongAdder nonceChallenges = new LongAdder();
    final LongAdder evicted = new LongAdder();
}
