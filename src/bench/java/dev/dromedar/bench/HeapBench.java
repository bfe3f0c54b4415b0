package dev.dromedar.bench;

import dev.dromedar.sandbox.ProtectedApi;
import dev.dromedar.sandbox.Registration;
import dev.dromedar.sandbox.Sandbox;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;

/**
 * What one more API costs in heap, with its route and all that JMX shows of them: before its first call, and after it, when a
 * token and an open connection are there too.
 */
public final class HeapBench {
    private static final int FEW = 20;
    private static final int MANY = 320;
    private static int made;

    private HeapBench() {}

    private record Used(long started, long called) {}

    /** Without an argument the table; with one, what so many APIs use in this process. */
    public static void main(String[] args) throws Exception {
        if (args.length > 0) {
            try (var sandbox = Sandbox.start()) {
                used(sandbox, 3); // classes
                Used used = used(sandbox, Integer.parseInt(args[0]));
                System.out.println(used.started() + " " + used.called());
            }
            System.exit(0);
        }
        int rounds = Integer.getInteger("rounds", 5);
        var started = new double[rounds];
        var called = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            Used few = inProcessOfItsOwn(FEW);
            Used many = inProcessOfItsOwn(MANY);
            started[round] = (many.started() - few.started()) / 1024.0 / (MANY - FEW);
            called[round] = (many.called() - few.called()) / 1024.0 / (MANY - FEW);
        }
        System.out.printf("%nHeap: Java %s, %d rounds%n", Runtime.version().feature(), rounds);
        Rounds.row("KiB of heap per API with its route, in JMX as shipped", Rounds.figure(started), "40", "30");
        Rounds.row("the same with a token, after a call whose connection is kept open", Rounds.figure(called), "", "");
    }

    private static Used inProcessOfItsOwn(int apis) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), HeapBench.class.getName(), String.valueOf(apis)));
        Process process = new ProcessBuilder(command).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        String[] figures = said.split(" ");
        return new Used(Long.parseLong(figures[0]), Long.parseLong(figures[1]));
    }

    /** Of the product and its routes; the sandbox's share is what is left of a token when it has been given. */
    private static Used used(Sandbox sandbox, int apis) throws Exception {
        try (var server = new FastServer(Duration.ZERO);
                var routes = new Routes(sandbox).lean()) {
            for (int i = 0; i < apis; i++) {
                String name = "heap-" + ++made;
                ProtectedApi api = sandbox.add(Registration.duende(name).at("orders", "/" + name));
                routes.api(api, server.address() + "/" + name);
            }
            long before = settled();
            ProducerTemplate template = routes.start();
            long started = settled() - before;
            for (int i = made - apis + 1; i <= made; i++) {
                Exchange answer = template.request("direct:heap-" + i, exchange -> {});
                if (answer.getException() != null) {
                    throw new IllegalStateException(answer.getException());
                }
            }
            sandbox.duende().origin().forgetReceived();
            return new Used(started, settled() - before);
        }
    }

    private static long settled() throws InterruptedException {
        long used = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            Thread.sleep(100);
            used = Math.min(
                    used,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return used;
    }
}
