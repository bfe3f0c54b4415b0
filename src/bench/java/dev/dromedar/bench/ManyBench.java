package dev.dromedar.bench;

import dev.dromedar.sandbox.Sandbox;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The packaged worker with routes and APIs by the thousand: one edit under reload, {@code routes}, scrape, status, health, and
 * the CPU of a start for each route. {@code src/bench/run Many [5000 [1000]]}: routes, APIs. No API is called.
 */
public final class ManyBench {
    private static final int PORT = 19_876;
    private static final int FEW = 10;
    private static final int EDITS = 5;
    private static final int VIEWS = 20;
    private static final String MEMORY = "-Xmx1g";
    /** More arguments for the worker's JVM, such as a recording. */
    private static final String ARGUMENTS = System.getProperty("worker.arguments", "");

    private final Sandbox sandbox;
    private final Path target;
    private final int apis;
    private final HttpClient http = HttpClient.newHttpClient();

    private ManyBench(Sandbox sandbox, Path target, int apis) {
        this.sandbox = sandbox;
        this.target = target;
        this.apis = apis;
    }

    /** The folder with dromedar.jar and lib; then routes, APIs, and what alone is wanted: {@code 1} or {@code 50} routes per file, {@code start}. */
    public static void main(String[] args) throws Exception {
        int routes = args.length < 2 ? 5000 : Integer.parseInt(args[1]);
        int apis = args.length < 3 ? 1000 : Integer.parseInt(args[2]);
        String part = args.length < 4 ? "all" : args[3];
        try (var sandbox = Sandbox.start()) {
            var bench = new ManyBench(sandbox, Path.of(args[0]), apis);
            System.out.printf(
                    "%nJava %s: %d routes, %d APIs, %s%n", Runtime.version().feature(), routes, apis, MEMORY);
            for (int perFile : List.of(50, 1)) {
                if (part.equals("all") || part.equals(String.valueOf(perFile))) {
                    bench.site(routes, perFile);
                }
            }
            if (part.equals("all") || part.equals("start")) {
                bench.starts(routes);
            }
        }
        System.exit(0);
    }

    private Worker worker(int routes, int perFile) throws IOException {
        var worker = new Worker(target)
                .set("dromedar.reload", "true")
                .set("camel.management.enabled", "true")
                .set("camel.management.host", "127.0.0.1")
                .set("camel.management.port", String.valueOf(PORT))
                .set("camel.management.healthCheckEnabled", "true")
                .set("camel.management.metricsEnabled", "true")
                .set("camel.metrics.enabled", "true");
        int needed = Math.min(apis, routes);
        for (int i = 0; i < needed; i++) {
            String from = i % 2 == 0 ? "orders" : "health-records"; // a secret and Bearer; a key and DPoP
            String prefix = "sandbox." + from + ".";
            String to = "dromedar.api.api-" + i + ".";
            sandbox.properties().forEach((key, value) -> {
                if (key.startsWith(prefix)) {
                    worker.set(to + key.substring(prefix.length()), value);
                }
            });
            worker.set(to + "client-id", "client-" + i);
        }
        for (int file = 0; file * perFile < routes; file++) {
            worker.route("file-" + file + ".yaml", file(file * perFile, Math.min(routes, (file + 1) * perFile), ""));
        }
        return worker;
    }

    private String file(int from, int to, String edited) {
        var yaml = new StringBuilder();
        for (int i = from; i < to; i++) {
            yaml.append("""
                    - route:
                        id: route-%1$d
                        from:
                          uri: quartz:route-%1$d
                          parameters: {cron: "0 0 3 * * ?"}
                          steps:
                            - setHeader: {name: CamelHttpMethod, constant: GET}
                            - setHeader: {name: Edited, constant: "%3$s"}
                            - process: {ref: api-%2$d}
                            - to: "{{dromedar.api.api-%2$d.base-address}}/records/%1$d"
                    """.formatted(i, i % apis, i == from ? edited : ""));
        }
        return yaml.toString();
    }

