package dev.dromedar.bench;

import dev.dromedar.sandbox.ProtectedApi;
import dev.dromedar.sandbox.Registration;
import dev.dromedar.sandbox.Sandbox;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;

/** What one more API costs in heap, with its route and its token. */
public final class HeapBench {
    private static final int APIS = 300;
    private static int made;

    private HeapBench() {}

    public static void main(String[] args) throws Exception {
        try (var sandbox = Sandbox.start()) {
            used(sandbox, 1); // classes
            long one = used(sandbox, 1);
            long many = used(sandbox, 1 + APIS);
            System.out.printf("%nHeap: Java %s%n", Runtime.version().feature());
            Rounds.row(
                    "KiB of heap per API with its route (shared secret, own client, token asked for)",
                    (many - one) / 1024 / APIS,
                    "40",
                    "30");
        }
    }

    /** Of the product and its routes; the sandbox's share is what is left of a token when it has been given. */
    private static long used(Sandbox sandbox, int apis) throws Exception {
        try (var server = new FastServer(Duration.ZERO);
                var routes = new Routes(sandbox).lean()) {
            for (int i = 0; i < apis; i++) {
                String name = "heap-" + ++made;
                ProtectedApi api = sandbox.add(Registration.duende(name).at("orders", "/" + name));
                routes.api(api, server.address() + "/" + name);
            }
            long before = settled();
            ProducerTemplate template = routes.start();
            for (int i = made - apis + 1; i <= made; i++) {
                Exchange answer = template.request("direct:heap-" + i, exchange -> {});
                if (answer.getException() != null) {
                    throw new IllegalStateException(answer.getException());
                }
            }
            sandbox.duende().origin().forgetReceived();
            return settled() - before;
        }
    }

    private static long settled() throws InterruptedException {
        long used = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            Thread.sleep(200);
            used = Math.min(
                    used,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return used;
    }
}
