package dev.dromedar.letters;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;

/**
 * The store of a worker on its own, in the long: {@code src/bench/run Store kills 100}, {@code Store letters 100000} and
 * {@code Store bodies}.
 */
final class StoreBench {
    private StoreBench() {}

    public static void main(String[] args) throws Exception {
        Path folder = Files.createTempDirectory("dromedar-bench");
        String what = args.length == 0 ? "kills" : args[0];
        switch (what) {
            case "kills" -> kills(folder, args.length < 2 ? 100 : Integer.parseInt(args[1]));
            case "letters" -> letters(folder, args.length < 2 ? 100_000 : Integer.parseInt(args[1]));
            case "bodies" -> bodies(folder);
            default -> throw new IllegalArgumentException(what);
        }
        System.exit(0);
    }

    /** A third of them while the worker starts, the rest while it keeps and replays. */
    private static void kills(Path folder, int kills) throws Exception {
        var random = new Random(19);
        try (var worker = new KilledWorker(folder)) {
            for (int i = 1; i <= kills; i++) {
                boolean start = i % 3 == 0;
                worker.killAfter(Duration.ofMillis(random.nextInt(start ? 2500 : 4000)), start);
                if (i % 10 == 0 || i == kills) {
                    System.out.println(i + " kills: " + worker.look());
                }
            }
        }
    }

    /** Each figure is the median of five. */
    private static void letters(Path folder, int count) throws Exception {
        Instant now = Instant.now(Clock.systemUTC());
        DeadLetterSettings settings =
                new DeadLetterSettings(folder, Duration.ofDays(30), 5_000_000_000L, null, false, 0, Duration.ZERO);
        byte[] body = "x".repeat(2000).getBytes(StandardCharsets.UTF_8);
        try (var store = DeadLetterStore.forWorker(settings)) {
            long begun = System.nanoTime();
            int first = Math.min(count, 1000);
            for (int i = 0; i < first; i++) {
                store.add(
                        new Letter(id(i), "route-" + i % 10, "orders", now, now, 1, Letter.State.KEPT, "why"),
                        new KeptMessage(Map.of("patient", "p-1"), KeptMessage.Kind.BYTES, body));
            }
            System.out.printf("written one by one: %d in %.1f s%n", first, (System.nanoTime() - begun) / 1e9);
            copy(folder, first, count);
            System.out.println("file: " + Files.size(folder.resolve("dromedar.sqlite")) / 1_000_000 + " MB");
            measure("count, each 10 s", store::usage);
            measure("probe, each 10 s", () -> {
                store.probe();
                return 0;
            });
            measure("look for a requested replay, twice a second", store.claims()::claim);
            measure("first page of 100", () -> store.list(null, "", 100));
            measure("page of 100 in the middle", () -> store.list(null, id(count / 2), 100));
            measure("page of 100 of a route", () -> store.list("route-3", id(count / 2), 100));
            measure("last page of 100", () -> store.list(null, id(count - 101), 100));
            measure("show one", () -> store.message(Objects.requireNonNull(store.find(id(count / 2)))));
            measure("letters of each route", store::routes);
            measure("interrupted, each minute", store.claims()::findInterrupted);
            measure("remove old ones (none), each minute", () -> store.removeBefore(now.minusSeconds(1)));
            measure("give room back (none), each minute", () -> {
                store.tidy();
                return 0;
            });
            measure("add one", () -> {
                store.add(
                        new Letter("z" + System.nanoTime(), "route-1", "orders", now, now, 1, Letter.State.KEPT, "why"),
                        new KeptMessage(Map.of(), KeptMessage.Kind.BYTES, body));
                return 0;
            });
            once("look for damage, at the start", () -> {
                store.verify();
                return 0;
            });
            memory();
            once("list all, in pages of 1000", () -> {
                String after = "";
                for (List<Letter> page = store.list(null, after, 1000);
                        !page.isEmpty();
                        page = store.list(null, after, 1000)) {
                    after = page.get(page.size() - 1).id();
                }
                return 0;
            });
            once("request a replay of all", () -> store.askAll(null));
            measure("look for a requested replay", () -> {
                Letter claimed = store.claims().claim();
                return claimed != null && store.claims().done(claimed);
            });
        }
        once("open", () -> {
            DeadLetterStore.forWorker(settings).close();
            return 0;
        });
        try (var store = DeadLetterStore.forWorker(settings)) {
            once("interrupted, all", store.claims()::findInterrupted);
            once("remove all", () -> store.removeBefore(now.plusSeconds(1)));
            once("give room back, until all is", () -> {
                while (Files.size(folder.resolve("dromedar.sqlite")) > 5_000_000) {
                    store.tidy();
                }
                return 0;
            });
        }
    }

    /** The first letter again and again, in one transaction: each of its own takes as long as the disk does. */
    private static void copy(Path folder, int from, int to) throws SQLException {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("dromedar.sqlite"));
                var insert = connection.createStatement()) {
            String rest = "first_failed, failed, attempts, bytes, key_id, cause, content";
            insert.executeUpdate("WITH RECURSIVE n(i) AS (SELECT " + from + " UNION ALL SELECT i + 1 FROM n WHERE i < "
                    + (to - 1) + ") INSERT INTO dromedar_letter (cluster, id, state, route, api, " + rest
                    + ") SELECT cluster, printf('letter-%08d', i), state, 'route-' || (i % 10), api, " + rest
                    + " FROM n, dromedar_letter WHERE id = 'letter-00000000'");
        }
    }

    private static String id(int number) {
        return String.format("letter-%08d", number);
    }

    /** One letter each of 10 MB: kept, read, replayed. */
    private static void bodies(Path folder) throws Exception {
        try (var store = DeadLetterStore.forWorker(StoreProcess.settings(folder))) {
            Instant now = Instant.now(Clock.systemUTC());
            for (KeptMessage.Kind kind : List.of(KeptMessage.Kind.BYTES, KeptMessage.Kind.TEXT)) {
                byte[] body = new byte[10_000_000];
                Arrays.fill(body, (byte) 'x');
                var letter = new Letter(kind.name(), "in", null, now, now, 1, Letter.State.KEPT, "why");
                once(kind + " of 10 MB, kept", () -> {
                    store.add(letter, new KeptMessage(Map.of(), kind, body));
                    return 0;
                });
                measure(kind + " of 10 MB, read", () -> store.message(letter));
            }
            measure("list", () -> store.list(100));
            measure("count", store::usage);
            memory();
        }
    }

    private static void memory() {
        System.gc();
        System.out.println("heap after a collection: "
                + ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / 1_000_000 + " MB");
    }

    private static void once(String what, Callable<?> work) throws Exception {
        long begun = System.nanoTime();
        Object result = work.call();
        System.out.printf(
                "%s: %.1f ms %s%n", what, (System.nanoTime() - begun) / 1e6, result instanceof Integer ? result : "");
    }

    private static void measure(String what, Callable<?> work) {
        double[] times = IntStream.range(0, 5)
                .mapToDouble(i -> {
                    long begun = System.nanoTime();
                    try {
                        work.call();
                    } catch (Exception e) {
                        throw new IllegalStateException(what, e);
                    }
                    return (System.nanoTime() - begun) / 1e6;
                })
                .sorted()
                .toArray();
        System.out.printf("%s: %.2f ms, the first at most %.1f ms%n", what, times[2], times[4]);
    }
}
