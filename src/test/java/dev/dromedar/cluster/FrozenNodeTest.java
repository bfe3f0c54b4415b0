package dev.dromedar.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.letters.DeadLetterSettings;
import dev.dromedar.letters.DeadLetterStore;
import dev.dromedar.letters.KeptMessage;
import dev.dromedar.letters.Letter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that are frozen (SIGSTOP) until others have taken over their work, and come back. */
@Tag("long")
class FrozenNodeTest {
    private static final Duration LONG = Duration.ofMinutes(3);
    private static final String FIRINGS = "SELECT count(*) FROM firing";
    private static final String ACQUIRED =
            "SELECT instance_name FROM dromedar_qrtz_fired_triggers WHERE state = 'ACQUIRED'";

    private final TestCluster cluster;

    FrozenNodeTest(@TempDir Path temp) throws Exception {
        cluster = new TestCluster(temp);
    }

    @BeforeEach
    void makeTables() throws Exception {
        cluster.run("CREATE TABLE firing (route TEXT, slot BIGINT, node TEXT, begun TIMESTAMPTZ, done TIMESTAMPTZ)");
        cluster.run("CREATE TABLE held (node TEXT)");
    }

    @AfterEach
    void end() throws Exception {
        cluster.close();
    }

    /**
     * The moment at which Quartz by itself fires twice and puts the schedule back: a node is frozen when it has acquired the
     * firing, and comes back when the other one has acquired the next.
     */
    @Test
    void nothingIsDoubledThatWasAcquiredAndNotBegun() throws Exception {
        cluster.start("one", "routes=1", "count=0", "interval=2000", "work=1");
        cluster.start("two", "routes=1", "count=0", "interval=2000", "work=1");
        cluster.awaitStarted("one", "two");

        for (int round = 0; round < 2; round++) {
            Await.until("a node has acquired a firing", LONG, () -> acquired().size() == 1);
            // Either: which one is first is not ours to say. If it has fired meanwhile, nothing is doubled all the more
            String frozen = acquired().stream().findFirst().orElse("one");
            String other = frozen.equals("one") ? "two" : "one";
            cluster.freeze(frozen);
            Await.until("it is taken over", LONG, () -> states(frozen) == 0);
            long taken = cluster.number(FIRINGS);
            Await.until(
                    "the other has fired",
                    LONG,
                    () -> cluster.number(FIRINGS) > taken && acquired().contains(other));
            long before = cluster.number(FIRINGS);
            cluster.thaw(frozen);
            Await.until("it is back", LONG, () -> states(frozen) == 1);
            Await.until("work goes on", LONG, () -> cluster.number(FIRINGS) > before + 3);
        }

        assertThat(cluster.rows("SELECT slot FROM firing GROUP BY slot HAVING count(*) > 1"))
                .as("doubled")
                .isEmpty();
        assertThat(cluster.number("SELECT max(slot) - min(slot) - 2000 * (count(DISTINCT slot) - 1) FROM firing"))
                .as("no slot between the first and the last is missing")
                .isZero();
        List<String> log = new ArrayList<>(Files.readAllLines(cluster.log("one")));
        log.addAll(Files.readAllLines(cluster.log("two")));
        assertThat(log)
                .filteredOn(line -> line.contains("joins again."))
                .as("reported once for each freeze")
                .hasSize(2);
    }

    /** Otherwise the others take over its work once more, and it reports one freeze as two. */
    @Test
    void aNodeChecksInOnceItHasSignalledThatItLives() throws Exception {
        cluster.start("one", "routes=1", "count=0", "interval=1000", "work=1");
        cluster.start("two", "routes=1", "count=0", "interval=1000", "work=1");
        cluster.awaitStarted("one", "two");
        cluster.freeze("one");
        Await.until("it is taken over", LONG, () -> states("one") == 0);
        try (Connection connection = DriverManager.getConnection(cluster.address(), "postgres", "");
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("SELECT 1 FROM dromedar_node WHERE node = 'one' FOR UPDATE"); // its signal waits for it
            cluster.thaw("one");
            String log = "No firing starts until then";
            Await.until("its signal is late", LONG, () -> Files.readString(cluster.log("one"))
                    .contains(log));
            long before = cluster.number(FIRINGS);
            Await.until("two has had time", LONG, () -> cluster.number(FIRINGS) > before + 5);
            assertThat(states("one")).isZero();
            connection.rollback();
        }
        Await.until("it is back", LONG, () -> states("one") == 1);
        cluster.stop("one");

        assertThat(Files.readAllLines(cluster.log("one")))
                .filteredOn(line -> line.contains("joins again."))
                .hasSize(1);
    }

