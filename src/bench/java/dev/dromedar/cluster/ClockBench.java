package dev.dromedar.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * The clock of one node of three is set by an hour, ahead and back, while they call and fire: what is doubled, missed and
 * reported. Start it by {@code src/bench/run Clock}; it needs libfaketime.
 */
final class ClockBench {
    private static final String LIBRARY = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
    private static final Duration LONG = Duration.ofMinutes(8);

    private ClockBench() {}

    public static void main(String[] args) throws Exception {
        Path folder = Files.createTempDirectory("dromedar-clock");
        System.out.println("The nodes say: " + folder);
        Path clock = Files.writeString(folder.resolve("clock"), "+0\n");
        var receiver = new SoakReceiver(0);
        try (var cluster = new TestCluster(folder)) {
            var site = new SoakSite(folder, 10, 6, 500);
            var nodes = new SoakNodes(cluster, site, folder);
            site.apis().forEach(receiver::watch);
            for (String node : SoakNodes.NODES) {
                Map<String, String> environment = Map.of(
                        "LD_PRELOAD",
                        LIBRARY,
                        "FAKETIME_TIMESTAMP_FILE",
                        clock.toString(),
                        "FAKETIME_NO_CACHE",
                        "1",
                        "FAKETIME_DONT_FAKE_MONOTONIC",
                        "1");
                nodes.start(node, node.equals("one") ? environment : Map.of());
                nodes.awaitStarted(node);
            }
            long begun = System.nanoTime();
            for (String set : List.of("+0", "+3600", "+0", "-3600", "+0")) {
                Files.writeString(clock, set + "\n");
                long calls = receiver.answeredOf("one");
                long all = receiver.answered();
                pass(60);
                System.out.println("clock of one at " + set + " s for a minute: " + (receiver.answeredOf("one") - calls)
                        + " calls by one, " + (receiver.answered() - all) + " by all");
            }
            Await.until("all call", LONG, () -> receiver.answeredOf("one") > 0);
            double minutes = (System.nanoTime() - begun) / 60e9;
            nodes.end();
            var verdict = new SoakVerdict(site, nodes, receiver, minutes);
            verdict.words().forEach(System.out::println);
            verdict.faults().stream().limit(100).forEach(fault -> System.out.println("FAULT " + fault));
            Files.readAllLines(nodes.log("one")).stream()
                    .filter(line -> line.contains(" WARN ") || line.contains("clock"))
                    .limit(30)
                    .forEach(line -> System.out.println("one | " + line.substring(0, Math.min(300, line.length()))));
            for (String other : List.of("two", "three")) {
                Files.readAllLines(nodes.log(other)).stream()
                        .filter(line -> line.contains(" WARN "))
                        .limit(10)
                        .forEach(line ->
                                System.out.println(other + " | " + line.substring(0, Math.min(300, line.length()))));
            }
            nodes.close();
            site.close();
        }
        System.exit(0);
    }

    private static void pass(int seconds) {
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
