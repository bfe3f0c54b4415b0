package dev.dromedar.camel;

import dev.dromedar.oauth.FailureKind;
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

    /** What a status counts as, or null if it is no failure. */
    @Nullable
    FailureKind failure(int status) {
        return okStatus != null && HttpHelper.isStatusCodeOk(status, okStatus) ? null : FailureKind.ofStatus(status);
    }

    Duration within(Duration limit) {
        return timeLimit == null || timeLimit.compareTo(limit) > 0 ? limit : timeLimit;
    }
}
