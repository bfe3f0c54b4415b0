package dev.dromedar.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
        for (String node : List.of("one", "two")) {
            cluster.start(node, "routes=4", "count=0", "interval=400", "work=300", "leader=yes");
            cluster.awaitStarted(node);
        }
        await(40);
        String leader = cluster.rows("SELECT holder FROM dromedar_lease").get(0);

        for (String ahead : List.of("1 hour", "0", "-1 hour")) {
            cluster.run("UPDATE ahead SET by = '" + ahead + "'");
            await(60);
        }

        for (String node : List.of("one", "two")) {
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

    /** To a node whose clock is ahead all firings are late; if another node's is right, it leaves them to that one. */
    @Test
    void aNodeWhoseClockIsWrongFiresNothingWhileAnotherClockIsRight() throws Exception {
        for (String node : List.of("one", "two")) {
            cluster.start(node, "routes=4", "count=0", "interval=400", "work=20", "late=60000");
            cluster.awaitStarted(node);
        }
        await(20);

        cluster.run("UPDATE ahead SET by = '-1 hour'");
        await(40); // no node agrees with the database: it may be the one that is wrong
        cluster.run("INSERT INTO dromedar_node (cluster, node, life, seen, triggers) VALUES ('test', 'right', 1,"
                + " clock_timestamp(), '')");
        for (String node : List.of("one", "two")) {
            Await.until(node + " reports it", LONG, () -> {
                right();
                return Files.readString(cluster.log(node))
                        .contains("3600 s ahead of the database's: another node's is right");
            });
        }
        long held = count();
        beats(5);
        assertThat(count()).as("firings after a run that was under way").isBetween(held, held + 4);

        cluster.run("UPDATE ahead SET by = '0'");
        await(40);
        for (String node : List.of("one", "two")) {
            assertThat(Files.readAllLines(cluster.log(node))).as(node).noneMatch(line -> line.contains("were missed"));
        }
        assertNothingIsDoubled();
    }

    /** The node that is right gives a sign of life. */
    private void right() throws Exception {
        cluster.run("UPDATE dromedar_node SET seen = clock_timestamp() WHERE node = 'right'");
    }

    /** So many signs of life of both nodes. */
    private void beats(int number) throws Exception {
        for (int beat = 0; beat < number; beat++) {
            String seen = cluster.rows("SELECT max(seen) FROM dromedar_node WHERE node = 'one'")
                    .get(0);
            String other = cluster.rows("SELECT max(seen) FROM dromedar_node WHERE node = 'two'")
                    .get(0);
            Await.until("a sign of life", LONG, () -> {
                right();
                return !cluster.rows("SELECT max(seen) FROM dromedar_node WHERE node = 'one'")
                                .get(0)
                                .equals(seen)
                        && !cluster.rows("SELECT max(seen) FROM dromedar_node WHERE node = 'two'")
                                .get(0)
                                .equals(other);
            });
        }
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
