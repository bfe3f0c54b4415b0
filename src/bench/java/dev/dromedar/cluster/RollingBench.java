package dev.dromedar.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Rolling upgrades, with figures on standard output. Start it by {@code src/bench/run Rolling [ROUNDS]}: in each round three
 * workers get other route files, one by a restart, one by a reload, one by a restart.
 */
final class RollingBench {
    private RollingBench() {}

    public static void main(String[] args) throws Exception {
        int rounds = args.length == 0 ? 10 : Integer.parseInt(args[0]);
        Path folder = Files.createTempDirectory("dromedar-bench");
        try (var cluster = new TestCluster(folder)) {
            var upgrade = new RollingUpgrade(cluster, folder);
            upgrade.start();
            for (int round = 0; round < rounds; round++) {
                upgrade.upgrade();
            }
            upgrade.end();
            for (String route : upgrade.routes()) {
                System.out.println(
                        "Route " + route + ": " + upgrade.firings(route).size()
                                + " firings; ms between two, and how often: " + upgrade.distances(route));
            }
            for (String node : RollingUpgrade.NODES) {
                try (Stream<String> lines = Files.lines(cluster.log(node))) {
                    List<String> unusual = lines.filter(line -> line.contains(" WARN ")
                                    || line.contains(" ERROR ")
                                    || line.contains("no node has a route for it"))
                            .limit(50)
                            .toList();
                    System.out.println(node + ":");
                    unusual.forEach(line -> System.out.println("  | " + line));
                }
            }
            System.out.println("More in " + folder);
        }
        System.exit(0);
    }
}
