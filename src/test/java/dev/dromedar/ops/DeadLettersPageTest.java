package dev.dromedar.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.sandbox.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("long")
class DeadLettersPageTest {
    private final Sandbox sandbox = Sandbox.start();
    private final Worker worker;
    private final Path audit;

    DeadLettersPageTest(@TempDir Path temp) {
        Map<String, String> properties = new HashMap<>();
        properties.put("dromedar.dead-letters.folder", temp.resolve("letters").toString());
        properties.put("dromedar.feed.folder", temp.resolve("feeds").toString());
        audit = temp.resolve("audit.jsonl");
        properties.put("dromedar.audit", "file:" + audit);
        worker = new Worker(Worker.apis(sandbox, "orders"), properties);
    }

    @BeforeEach
    void failOnce() throws Exception {
        worker.context().addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:fails")
                        .routeId("fails")
                        .errorHandler(deadLetterChannel("dromedar:dead-letters"))
                        .to("dromedar:feed/events")
                        .setHeader("DromedarFeedLast", constant(7))
                        .setHeader("DromedarFeedCount", constant(5))
                        .setHeader("DromedarFeedNewest", constant(10))
                        .to("dromedar:feed/events?advance=true")
                        .throwException(new IOException("broken"));
            }
        });
        try (var template = worker.context().createProducerTemplate()) {
            template.sendBodyAndHeader("direct:fails", "a body", "patient", "p-17");
        }
    }

    @AfterEach
    void stop() {
        worker.close();
        sandbox.close();
    }

    @Test
    void showsLettersAndFeedsAndTakesActionsOfTheWorkersUserAlone() throws Exception {
        String shown = worker.get("/observe/dead-letters.json").body();
        String id = shown.replaceAll("(?s).*\"id\": ?\"([0-9a-z-]+)\".*", "$1");
        String letter = "/observe/dead-letters/letters/" + id;

        assertThat(shown).contains("\"route\":\"fails\"", "broken", "\"position\":7", "\"lag\":3", "\"missing\":2");
        assertThat(worker.get(letter).body()).contains("patient: p-17").doesNotContain("a body");
        assertThat(worker.get("/observe/status").body()).contains("href=\"dead-letters\"");
        assertThat(worker.get("/observe/status.json").body()).contains("\"title\":\"1 dead letter\"");
        assertThat(worker.get("/observe/dead-letters").headers().firstValue("Content-Security-Policy"))
                .hasValueSatisfying(policy -> assertThat(policy).contains("default-src 'none'", "script-src 'sha256-"));

        assertThat(worker.get("/observe/kept").headers().firstValue("Location")).hasValue("dead-letters");

        String own = "\nHost: 127.0.0.1:PORT\nAuthorization: Bearer " + worker.token();
        assertThat(worker.raw("GET " + letter + " HTTP/1.1\nHost: 127.0.0.1:PORT"))
                .startsWith("HTTP/1.1 401");
        assertThat(worker.raw("POST " + letter + "/discard HTTP/1.1\nHost: 127.0.0.1:PORT\n" + ManagementGuard.ACTION
                        + ": yes"))
                .startsWith("HTTP/1.1 401");
        assertThat(worker.get("/observe/dead-letters.json").body()).contains(id);

        assertThat(worker.raw("POST " + letter + "/discard HTTP/1.1" + own)).startsWith("HTTP/1.1 200");
        assertThat(worker.get("/observe/dead-letters.json").body()).doesNotContain(id);
        assertThat(worker.raw("POST " + letter + "/replay HTTP/1.1" + own)).startsWith("HTTP/1.1 409");
        assertThat(Files.readAllLines(audit).stream().filter(record -> record.contains("\"event\":\"act\"")))
                .hasSize(4)
                .allMatch(record -> record.contains(id) && record.contains("\"user\":\"the status page\""))
                .anyMatch(record -> record.contains("dead-letters discard") && record.contains("\"outcome\":\"done\""))
                .anyMatch(record -> record.contains("dead-letters replay") && record.contains("nothing to do"));
    }

    @Test
    void countsInMetrics() {
        String metrics = worker.get("/observe/metrics").body();

        assertThat(metrics)
                .contains("dromedar_dead_letters_good 1.0", "dromedar_feed_lag{feed=\"events\"} 3.0")
                .contains("dromedar_feed_missing_total{feed=\"events\"} 2.0");
        assertThat(metrics).containsPattern("dromedar_dead_letters(\\{\\})? 1.0");
    }
}
