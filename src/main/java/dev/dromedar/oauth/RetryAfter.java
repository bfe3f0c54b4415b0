package dev.dromedar.oauth;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code Retry-After} as seconds or as a date (RFC 9110 section 10.2.3). Pure functions. */
final class RetryAfter {
    /** A longer wait than this is not believed: a wrong date must not stop a worker for a year. */
    private static final Duration LONGEST = Duration.ofHours(1);

    private RetryAfter() {}

    static @Nullable Duration of(Backchannel.Answer answer, Time time) {
        String value = answer.retryAfter();
        if (value == null) {
            return null;
        }
        Duration wait;
        if (value.strip().matches("\\d{1,9}")) {
            wait = Duration.ofSeconds(Long.parseLong(value.strip()));
        } else {
            try {
                // Both dates are the server's, so that a clock that differs from ours does not matter.
                Instant from = answer.date() == null ? time.now() : date(answer.date());
                wait = Duration.between(from, date(value));
            } catch (DateTimeException e) {
                return null;
            }
        }
        return wait.isNegative() ? Duration.ZERO : wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
    }

    private static Instant date(String value) {
        return Instant.from(
                DateTimeFormatter.RFC_1123_DATE_TIME.withLocale(Locale.ROOT).parse(value.strip()));
    }
}