    private void site(int routes, int perFile) throws Exception {
        String files = perFile == 1 ? "one route per file" : perFile + " routes per file";
        var worker = worker(routes, perFile);
        var process = started(worker);
        try {
            var edits = new double[EDITS];
            var work = new double[EDITS];
            for (int i = 0; i < EDITS; i++) {
                int file = i * 7 % (routes / perFile);
                long accepted = said(worker, "Edit accepted");
                long begun = System.nanoTime();
                long cpu = cpu(process);
                worker.route("file-" + file + ".yaml", file(file * perFile, (file + 1) * perFile, "edit " + i));
                await(worker, process, "Edit accepted", accepted + 1);
                edits[i] = seconds(begun);
                work[i] = (cpu(process) - cpu) / 1e9;
            }
            Rounds.row(
                    "one edit of one route, " + files + ", until it is accepted, s; the first",
                    Rounds.figure(edits) + String.format("; %.2f", edits[0]),
                    "3",
                    "1");
            Rounds.row(
                    "CPU of the worker for it, s; the first",
                    Rounds.figure(work) + String.format("; %.2f", work[0]),
                    "",
                    "");
            long cpu = cpu(process);
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(10));
            Rounds.row(
                    "CPU of the worker when nothing happens, " + files + ", cores",
                    String.format("%.3f", (cpu(process) - cpu) / 10e9),
                    "",
                    "");
            if (perFile > 1) {
                views(process);
            }
        } finally {
            process.destroy();
            process.waitFor();
        }
        command(worker, files);
    }

    private void command(Worker worker, String files) throws Exception {
        List<String> command =
                Stream.concat(command(worker).stream(), Stream.of("routes")).toList();
        long begun = System.nanoTime();
        Process routes = worker.start(command);
        long cpu = 0;
        while (routes.isAlive()) {
            cpu = Math.max(cpu, cpu(routes));
            routes.waitFor(20, TimeUnit.MILLISECONDS);
        }
        if (routes.exitValue() != 0) {
            throw new IOException("routes failed, see " + worker.output());
        }
        Rounds.row(
                "./run routes, " + files + ", s; CPU",
                String.format("%.1f; %.1f", seconds(begun), cpu / 1e9),
                "10",
                "5");
    }

    private static List<String> command(Worker worker) {
        return worker.command(Stream.concat(
                        Stream.of(MEMORY), Stream.of(ARGUMENTS.split(" ")).filter(argument -> !argument.isEmpty()))
                .toArray(String[]::new));
    }

    private void views(Process process) throws Exception {
        for (String path : List.of("metrics", "status.json", "health")) {
            var times = new double[VIEWS];
            var work = new double[VIEWS];
            long size = 0;
            double first = 0;
            long heap = 0;
            for (int i = -3; i < VIEWS; i++) {
                heap = i == 0 ? heap(process) : heap; // with what the first leave for good
                long cpu = cpu(process);
                long begun = System.nanoTime();
                size = get(path).length();
                double millis = seconds(begun) * 1000;
                if (i >= 0) {
                    times[i] = millis;
                    work[i] = (cpu(process) - cpu) / 1e6;
                } else if (i == -3) {
                    first = millis;
                }
            }
            Rounds.row(
                    "/observe/" + path + ", " + size / 1024 + " KiB, ms; the first",
                    Rounds.figure(times) + String.format("; %.0f", first),
                    "250",
                    "100");
            Rounds.row("CPU of the worker for it, ms", Rounds.figure(work), "", "");
            Rounds.row("heap that " + VIEWS + " of them leave behind, KiB", (heap(process) - heap) / 1024, "flat", "");
        }
    }

    private String get(String path) throws Exception {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + PORT + "/observe/" + path))
                        .timeout(Duration.ofMinutes(5))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException(path + " answers " + answer.statusCode());
        }
        return answer.body();
    }

    /** Bytes in use after a full collection. */
    private static long heap(Process process) throws Exception {
        jcmd(process, "GC.run");
        String info = jcmd(process, "GC.heap_info");
        Matcher used = Pattern.compile("used (\\d+)K").matcher(info);
        long sum = 0;
        if (used.find()) {
            sum = Long.parseLong(used.group(1)) * 1024;
        }
        return sum;
    }

    private static String jcmd(Process process, String command) throws Exception {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        String.valueOf(process.pid()),
                        command)
                .redirectErrorStream(true)
                .start();
        String said = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (jcmd.waitFor() != 0) {
            throw new IOException(said);
        }
        return said;
    }

    /**
     * CPU of the process until it has started. What a route costs is the CPU above a start with one route, by the number of the
     * other routes; to compare with is what the second to tenth route cost.
     */
    private void starts(int most) throws Exception {
        int rounds = Integer.getInteger("rounds", 3);
        int[] counts = {1, FEW, 100, most / 5, most};
        var cpu = new double[counts.length][rounds];
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < counts.length; i++) {
                var process = started(worker(counts[i], 1));
                cpu[i][round] = cpu(process) / 1e6;
                process.destroy();
                process.waitFor();
            }
        }
        double few = perRoute(cpu, counts, 1);
        for (int i = 1; i < counts.length; i++) {
            double each = perRoute(cpu, counts, i);
            Rounds.row(
                    "CPU of a start with " + counts[i] + " routes, ms for each after the first; to " + FEW + " routes",
                    String.format("%.2f; %.2f", each, each / few),
                    "1.2",
                    "1.0");
        }
    }

    private static double perRoute(double[][] cpu, int[] counts, int i) {
        return (Rounds.figure(cpu[i]).median() - Rounds.figure(cpu[0]).median()) / (counts[i] - 1);
    }

    private Process started(Worker worker) throws Exception {
        Process process = worker.start(command(worker));
        await(worker, process, " started in ", 1);
        return process;
    }

    private static long cpu(Process process) {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
    }

    private static void await(Worker worker, Process process, String words, long times) throws Exception {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(30);
        while (said(worker, words) < times) {
            if (!process.isAlive() || System.nanoTime() > end || said(worker, "Edit rejected") > 0) {
                throw new IOException("not '" + words + "', see " + worker.output());
            }
            LockSupport.parkNanos(50_000_000);
        }
    }

    private static long said(Worker worker, String words) throws IOException {
        try (Stream<String> lines = Files.lines(worker.output())) {
            return lines.filter(line -> line.contains(words)).count();
        }
    }

    private static double seconds(long begun) {
        return (System.nanoTime() - begun) / 1e9;
    }
}
