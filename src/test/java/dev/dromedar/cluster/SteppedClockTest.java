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

/** The database's clock is set by an hour, ahead and back, while nodes run. */
@Tag("long")
class SteppedClockTest {
    private static final Duration LONG = Duration.ofMinutes(3);
    private static final List<String> NODES = List.of("one", "two");

    private final TestCluster cluster;

    SteppedClockTest(@TempDir Path temp) throws Exception {
        cluster = new TestCluster(temp);
    }

    /** PostgreSQL finds these functions before its own ones. */
    @BeforeEach
    void makeTheDatabasesClockMovable() throws Exception {
        cluster.run("CREATE TABLE firing (route TEXT, slot BIGINT, node TEXT, begun TIMESTAMPTZ, done TIMESTAMPTZ)");
        cluster.run("CREATE TABLE held (node TEXT)");
        cluster.run("CREATE TABLE ahead (by INTERVAL)");
        cluster.run("INSERT INTO ahead VALUES ('0')");
        for (String function : List.of("now", "clock_timestamp")) {
            cluster.run("CREATE FUNCTION public." + function + "() RETURNS TIMESTAMPTZ LANGUAGE sql AS"
                    + " 'SELECT pg_catalog." + function + "() + by FROM public.ahead'");
        }
        cluster.run("ALTER ROLE postgres SET search_path = public, pg_catalog");
    }

    @AfterEach
    void end() throws Exception {
        cluster.close();
    }

    @Test
    void noNodeIsTakenForDeadAndOneThatDiesIsFound() throws Exception {
        for (String node : NODES) {
            cluster.start(node, "routes=4", "count=0", "interval=400", "work=300", "leader=yes");
            cluster.awaitStarted(node);
        }
        await(40);
        String leader = cluster.rows("SELECT holder FROM dromedar_lease").get(0);

        for (String ahead : List.of("1 hour", "0", "-1 hour")) {
            cluster.run("UPDATE ahead SET by = '" + ahead + "'");
            await(60);
        }

        for (String node : NODES) {
            List<String> log = Files.readAllLines(cluster.log(node));
            assertThat(log)
                    .filteredOn(line -> line.contains("The database's clock was set"))
                    .as(node)
                    .hasSize(3);
            assertThat(log)
                    .filteredOn(line -> line.contains("not seen for") || line.contains("joins again"))
                    .as(node)
                    .isEmpty();
        }
        assertThat(cluster.rows("SELECT holder, term FROM dromedar_lease")).containsExactly(leader + " 0");
        assertNothingIsDoubled();

        // Signs of life and the lease of a node that dies now lie an hour ahead
        String other = leader.equals("one") ? "two" : "one";
        cluster.freeze(leader);
        cluster.run("UPDATE ahead SET by = '-2 hours'");
        Await.until("the other leads", LONG, () -> cluster.rows("SELECT holder FROM dromedar_lease")
                .equals(List.of(other)));
        Await.until("its work is taken over", LONG, () -> Files.readString(cluster.log(other))
                .contains("Node " + leader + " not seen for"));
    }

    /** To a node whose clock is ahead all firings are late; if another node is right, it leaves them to that one. */
    @Test
    void aNodeWhoseClockIsWrongFiresNothingWhileAnotherIsRight() throws Exception {
        for (String node : NODES) {
            cluster.start(node, "routes=4", "count=0", "interval=400", "work=20", "late=1500");
            cluster.awaitStarted(node);
        }
        await(20);

        cluster.run("UPDATE ahead SET by = '-1 hour'");
        await(40); // no node agrees with the database: it may be the one that is wrong
        cluster.run("INSERT INTO dromedar_node (cluster, node, life, seen, triggers, behind_ms)"
                + " VALUES ('test', 'right', 1, clock_timestamp(), 'another/route', 0)");
        beats(3);
        await(20); // it has not their routes
        cluster.run("UPDATE dromedar_node SET triggers = (SELECT triggers FROM dromedar_node WHERE node = 'one')"
                + " WHERE node = 'right'");
        for (String node : NODES) {
            Await.until(node + " reports it", LONG, () -> {
                right();
                return Files.readString(cluster.log(node))
                        .contains("3600 s ahead of the database's, with which another node's agrees");
            });
        }
        List<String> before = missed();
        long held = count();
        beats(15); // for longer than a firing may be late
        assertThat(count()).as("firings, and those that were under way").isBetween(held, held + 4);
        assertThat(missed()).as("schedules that were moved on").isEqualTo(before);

        cluster.run("UPDATE ahead SET by = '0'");
        await(40);
        assertNothingIsDoubled();
    }

    private List<String> missed() throws Exception {
        List<String> missed = new ArrayList<>();
        for (String node : NODES) {
            Files.readAllLines(cluster.log(node)).stream()
                    .filter(line -> line.contains("were missed"))
                    .forEach(missed::add);
        }
        return missed;
    }

    /** The node that is right gives a sign of life. */
    private void right() throws Exception {
        cluster.run("UPDATE dromedar_node SET seen = clock_timestamp() WHERE node = 'right'");
    }

    /** So many signs of life of both nodes. */
    private void beats(int number) throws Exception {
        for (int beat = 0; beat < number; beat++) {
            for (String node : NODES) {
                String seen = seen(node);
                Await.until("a sign of life", LONG, () -> {
                    right();
                    return !seen(node).equals(seen);
                });
            }
        }
    }

    private String seen(String node) throws Exception {
        return cluster.rows("SELECT seen FROM dromedar_node WHERE node = '" + node + "'")
                .get(0);
    }

    private void await(int firings) throws Exception {
        long before = count();
        Await.until(firings + " firings", LONG, () -> count() > before + firings);
    }

    private long count() throws Exception {
        return cluster.number("SELECT count(*) FROM firing WHERE route <> 'tick'");
    }

    private void assertNothingIsDoubled() throws Exception {
        assertThat(cluster.rows("SELECT route, slot FROM firing WHERE route <> 'tick' GROUP BY route, slot"
                        + " HAVING count(*) > 1"))
                .as("doubled")
                .isEmpty();
    }
}
