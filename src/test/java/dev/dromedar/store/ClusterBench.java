package dev.dromedar.store;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The long runs, with figures on standard output: {@code firings}, {@code letters} or {@code routes}. Not a test of
 * {@code mvn verify}: start it by hand with the test class path.
 */
final class ClusterBench {
    private static final Duration LONG = Duration.ofMinutes(8);
    private static final String DISTINCT =
            "SELECT count(*) FROM (SELECT DISTINCT route, slot FROM firing WHERE done IS NOT NULL) x";

    private ClusterBench() {}

    public static void main(String[] args) throws Exception {
        Path folder = Files.createTempDirectory("dromedar-bench");
        String what = args.length == 0 ? "firings" : args[0];
        if (what.equals("letters")) {
            fileLetters(folder);
        }
        try (var cluster = new TestCluster(folder)) {
            switch (what) {
                case "firings" -> firings(cluster);
                case "routes" -> routes(cluster, Integer.parseInt(args[1]), Integer.parseInt(args[2]));
                default -> databaseLetters(cluster);
            }
        }
        System.exit(0);
    }

    /** 1,000 firings over 3 nodes; a node killed and the database restarted, twice in turn. */
    private static void firings(TestCluster cluster) throws Exception {
        cluster.run("CREATE TABLE firing (route TEXT, slot BIGINT, node TEXT, begun TIMESTAMPTZ, done TIMESTAMPTZ)");
        String[] options = {"routes=10", "count=100", "interval=600", "work=50"};
        for (String node : List.of("one", "two", "three")) {
            cluster.start(node, options);
        }
        cluster.awaitStarted("one", "two", "three");
        int killed = 0;
        for (String node : List.of("one", "two")) {
            long goal = cluster.number(DISTINCT) + 200;
            Await.until(
                    "200 more",
                    LONG,
                    () -> cluster.number(DISTINCT) >= goal
                            && cluster.number(
                                            "SELECT count(*) FROM firing WHERE done IS NULL AND node = '" + node + "'")
                                    > 0);
            cluster.kill(node);
            long before = System.nanoTime();
            long left = cluster.number("SELECT count(*) FROM firing WHERE done IS NULL AND node = '" + node + "'");
            Await.until(
                    "taken over",
                    LONG,
                    () -> cluster.number(
                                    "SELECT count(*) FROM firing a JOIN firing b USING (route, slot) WHERE a.node = '"
                                            + node + "' AND a.done IS NULL AND b.node <> a.node")
                            >= left);
            System.out.printf(
                    "killed %s with %d run(s) under way: all taken over after %.1f s%n",
                    node, left, (System.nanoTime() - before) / 1e9);
            killed += (int) left;
            cluster.stopDatabase();
            cluster.startDatabase();
            cluster.start(node + "-again", options);
        }
        Await.until("all 1000", LONG, () -> cluster.number(DISTINCT) >= 1000);
        System.out.println("distinct firings done: " + cluster.number(DISTINCT));
        System.out.println(
                "runs begun: " + cluster.number("SELECT count(*) FROM firing") + ", interrupted by a kill: " + killed);
        System.out.println("doubled, and none of its runs was on a killed node: "
                + cluster.rows("SELECT route, slot FROM firing GROUP BY route, slot HAVING count(*) > 1"
                        + " AND count(*) FILTER (WHERE node IN ('one', 'two')) = 0"));
        System.out.println(
                "per node: " + cluster.rows("SELECT node, count(*) FROM firing GROUP BY node ORDER BY node"));
    }

    /** How many firings a second some nodes get through with some routes that are always due. */
    private static void routes(TestCluster cluster, int routes, int nodes) throws Exception {
        cluster.run("CREATE TABLE firing (route TEXT, slot BIGINT, node TEXT, begun TIMESTAMPTZ, done TIMESTAMPTZ)");
        for (int i = 0; i < nodes; i++) {
            long before = System.nanoTime();
            cluster.start("node-" + i, "routes=" + routes, "count=100000", "interval=1000", "work=0", "quiet=yes");
            cluster.awaitStarted("node-" + i);
            System.out.printf("start with %d routes: %.1f s%n", routes, (System.nanoTime() - before) / 1e9);
        }
        String fired = "SELECT coalesce(sum(times_triggered), 0) FROM dromedar_qrtz_simple_triggers";
        long from = cluster.number(fired);
        long begun = System.nanoTime();
        Await.until("20 s of firing", LONG, () -> System.nanoTime() - begun > 20_000_000_000L);
        double seconds = (System.nanoTime() - begun) / 1e9;
        System.out.printf(
                "%d routes, %d nodes: %.1f firings a second of %d due%n",
                routes, nodes, (cluster.number(fired) - from) / seconds, routes);
    }

    private static void fileLetters(Path folder) {
        var settings = new DeadLetterSettings(
                folder.resolve("letters"), Duration.ofDays(1), 500_000_000, null, false, 0, Duration.ZERO);
        try (var letters = FileLetters.forWorker(settings)) {
            letters("files", letters);
        }
    }

    private static void databaseLetters(TestCluster cluster) {
        var settings = new ClusterSettings(
                cluster.address(),
                "postgres",
                null,
                "test",
                "bench",
                true,
                Duration.ofSeconds(1),
                true,
                Set.of(),
                4,
                4);
        try (var database = new Database(settings)) {
            database.prepare();
            letters(
                    "database",
                    new DatabaseLetters(
                            database,
                            settings,
                            new DeadLetterSettings(
                                    Path.of("x"), Duration.ofDays(1), 500_000_000, null, false, 0, Duration.ZERO)));
        }
    }

    private static void letters(String where, Letters letters) {
        int count = 10_000;
        Instant now = Instant.now(Clock.systemUTC());
        var input = new Input(
                Map.of("patient", "p-1"), Input.Kind.TEXT, "x".repeat(2000).getBytes(StandardCharsets.UTF_8));
        long begun = System.nanoTime();
        for (int i = 0; i < count; i++) {
            letters.add(new Letter(DeadLetters.newId(now), "r", null, now, now, 1, Letter.State.KEPT, "why"), input);
        }
        begun = tell(where + ": written", count, begun);
        List<Letter> all = letters.list();
        begun = tell(where + ": listed", all.size(), begun);
        all.forEach(letter -> letters.ask(letter.id()));
        begun = tell(where + ": asked for", count, begun);
        int done = 0;
        for (Letter letter = letters.claim(); letter != null; letter = letters.claim()) {
            letters.input(letter);
            letters.done(letter);
            done++;
        }
        tell(where + ": claimed, read and done", done, begun);
    }

    private static long tell(String what, int count, long begun) {
        double seconds = (System.nanoTime() - begun) / 1e9;
        System.out.printf("%s %d in %.1f s (%.0f a second)%n", what, count, seconds, count / seconds);
        return System.nanoTime();
    }
}
