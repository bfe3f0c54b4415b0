package dev.dromedar.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Route files that change on one node first, and on the others later. */
@Tag("long")
class RollingUpgradeTest {
    private final TestCluster cluster;
    private final RollingUpgrade upgrade;

    RollingUpgradeTest(@TempDir Path temp) throws Exception {
        cluster = new TestCluster(temp);
        upgrade = new RollingUpgrade(cluster, temp);
    }

    @AfterEach
    void end() throws Exception {
        cluster.close();
    }

    @Test
    void nothingIsDoubledOrLostAndTheOldNodesDoNotFightTheNew() throws Exception {
        upgrade.start();
        upgrade.upgrade();
        upgrade.end();

        for (String route : upgrade.routes()) {
            Map<Long, Integer> distances = upgrade.distances(route);
            if (route.equals("moves")) {
                assertThat(distances).as("doubled").doesNotContainKey(0L);
                assertThat(distances.entrySet().stream()
                                .filter(distance -> distance.getKey() != 400 && distance.getKey() != 700)
                                .mapToInt(Map.Entry::getValue)
                                .sum())
                        .as("moved once: %s", distances)
                        .isLessThanOrEqualTo(1);
            } else {
                assertThat(distances).as(route).containsOnlyKeys(500L);
            }
        }
        String differs = "Route moves: this node's schedule is an interval of 400 ms, and the cluster fires by an"
                + " interval of 700 ms";
        assertThat(upgrade.said("one", differs)).isZero();
        for (String old : new String[] {"two", "three"}) {
            assertThat(upgrade.said(old, differs)).as(old).isLessThanOrEqualTo(1);
        }
        assertThat(upgrade.said("three", differs)).as("upgraded last").isEqualTo(1);
        assertThat(RollingUpgrade.NODES.stream().mapToLong(this::removals).sum())
                .as("reported by the node that removed it")
                .isEqualTo(1);
    }

    private long removals(String node) {
        try {
            return upgrade.said(node, "gone-0 removed: no node has a route for it any more");
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
