package dev.dromedar.oauth;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How many calls of an API this process makes, and whether it stops calling one that is down. Nothing is limited unless set.
 *
 * @param interval the least time between two requests, or null
 * @param concurrency most calls at the same time, from the request to the end of the answer's body; 0 for no limit
 * @param longestWait the longest wait of a call, for each of the two
 * @param breaker how many outages in a row open the breaker; 0 for none
 * @param breakerTime how long it stays open before one call tries
 */
public record CallLimits(
        @Nullable Duration interval, int concurrency, Duration longestWait, int breaker, Duration breakerTime) {
    public static final CallLimits NONE = new CallLimits(null, 0, Duration.ofSeconds(10), 0, Duration.ofSeconds(30));
}
