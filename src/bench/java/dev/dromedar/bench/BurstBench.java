package dev.dromedar.bench;

import dev.dromedar.sandbox.Sandbox;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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
 * Many calls at once. With {@code defaults} and the folder of the packaged worker: 64 to an API of 50 ms with the defaults as
 * shipped, after 100 batches to warm up. With {@code platform} or {@code virtual}: 1,000 to an API of 200 ms on threads of that
 * kind.
 */
public final class BurstBench {
    private static final Duration SLOW = Duration.ofMillis(50);
    private static final String ROUTE = """
            - route:
                id: burst
                from:
                  uri: timer:burst
                  parameters: {period: 300}
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
            row(
                    "64 callers at once to a 50 ms API, to one wave",
                    batches(64, SLOW, Executors.newFixedThreadPool(64), 25, 100));
            row("one message split into 64 calls in the packaged worker, to one wave", split(Path.of(args[1])));
            return;
        }
        ExecutorService threads = args[0].equals("virtual")
                ? (ExecutorService) Executors.class
                        .getMethod("newVirtualThreadPerTaskExecutor")
                        .invoke(null)
                : Executors.newFixedThreadPool(1000);
        var times = batches(1000, Duration.ofMillis(200), threads, Integer.getInteger("rounds", 9), 20);
        for (double seconds : times) {
            System.out.println(1000 / seconds);
        }
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

    /** As the API sees it: from the first of the 64 requests to the last answer. */
    private static List<Double> split(Path target) throws Exception {
        try (var sandbox = Sandbox.start();
                var server = new FastServer(SLOW)) {
            String parts =
                    IntStream.rangeClosed(1, 64).mapToObj(String::valueOf).collect(Collectors.joining(","));
            var worker = new Worker(target)
                    .api(sandbox, sandbox.api("orders"))
                    .set("dromedar.api.orders.base-address", server.address() + "/orders")
                    .route("burst.yaml", ROUTE.replace("PARTS", parts));
            Process process = worker.start(worker.command("-Xmx512m"));
            try {
                long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
                while (server.bursts().size() < 125) {
                    if (!process.isAlive() || System.nanoTime() > end) {
                        throw new IllegalStateException("see " + worker.output());
                    }
                    TimeUnit.MILLISECONDS.sleep(100);
                }
            } finally {
                process.destroyForcibly();
            }
            return server.bursts().subList(100, 125);
        }
    }

    /** Seconds for each batch. */
    private static List<Double> batches(int calls, Duration slow, ExecutorService threads, int rounds, int warm)
            throws Exception {
        try (var sandbox = Sandbox.start();
                var server = new FastServer(slow);
                var routes = new Routes(sandbox)) {
            routes.api(sandbox.api("orders"), server.address() + "/orders");
            if (calls > 128) { // 128 connections are the default; here the threads are measured
                routes.context()
                        .getComponent("http", org.apache.camel.component.http.HttpComponent.class)
                        .setConnectionsPerRoute(calls);
                routes.context()
                        .getComponent("http", org.apache.camel.component.http.HttpComponent.class)
                        .setMaxTotalConnections(calls);
            }
            ProducerTemplate template = routes.start();
            Callable<Object> call = () -> {
                Exchange answer = template.request("direct:orders", exchange -> {});
                if (answer.getException() != null) {
                    throw new IllegalStateException(answer.getException());
                }
                return answer;
            };
            List<Double> seconds = new ArrayList<>();
            for (int round = -warm; round < rounds; round++) {
                long start = System.nanoTime();
                for (Future<Object> done : threads.invokeAll(java.util.Collections.nCopies(calls, call))) {
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
