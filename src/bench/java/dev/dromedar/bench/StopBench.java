package dev.dromedar.bench;

import dev.dromedar.sandbox.Authority;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.ProtectedApi;
import dev.dromedar.sandbox.Registration;
import dev.dromedar.sandbox.Sandbox;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Starts and stops of the packaged worker, with figures on standard output: {@code src/bench/run Stop WHAT} with {@code phases [20]}
 * (SIGTERM at that many moments of a start), {@code silent} (SIGTERM while an authority or an API does not answer), {@code replay},
 * {@code many [500]} (APIs and routes), {@code late} (an authority that comes after the start) or {@code all}.
 */
public final class StopBench {
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final int SHUTDOWN_SECONDS = 10;
    private static final String ROUTE = """
            - route:
                id: NAME
                from:
                  uri: quartz:NAME
                  parameters: {trigger.repeatInterval: INTERVAL, stateful: true}
                  steps:
                    - setHeader: {name: CamelHttpMethod, constant: GET}
                    - process: {ref: NAME}
                    - to: "{{dromedar.api.NAME.base-address}}/records"
            """;

    private final Path target;

    private StopBench(Path target) {
        this.target = target;
    }

    /** The folder with dromedar.jar and lib; then what. */
    public static void main(String[] args) throws Exception {
        var bench = new StopBench(Path.of(args[0]));
        String what = args.length < 2 ? "all" : args[1];
        boolean all = what.equals("all");
        if (all || what.equals("phases")) {
            bench.phases(args.length < 3 ? 20 : Integer.parseInt(args[2]));
        }
        if (all || what.equals("silent")) {
            bench.silent(true);
            bench.silent(false);
        }
        if (all || what.equals("replay")) {
            bench.replay();
        }
        if (all || what.equals("many")) {
            bench.many(args.length < 3 || all ? 500 : Integer.parseInt(args[2]));
        }
        if (all || what.equals("late")) {
            bench.authorityComesLate();
        }
        System.exit(0);
    }

    private Worker worker(Sandbox sandbox, ProtectedApi api, String interval) throws IOException {
        return new Worker(target)
                .api(sandbox, api)
                .set("camel.main.shutdownTimeout", String.valueOf(SHUTDOWN_SECONDS))
                .set("dromedar.dead-letters.every-route", "true")
                .route("call.yaml", ROUTE.replace("NAME", api.name()).replace("INTERVAL", interval));
    }

    private void phases(int moments) throws Exception {
        try (var sandbox = Sandbox.start()) {
            ProtectedApi api = sandbox.api("orders");
            double whole = 0;
            Map<Integer, Integer> status = new TreeMap<>();
            double longest = 0;
            for (int i = -1; i < moments; i++) {
                var worker = worker(sandbox, api, "1000");
                long begun = System.nanoTime();
                Process process = worker.start(worker.command("-Xmx256m"));
                if (i < 0) {
                    long before = api.seen().accepted();
                    await("a call", () -> api.seen().accepted() > before);
                    whole = seconds(begun);
                } else {
                    LockSupport.parkNanos((long) (1e9 * whole * i / moments));
                }
                double took = stop(process);
                longest = Math.max(longest, took);
                status.merge(process.exitValue(), 1, Integer::sum);
                unusual(worker).forEach(line -> System.out.println("at " + worker.output() + ": " + line));
            }
            System.out.printf(
                    "SIGTERM at %d moments of a start of %.1f s: ended within %.1f s at most; status (143: before it listens"
                            + " to signals) and how often: %s%n",
                    moments, whole, longest, status);
        }
    }

    /** Neither warnings of what was interrupted nor errors belong into a stop. */
    private static List<String> unusual(Worker worker) throws IOException {
        try (Stream<String> lines = Files.lines(worker.output())) {
            return lines.filter(line -> !line.contains(" MadeKey ")) // at its first start
                    .filter(line -> line.contains(" ERROR ") || line.contains(" WARN ") || line.startsWith("\tat "))
                    .limit(5)
                    .toList();
        }
    }