    /** Its row in Quartz's table is that of the process before, so that it has not inserted one itself. */
    @Test
    void aNodeThatWasKilledAndStartedAgainReportsItsFirstFreeze() throws Exception {
        cluster.start("one", "routes=1", "count=0", "interval=1000", "work=1");
        cluster.awaitStarted("one");
        Await.until("it has fired", LONG, () -> cluster.number(FIRINGS) > 0);
        cluster.kill("one");
        cluster.start("one", "routes=1", "count=0", "interval=1000", "work=1");
        cluster.start("two", "routes=1", "count=0", "interval=1000", "work=1");
        cluster.awaitStarted("one", "two");
        long before = cluster.number(FIRINGS);
        Await.until("they fire", LONG, () -> cluster.number(FIRINGS) > before + 2);
        assertThat(Files.readString(cluster.log("one"))).doesNotContain("joins again.");
        cluster.freeze("one");
        Await.until("it is taken over", LONG, () -> states("one") == 0);
        cluster.thaw("one");

        Await.until("it reports it", LONG, () -> Files.readString(cluster.log("one"))
                .contains("joins again."));
    }

    @Test
    void firingsThatNoNodeCouldBeginInTimeAreReported() throws Exception {
        cluster.start("one", "routes=1", "count=0", "interval=200", "work=1", "late=2000");
        cluster.awaitStarted("one");
        Await.until("it fires", LONG, () -> cluster.number(FIRINGS) > 3);
        cluster.freeze("one");
        long last = cluster.number("SELECT max(slot) FROM firing");
        Await.until(
                "they are late",
                LONG,
                () -> cluster.number("SELECT 1000 * extract(epoch FROM clock_timestamp())") > last + 4000);
        cluster.thaw("one");
        Await.until("it goes on", LONG, () -> cluster.number("SELECT max(slot) FROM firing") > last + 6000);
        cluster.stop("one");

        assertThat(Files.readString(cluster.log("one")))
                .containsPattern(
                        "Route work-0, firing of \\S+Z and those due since were missed: no node began them in time.");
    }

    /** It was repeated by the other node, and both report it. */
    @Test
    void aRunUnderWayIsReportedByTheNodeThatComesBack() throws Exception {
        cluster.run("INSERT INTO held VALUES ('one')");
        cluster.start("one", "routes=1", "count=1", "holdable=yes");
        cluster.awaitStarted("one");
        Await.until("one is at work", LONG, () -> cluster.number(FIRINGS) == 1);
        cluster.start("two", "routes=1", "count=1");
        cluster.awaitStarted("two");

        cluster.freeze("one");
        Await.until("two repeats it", LONG, () -> cluster.number(FIRINGS + " WHERE done IS NOT NULL") == 1);
        cluster.thaw("one");
        Await.until(
                "one is back", LONG, () -> Files.readString(cluster.log("one")).contains("joins again."));
        cluster.run("DELETE FROM held");
        Await.until("both are done", LONG, () -> cluster.number(FIRINGS + " WHERE done IS NOT NULL") == 2);
        cluster.stop("one");

        assertThat(Files.readString(cluster.log("one")))
                .containsPattern("This node was considered dead .* joins again\\. Another node has taken over what runs"
                        + " here, so that its work may be done twice: Route work-0, firing of \\S+Z")
                .doesNotContain("inconsistent behavior");
        assertThat(Files.readString(cluster.log("two")))
                .containsPattern("Route work-0: its run of \\S+Z was interrupted when node one died, .* begins again");
    }

    /** The letter is claimed again meanwhile: the late end of the first replay changes nothing, and is reported. */
    @Test
    void aReplayUnderWayIsInterruptedAndItsLateEndRefused() throws Exception {
        cluster.run("INSERT INTO held VALUES ('one')");
        cluster.start("one", "routes=0", "holdable=yes");
        cluster.awaitStarted("one");
        var settings = new ClusterSettings(
                cluster.address(),
                "postgres",
                null,
                "test",
                "writer",
                true,
                Duration.ofSeconds(1),
                true,
                Set.of(),
                4,
                4);
        try (var database = new Database(settings, Duration.ofSeconds(30))) {
            var store = new DeadLetterStore(
                    database,
                    new DeadLetterSettings(
                            Path.of("x"), Duration.ofDays(1), 500_000_000, null, false, 0, Duration.ZERO),
                    one -> {});
            Instant now = Instant.parse("2026-11-29T12:00:00Z");
            for (int i = 0; i < 50; i++) {
                store.add(
                        new Letter("letter-" + i, "replayed", null, now, now, 1, Letter.State.KEPT, "why"),
                        new KeptMessage(
                                Map.of(),
                                KeptMessage.Kind.JSON,
                                String.valueOf(i).getBytes(StandardCharsets.UTF_8)));
            }
            assertThat(store.askAll(null)).isEqualTo(50);
            Await.until("one replays the first", LONG, () -> cluster.number(FIRINGS) == 1);
            cluster.freeze("one");
            Await.until(
                    "one is dead to others",
                    LONG,
                    () -> cluster.number("SELECT count(*) FROM dromedar_node WHERE node = 'one'"
                                    + " AND seen < clock_timestamp() - interval '4 seconds'")
                            == 1);
            cluster.start("two", "routes=0");
            cluster.awaitStarted("two");
            Await.until("the rest is done", LONG, () -> cluster.number("SELECT count(*) FROM dromedar_letter") == 1);

            assertThat(cluster.rows("SELECT id, state FROM dromedar_letter")).containsExactly("letter-0 interrupted");
            assertThat(store.ask("letter-0")).isTrue();
            Await.until("it is done", LONG, () -> cluster.number("SELECT count(*) FROM dromedar_letter") == 0);
            cluster.thaw("one");
            cluster.run("DELETE FROM held");
            Await.until("one reports it", LONG, () -> Files.readString(cluster.log("one"))
                    .contains("Dead letter letter-0 of route replayed was replayed here, and meanwhile it was"));
            assertThat(cluster.rows("SELECT slot, count(*) FROM firing GROUP BY slot HAVING count(*) > 1"))
                    .containsExactly("0 2");
            assertThat(cluster.number("SELECT count(DISTINCT slot) FROM firing"))
                    .isEqualTo(50);
        }
    }

