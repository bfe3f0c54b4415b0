package dev.dromedar.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that are frozen (SIGSTOP) until others have taken over their work, and come back. */
class FrozenNodeTest {
    private static final Duration LONG = Duration.ofMinutes(3);
    private static final String FIRINGS = "SELECT count(*) FROM firing";

    @TempDir
    private Path temp;

    private TestCluster cluster;

    @BeforeEach
    void startDatabase() throws Exception {
        cluster = new TestCluster(temp);
        cluster.run("CREATE TABLE firing (route TEXT, slot BIGINT, node TEXT, begun TIMESTAMPTZ, done TIMESTAMPTZ)");
        cluster.run("CREATE TABLE held (node TEXT)");
    }

    @AfterEach
    void end() throws Exception {
        cluster.close();
    }

    /** Each is frozen when it has acquired a firing, and comes back when the other one has. */
    @Test
    void nothingIsDoubledButWhatWasUnderWay() throws Exception {
        cluster.start("one", "routes=4", "count=0", "interval=400");
        cluster.start("two", "routes=4", "count=0", "interval=400");
        cluster.awaitStarted("one", "two");
        List<String> underWay = new ArrayList<>();

        for (int round = 0; round < 2; round++) {
            String frozen = round % 2 == 0 ? "one" : "two";
            String other = round % 2 == 0 ? "two" : "one";
            Await.until(frozen + " has acquired a firing", LONG, () -> acquired(frozen) > 0);
            cluster.freeze(frozen);
            underWay.addAll(cluster.rows("SELECT trigger_name, sched_time FROM dromedar_qrtz_fired_triggers"
                    + " WHERE instance_name = '" + frozen + "' AND state = 'EXECUTING'"));
            Await.until("it is taken over", LONG, () -> states(frozen) == 0 && acquired(other) > 0);
            long before = cluster.number(FIRINGS);
            cluster.thaw(frozen);
            Await.until("it is back", LONG, () -> states(frozen) == 1);
            Await.until("work goes on", LONG, () -> cluster.number(FIRINGS) > before + 20);
        }

        assertThat(cluster.rows("SELECT route, slot FROM firing GROUP BY route, slot HAVING count(*) > 1"))
                .as("doubled")
                .isSubsetOf(underWay);
        assertThat(cluster.rows("SELECT route, max(slot) - min(slot) - 400 * (count(DISTINCT slot) - 1) FROM firing"
                        + " GROUP BY route ORDER BY route"))
                .as("no slot between the first and the last is missing")
                .containsExactly("work-0 0", "work-1 0", "work-2 0", "work-3 0");
        assertThat(Files.readAllLines(cluster.log("one")))
                .filteredOn(line -> line.contains("joins again."))
                .as("reported once for each freeze")
                .hasSize(1);
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
        Await.until("one is back", LONG, () -> Files.readString(cluster.log("one"))
                .contains("joins again."));
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

    private long acquired(String node) throws Exception {
        return cluster.number("SELECT count(*) FROM dromedar_qrtz_fired_triggers WHERE instance_name = '" + node
                + "' AND state = 'ACQUIRED'");
    }

    private long states(String node) throws Exception {
        return cluster.number(
                "SELECT count(*) FROM dromedar_qrtz_scheduler_state WHERE instance_name = '" + node + "'");
    }
}
