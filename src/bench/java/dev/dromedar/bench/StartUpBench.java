package dev.dromedar.bench;

import dev.dromedar.sandbox.ProtectedApi;
import dev.dromedar.sandbox.Sandbox;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/**
 * From the start of the process to the first call that an API has accepted, to the same JVM's hello world: plain, and with
 * a class-data archive. Needs the packaged worker: {@code mvn package}.
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
        Path target = Path.of(args[0]).toAbsolutePath();
        Path folder = Files.createTempDirectory("start-up");
        int rounds = Integer.getInteger("rounds", 9);
        try (var sandbox = Sandbox.start()) {
            ProtectedApi api = sandbox.api("orders");
            var settings = new StringBuilder();
            sandbox.properties().forEach((key, value) -> {
                if (key.startsWith("sandbox.orders.")) {
                    settings.append("dromedar.api.")
                            .append(key.substring("sandbox.".length()))
                            .append('=')
                            .append(value)
                            .append('\n');
                }
            });
            Files.writeString(folder.resolve("application.properties"), settings);
            Files.createDirectories(folder.resolve("routes"));
            Files.writeString(folder.resolve("routes/once.yaml"), ROUTE);
            Path archive = folder.resolve("classes.jsa");
            String jar = target.resolve("dromedar.jar").toString();
            Process training = start(
                    folder,
                    List.of("-XX:ArchiveClassesAtExit=" + archive, "-Dcamel.main.durationMaxMessages=1", "-jar", jar));
            if (!training.waitFor(3, TimeUnit.MINUTES) || !Files.exists(archive)) {
                throw new IOException("no archive was made, see " + folder.resolve("out.txt"));
            }
            String hello = System.getProperty("java.class.path") + File.pathSeparator + jar;
            var measured = new double[3][rounds];
            for (int round = -1; round < rounds; round++) {
                double[] times = {
                    hello(folder, hello),
                    worker(folder, api, List.of("-jar", jar)),
                    worker(folder, api, List.of("-XX:SharedArchiveFile=" + archive, "-jar", jar))
                };
                for (int i = 0; i < 3 && round >= 0; i++) {
                    measured[i][round] = times[i];
                }
            }
            System.out.printf(
                    "%nStart to the first accepted call: Java %s, %d rounds; hello world %s s, worker %s s, with archive %s s%n",
                    Runtime.version().feature(),
                    rounds,
                    Rounds.figure(measured[0]),
                    Rounds.figure(measured[1]),
                    Rounds.figure(measured[2]));
            Rounds.row("start, plain, to hello world", ratio(measured[1], measured[0]), "", "");
            Rounds.row(
                    "start, with the class-data archive, to hello world",
                    ratio(measured[2], measured[0]),
                    Runtime.version().feature() >= 25 ? "26" : "18",
                    "15");
        }
    }

    private static Rounds.Figure ratio(double[] times, double[] base) {
        double[] ratios = new double[times.length];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = times[i] / base[i];
        }
        return Rounds.figure(ratios);
    }

    private static Process start(Path folder, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m"));
        command.addAll(arguments);
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("out.txt").toFile())
                .start();
    }

    private static double hello(Path folder, String classPath) throws Exception {
        long start = System.nanoTime();
        start(folder, List.of("-cp", classPath, Hello.class.getName())).waitFor();
        return (System.nanoTime() - start) / 1e9;
    }

    private static double worker(Path folder, ProtectedApi api, List<String> arguments) throws Exception {
        long before = api.seen().accepted();
        Callable<Boolean> called = () -> api.seen().accepted() > before;
        long start = System.nanoTime();
        Process worker = start(folder, arguments);
        try {
            while (!called.call()) {
                if (!worker.isAlive() || System.nanoTime() - start > 120_000_000_000L) {
                    throw new IOException("the worker made no call, see " + folder.resolve("out.txt"));
                }
                Thread.sleep(2);
            }
            return (System.nanoTime() - start) / 1e9;
        } finally {
            worker.destroyForcibly().waitFor();
        }
    }
}
