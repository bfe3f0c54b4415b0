package dev.dromedar.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

class MachineClockTest {
    private static final String HOLDS =
            "This machine's clock is 3600 s ahead of the database's, with which another node's agrees: no firing starts here"
                    + " until this one does too. Set the clocks of both by NTP.";
    private static final String FIRES =
            "This machine's clock is 3600 s ahead of the database's: firings here come that much too early. Set the clocks of"
                    + " both by NTP.";

    private final Logger log = (Logger) LoggerFactory.getLogger("dev.dromedar.cluster.Cluster");
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    private Instant now = Instant.parse("2026-11-30T10:00:00Z");
    private long nanos;
    private final MachineClock clock = new MachineClock(() -> now, () -> nanos);

    @BeforeEach
    void listen() {
        lines.start();
        log.addAppender(lines);
        log.setLevel(Level.INFO);
    }

    @AfterEach
    void stopListening() {
        log.detachAppender(lines);
        log.setLevel(null);
    }

    private void compare(Duration behind, boolean othersAgree) {
        clock.said(now.plus(behind), now, now, othersAgree);
    }

    private void pass(Duration time) {
        now = now.plus(time);
        nanos += time.toNanos();
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S, true, true",
        "PT-59S, true, true",
        "PT59S, true, true",
        "PT-61S, true, false",
        "PT61S, true, false",
        "PT-1H, true, false",
        "PT-1H, false, true",
        "PT1H, false, true"
    })
    void isFitUnlessItIsWrongAndAnotherIsRight(Duration behind, boolean othersAgree, boolean fit) {
        compare(behind, othersAgree);

        assertThat(clock.isFit()).isEqualTo(fit);
    }

    @Test
    void isUnfitFromTheMomentItIsSetUntilItIsComparedAgain() {
        assertThat(clock.isFit()).as("not compared yet").isTrue();
        compare(Duration.ZERO, true);

        for (Duration step : new Duration[] {Duration.ofHours(1), Duration.ofHours(-2)}) {
            now = now.plus(step);
            assertThat(clock.isFit()).as("set by %s", step).isFalse();
        }

        compare(Duration.ofHours(1), false);
        assertThat(clock.isFit()).as("compared: the database's may be wrong").isTrue();
        assertThat(clock.steps()).isEqualTo(1);
        pass(Duration.ofHours(5));
        assertThat(clock.isFit()).as("time passes evenly").isTrue();
        now = now.plus(Duration.ofHours(1));
        assertThat(clock.isFit()).as("set right, not compared yet").isFalse();
        compare(Duration.ZERO, true);
        assertThat(clock.isFit()).isTrue();
        assertThat(clock.steps()).isEqualTo(2);
    }

    @Test
    void theWordOfANodeThatIsRestartedHoldsForTenMinutes() {
        compare(Duration.ofHours(-1), true);
        pass(Duration.ofMinutes(9));
        compare(Duration.ofHours(-1), false);
        assertThat(clock.isFit()).isFalse();

        pass(Duration.ofMinutes(2));
        compare(Duration.ofHours(-1), false);
        assertThat(clock.isFit()).as("it is gone for good").isTrue();

        compare(Duration.ofHours(-1), true);
        compare(Duration.ofHours(-2), false);
        assertThat(clock.isFit()).as("that was said of another time").isTrue();
    }

    @Test
    void reportsThatFiringsDoNotStartAndThatTheyDoAgain() {
        compare(Duration.ofHours(-1), false);
        clock.tell();
        clock.tell();
        compare(Duration.ofHours(-1), true);
        clock.tell();
        clock.tell();
        assertThat(clock.fault()).isEqualTo(HOLDS);
        pass(Duration.ofMinutes(11));
        compare(Duration.ofHours(-1), false);
        clock.tell();
        clock.tell();
        assertThat(clock.fault()).isEqualTo(FIRES);
        compare(Duration.ofSeconds(1), true);
        clock.tell();
        clock.tell();

        assertThat(clock.fault()).isNull();
        assertThat(lines.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly(FIRES, HOLDS, FIRES, "This machine's clock agrees with the database's again");
    }
}
