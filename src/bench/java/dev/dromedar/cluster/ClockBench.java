package dev.dromedar.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * The clock of one worker of three is set by an hour, ahead and back, while schedules of each second fire: which firings are
 * doubled or missed, and what is reported. Start it by {@code src/bench/run Clock [SECONDS]}, for each time that is set; it needs
 * libfaketime.
 */
final class ClockBench {
    private static final String LIBRARY = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
    private static final List<String> NODES = List.of("one", "two", "three");
    private static final Duration LONG = Duration.ofMinutes(8);
    private static final String ROUTE = """
            - route:
                id: NAME
                from:
                  uri: quartz:NAME
                  parameters: {WHEN, stateful: true}
                  steps:
                    - setBody: {simple: "NAME ${date:header.scheduledFireTime:yyyy-MM-dd'T'HH:mm:ss.SSS}"}
                    - to: file:.?fileName=firings-NAME&fileExist=Append&appendChars=\\n
            """;

    private final Path folder = Files.createTempDirectory("dromedar-clock");
    private final Path clock = Files.writeString(folder.resolve("clock"), "+0\n");

    private ClockBench() throws IOException {}

    public static void main(String[] args) throws Exception {
        new ClockBench().run(args.length == 0 ? 60 : Integer.parseInt(args[0]));
        System.exit(0);
    }

    private void run(int seconds) throws Exception {
        System.out.println("The nodes say: " + folder);
        try (var cluster = new TestCluster(folder)) {
            for (String node : NODES) {
                site(node);
                Map<String, String> environment = Map.of(
                        "LD_PRELOAD",
                        LIBRARY,
                        "FAKETIME_TIMESTAMP_FILE",
                        clock.toString(),
                        "FAKETIME_CACHE_DURATION",
                        "1",
                        "FAKETIME_DONT_FAKE_MONOTONIC",
                        "1");
                cluster.startWorker(
                        folder.resolve(node),
                        node,
                        List.of("-Ddromedar.cluster.check-in=3s"),
                        node.equals("one") ? environment : Map.of());
                Await.until(node + " fires", LONG, () -> !firings(node).isEmpty());
            }
            for (String set : List.of("+0", "+3600", "+0", "-3600", "+0")) {
                Files.writeString(clock, set + "\n");
                Map<String, Integer> before = counts();
                LockSupport.parkNanos(Duration.ofSeconds(seconds).toNanos());
                Map<String, Integer> now = counts();
                before.forEach((node, count) -> now.merge(node, -count, Integer::sum));
                System.out.println("clock of one at " + set + " s for " + seconds + " s: firings " + now);
            }
            for (String node : NODES) {
                cluster.terminate(node);
            }
            result();
            for (String node : NODES) {
                try (Stream<String> log = Files.lines(cluster.log(node))) {
                    log.filter(line -> line.contains(" WARN ") || line.contains(" ERROR ") || line.contains("clock"))
                            .limit(25)
                            .forEach(line ->
                                    System.out.println(node + " | " + line.substring(0, Math.min(280, line.length()))));
                }
            }
        }
    }

    private void site(String node) throws IOException {
        Files.createDirectories(folder.resolve(node).resolve("routes"));
        Files.writeString(folder.resolve(node).resolve("application.properties"), "camel.main.shutdownTimeout = 20\n");
        Map<String, String> routes = Map.of(
                "cron", "cron: \"*+*+*+*+*+?\"",
                "interval", "trigger.repeatInterval: 1000",
                "another", "trigger.repeatInterval: 1000");
        for (Map.Entry<String, String> route : routes.entrySet()) {
            Files.writeString(
                    folder.resolve(node).resolve("routes").resolve(route.getKey() + ".yaml"),
                    ROUTE.replace("NAME", route.getKey()).replace("WHEN", route.getValue()));
        }
    }

    private List<String> firings(String node) throws IOException {
        List<String> firings = new ArrayList<>();
        try (var files = Files.newDirectoryStream(folder.resolve(node), "firings-*")) {
            for (Path file : files) {
                firings.addAll(Files.readAllLines(file));
            }
        }
        return firings.stream().filter(line -> !line.isBlank()).toList();
    }

    private Map<String, Integer> counts() throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        for (String node : NODES) {
            counts.put(node, firings(node).size());
        }
        return counts;
    }

    /** Each route by each second from its first firing to its last. */
    private void result() throws IOException {
        Map<String, TreeMap<LocalDateTime, Integer>> all = new TreeMap<>();
        for (String node : NODES) {
            for (String line : firings(node)) {
                String[] words = line.split(" ");
                all.computeIfAbsent(words[0], none -> new TreeMap<>())
                        .merge(LocalDateTime.parse(words[1]), 1, Integer::sum);
            }
        }
        all.forEach((route, times) -> {
            System.out.println("Route " + route + ": " + times.size() + " firings from " + times.firstKey() + " to "
                    + times.lastKey() + ", doubled "
                    + times.values().stream().filter(count -> count > 1).count());
            LocalDateTime last = times.firstKey();
            for (LocalDateTime time : times.keySet()) {
                if (!time.equals(last) && !time.equals(last.plusSeconds(1))) {
                    System.out.println("  after " + last + " comes " + time);
                }
                last = time;
            }
        });
    }
}
