package dev.dromedar.settings;

import dev.dromedar.oauth.CallLimits;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads how many calls an API gets, and when it gets none. */
final class CallLimitsReader {
    private static final Pattern RATE = Pattern.compile("([1-9]\\d{0,5}) ?/ ?([smh])");
    private static final Map<String, Duration> PERIODS =
            Map.of("s", Duration.ofSeconds(1), "m", Duration.ofMinutes(1), "h", Duration.ofHours(1));

    private final PropertyGroup group;

    CallLimitsReader(PropertyGroup group) {
        this.group = group;
    }

    CallLimits read() {
        CallLimits none = CallLimits.NONE;
        Duration interval = interval();
        int concurrency = group.count("concurrency", 0, 1, 1000);
        int breaker = group.count("breaker", 0, 1, 1000);
        Duration wait = group.time("limit-wait", none.longestWait(), Duration.ZERO, Duration.ofMinutes(5));
        Duration open = group.time("breaker-time", none.breakerTime(), Duration.ofSeconds(1), Duration.ofHours(1));
        withoutEffect("limit-wait", List.of("rate", "concurrency"));
        withoutEffect("breaker-time", List.of("breaker"));
        return new CallLimits(interval, concurrency, wait, breaker, open);
    }

    private void withoutEffect(String key, List<String> others) {
        if (group.has(key) && others.stream().noneMatch(group::has)) {
            group.fault(key, "has no effect without " + String.join(" or ", others) + ". Set that, or remove this.");
        }
    }

    /** The least time between two requests. */
    private @Nullable Duration interval() {
        String value = group.text("rate");
        Matcher rate = RATE.matcher(value == null ? "" : value);
        if (value != null && !rate.matches()) {
            group.fault("rate", "'" + value + "' is no rate. Write it like 10/s, 600/m or 1000/h.");
        }
        return value == null || !rate.matches()
                ? null
                : PERIODS.getOrDefault(rate.group(2), ChronoUnit.SECONDS.getDuration())
                        .dividedBy(Long.parseLong(rate.group(1)));
    }
}
