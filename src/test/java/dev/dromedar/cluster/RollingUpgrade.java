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
import java.util.stream.Stream;

/**
 * Three workers, in processes of their own, that get new route files one by one: by a restart, by a reload, by a restart. One
 * route stays, one gets another interval, one is removed, one is added, each firing every half a second or so. What fires
 * writes its line into a file of
 * its route.
 */
final class RollingUpgrade {
    static final List<String> NODES = List.of("one", "two", "three");

    private static final Duration LONG = Duration.ofMinutes(3);
    private static final int OLD = 400;
    private static final int NEW = 700;

    private final TestCluster cluster;
    private final Path folder;
    private int round;

    RollingUpgrade(TestCluster cluster, Path folder) {
        this.cluster = cluster;
        this.folder = folder;
    }

    /** All three with the old files. */
    void start() throws Exception {
        for (String node : NODES) {
            Files.createDirectories(site(node).resolve("routes"));
            Files.writeString(
                    site(node).resolve("application.properties"),
                    "dromedar.reload = true\ncamel.main.shutdownTimeout = 20\n");
            write(node, "stays", 500);
            write(node, "moves", OLD);
            write(node, "gone-0", 500);
            startWorker(node);
        }
        for (String node : NODES) {
            awaitStarted(node, 1);
        }
        awaitFirings("moves", 5);
    }

    /** Another interval, {@code gone-N} removed and {@code gone-N+1} added: on all, one after the other. */
    void upgrade() throws Exception {
        int interval = round % 2 == 0 ? NEW : OLD;
        String former = "gone-" + round;
        round++;
        String added = "gone-" + round;
        for (String node : NODES) {
            boolean byReload = node.equals("two");
            long starts = said(node, " started in ");
            if (!byReload) {
                cluster.terminate(node);
            }
            Files.delete(route(node, former));
            write(node, "moves", interval);
            write(node, added, 500);
            if (!byReload) {
                startWorker(node);
                awaitStarted(node, (int) starts + 1);
            }
            awaitFirings(added, 4);
            awaitFirings("moves", 6);
            if (!node.equals("three")) {
                awaitFirings(former, 3); // the others have it
            }
        }
        Await.until(
                "the trigger of " + former + " goes away",
                LONG,
                () -> cluster.number(
                                "SELECT count(*) FROM dromedar_qrtz_triggers WHERE trigger_name = '" + former + "'")
                        == 0);
    }

    void end() throws Exception {
        for (String node : NODES) {
            cluster.terminate(node);
        }
    }

    private void startWorker(String node) throws IOException {
        cluster.startWorker(site(node), node, List.of(), Map.of());
    }

    private void awaitStarted(String node, int times) {
        cluster.await(node, node + " started", LONG, () -> said(node, " started in ") >= times);
    }

    /** How often a node has said something. */
    long said(String node, String words) throws IOException {
        try (Stream<String> lines = Files.lines(cluster.log(node))) {
            return lines.filter(line -> line.contains(words)).count();
        }
    }

    private void awaitFirings(String route, int more) throws IOException {
        long before = firings(route).size();
        Await.until(more + " firings of " + route, LONG, () -> firings(route).size() >= before + more);
    }

    /** The planned times of a route's firings, in order, as often as each ran. */
    List<LocalDateTime> firings(String route) throws IOException {
        List<LocalDateTime> all = new ArrayList<>();
        for (String node : NODES) {
            Path file = site(node).resolve("firings-" + route);
            if (Files.exists(file)) {
                for (String line : Files.readAllLines(file)) {
                    String[] words = line.split(" ");
                    if (words[0].equals(route) && words.length == 2) {
                        all.add(LocalDateTime.parse(words[1]));
                    }
                }
            }
        }
        all.sort(null);
        return all;
    }

    List<String> routes() {
        List<String> all = new ArrayList<>(List.of("stays", "moves"));
        for (int i = 0; i <= round; i++) {
            all.add("gone-" + i);
        }
        return all;
    }

    /** How often each distance between two firings in turn came, in ms; 0 is a firing done twice. */
    Map<Long, Integer> distances(String route) throws IOException {
        Map<Long, Integer> found = new TreeMap<>();
        List<LocalDateTime> all = firings(route);
        for (int i = 1; i < all.size(); i++) {
            found.merge(Duration.between(all.get(i - 1), all.get(i)).toMillis(), 1, Integer::sum);
        }
        return found;
    }

    private Path site(String node) {
        return folder.resolve("site-" + node);
    }

    private Path route(String node, String route) {
        return site(node).resolve("routes").resolve(route + ".yaml");
    }

    private void write(String node, String route, int interval) throws IOException {
        Files.writeString(route(node, route), """
                - route:
                    id: NAME
                    from:
                      uri: quartz:NAME
                      parameters: {trigger.repeatInterval: INTERVAL, stateful: true}
                      steps:
                        - setBody: {simple: "NAME ${date:header.scheduledFireTime:yyyy-MM-dd'T'HH:mm:ss.SSS}"}
                        - to: file:.?fileName=firings-NAME&fileExist=Append&appendChars=\\n
                """.replace("NAME", route).replace("INTERVAL", String.valueOf(interval)));
    }
}
