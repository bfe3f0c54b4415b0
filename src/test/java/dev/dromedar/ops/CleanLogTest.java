package dev.dromedar.ops;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.MDC;

/** The worker's own log configuration, with lines as an attacker would have them. */
class CleanLogTest {
    private static final String FORGED =
            "x\r\n2026-01-01 00:00:00.000 ERROR forged\u001b[2J\u009b31m\u202e\u2028\ufeff\u0085";

    private final LoggerContext context = new LoggerContext();
    private final PrintStream before = System.out;
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @AfterEach
    void close() {
        context.stop();
        System.setOut(before);
    }

    private Logger logger(String name, Map<String, String> properties) throws Exception {
        System.setOut(new PrintStream(written, true, StandardCharsets.UTF_8));
        context.setMDCAdapter(MDC.getMDCAdapter());
        properties.forEach(context::putProperty);
        var configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(CleanLog.class.getResource("/dromedar-logback.xml"));
        return context.getLogger(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"CONSOLE", "JSON", "BRIEF"})
    void noMessageMakesALineOfItsOwnOrSteersATerminal(String appender) throws Exception {
        Logger log = logger("route" + FORGED, Map.of("log.appender", appender, "log.brief", appender));

        log.info(FORGED);
        log.info("one {} two {}", FORGED, List.of(FORGED));
        log.atInfo().addKeyValue("key", FORGED).log(FORGED);
        Thread thread = Thread.currentThread();
        String name = thread.getName();
        thread.setName("thread" + FORGED);
        log.info("last");
        thread.setName(name);

        assertThat(lines()).hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"AUDIT", "AUDIT_JSON"})
    void noValueMakesARecordOfItsOwn(String appender) throws Exception {
        Logger audit = logger("dromedar.audit", Map.of("log.audit", "INFO", "log.audit.appender", appender));

        audit.atInfo()
                .addKeyValue("correlation", FORGED)
                .addKeyValue("status", 200)
                .log("call");

        assertThat(lines()).hasSize(1);
        assertThat(lines().get(0)).contains("200");
    }

    @Test
    void jsonHasTheNamesOfTheElasticCommonSchemaAndNumbersAsNumbers() throws Exception {
        Logger log = logger(
                "route", Map.of("log.appender", "JSON", "log.audit", "INFO", "log.audit.appender", "AUDIT_JSON"));

        log.warn("one {}", 2, new IllegalStateException("why"));
        context.getLogger("dromedar.audit")
                .atInfo()
                .addKeyValue("api", "orders")
                .addKeyValue("status", 503)
                .addKeyValue("millis", 12L)
                .addKeyValue("trace", "-")
                .log("call");

        JsonNode line = new ObjectMapper().readTree(lines().get(0));
        assertThat(Instant.parse(line.get("@timestamp").asText())).isNotNull();
        assertThat(line.get("message").asText()).isEqualTo("one 2");
        assertThat(line.get("log.level").asText()).isEqualTo("WARN");
        assertThat(line.get("log.logger").asText()).isEqualTo("route");
        assertThat(line.get("error.type").asText()).isEqualTo("java.lang.IllegalStateException");
        assertThat(line.get("error.stack_trace").asText()).contains("CleanLogTest");
        JsonNode audit = new ObjectMapper().readTree(lines().get(1));
        assertThat(audit.get("http.response.status_code").isInt()).isTrue();
        assertThat(audit.get("event.duration").asLong()).isEqualTo(12_000_000);
        assertThat(audit.get("labels.api").asText()).isEqualTo("orders");
        assertThat(audit.has("trace.id")).isFalse();
    }

    @Test
    void exceptionsHaveTheirFramesAndNoOtherLines() throws Exception {
        Logger log = logger("org.apache.camel.component.Any", Map.of());
        var failure = new IllegalStateException(
                FORGED + " http://api.example.no/x?person=12057900499 IntegrasjonPassord=hunter2",
                new IllegalArgumentException(FORGED));

        log.error("Failed http://api.example.no/x?person=12057900499" + FORGED, failure);

        assertThat(lines())
                .allSatisfy(
                        line -> assertThat(line)
                                .matches(
                                        "(\\d{4}-\\d\\d-\\d\\d .*|\\s+at .*|\\s+\\.\\.\\. .*|\\s*\\.\\.\\. .*|Caused by: .*|java\\.lang\\.\\S+: .*)"));
        assertThat(written.toString(StandardCharsets.UTF_8)).doesNotContain("12057900499", "hunter2");
    }

    @Test
    void credentialsAreStars() throws Exception {
        Logger log = logger("route", Map.of());
        log.setLevel(Level.INFO);

        log.info("headers {IntegrasjonPassord=hunter2, Authorization=Bearer abcdefghij}, http://a/?p%61ssord=hunter2");

        assertThat(written.toString(StandardCharsets.UTF_8))
                .doesNotContain("hunter2", "abcdefghij")
                .contains("IntegrasjonPassord=***", "Authorization=***");
    }

    private List<String> lines() {
        String all = written.toString(StandardCharsets.UTF_8);
        assertThat(all.codePoints().filter(c -> c != '\n' && c != '\t'))
                .as(all)
                .noneMatch(c -> Character.getType(c) == Character.CONTROL
                        || Character.getType(c) == Character.FORMAT
                        || c == 0x2028
                        || c == 0x2029);
        return all.lines().toList();
    }
}
