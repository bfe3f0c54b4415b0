package dev.dromedar.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * What a database does to its nodes: it is stopped by SIGSTOP, its disk is full, its connections are all taken, for half a minute
 * each. Three nodes, ten routes that fire each second. Start it by {@code src/bench/run Database}, as root: its disk is mounted.
 */
final class DatabaseBench {
    private static final Duration LONG = Duration.ofMinutes(4);
    private static final Duration TROUBLE = Duration.ofSeconds(30);
    /** An outage is over for a node when all has worked for 13 s. */
    private static final Duration CALM = Duration.ofSeconds(25);

    private static final String[] OPTIONS = {"routes=10", "count=0", "interval=1000", "work=30", "checkIn=3"};
    private static final List<String> NODES = List.of("one", "two", "three");

    private interface Step {
        void run() throws Exception;
    }

    private final TestCluster cluster;
    private final Path disk;
    private final List<Connection> taken = new ArrayList<>();

    private DatabaseBench(TestCluster cluster, Path disk) {
        this.cluster = cluster;
        this.disk = disk;
    }

    public static void main(String[] args) throws Exception {
        Path disk = Files.createTempDirectory("dromedar-bench");
        mount("mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", disk.toString());
        try (var cluster = new TestCluster(disk)) {
            cluster.run(
                    "CREATE TABLE firing (route TEXT, slot BIGINT, node TEXT, begun TIMESTAMPTZ, done TIMESTAMPTZ)");
            var bench = new DatabaseBench(cluster, disk);
            for (String node : NODES) {
                cluster.start(node, OPTIONS);
            }
            cluster.awaitStarted(NODES.toArray(new String[0]));
            bench.round("stopped by SIGSTOP", cluster::freezeDatabase, cluster::thawDatabase);
            bench.round("all its connections taken", bench::takeConnections, bench::giveConnectionsBack);
            bench.round("its disk is full", bench::fill, bench::makeRoom);
            bench.result();
        } finally {
            mount("umount", "-l", disk.toString());
        }
        System.exit(0);
    }

    private void round(String what, Step begin, Step end) throws Exception {
        pass(CALM);
        begin.run();
        var from = new Timestamp(System.currentTimeMillis());
        long begun = System.nanoTime();
        pass(TROUBLE);
        var until = new Timestamp(System.currentTimeMillis());
        end.run();
        long right = System.nanoTime();
        Await.until("the database answers", LONG, () -> count() >= 0);
        long before = count();
        Await.until("firings go on", LONG, () -> count() > before + 20);
        System.out.printf(
                "%s for %.0f s, in which %d firings began: 20 more firings %.1f s after it came right%n",
                what,
                (right - begun) / 1e9,
                cluster.number("SELECT count(*) FROM firing WHERE begun BETWEEN '" + from + "' AND '" + until + "'"),
                (System.nanoTime() - right) / 1e9);
        System.out.println("nodes that run: "
                + cluster.processes().stream().filter(ProcessHandle::isAlive).count());
    }

    private long count() throws SQLException {
        return cluster.number("SELECT count(*) FROM firing");
    }

    /** With those of the nodes, which are ended. */
    private void takeConnections() throws SQLException {
        cluster.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'dromedar%'");
        try {
            while (taken.size() < 2000) {
                taken.add(DriverManager.getConnection(cluster.address(), "postgres", ""));
            }
        } catch (SQLException e) {
            System.out.println("taken: " + taken.size() + ", then: " + e.getMessage());
        }
    }

    private void giveConnectionsBack() throws SQLException {
        for (Connection connection : taken) {
            connection.close();
        }
    }

    /** Until the server itself can write nothing more: it has some room of its own before. */
    private void fill() throws IOException, SQLException {
        try (OutputStream filler = Files.newOutputStream(disk.resolve("filler"))) {
            while (true) {
                filler.write(new byte[100_000]);
            }
        } catch (IOException e) {
            System.out.println("filled: " + e.getMessage());
        }
        try {
            cluster.run("CREATE TABLE junk (text TEXT)");
            while (true) {
                cluster.run("INSERT INTO junk SELECT repeat(md5(random()::text), 250) FROM generate_series(1, 100)");
            }
        } catch (SQLException e) {
            System.out.println("the server: " + e.getMessage());
        }
        System.out.println("firings when it is full: " + countOrNone());
    }

    private String countOrNone() {
        try {
            return String.valueOf(count());
        } catch (SQLException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private void makeRoom() throws IOException {
        System.out.println("firings before there is room: " + countOrNone());
        Files.delete(disk.resolve("filler"));
    }

    private void result() throws Exception {
        System.out.println("firings "
                + cluster.number("SELECT count(*) FROM (SELECT DISTINCT route, slot FROM firing) x") + ", doubled "
                + cluster.rows("SELECT route, slot, string_agg(node || ' ' || begun, ', ') FROM firing GROUP BY route,"
                        + " slot HAVING count(*) > 1"));
        System.out.println("slots missed: "
                + cluster.rows("SELECT coalesce(sum(missed), 0) FROM (SELECT (max(slot) - min(slot)) / 1000 + 1 -"
                        + " count(DISTINCT slot) missed FROM firing GROUP BY route) x"));
        for (String node : NODES) {
            try (Stream<String> lines = Files.lines(cluster.log(node))) {
                System.out.println(node + ":");
                lines.filter(line -> line.contains(" WARN ") || line.contains(" ERROR ") || line.contains(" Database"))
                        .limit(30)
                        .forEach(line -> System.out.println("  | " + line.substring(0, Math.min(200, line.length()))));
            }
        }
    }

    private static void mount(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).inheritIO().start();
        if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0) {
            throw new IOException(String.join(" ", command));
        }
    }

    private static void pass(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
