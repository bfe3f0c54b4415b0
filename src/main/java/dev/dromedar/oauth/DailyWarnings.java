package dev.dromedar.oauth;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** Warns once a day of an API's keys and connections, for anyone who watches the log and nothing else. Thread-safe. */
final class DailyWarnings {
    private final Logger log;
    private final String api;
    private final Map<KeyEnd, Long> warned = new HashMap<>();
    private @Nullable Instant warnedOfTls;

    DailyWarnings(Logger log, String api) {
        this.log = log;
        this.api = api;
    }

    /** @param soon all that expires soon or has */
    synchronized void ofEnds(List<KeyEnd> soon, Instant now) {
        warned.keySet().retainAll(soon);
        for (KeyEnd end : soon) {
            Long before = warned.put(end, end.daysLeft(now));
            if (before == null || before != end.daysLeft(now)) {
                log.warn("{}: {}", api, end.sentence(now));
            }
        }
    }

    /** As long as weak TLS is accepted. */
    synchronized void ofLegacyTls(Instant now) {
        Instant last = warnedOfTls;
        if (last == null || Duration.between(last, now).compareTo(Duration.ofDays(1)) >= 0) {
            warnedOfTls = now;
            log.warn("{}: {}", api, Snapshots.LEGACY_TLS);
        }
    }
}
