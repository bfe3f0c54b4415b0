package dev.dromedar.cluster;

import dev.dromedar.letters.DeadLetterSettings;
import dev.dromedar.letters.DeadLetterStore;
import dev.dromedar.letters.KeptMessage;
import dev.dromedar.letters.Letter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;

/**
 * The long runs of a cluster, with figures on standard output: nodes are processes, kills are {@code kill -9}, and the
 * database is a PostgreSQL of its own. Start it by {@code src/bench/run Cluster WHAT}: {@code firings}, {@code cost},
 * {@code letters}, {@code files}, {@code calm} or {@code routes [10,1000,5000]}.
 */
final class ClusterBench {
    private static final Duration LONG = Duration.ofMinutes(8);
    private static final String FIRING =
            "CREATE TABLE firing (route TEXT, slot BIGINT, node TEXT, begun TIMESTAMPTZ, done TIMESTAMPTZ)";
    private static final String DISTINCT =
            "SELECT count(*) FROM (SELECT DISTINCT route, slot FROM firing WHERE done IS NOT NULL) x";
    private static final String FIRED = "SELECT coalesce(sum(times_triggered), 0) FROM dromedar_qrtz_simple_triggers";
    private static final String TRANSACTIONS =
            "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()";
    private static final int LETTERS = 10_000;

    private ClusterBench() {}

    public static void main(String[] args) throws Exception {
        Path folder = Files.createTempDirectory("dromedar-bench");
        String what = args.length == 0 ? "firings" : args[0];
        try (var cluster = new TestCluster(folder)) {
            cluster.run(FIRING);
            switch (what) {
                case "firings" -> {
                    calm(cluster);
                    firings(cluster);
                }
                case "calm" -> calm(cluster);
                case "cost" -> cost(cluster);
                case "letters" -> databaseLetters(cluster);
                case "files" -> fileLetters(cluster, folder);
                case "routes" -> {
                    System.out.println("| routes | nodes | start of the last s | firings/s, all due every second"
                            + " | transactions/firing | CPU ms/firing: nodes, database | heap of a node MB |");
                    for (String count : args.length > 1 ? args[1].split(",") : new String[] {"10", "1000", "5000"}) {
                        routes(cluster, Integer.parseInt(count));
                    }
                }
                default -> throw new IllegalArgumentException(what);
            }
        }
        System.exit(0);
    }

    /** 1,000 firings over 3 nodes, and nothing breaks. */
    private static void calm(TestCluster cluster) throws Exception {
        for (String node : List.of("a", "b", "c")) {
            cluster.start(node, "routes=10", "count=100", "interval=400", "work=20", "checkIn=3");
        }
        Await.until("all 1000", LONG, () -> cluster.number(DISTINCT) >= 1000);
        System.out.println("calm: distinct firings done " + cluster.number(DISTINCT) + ", runs begun "
                + cluster.number("SELECT count(*) FROM firing") + ", per node "
                + cluster.rows("SELECT node, count(*) FROM firing GROUP BY node ORDER BY node"));
        System.out.println("doubled: "
                + cluster.rows("SELECT route, slot, string_agg(node || ' ' || begun, ', ') FROM firing"
                        + " GROUP BY route, slot HAVING count(*) > 1")
                + ", firings of each route: "
                + cluster.rows("SELECT count(DISTINCT slot) FROM firing GROUP BY route ORDER BY route"));
        cluster.endNodes();
        cluster.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public; " + FIRING);
    }

