package dev.dromedar.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that loses the database while its sessions stay open: a proxy before the database no longer forwards. */
@Tag("long")
class CutOffNodeTest {
    private static final Duration LONG = Duration.ofMinutes(3);
    private static final String FIRINGS = "SELECT count(*) FROM firing";
    private static final String SESSIONS =
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'dromedar test/one'";

    private final TestCluster cluster;

    CutOffNodeTest(@TempDir Path temp) throws Exception {
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

    /** The worst moment: the server has given the node Quartz's lock, and the node does not learn of it. */
    @Test
    void theOthersFireOnAndItComesBackByItself() throws Exception {
        try (var proxy = new CuttableProxy(cluster.port())) {
            cluster.startAt(
                    "jdbc:postgresql://localhost:" + proxy.port() + "/postgres?prepareThreshold=0",
                    "one",
                    "routes=4",
                    "count=0",
                    "interval=400");
            cluster.start("two", "routes=4", "count=0", "interval=400");
            cluster.awaitStarted("one", "two");
            Await.until("one works", LONG, () -> firings("one") > 4);

            proxy.cutAfter("dromedar_qrtz_LOCKS");
            List<String> underWay = new ArrayList<>(cluster.rows("SELECT trigger_name, sched_time FROM"
                    + " dromedar_qrtz_fired_triggers WHERE instance_name = 'one' AND state = 'EXECUTING'"));
            Await.until(
                    "it is taken over",
                    LONG,
                    () -> cluster.number(
                                    "SELECT count(*) FROM dromedar_qrtz_scheduler_state WHERE instance_name = 'one'")
                            == 0);
            long before = firings("two");
            Await.until("two fires on", LONG, () -> firings("two") > before + 40);
            assertThat(cluster.number(SESSIONS + " AND state = 'idle in transaction'"))
                    .as("sessions that can hold a lock")
                    .isZero();
            proxy.heal();
            Await.until("it is over", LONG, () -> Files.readString(cluster.log("one"))
                    .contains("answers again"));
            long back = firings("one");
            Await.until("one works again", LONG, () -> firings("one") > back + 4);

            assertThat(cluster.rows("SELECT route, slot FROM firing GROUP BY route, slot HAVING count(*) > 1"))
                    .as("doubled")
                    .isSubsetOf(underWay);
            assertThat(cluster.number(SESSIONS)).as("given back").isLessThanOrEqualTo(11);
            assertThat(Files.readAllLines(cluster.log("one")))
                    .filteredOn(line -> line.contains("No firing starts until then"))
                    .as("reported once")
                    .hasSize(1);
            assertThat(Files.readString(cluster.log("two")))
                    .as("nothing is wrong with the database of the others")
                    .doesNotContain("No firing starts until then");
        }
    }

    /** Longer than a node may be silent: none can say that it lives, and none is considered dead. */
    @Test
    void aFrozenDatabaseDoublesNothingAndIsReportedOnce() throws Exception {
        cluster.start("one", "routes=4", "count=0", "interval=400", "checkIn=2");
        cluster.start("two", "routes=4", "count=0", "interval=400", "checkIn=2");
        cluster.awaitStarted("one", "two");
        Await.until("both work", LONG, () -> firings("one") > 4 && firings("two") > 4);

        cluster.freezeDatabase();
        try {
            for (String node : List.of("one", "two")) {
                Await.until(node + " reports it", LONG, () -> Files.readString(cluster.log(node))
                        .contains("No firing starts until then"));
            }
            long since = System.nanoTime();
            Await.until("longer than a node may be silent", LONG, () -> System.nanoTime() - since > 8_000_000_000L);
        } finally {
            cluster.thawDatabase();
        }
        for (String node : List.of("one", "two")) {
            Await.until(node + " reports that it is over", LONG, () -> Files.readString(cluster.log(node))
                    .contains("answers again"));
        }
        long before = cluster.number(FIRINGS);
        Await.until("work goes on", LONG, () -> cluster.number(FIRINGS) > before + 20);

        assertThat(cluster.rows("SELECT route, slot FROM firing GROUP BY route, slot HAVING count(*) > 1"))
                .isEmpty();
        for (String node : List.of("one", "two")) {
            assertThat(Files.readAllLines(cluster.log(node)))
                    .filteredOn(line -> line.contains("No firing starts until then") || line.contains("not seen for"))
                    .as(node)
                    .hasSize(1);
        }
    }

    /** Quartz itself would try to complete the runs of that moment for as long as the database is away. */
    @Test
    void aNodeThatStopsDoesNotWaitForADatabaseThatIsAway() throws Exception {
        cluster.start("one", "routes=4", "count=0", "interval=400", "work=1000");
        cluster.awaitStarted("one");
        Await.until("it works", LONG, () -> firings("one") > 4);

        cluster.stopDatabase();
        Await.until("it reports it", LONG, () -> Files.readString(cluster.log("one"))
                .contains("No firing starts until then"));

        cluster.stop("one");
    }

    private long firings(String node) throws Exception {
        return cluster.number(FIRINGS + " WHERE node = '" + node + "'");
    }
}
