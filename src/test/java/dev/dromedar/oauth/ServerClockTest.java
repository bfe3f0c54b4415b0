package dev.dromedar.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.Proves;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerClockTest {
    private final MutableTime time = new MutableTime();
    private final ServerClock clock = new ServerClock("https://authority.example", time.time());

    private void learn(double offset) {
        learn(offset, Duration.ZERO);
    }

    private void learn(double offset, Duration roundTrip) {
        clock.learn(date(time.instant().plusMillis((long) (offset * 1000))), roundTrip);
    }

    private static String date(Instant instant) {
        return DateTimeFormatter.RFC_1123_DATE_TIME.format(instant.atOffset(ZoneOffset.UTC));
    }

    /** The header holds whole seconds, so half a second is taken for its middle; the answer is from half a round trip ago. */
    @ParameterizedTest(name = "{0} s apart after {1} ms: claims move by {2}")
    @CsvSource({
        "0, 0, PT0S",
        "1, 0, PT0S",
        "-2, 0, PT0S",
        "2, 0, PT2.5S",
        "-3, 0, PT-2.5S",
        "60, 0, PT1M0.5S",
        "-60, 200, PT-59.4S",
        "1, 3000, PT0S", // may be the network
        "3, 0, PT3.5S",
        "299, 0, PT4M59.5S",
        "300, 0, PT0S", // beyond the bound: not followed
        "-7200, 0, PT0S",
    })
    @Proves("HelseID FK4")
    void followsTheAuthorityWithinABound(double apart, long roundTrip, Duration shift) {
        learn(apart, Duration.ofMillis(roundTrip));

        assertThat(clock.shift()).isEqualTo(shift);
        assertThat(clock.now()).isEqualTo(time.instant().plus(shift));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "now",
                "Sun, 99 Nov 2026 12:00:00 GMT",
                "2026-11-22T13:00:00Z",
                "Sun, 22 Nov 99999999999 12:00:00 GMT"
            })
    void learnsNothingFromWhatIsNoDate(String date) {
        learn(60);

        clock.learn(date, Duration.ZERO);

        assertThat(clock.offset()).isEqualTo(Duration.ofMillis(60_500));
    }

    @Test
    void forgetsTheOffsetWhenThisMachinesClockIsPutRight() {
        learn(60);
        time.stepWallClock(Duration.ofSeconds(60));

        learn(0);

        assertThat(clock.shift()).isZero();
    }

    @Test
    @Proves("HelseID FK4")
    void tellsOnceOfADifferenceAndOnceOfItsEnd() {
        try (var logged = new Logged()) {
            learn(60);
            learn(61);
            learn(0);
            learn(0);

            assertThat(logged.told())
                    .containsExactly(
                            "WARN The clock of https://authority.example is 60 s ahead of this machine's. Synchronise this"
                                    + " machine's clock (NTP). Until then assertions and proofs are dated on the authority's"
                                    + " clock.",
                            "INFO The clock of https://authority.example agrees with this machine's again");
        }
    }

    @Test
    void tellsOnceOfADifferenceAtTheBorder() {
        try (var logged = new Logged()) {
            for (int i = 0; i < 10; i++) {
                learn(i % 2 == 0 ? 2 : 1);
            }

            assertThat(logged.told()).hasSize(1);
        }
    }

    @Test
    void saysWhenADifferenceIsTooLargeToMakeUpFor() {
        try (var logged = new Logged()) {
            learn(-7200);

            assertThat(logged.told())
                    .singleElement()
                    .asString()
                    .contains("is 7199 s behind this machine's")
                    .contains("too large to make up for: expect refusals");
        }
    }
}