    /** 1,000 firings over 3 nodes; a node killed and the database restarted, twice in turn. */
    private static void firings(TestCluster cluster) throws Exception {
        String[] options = {"routes=10", "count=100", "interval=600", "work=300", "checkIn=3"};
        for (String node : List.of("one", "two", "three")) {
            cluster.start(node, options);
        }
        cluster.awaitStarted("one", "two", "three");
        for (String node : List.of("one", "two")) {
            String undone = "SELECT count(*) FROM firing WHERE done IS NULL AND node = '" + node + "'";
            long goal = cluster.number(DISTINCT) + 200;
            Await.until("200 more", LONG, () -> cluster.number(DISTINCT) >= goal && cluster.number(undone) > 0);
            cluster.kill(node);
            long before = System.nanoTime();
            Await.until(
                    "taken over",
                    LONG,
                    () -> cluster.number(undone + " AND NOT EXISTS (SELECT 1 FROM firing b WHERE firing.route"
                                    + " = b.route AND firing.slot = b.slot AND b.node <> firing.node)")
                            == 0);
            System.out.printf(
                    "killed %s with %d run(s) under way: all taken over after %.1f s%n",
                    node, cluster.number(undone), (System.nanoTime() - before) / 1e9);
            cluster.stopDatabase();
            cluster.startDatabase();
            cluster.start(node + "-again", options);
        }
        Await.until("all 1000", LONG, () -> cluster.number(DISTINCT) >= 1000);
        System.out.println("with crashes: distinct firings done " + cluster.number(DISTINCT) + ", runs begun "
                + cluster.number("SELECT count(*) FROM firing") + ", interrupted by a kill "
                + cluster.number("SELECT count(*) FROM firing WHERE done IS NULL"));
        System.out.println("doubled, and none of its runs was on a killed node: "
                + cluster.rows("SELECT route, slot FROM firing GROUP BY route, slot HAVING count(*) > 1"
                        + " AND count(*) FILTER (WHERE node IN ('one', 'two')) = 0"));
        System.out.println(
                "per node: " + cluster.rows("SELECT node, count(*) FROM firing GROUP BY node ORDER BY node"));
    }

