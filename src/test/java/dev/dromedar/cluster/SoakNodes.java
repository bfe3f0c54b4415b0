package dev.dromedar.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The soak's three workers, each in a process of its own with a way to the database that can be cut. */
final class SoakNodes {
    static final List<String> NODES = List.of("one", "two", "three");

    private static final Duration LONG = Duration.ofMinutes(8);
    private static final Pattern HEAP = Pattern.compile("used (\\d+)K");

    /** What a node holds, right after a collection of its heap; since when it lives. */
    record Sample(String node, int life, double minutes, long heapKib, long threads, long descriptors) {}

    private final TestCluster cluster;
    private final SoakSite site;
    private final Path folder;
    private final Map<String, CuttableProxy> ways = new HashMap<>();
    private final Map<String, Integer> lives = new HashMap<>();
    private final Map<String, Long> began = new HashMap<>();
    /** When each node began or was continued, in ms. */
    private final Map<String, List<Long>> resumed = new HashMap<>();

    private final List<Sample> samples = new ArrayList<>();
    private final Path collect;

    SoakNodes(TestCluster cluster, SoakSite site, Path folder) throws IOException {
        this.cluster = cluster;
        this.site = site;
        this.folder = folder;
        this.collect = Files.writeString(folder.resolve("collect"), "GC.run\nGC.heap_info\n");
        for (String node : NODES) {
            ways.put(node, new CuttableProxy(cluster.port()));
        }
    }

    void start(String node) throws IOException {
        start(node, Map.of());
    }

    void start(String node, Map<String, String> environment) throws IOException {
        int life = lives.merge(node, 1, Integer::sum);
        String address = "jdbc:postgresql://localhost:" + way(node).port() + "/postgres";
        cluster.startWorker(
                site.folder(node),
                node,
                List.of(
                        "-Ddromedar.cluster.address=" + address,
                        "-Ddromedar.cluster.check-in=3s",
                        "-Dsoak.node=" + node,
                        "-Dsoak.life=" + life),
                environment);
        began.put(node, System.nanoTime());
        resumed(node);
    }

    void awaitStarted(String node) {
        Await.until(node + " started: " + cluster.log(node), LONG, () -> {
            if (!isAlive(node)) {
                throw new AssertionError(node + " has ended: " + cluster.log(node));
            }
            return Files.readString(cluster.log(node)).contains(" started in ");
        });
    }

    boolean isAlive(String node) {
        return cluster.process(node).isAlive();
    }

    void freeze(String node) throws Exception {
        cluster.freeze(node);
    }

    void thaw(String node) throws Exception {
        cluster.thaw(node);
        resumed(node);
    }

    private void resumed(String node) {
        resumed.computeIfAbsent(node, none -> new ArrayList<>()).add(System.currentTimeMillis());
    }

    /** Whether the node has begun, or was continued, in the minute before: its tokens may have expired meanwhile. */
    boolean hasJustResumed(String node, long millis) {
        return resumed.getOrDefault(node, List.of()).stream()
                .anyMatch(time -> millis >= time - 1000 && millis < time + 60_000);
    }

    private CuttableProxy way(String node) {
        return Objects.requireNonNull(ways.get(node), node);
    }

    void cut(String node) {
        way(node).cut();
    }

    void heal(String node) {
        way(node).heal();
    }

    void kill(String node) throws Exception {
        cluster.kill(node);
        append(node, folder.resolve(node + ".killed.log"));
    }

    /** SIGTERM, when all is over. */
    void end() throws Exception {
        for (String node : NODES) {
            cluster.terminate(node);
            append(node, cluster.log(node));
        }
    }

    private void append(String node, Path log) throws IOException {
        Files.write(log(node), Files.readAllBytes(log), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** What the node has said in all its lives, once it has ended. */
    Path log(String node) {
        return folder.resolve(node + ".whole.log");
    }

    void measure() throws Exception {
        for (String node : NODES) {
            long process = cluster.process(node).pid();
            double minutes = (System.nanoTime() - began.getOrDefault(node, 0L)) / 60e9;
            long threads;
            try (Stream<Path> all = Files.list(Path.of("/proc", String.valueOf(process), "task"))) {
                threads = all.count();
            }
            long descriptors;
            try (Stream<Path> all = Files.list(Path.of("/proc", String.valueOf(process), "fd"))) {
                descriptors = all.count();
            }
            samples.add(new Sample(node, lives.getOrDefault(node, 0), minutes, heap(process), threads, descriptors));
        }
    }

    /** More than any, if the machine is too busy for an answer: the least of some minutes counts. */
    private long heap(long process) throws Exception {
        Path output = folder.resolve("heap");
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        String.valueOf(process),
                        "-f",
                        collect.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!jcmd.waitFor(2, TimeUnit.MINUTES)) {
            jcmd.destroyForcibly();
            return Long.MAX_VALUE;
        }
        String said = Files.readString(output);
        Matcher used = HEAP.matcher(said);
        if (!used.find()) {
            System.out.println("jcmd " + process + ": " + said);
            return Long.MAX_VALUE;
        }
        return Long.parseLong(used.group(1));
    }

    List<Sample> samples() {
        return samples;
    }

    List<Sample> last() {
        return samples.subList(Math.max(0, samples.size() - NODES.size()), samples.size());
    }

    void close() throws IOException {
        for (CuttableProxy way : ways.values()) {
            way.close();
        }
    }
}