    /** Between the work on a page and the advance: the other node has done the same page, and others after it. */
    @Test
    void aLateAdvanceOfAFeedIsRefusedAndNothingIsSkipped() throws Exception {
        cluster.run("INSERT INTO held VALUES ('one')");
        cluster.start("one", "routes=0", "feed=yes", "holdable=yes");
        cluster.awaitStarted("one");
        Await.until("one has done its page", LONG, () -> events("node = 'one'").size() == 5);
        long first = cluster.number("SELECT min(slot) FROM firing");
        cluster.start("two", "routes=0", "feed=yes");
        cluster.awaitStarted("two");

        cluster.freeze("one");
        Await.until("two has gone on", LONG, () -> position() >= first + 14);
        cluster.thaw("one");
        Await.until(
                "one is back", LONG, () -> Files.readString(cluster.log("one")).contains("joins again."));
        long before = position();
        cluster.run("DELETE FROM held");
        Await.until("one reports it", LONG, () -> Files.readString(cluster.log("one"))
                .contains("Feed events: its position was moved while " + first + " to " + (first + 4)
                        + " were worked on here, and stays where it was put. If another node has worked on them too,"
                        + " this was done twice."));
        Await.until("work goes on", LONG, () -> position() >= before + 10);
        cluster.stop("one");
        cluster.stop("two");

        long position = position();
        assertThat(cluster.number("SELECT count(DISTINCT slot) FROM firing WHERE slot <= " + position))
                .as("nothing is skipped")
                .isEqualTo(position - first + 1);
        assertThat(cluster.rows("SELECT slot, string_agg(node, ' ' ORDER BY node) FROM firing GROUP BY slot"
                        + " HAVING count(*) > 1 ORDER BY slot"))
                .as("the page that was under way, by each node once")
                .containsExactly(
                        first + " one two",
                        first + 1 + " one two",
                        first + 2 + " one two",
                        first + 3 + " one two",
                        first + 4 + " one two");
    }

    private List<String> events(String where) throws Exception {
        return cluster.rows("SELECT slot FROM firing WHERE route = 'event' AND " + where);
    }

    private long position() throws Exception {
        return cluster.number("SELECT coalesce(max(position), 0) FROM dromedar_feed");
    }

    @Test
    void aLeaderThatComesBackDoesNothingMore() throws Exception {
        cluster.start("one", "routes=0", "leader=yes");
        cluster.awaitStarted("one");
        Await.until("one leads", LONG, () -> ticks("one") > 3);
        cluster.start("two", "routes=0", "leader=yes");
        cluster.awaitStarted("two");

        cluster.freeze("one");
        Await.until("two leads", LONG, () -> ticks("two") > 3);
        long before = ticks("one");
        cluster.thaw("one");
        Await.until(
                "one knows it", LONG, () -> Files.readString(cluster.log("one")).contains("Leader of only-one: two"));
        long two = ticks("two");
        Await.until("two leads on", LONG, () -> ticks("two") > two + 20);

        assertThat(ticks("one") - before).as("but for a run that was under way").isLessThanOrEqualTo(1);
        assertThat(cluster.rows("SELECT holder, term FROM dromedar_lease")).containsExactly("two 1");
        cluster.run("UPDATE dromedar_lease SET holder = 'one'");
        Await.until(
                "a lease of another term is not renewed", LONG, () -> cluster.rows("SELECT term FROM dromedar_lease")
                        .equals(List.of("2")));
    }

    private long ticks(String node) throws Exception {
        return cluster.number(FIRINGS + " WHERE route = 'tick' AND node = '" + node + "'");
    }

    private List<String> acquired() throws Exception {
        return cluster.rows(ACQUIRED);
    }

    private long states(String node) throws Exception {
        return cluster.number(
                "SELECT count(*) FROM dromedar_qrtz_scheduler_state WHERE instance_name = '" + node + "'");
    }
}
