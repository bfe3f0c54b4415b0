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
