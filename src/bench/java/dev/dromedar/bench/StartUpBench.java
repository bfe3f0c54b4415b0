package dev.dromedar.bench;

import dev.dromedar.sandbox.ProtectedApi;
import dev.dromedar.sandbox.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * From the start of the process to the first call that an API has accepted, to the same JVM's hello world: by
 * {@code ./run}, without and with the archive of classes that the JVM makes when the first worker stops. Needs the packaged worker.
 */
public final class StartUpBench {
    private static final String ROUTE = """
            - route:
                from:
                  uri: timer:once?repeatCount=1&delay=-1
                  steps:
                    - setHeader: {name: CamelHttpMethod, constant: GET}
                    - process: {ref: orders}
                    - to: "{{dromedar.api.orders.base-address}}/orders"
            """;

    private StartUpBench() {}

    /** The hello world. */
    public static final class Hello {
        private Hello() {}

        public static void main(String[] args) {
            System.out.println("hello");
        }
    }

    /** The argument is the folder with dromedar.jar and lib. */
    public static void main(String[] args) throws Exception {
        int rounds = Integer.getInteger("rounds", 15);
        Path home = installed(Path.of(args[0]));
        try (var sandbox = Sandbox.start()) {
            ProtectedApi api = sandbox.api("orders");
            var worker = new Worker(home).api(sandbox, api).route("once.yaml", ROUTE);
            List<String> run = List.of("sh", home.resolve("run").toString());
            call(worker, api, run, Map.of()); // makes the archive when it stops
            String classes = home.resolve("dromedar.jar") + ":" + home.resolve("lib") + "/*";
            List<String> hello = List.of(
                    java(), "-cp", System.getProperty("java.class.path") + ":" + classes, Hello.class.getName());
            var measured = new double[3][rounds];
            for (int round = -1; round < rounds; round++) {
                double[] times = {
                    hello(hello),
                    call(worker, api, run, Map.of("DROMEDAR_ARCHIVE", "off")),
                    call(worker, api, run, Map.of())
                };
                for (int i = 0; i < 3 && round >= 0; i++) {
                    measured[i][round] = times[i];
                }
            }
            System.out.printf(
                    "%nStart to the first accepted call: Java %s, %d rounds; hello world %s s, ./run without archive %s s, ./run %s s%n",
                    Runtime.version().feature(),
                    rounds,
                    Rounds.figure(measured[0]),
                    Rounds.figure(measured[1]),
                    Rounds.figure(measured[2]));
            Rounds.row("./run without archive to hello world", ratio(measured[1], measured[0]), "", "");
            Rounds.row(
                    "./run, with the archive that the first stop made, to hello world",
                    ratio(measured[2], measured[0]),
                    Runtime.version().feature() >= 25 ? "26" : "18",
                    "15");
        }
    }

    /** As the distribution lies on a machine: the worker, its libraries, the script, and no sources. */
    private static Path installed(Path target) throws IOException {
        Path home = Files.createTempDirectory("installed");
        Files.createDirectories(home.resolve("lib"));
        Files.copy(Path.of("run"), home.resolve("run"));
        Files.copy(target.resolve("dromedar.jar"), home.resolve("dromedar.jar"));
        try (Stream<Path> jars = Files.list(target.resolve("lib"))) {
            for (Path jar : jars.toList()) {
                Files.copy(jar, home.resolve("lib").resolve(jar.getFileName()));
            }
        }
        return home;
    }

    private static Rounds.Figure ratio(double[] times, double[] base) {
        double[] ratios = new double[times.length];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = times[i] / base[i];
        }
        return Rounds.figure(ratios);
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static double hello(List<String> command) throws Exception {
        long start = System.nanoTime();
        new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        return (System.nanoTime() - start) / 1e9;
    }

    private static double call(Worker worker, ProtectedApi api, List<String> run, Map<String, String> environment)
            throws Exception {
        long before = api.seen().accepted();
        long start = System.nanoTime();
        Process process = worker.start(run, environment);
        try {
            while (api.seen().accepted() == before) {
                if (!process.isAlive() || System.nanoTime() - start > 120_000_000_000L) {
                    throw new IOException("the worker made no call, see " + worker.output());
                }
                Thread.sleep(2);
            }
            return (System.nanoTime() - start) / 1e9;
        } finally {
            process.destroy(); // as an operator does, and so that the JVM makes its archive
            if (!process.waitFor(2, TimeUnit.MINUTES)) {
                process.destroyForcibly().waitFor();
            }
        }
    }
}
