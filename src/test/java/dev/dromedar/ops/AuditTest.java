package dev.dromedar.ops;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.Sandbox;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.management.JMException;
import javax.management.ObjectName;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** One record per outbound call, with all that an auditor asks for and nothing of what was sent. */
class AuditTest {
    private final Logger log = (Logger) LoggerFactory.getLogger("dromedar.audit");
    private final ListAppender<ILoggingEvent> records = new ListAppender<>();

    @BeforeEach
    void listen() {
        records.start();
        log.addAppender(records);
        log.setLevel(Level.INFO);
    }

    @AfterEach
    void leave() {
        log.detachAppender(records);
        log.setLevel(null);
    }

    @Test
    void tellsWhoCalledWhatForWhomAndHowItEnded() {
        try (Sandbox sandbox = Sandbox.start()) {
            Map<String, String> apis = Worker.apis(sandbox, "health-records", "orders");
            apis.put("dromedar.api.health-records.correlation-header", "nhn-event-id");
            apis.put("dromedar.api.health-records.organisation-parent", "313745392");
            apis.put("dromedar.api.health-records.organisation-child", "883974832");
            sandbox.api("health-records").client().multiTenant("313745392");
            try (Worker worker = new Worker(apis, Map.of())) {
                assertThat(worker.call("health-records")).isNull();
                sandbox.api("orders").answers(503);
                worker.call("orders");

                assertThat(records.list).hasSize(2);
                Map<String, String> health = values(records.list.get(0));
                assertThat(health.keySet())
                        .containsExactly(
                                "api",
                                "client",
                                "organisation",
                                "method",
                                "address",
                                "status",
                                "millis",
                                "trace",
                                "correlation");
                assertThat(health)
                        .containsEntry("api", "health-records")
                        .containsEntry(
                                "client", sandbox.api("health-records").client().id())
                        .containsEntry("method", "GET")
                        .containsEntry("address", sandbox.api("health-records").baseAddress() + "/records")
                        .containsEntry("status", "200")
                        .containsEntry(
                                "correlation",
                                sandbox.api("health-records").received().get(0).header("nhn-event-id"));
                assertThat(health.get("organisation")).contains("NO:ORGNR:313745392:883974832");
                assertThat(values(records.list.get(1)))
                        .containsEntry("status", "503")
                        .containsEntry("failure", "server-error")
                        .containsEntry("organisation", "-")
                        .containsEntry("trace", "-");
                assertThat(records.list.toString()).doesNotContain("12057900499");
            }
        }
    }

    @Test
    void auditsACallOnceAlsoAfterRoutesWereAdded() throws Exception {
        try (Sandbox sandbox = Sandbox.start();
                Worker worker = new Worker(Worker.apis(sandbox, "orders"), Map.of())) {
            String token = worker.token();
            for (String id : List.of("one", "two")) {
                worker.context().addRoutes(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:" + id).routeId(id).log("x");
                    }
                });
            }

            assertThat(worker.call("orders")).isNull();

            assertThat(records.list).hasSize(1);
            assertThat(worker.token()).isEqualTo(token);
        }
    }

    /** A record says what was attempted also without a token, and whom a call was about as a hash alone. */
    @Test
    void writesAChainedFileOfItsOwn(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("audit.jsonl");
        try (Sandbox sandbox = Sandbox.start()) {
            Map<String, String> apis = Worker.apis(sandbox, "orders");
            apis.put("dromedar.audit", "file:" + file);
            try (Worker worker =
                    new Worker(apis, Map.of(), main -> main.configure().addRoutesBuilder(routes()))) {
                sandbox.duende()
                        .origin()
                        .fault(Fault.error(400, "invalid_client").at("/connect/token"));
                send(worker, "direct:nightly");
                sandbox.duende().origin().heal();
                ManagementFactory.getPlatformMBeanServer()
                        .invoke(bean("type=apis,name=\"orders\""), "forget", null, null);
                send(worker, "direct:nightly");
                ManagementFactory.getPlatformMBeanServer()
                        .invoke(bean("type=routes,name=\"nightly\""), "stop", null, null);
                assertThat(worker.get("/observe/health").body()).contains("dromedar-audit");
            }
        }

        List<JsonNode> all = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            all.add(new ObjectMapper().readTree(line));
        }
        assertThat(all.toString()).doesNotContain("12057900499", "person=");
        assertThat(all)
                .extracting(one -> one.get("event").asText())
                .startsWith("started", "call", "act", "act", "call")
                .endsWith("act", "act", "stopped");
        JsonNode without = all.get(1);
        JsonNode called = all.get(4);
        assertThat(without.get("failure").asText()).isEqualTo("no-token");
        assertThat(without.get("status").asInt()).isZero();
        assertThat(without.get("method").asText()).isEqualTo("GET");
        assertThat(without.get("address").asText()).endsWith("/records");
        assertThat(without.get("route").asText()).isEqualTo("nightly");
        assertThat(all.get(2).get("on").asText()).isEqualTo("apis orders");
        assertThat(called.fieldNames())
                .toIterable()
                .containsExactly(
                        "n",
                        "time",
                        "node",
                        "event",
                        "route",
                        "exchange",
                        "api",
                        "method",
                        "address",
                        "status",
                        "millis",
                        "client",
                        "purpose",
                        "subject",
                        "user",
                        "prev",
                        "hash");
        assertThat(called.get("purpose").asText()).isEqualTo("treatment");
        assertThat(called.get("user").asText()).isEqualTo("kari");
        assertThat(called.get("subject").asText())
                .isEqualTo(without.get("subject").asText())
                .hasSize(22);
        assertThat(all.get(all.size() - 2).get("act").asText()).isEqualTo("jmx stop");
    }

    private static RouteBuilder routes() {
        return new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:nightly")
                        .routeId("nightly")
                        .setProperty("DromedarPurpose", constant("treatment"))
                        .setProperty("DromedarSubject", constant("12057900499"))
                        .setProperty("DromedarUser", constant("kari"))
                        .setHeader("CamelHttpMethod", constant("GET"))
                        .process("orders")
                        .to("{{dromedar.api.orders.base-address}}/records?person=12057900499");
            }
        };
    }

    private static void send(Worker worker, String to) throws IOException {
        try (ProducerTemplate template = worker.context().createProducerTemplate()) {
            template.send(to, exchange -> {});
        }
    }

    private static ObjectName bean(String key) throws JMException {
        return ManagementFactory.getPlatformMBeanServer()
                .queryNames(new ObjectName("org.apache.camel:" + key + ",*"), null)
                .iterator()
                .next();
    }

    private static Map<String, String> values(ILoggingEvent record) {
        Map<String, String> values = new LinkedHashMap<>();
        List.copyOf(record.getKeyValuePairs()).forEach(pair -> values.put(pair.key, String.valueOf(pair.value)));
        return values;
    }
}
