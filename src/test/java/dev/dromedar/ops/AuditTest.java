package dev.dromedar.ops;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.dromedar.sandbox.Sandbox;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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

    private static Map<String, String> values(ILoggingEvent record) {
        Map<String, String> values = new LinkedHashMap<>();
        List.copyOf(record.getKeyValuePairs()).forEach(pair -> values.put(pair.key, String.valueOf(pair.value)));
        return values;
    }
}
