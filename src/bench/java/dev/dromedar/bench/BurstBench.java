package dev.dromedar.bench;

import dev.dromedar.sandbox.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;

/**
 * Many calls at once; the second argument is the folder of the packaged worker. With {@code defaults}: 64 to an API of 50 ms
 * with the defaults as shipped, after 100 batches to warm up. With {@code threads}: one message split into 1,000 calls to an API
 * of 200 ms, on virtual and on platform threads in turn, the worker on core 0 alone where {@code taskset} is there.
 */
public final class BurstBench {
    private static final Duration SLOW = Duration.ofMillis(50);
    private static final Path TASKSET = Path.of("/usr/bin/taskset");
    private static final String ROUTE = """
            - route:
                id: burst
                from:
                  uri: timer:burst
                  parameters: {period: PERIOD}
                  steps:
                    - setBody: {constant: "PARTS"}
                    - split:
                        tokenize: {token: ","}
                        parallelProcessing: true
                        steps:
                          - setHeader: {name: CamelHttpMethod, constant: GET}
                          - process: {ref: orders}
                          - to: "{{dromedar.api.orders.base-address}}/records"
            """;

    private BurstBench() {}

    public static void main(String[] args) throws Exception {
        if (args[0].equals("defaults")) {
            System.out.printf("%n64 calls at once: Java %s%n", Runtime.version().feature());
            row("64 callers at once to a 50 ms API, to one wave", batches());
            row(
                    "one message split into 64 calls in the packaged worker, to one wave",
                    split(worker(args[1], 64, 300), SLOW, 100, 25));
            return;
        }
        int rounds = Integer.getInteger("rounds", 15);
        var rates = new double[2][rounds];
        for (int round = 0; round < rounds; round++) {
            rates[0][round] = rate(args[1], "-Dcamel.threads.virtual.enabled=true");
            rates[1][round] = rate(args[1]);
        }
        var ratios = new double[rounds];
        Arrays.setAll(ratios, round -> rates[0][round] / rates[1][round]);
        System.out.printf(
                "%n1,000 calls of 200 ms at once: Java %s; %s a second on virtual threads, %s on platform threads%n",
                Runtime.version().feature(), Rounds.figure(rates[0]), Rounds.figure(rates[1]));
        Rounds.row(
                "1,000 parallel calls on virtual threads, rate to 1,000 platform threads",
                Rounds.figure(ratios),
                "1.3",
                "2");
    }

    /** Calls a second when one message is split into 1,000, the median of five after twelve to warm up. */
    private static double rate(String target, String... options) throws Exception {
        Worker worker = worker(target, 1000, 700)
                .set("camel.threadPool.maxPoolSize", "1000")
                .set("camel.component.http.connectionsPerRoute", "1000")
                .set("camel.component.http.maxTotalConnections", "1000");
        double[] seconds = split(worker, Duration.ofMillis(200), 12, 5, options).stream()
                .mapToDouble(Double::doubleValue)
                .sorted()
                .toArray();
        return 1000 / seconds[2];
    }

    private static Worker worker(String target, int calls, int period) throws IOException {
        String parts = IntStream.rangeClosed(1, calls).mapToObj(String::valueOf).collect(Collectors.joining(","));
        return new Worker(Path.of(target))
                .route(
                        "burst.yaml",
                        ROUTE.replace("PERIOD", String.valueOf(period)).replace("PARTS", parts));
    }

    private static void row(String what, List<Double> seconds) {
        Rounds.row(
                what,
                Rounds.figure(seconds.stream()
                        .mapToDouble(s -> s / (SLOW.toMillis() / 1000.0))
                        .toArray()),
                "1.3",
                "1.1");
    }

    /** As the API sees it: from the first of the requests to the last answer. */
    private static List<Double> split(Worker worker, Duration slow, int warm, int rounds, String... options)
            throws Exception {
        try (var sandbox = Sandbox.start();
                var server = new FastServer(slow)) {
            worker.api(sandbox, sandbox.api("orders"))
                    .set("dromedar.api.orders.base-address", server.address() + "/orders");
            List<String> command = new ArrayList<>();
            if (slow.compareTo(SLOW) > 0 && Files.exists(TASKSET)) {
                command.addAll(List.of(TASKSET.toString(), "-c", "0"));
            }
            List<String> jvm = new ArrayList<>(List.of("-Xmx1g"));
            jvm.addAll(List.of(options));
            command.addAll(worker.command(jvm.toArray(String[]::new)));
            Process process = worker.start(command);
            try {
                long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
                while (server.bursts().size() < warm + rounds) {
                    if (!process.isAlive() || System.nanoTime() > end) {
                        throw new IllegalStateException("see " + worker.output());
                    }
                    TimeUnit.MILLISECONDS.sleep(100);
                }
            } finally {
                process.destroyForcibly();
            }
            return server.bursts().subList(warm, warm + rounds);
        }
    }

    /** Seconds for each of 25 batches of 64, after 100 to warm up. */
    private static List<Double> batches() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(64);
        try (var sandbox = Sandbox.start();
                var server = new FastServer(SLOW);
                var routes = new Routes(sandbox)) {
            routes.api(sandbox.api("orders"), server.address() + "/orders");
            ProducerTemplate template = routes.start();
            Callable<Object> call = () -> {
                Exchange answer = template.request("direct:orders", exchange -> {});
                if (answer.getException() != null) {
                    throw new IllegalStateException(answer.getException());
                }
                return answer;
            };
            List<Double> seconds = new ArrayList<>();
            for (int round = -100; round < 25; round++) {
                long start = System.nanoTime();
                for (Future<Object> done : threads.invokeAll(java.util.Collections.nCopies(64, call))) {
                    done.get();
                }
                if (round >= 0) {
                    seconds.add((System.nanoTime() - start) / 1e9);
                }
            }
            threads.shutdown();
            return seconds;
        }
    }
}
