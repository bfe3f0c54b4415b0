package dev.dromedar.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Nodes that are frozen (SIGSTOP) or cut off from the database at random moments and come back, with figures on standard
 * output. Three nodes, ten routes that fire each second. Start it by {@code src/bench/run Freeze [ROUNDS]}: a third of the
 * rounds each of 5, 20 and 60 s; or by {@code src/bench/run Cut [ROUNDS]}: each of 30 s.
 */
final class FreezeBench {
    private static final Duration LONG = Duration.ofMinutes(3);
    private static final String[] OPTIONS = {"routes=10", "count=0", "interval=1000", "work=30", "checkIn=3"};
    private static final List<String> NODES = List.of("one", "two", "three");

    private final TestCluster cluster;
    private final Random random = new Random(19);
    private final List<String> underWay = new ArrayList<>();
    private final Map<Integer, Double> standstill = new TreeMap<>();

    private FreezeBench(TestCluster cluster) {
        this.cluster = cluster;
    }

    public static void main(String[] args) throws Exception {
        boolean cut = args[0].equals("Cut");
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 30;
        Path folder = Files.createTempDirectory("dromedar-bench");
        try (var cluster = new TestCluster(folder)) {
            cluster.run(
                    "CREATE TABLE firing (route TEXT, slot BIGINT, node TEXT, begun TIMESTAMPTZ, done TIMESTAMPTZ)");
            var bench = new FreezeBench(cluster);
            if (cut) {
                bench.cuts(rounds);
            } else {
                bench.freezes(rounds);
            }
            bench.result();
        }
        System.exit(0);
    }

    private void freezes(int rounds) throws Exception {
        for (String node : NODES) {
            cluster.start(node, OPTIONS);
        }
        cluster.awaitStarted(NODES.toArray(new String[0]));
        for (int round = 0; round < rounds; round++) {
            int seconds = new int[] {5, 20, 60}[round % 3];
            String node = NODES.get(round / 3 % 3);
            pass(5 + random.nextDouble());
            long from = now();
            cluster.freeze(node);
            noteUnderWay(node);
            pass(seconds);
            noteStandstill(seconds, from, node);
            cluster.thaw(node);
            awaitWork(node);
        }
    }

    private void cuts(int rounds) throws Exception {
        try (var proxy = new CuttableProxy(cluster.port())) {
            String address = "jdbc:postgresql://localhost:" + proxy.port() + "/postgres?prepareThreshold=0";
            cluster.startAt(address, "one", OPTIONS);
            cluster.start("two", OPTIONS);
            cluster.start("three", OPTIONS);
            cluster.awaitStarted(NODES.toArray(new String[0]));
            long most = 0;
            for (int round = 0; round < rounds; round++) {
                pass(5 + random.nextDouble());
                long from = now();
                if (round % 2 == 0) {
                    proxy.cut();
                } else {
                    proxy.cutAfter("dromedar_qrtz_LOCKS");
                }
                noteUnderWay("one");
                for (int second = 0; second < 30; second++) {
                    pass(1);
                    most = Math.max(
                            most,
                            cluster.number("SELECT count(*) FROM pg_stat_activity"
                                    + " WHERE application_name = 'dromedar test/one' OR state IS NULL"));
                }
                noteStandstill(30, from, "one");
                proxy.heal();
                awaitWork("one");
            }
            System.out.println("most connections of the node that was cut off: " + most);
        }
    }

    private long now() throws Exception {
        return cluster.number("SELECT 1000 * extract(epoch FROM clock_timestamp())");
    }

    private void noteUnderWay(String node) throws Exception {
        underWay.addAll(cluster.rows("SELECT trigger_name, sched_time FROM dromedar_qrtz_fired_triggers"
                + " WHERE instance_name = '" + node + "' AND state = 'EXECUTING'"));
    }

    /** The longest time in which no other node began a run. */
    private void noteStandstill(int seconds, long from, String node) throws Exception {
        long millis =
                cluster.number("SELECT max(gap) FROM (SELECT t - lag(t) OVER (ORDER BY t) AS gap FROM (SELECT 1000 *"
                        + " extract(epoch FROM begun) AS t FROM firing WHERE node <> '" + node + "' UNION SELECT "
                        + from
                        + " UNION SELECT 1000 * extract(epoch FROM clock_timestamp())) x WHERE t >= " + from + ") y");
        standstill.merge(seconds, millis / 1000.0, Math::max);
        System.out.printf("%s: %d s, the others fired nothing for %.1f s%n", node, seconds, millis / 1000.0);
    }

    private void awaitWork(String node) throws Exception {
        long before = cluster.number("SELECT count(*) FROM firing WHERE node = '" + node + "'");
        Await.until(
                node + " works again",
                LONG,
                () -> cluster.number("SELECT count(*) FROM firing WHERE node = '" + node + "'") > before + 3);
    }

    private static void pass(double seconds) {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private void result() throws Exception {
        List<String> doubled = new ArrayList<>(
                cluster.rows("SELECT route, slot FROM firing GROUP BY route, slot HAVING count(*) > 1"));
        int all = doubled.size();
        doubled.removeAll(underWay);
        System.out.println("firings "
                + cluster.number("SELECT count(*) FROM (SELECT DISTINCT route, slot FROM firing) x") + ", doubled "
                + all + ", of these not under way when it began " + doubled.size() + " " + doubled);
        System.out.println("slots missed: "
                + cluster.rows("SELECT coalesce(sum(missed), 0) FROM (SELECT (max(slot) - min(slot)) / 1000 + 1 -"
                        + " count(DISTINCT slot) missed FROM firing GROUP BY route) x"));
        System.out.println("longest time in which the others fired nothing, by length: " + standstill);
        for (String node : NODES) {
            Files.copy(
                    cluster.log(node),
                    Path.of("target", "freeze-" + node + ".log"),
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            try (Stream<String> lines = Files.lines(cluster.log(node))) {
                System.out.println(node + ": lines of its log: " + lines.count());
            }
        }
    }
}
