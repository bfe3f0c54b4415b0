package dev.dromedar.bench;

import dev.dromedar.sandbox.Sandbox;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;

/**
 * Many calls at once. Without arguments: 64 to an API of 50 ms with the defaults as shipped. With {@code platform} or
 * {@code virtual}: 1,000 to an API of 200 ms on threads of that kind.
 */
public final class BurstBench {
    private BurstBench() {}

    public static void main(String[] args) throws Exception {
        if (args.length == 0) {
            var times = batches(64, Duration.ofMillis(50), Executors.newFixedThreadPool(64), 20, 5);
            Rounds.row(
                    "64 calls at once to a 50 ms API, to one wave (Java "
                            + Runtime.version().feature() + ")",
                    Rounds.figure(times.stream().mapToDouble(s -> s / 0.050).toArray()),
                    "1.3",
                    "1.1");
            return;
        }
        ExecutorService threads = args[0].equals("virtual")
                ? (ExecutorService) Executors.class
                        .getMethod("newVirtualThreadPerTaskExecutor")
                        .invoke(null)
                : Executors.newFixedThreadPool(1000);
        var times = batches(1000, Duration.ofMillis(200), threads, Integer.getInteger("rounds", 9), 2);
        for (double seconds : times) {
            System.out.println(1000 / seconds);
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
