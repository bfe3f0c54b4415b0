package dev.dromedar.camel;

import dev.dromedar.oauth.FailureKind;
import dev.dromedar.oauth.ForeignText;
import dev.dromedar.settings.Durations;
import java.time.Duration;
import org.apache.camel.http.base.HttpHelper;
import org.jspecify.annotations.Nullable;

/**
 * What one call says otherwise than the API's properties.
 *
 * @param okStatus statuses that are no failure, such as {@code 200-299,404}; null for the usual, below 400
 * @param timeLimit shorter than the API's {@code call-time-limit}; null for that
 */
record CallTerms(@Nullable String okStatus, @Nullable Duration timeLimit) {
    static final CallTerms USUAL = new CallTerms(null, null);

    /** @throws IllegalArgumentException if one of them cannot be read */
    static CallTerms of(String okStatus, @Nullable String timeLimit) {
        for (String range : okStatus.split(",", -1)) {
            String[] ends = range.strip().split("-", -1);
            for (String end : ends) {
                if (ends.length > 2 || end.length() != 3 || !ForeignText.isNumber(end, 3)) {
                    throw new IllegalArgumentException(
                            "okStatus '" + okStatus + "' is not known. Write statuses and ranges, as 200-299,404.");
                }
            }
        }
        return new CallTerms(okStatus, timeLimit == null ? null : time("timeLimit", timeLimit));
    }

    /** @throws IllegalArgumentException if it is no time above zero */
    static Duration time(String parameter, String written) {
        try {
            Duration time = Durations.parse(written);
            if (time.isZero() || time.isNegative()) {
                throw new IllegalArgumentException("not above zero");
            }
            return time;
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(parameter + " '" + written + "' is no time. Write it as 30s or 5m.");
        }
    }

    /** What a status counts as, or null if it is no failure. */
    @Nullable
    FailureKind failure(int status) {
        FailureKind kind = FailureKind.ofStatus(status);
        return kind == null || okStatus != null && HttpHelper.isStatusCodeOk(status, okStatus) ? null : kind;
    }

    Duration within(Duration limit) {
        return timeLimit == null || timeLimit.compareTo(limit) > 0 ? limit : timeLimit;
    }
}
