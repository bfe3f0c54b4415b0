package dev.dromedar.audit;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** What one record of the audit file costs the thread that made the call: CPU, time, allocation. */
public final class AuditBench {
    private static final int RECORDS = 50_000;

    private AuditBench() {}

    /** The argument is a folder on the disk to be measured. */
    public static void main(String[] args) throws IOException {
        Path folder = Files.createTempDirectory(Path.of(args[0]), "audit");
        var settings = new AuditSettings(
                folder.resolve("audit.jsonl"), folder.resolve("key"), "node-1", 100L << 20, null, true, null);
        var thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        System.out.println("| audit record | CPU | time | allocated |\n| --- | --- | --- | --- |");
        try (AuditFile file = AuditFile.open(settings, Duration.ZERO, Clock.systemUTC())) {
            for (int round = 1; round <= 6; round++) {
                long cpu = thread.getCurrentThreadCpuTime();
                long start = System.nanoTime();
                long allocated = thread.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < RECORDS; i++) {
                    file.append(record(file));
                }
                System.out.printf(
                        "| round %d | %.1f us | %.1f us | %d bytes |%n",
                        round,
                        (thread.getCurrentThreadCpuTime() - cpu) / 1e3 / RECORDS,
                        (System.nanoTime() - start) / 1e3 / RECORDS,
                        (thread.getCurrentThreadAllocatedBytes() - allocated) / RECORDS);
            }
        }
    }

    private static Map<String, Object> record(AuditFile file) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("time", Instant.now().toString());
        fields.put("event", "call");
        fields.put("route", "orders-nightly");
        fields.put("exchange", "D5C0C1B2A3-0000000000000042");
        fields.put("api", "orders");
        fields.put("method", "GET");
        fields.put("address", "https://api.example.no/orders/v1/changes");
        fields.put("status", 200);
        fields.put("millis", 12L);
        fields.put("client", "4a632e2e-0466-4e5a-a094-0455c6105f57");
        fields.put("purpose", "treatment");
        fields.put("subject", file.subject("12057900499"));
        return fields;
    }
}
