package dev.dromedar.oauth;

import java.time.Duration;
import java.time.Instant;
import org.apache.hc.client5.http.utils.DateUtils;
import org.jspecify.annotations.Nullable;

/** {@code Retry-After} as seconds or as a date (RFC 9110 section 10.2.3). Pure functions. */
public final class RetryAfter {
    /** A longer wait than this is not believed: a wrong date must not stop a worker for a year. */
    private static final Duration LONGEST = Duration.ofHours(1);

    private RetryAfter() {}

    /** How long to wait, zero for a moment that has passed; null if the answer does not say, or not so that it can be read. */
    static @Nullable Duration of(Backchannel.Answer answer, Time time) {
        return of(answer.retryAfter(), answer.date(), time.now());
    }

    /**
     * The same, of an answer's fields {@code Retry-After} and {@code Date}.
     *
     * @param now where the answer has no date
     */
    public static @Nullable Duration of(@Nullable String retryAfter, @Nullable String date, Instant now) {
        if (retryAfter == null) {
            return null;
        }
        String value = retryAfter.strip();
        if (ForeignText.isNumber(value, 1000)) {
            return value.length() > 9 ? LONGEST : bounded(Duration.ofSeconds(Long.parseLong(value)));
        }
        Instant moment = DateUtils.parseStandardDate(value);
        if (moment == null) {
            return null;
        }
        // Both dates are the server's, so that a clock that differs from ours does not matter.
        Instant from = date == null ? null : DateUtils.parseStandardDate(date);
        return bounded(Duration.between(from == null ? now : from, moment));
    }

    private static Duration bounded(Duration wait) {
        return wait.isNegative() ? Duration.ZERO : wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
    }
}