    /** What a firing costs: as many as one node gets through, from memory and from the database. */
    private static void cost(TestCluster cluster) throws Exception {
        var fired = new AtomicLong();
        try (var context = new DefaultCamelContext()) {
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    for (int i = 0; i < 100; i++) {
                        from("quartz:t/m-" + i + "?stateful=true&trigger.repeatInterval=1")
                                .process(exchange -> fired.incrementAndGet());
                    }
                }
            });
            context.start();
            long from = fired.get();
            double seconds = pass(15);
            tellCost("memory", (fired.get() - from) / seconds);
        }
        cluster.start("node", "routes=100", "count=0", "interval=1", "quiet=yes");
        cluster.awaitStarted("node");
        pass(5);
        long from = cluster.number(FIRED);
        double seconds = pass(15);
        tellCost("database", (cluster.number(FIRED) - from) / seconds);
    }

    private static void tellCost(String where, double rate) {
        System.out.printf("firings from %s: %.0f a second, %.2f ms each%n", where, rate, 1000 / rate);
    }

    /** What one node, two and three get through of routes that are all due every second, and what it costs. */
    private static void routes(TestCluster cluster, int routes) throws Exception {
        String[] options = {"routes=" + routes, "count=0", "interval=1000", "quiet=yes", "checkIn=3"};
        for (int nodes = 1; nodes <= 3; nodes++) {
            long before = System.nanoTime();
            cluster.start("node-" + nodes, options);
            cluster.awaitStarted("node-" + nodes);
            double start = (System.nanoTime() - before) / 1e9;
            pass(5);
            long fired = cluster.number(FIRED);
            long transactions = cluster.number(TRANSACTIONS);
            double work = cpu(cluster.processes().stream());
            double database = cpu(cluster.database().descendants());
            double seconds = pass(15);
            fired = cluster.number(FIRED) - fired;
            transactions = cluster.number(TRANSACTIONS) - transactions;
            work = cpu(cluster.processes().stream()) - work;
            database = cpu(cluster.database().descendants()) - database;
            System.out.printf(
                    "| %d | %d | %.1f | %.0f | %.1f | %.1f, %.1f | %d |%n",
                    routes,
                    nodes,
                    start,
                    fired / seconds,
                    (double) transactions / fired,
                    work / fired,
                    database / fired,
                    heap(cluster.processes().get(0)));
        }
        cluster.endNodes();
        cluster.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public; " + FIRING);
    }

    /** Milliseconds of all that run now. */
    private static double cpu(Stream<ProcessHandle> processes) {
        return processes
                .flatMap(process -> process.info().totalCpuDuration().stream())
                .mapToLong(Duration::toMillis)
                .sum();
    }

    /** Megabytes in use after a collection. */
    private static long heap(ProcessHandle node) throws Exception {
        jcmd(node, "GC.run");
        Matcher used = Pattern.compile("used (\\d+)K").matcher(jcmd(node, "GC.heap_info"));
        return used.find() ? Long.parseLong(used.group(1)) / 1024 : -1;
    }

    private static String jcmd(ProcessHandle node, String command) throws Exception {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        Process asked = new ProcessBuilder(jcmd, String.valueOf(node.pid()), command)
                .redirectErrorStream(true)
                .start();
        return new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static double pass(int seconds) {
        long begun = System.nanoTime();
        Await.until("time to pass", LONG, () -> System.nanoTime() - begun > TimeUnit.SECONDS.toNanos(seconds));
        return (System.nanoTime() - begun) / 1e9;
    }

    /** Two nodes replay; one is killed in the middle. */
    private static void databaseLetters(TestCluster cluster) throws Exception {
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
        try (var database = new Database(settings, Duration.ofSeconds(30))) {
            database.tables().prepare();
            var letters = new DeadLetterStore(database, deadLetters(Path.of("x")), one -> {});
            writeAndList("database", letters);
            cluster.start("one", "routes=0", "work=1", "checkIn=3");
            cluster.start("two", "routes=0", "work=1", "checkIn=3");
            cluster.awaitStarted("one", "two");
            replayThroughAKill(cluster, letters, "one");
        }
    }

    /** One node replays, is killed in the middle, and starts again. */
    private static void fileLetters(TestCluster cluster, Path folder) throws Exception {
        DeadLetterSettings settings = deadLetters(folder.resolve("letters"));
        try (var letters = DeadLetterStore.forWorker(settings)) {
            writeAndList("files", letters);
        }
        String[] options = {"routes=0", "work=1", "files=" + folder.resolve("letters")};
        cluster.start("one", options);
        cluster.awaitStarted("one");
        try (var letters = DeadLetterStore.forCommand(settings)) {
            replayThroughAKill(cluster, letters, "one", options);
        }
    }

    private static DeadLetterSettings deadLetters(Path folder) {
        return new DeadLetterSettings(folder, Duration.ofDays(1), 500_000_000, null, false, 0, Duration.ZERO);
    }

    private static void writeAndList(String where, DeadLetterStore letters) {
        Instant now = Instant.now(Clock.systemUTC());
        long begun = System.nanoTime();
        for (int i = 0; i < LETTERS; i++) {
            letters.add(
                    new Letter(
                            String.format("letter-%06d", i), "replayed", null, now, now, 1, Letter.State.KEPT, "why"),
                    new KeptMessage(
                            Map.of("patient", "p-1", "more", "x".repeat(2000)),
                            KeptMessage.Kind.JSON,
                            String.valueOf(i).getBytes(StandardCharsets.UTF_8)));
        }
        begun = tell(where + ": written", LETTERS, begun);
        tell(where + ": listed", letters.list(null, "", 2 * LETTERS).size(), begun);
    }

    private static void replayThroughAKill(TestCluster cluster, DeadLetterStore letters, String node, String... again)
            throws Exception {
        long begun = System.nanoTime();
        letters.askAll(null);
        begun = tell("asked for", LETTERS, begun);
        String replayed = "SELECT count(DISTINCT slot) FROM firing";
        Await.until("half of them", LONG, () -> cluster.number(replayed) >= LETTERS / 2);
        cluster.kill(node);
        if (again.length > 0) {
            cluster.start(node, again);
        }
        Await.until("the rest", LONG, () -> letters.list(null, "", 10).stream()
                .allMatch(letter -> letter.state() == Letter.State.INTERRUPTED));
        tell("replayed, a node killed in the middle", LETTERS, begun);
        System.out.println(
                "replays begun: " + cluster.number("SELECT count(*) FROM firing") + ", of different letters: "
                        + cluster.number(replayed) + "; left, told as interrupted: "
                        + letters.list(null, "", 2 * LETTERS).size());
    }

    private static long tell(String what, int count, long begun) {
        double seconds = (System.nanoTime() - begun) / 1e9;
        System.out.printf("%s %d in %.1f s (%.0f a second)%n", what, count, seconds, count / seconds);
        return System.nanoTime();
    }
}