    /** While a token request, or a call, gets no answer. */
    private void silent(boolean authority) throws Exception {
        try (var sandbox = Sandbox.start()) {
            ProtectedApi api = sandbox.api("orders");
            if (authority) {
                sandbox.duende().origin().fault(Fault.blackHole().at("/connect/token"));
            } else {
                api.fault(Fault.blackHole());
            }
            var worker = worker(sandbox, api, "1000");
            Process process = worker.start(worker.command("-Xmx256m"));
            await("it has begun", () -> Files.readString(worker.output()).contains(" started in "));
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(2));
            double took = stop(process);
            System.out.printf(
                    "SIGTERM while %s does not answer: ended within %.1f s (limit %d s), status %d%n",
                    authority ? "the authority" : "the API", took, SHUTDOWN_SECONDS, process.exitValue());
            tail(worker);
        }
    }

    private void replay() throws Exception {
        try (var sandbox = Sandbox.start()) {
            ProtectedApi api = sandbox.api("orders");
            var broken = api.fault(Fault.status(500));
            var worker = worker(sandbox, api, "100000000");
            Process process = worker.start(worker.command("-Xmx256m"));
            await("a letter", () -> Files.readString(worker.output()).contains("Dead letter "));
            broken.off();
            var silent = api.fault(Fault.blackHole());
            String[] command = worker.command("-Xmx128m").toArray(new String[0]);
            Process replay = new ProcessBuilder(
                            Stream.concat(Stream.of(command), Stream.of("dead-letters", "replay", "--all"))
                                    .toList())
                    .directory(worker.folder().toFile())
                    .redirectErrorStream(true)
                    .start();
            System.out.println(new String(replay.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(4));
            double took = stop(process);
            System.out.printf(
                    "SIGTERM during a replay at an API that does not answer: ended within %.1f s (limit %d s), status %d%n",
                    took, SHUTDOWN_SECONDS, process.exitValue());
            tail(worker);
            silent.off();
            Process again = worker.start(worker.command("-Xmx256m"));
            await("it has begun", () -> Files.readString(worker.output()).contains(" started in "));
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(3));
            stop(again);
            System.out.println("the next start:");
            tail(worker);
        }
    }

    private void many(int count) throws Exception {
        try (var sandbox = Sandbox.start()) {
            var worker = new Worker(target).set("camel.main.shutdownTimeout", String.valueOf(SHUTDOWN_SECONDS));
            for (int i = 0; i < count; i++) {
                ProtectedApi api = sandbox.add(Registration.duende("api-" + i));
                worker.api(sandbox, api)
                        .route(
                                api.name() + ".yaml",
                                ROUTE.replace("NAME", api.name()).replace("INTERVAL", "10000"));
            }
            long begun = System.nanoTime();
            Process process = worker.start(worker.command("-Xmx512m"));
            await("it has begun", () -> Files.readString(worker.output()).contains(" started in "));
            double started = seconds(begun);
            await("all are called", () -> sandbox.apis().stream()
                    .filter(api -> api.name().startsWith("api-"))
                    .allMatch(api -> api.seen().accepted() > 0));
            System.out.printf(
                    "%d APIs and routes: started within %.1f s, all called after %.1f s, ",
                    count, started, seconds(begun));
            System.out.printf("ended within %.1f s, status %d%n", stop(process), process.exitValue());
            unusual(worker).forEach(System.out::println);
        }
    }

    private void authorityComesLate() throws Exception {
        try (var sandbox = Sandbox.start()) {
            ProtectedApi api = sandbox.api("orders");
            Authority authority = sandbox.duende();
            authority.origin().refuseConnections();
            var worker = worker(sandbox, api, "1000");
            Process process = worker.start(worker.command("-Xmx256m"));
            await("it fails", () -> Files.readString(worker.output()).contains("Dead letter "));
            authority.origin().acceptConnections();
            long right = System.nanoTime();
            await("a call", () -> api.seen().accepted() > 0);
            System.out.printf(
                    "authority away at the start: the first call %.1f s after it came; restarts: none%n",
                    seconds(right));
            stop(process);
        }
    }

    private static double stop(Process process) throws InterruptedException {
        long begun = System.nanoTime();
        process.destroy();
        if (!process.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("it does not end");
        }
        return seconds(begun);
    }

    private static double seconds(long begun) {
        return (System.nanoTime() - begun) / 1e9;
    }

    private static void tail(Worker worker) throws IOException {
        List<String> lines = Files.readAllLines(worker.output());
        lines.subList(Math.max(0, lines.size() - 8), lines.size())
                .forEach(line -> System.out.println("  | " + line.substring(0, Math.min(line.length(), 300))));
    }

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + LONG.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("Not within " + LONG.toSeconds() + " s: " + what);
            }
            LockSupport.parkNanos(20_000_000);
        }
    }
}
