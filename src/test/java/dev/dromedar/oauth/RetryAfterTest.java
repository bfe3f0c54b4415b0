package dev.dromedar.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryAfterTest {
    /** The machine's clock says 12:00:00. */
    @ParameterizedTest(name = "{0} in an answer of {1}: {2}")
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                "none|none|none",
                "0|none|PT0S",
                "7|none|PT7S",
                " 7 |none|PT7S",
                "007|none|PT7S",
                "3600|none|PT1H",
                "3601|none|PT1H",
                "99999999999999999999999|none|PT1H",
                "-1|none|none",
                "7.5|none|none",
                "soon|none|none",
                "''|none|none",
                "Sun, 22 Nov 2026 12:02:00 GMT|none|PT2M",
                "Sun, 22 Nov 2026 12:02:00 GMT|Sun, 22 Nov 2026 12:01:30 GMT|PT30S",
                "Sun, 22 Nov 2026 12:02:00 GMT|no date|PT2M",
                "Sunday, 22-Nov-26 12:02:00 GMT|none|PT2M",
                "Sun, 22 Nov 2026 11:59:00 GMT|none|PT0S",
                "Mon, 01 Jan 2390 00:00:00 GMT|none|PT1H",
                "Sun, 32 Nov 2026 12:02:00 GMT|none|none",
            })
    void isReadAsSecondsOrAsADate(@Nullable String value, @Nullable String date, @Nullable Duration wait) {
        var answer = new Backchannel.Answer(503, null, date, value, null, new byte[0]);

        assertThat(RetryAfter.of(answer, new MutableTime().time())).isEqualTo(wait);
    }
}
