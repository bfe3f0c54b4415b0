package dev.dromedar.bench;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import dev.dromedar.bench.Rounds.Figure;
import dev.dromedar.bench.Rounds.Score;
import dev.dromedar.camel.CamelCli;
import dev.dromedar.keys.NativeProvider;
import dev.dromedar.sandbox.Registration;
import dev.dromedar.sandbox.Sandbox;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;

/**
 * Embedded, under load: 16 threads call by a ProducerTemplate, the server is a process of its own. CPU is that of the whole
 * process, so that work which is moved to another thread is seen too; memory is what the calling threads allocate.
 *
 * <p>{@code EmbeddedBench server} is the server: it prints its address and ends with its input.
 */
public final class EmbeddedBench {
    private static final int THREADS = Integer.getInteger("threads", 16);
    private static final OperatingSystemMXBean MACHINE =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    private final Map<String, List<Double>> allocated = new HashMap<>();

    private EmbeddedBench() {}

    public static void main(String[] args) throws Exception {
        if (args.length > 0 && args[0].equals("server")) {
            try (var server = new FastServer(Duration.ZERO)) {
                System.out.println(server.address());
                while (System.in.read() >= 0) {
                    // until the other side has closed it
                }
            }
            return;
        }
        new EmbeddedBench().run();
    }

    private static Process server() throws IOException {
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java", "-Xmx64m"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), EmbeddedBench.class.getName(), "server"));
        String pin = System.getProperty("server.pin", "");
        if (!pin.isEmpty()) {
            command.addAll(0, List.of("taskset", "-c", pin));
        }
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private void run() throws Exception {
        Process process = server();
        try (var sandbox = Sandbox.start();
                var routes = new Routes(sandbox);
                var audited = new Routes(sandbox);
                var out = new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            String server = out.readLine();
            sandbox.helseid().tokenLifetime(Duration.ofHours(1));
            sandbox.duende().tokenLifetime(Duration.ofHours(1));
            ProducerTemplate guarded = routes.api(sandbox.api("orders"), server + "/orders")
                    .api(sandbox.add(Registration.helseid("bound").withAlgorithm("ES256")), server + "/bound")
                    .lean()
                    .methodInAddress()
                    .start();
            Path audit = Files.createTempDirectory(Path.of("target"), "audit");
            ProducerTemplate recorded = audited.api(sandbox.api("orders"), server + "/orders")
                    .set("dromedar.audit", "file:" + audit.resolve("audit.jsonl"))
                    .lean()
                    .methodInAddress()
                    .start();
            var bare = new DefaultCamelContext();
            ProducerTemplate unguarded = bare(bare, server);
            var rounds = new Rounds(Integer.getInteger("rounds", 21), Duration.ZERO)
                    .addScored("static", () -> measured("static", () -> send(unguarded, "direct:static")))
                    .addScored("bearer", () -> measured("bearer", () -> send(guarded, "direct:orders")))
                    .addScored("one", () -> measured("one", () -> send(guarded, "direct:orders")))
                    .addScored("component", () -> measured("component", () -> send(guarded, "direct:orders-component")))
                    .addScored("audited", () -> measured("audited", () -> send(recorded, "direct:orders")))
                    .addScored("bound", () -> measured("bound", () -> send(guarded, "direct:bound")))
                    .run();
            report(rounds);
            bare.stop();
        } finally {
            pool.shutdownNow();
            process.destroy();
        }
    }

    private static ProducerTemplate bare(CamelContext bare, String server) throws Exception {
        String header = "Bearer " + "t".repeat(Integer.getInteger("token.length", 936));
        CamelCli.off(bare);
        bare.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:static")
                        .setHeader("Authorization", constant(header))
                        .to(server + "/static/records?httpMethod=GET");
            }
        });
        bare.start();
        return bare.createProducerTemplate();
    }

    private void report(Rounds rounds) {
        boolean corretto = NativeProvider.description() != null;
        System.out.printf(
                "%nCalls, %d threads, embedded: Java %s, %s; CPU us a call: static %s, Bearer %s, DPoP %s%n",
                THREADS,
                Runtime.version().feature(),
                corretto ? NativeProvider.description() : "the JDK's provider",
                rounds.figure("static", Score::cpuMicros),
                rounds.figure("bearer", Score::cpuMicros),
                rounds.figure("bound", Score::cpuMicros));
        Rounds.row(
                "embedded: CPU of a Bearer call, to a static header",
                rounds.ratio("bearer", "static", Score::cpuMicros),
                "1.05",
                "1.02");
        Rounds.row(
                "embedded: CPU of a DPoP call, to a static header",
                rounds.ratio("bound", "static", Score::cpuMicros),
                corretto ? "1.5" : "",
                corretto ? "1.35" : "");
        Rounds.row(
                "the same Bearer call measured twice (what the machine adds)",
                rounds.ratio("one", "bearer", Score::cpuMicros),
                "",
                "");
        Rounds.row(
                "embedded: CPU of a Bearer call by the api: component, to one by process and to",
                rounds.ratio("component", "bearer", Score::cpuMicros),
                "1.02",
                "1.0");
        Rounds.row(
                "embedded: CPU of a Bearer call with an audit file, to the same without",
                rounds.ratio("audited", "bearer", Score::cpuMicros),
                "",
                "");
        Rounds.row("the same, us more", rounds.difference("audited", "bearer", Score::cpuMicros), "", "");
        Rounds.row(
                "calls a second with an audit file, to the same without",
                rounds.ratio("audited", "bearer", Score::rate),
                "",
                "");
        double base = bytes("static").median();
        Rounds.row("embedded: bytes allocated by a call with a static header", bytes("static"), "", "");
        Rounds.row("the same by a Bearer call, above it", bytes("bearer").median() - base, "1024", "512");
        Rounds.row(
                "an audit record's, above a Bearer call",
                bytes("audited").median() - bytes("bearer").median(),
                "",
                "");
        Rounds.row("the same by a DPoP call, above it", bytes("bound").median() - base, "6144", "4096");
    }

    private Figure bytes(String name) {
        List<Double> all = allocated.getOrDefault(name, List.of());
        return Rounds.figure(all.subList(all.size() / 2, all.size()).stream()
                .mapToDouble(Double::doubleValue)
                .toArray());
    }

    private Score measured(String name, Rounds.Work work) throws Exception {
        long each = Integer.getInteger("calls", 16000) / THREADS;
        List<Future<Long>> bytes = new ArrayList<>();
        long start = System.nanoTime();
        long cpu = MACHINE.getProcessCpuTime();
        for (int i = 0; i < THREADS; i++) {
            bytes.add(pool.submit(() -> {
                long before = THREAD.getCurrentThreadAllocatedBytes();
                for (int call = 0; call < each; call++) {
                    work.run();
                }
                return THREAD.getCurrentThreadAllocatedBytes() - before;
            }));
        }
        long sum = 0;
        for (Future<Long> one : bytes) {
            sum += one.get();
        }
        long used = MACHINE.getProcessCpuTime() - cpu;
        allocated.computeIfAbsent(name, unused -> new ArrayList<>()).add((double) sum / (each * THREADS));
        return new Score(each * THREADS, (System.nanoTime() - start) / 1e9, used / 1e9);
    }

    private static void send(ProducerTemplate template, String route) {
        Exchange answer = template.request(route, exchange -> {});
        if (answer.getException() != null) {
            throw new IllegalStateException(answer.getException());
        }
        if (answer.getMessage().getBody(byte[].class).length != 1024) {
            throw new IllegalStateException("another answer");
        }
    }
}
