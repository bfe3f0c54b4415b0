package dev.dromedar.ops;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dromedar.sandbox.Request;
import dev.dromedar.sandbox.Sandbox;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Known secrets, keys and tokens go in, and none comes out of any view, log or metric, with all of them open wide. */
class SecretScanTest {
    private final Map<String, String> outputs = new LinkedHashMap<>();

    @Test
    void findsNoSecretInAnyViewNorInTheLogAtTrace() throws Exception {
        var log = new ByteArrayOutputStream();
        Runnable quiet = listenAtTrace(log);
        Set<String> secrets = new LinkedHashSet<>();
        try (Sandbox sandbox = Sandbox.start();
                Worker worker = new Worker(
                        Worker.apis(sandbox, "health-records", "orders"),
                        Map.of(
                                "camel.management.devConsoleEnabled", "true",
                                "camel.main.devConsoleEnabled", "true",
                                "camel.main.messageHistory", "true",
                                "camel.trace.enabled", "true",
                                "camel.trace.standby", "false"))) {
            worker.call("health-records");
            worker.call("orders");
            sandbox.duende().revokeTokens();
            worker.call("orders");

            collectViews(worker);
            secrets.add(sandbox.api("orders").client().secret());
            var key = new ObjectMapper()
                    .readTree(
                            sandbox.api("health-records").client().privateKey().toJSONString());
            for (String part : List.of("d", "p", "q", "dp", "dq", "qi")) {
                secrets.add(key.get(part).asText());
            }
            List<Request> requests = new ArrayList<>(sandbox.api("orders").received());
            requests.addAll(sandbox.api("health-records").received());
            requests.addAll(sandbox.helseid().origin().received());
            requests.addAll(sandbox.duende().origin().received());
            for (Request request : requests) {
                for (String header : List.of("Authorization", "DPoP")) {
                    String value = request.header(header);
                    if (value != null) {
                        secrets.add(value.replaceFirst("^\\w+ ", ""));
                    }
                }
            }
        } finally {
            quiet.run();
        }
        outputs.put("log at TRACE", log.toString(StandardCharsets.UTF_8));
        Matcher jwt =
                Pattern.compile("eyJ[\\w-]{20,}\\.[\\w-]{20,}\\.[\\w-]{20,}").matcher(outputs.toString());

        assertThat(secrets).hasSizeGreaterThan(10);
        assertThat(outputs).hasSizeGreaterThan(40);
        for (var output : outputs.entrySet()) {
            for (String secret : secrets) {
                assertThat(output.getValue().contains(secret))
                        .as("%s shows a secret that begins with %.4s", output.getKey(), secret)
                        .isFalse();
            }
        }
        assertThat(jwt.find()).as("a JWT in some output").isFalse();
    }

    private void collectViews(Worker worker) throws Exception {
        for (var id : new ObjectMapper()
                .readTree(worker.get("/q/dev", "Accept", "application/json").body())
                .properties()) {
            if (!Set.of("receive", "send", "gc").contains(id.getKey())) {
                outputs.put(
                        "console " + id.getKey(),
                        worker.get("/q/dev/" + id.getKey()).body());
                outputs.put(
                        "console json " + id.getKey(),
                        worker.get("/q/dev/" + id.getKey() + "?dump=true", "Accept", "application/json")
                                .body());
            }
        }
        for (String path : List.of(
                "/observe/health", "/observe/metrics", "/observe/info", "/observe/status", "/observe/status.json")) {
            outputs.put(path, worker.get(path).body());
        }
        MBeanServer jmx = ManagementFactory.getPlatformMBeanServer();
        for (ObjectName name : jmx.queryNames(new ObjectName("org.apache.camel:*"), null)) {
            var text = new StringBuilder();
            for (var attribute : jmx.getMBeanInfo(name).getAttributes()) {
                try {
                    text.append(jmx.getAttribute(name, attribute.getName())).append('\n');
                } catch (javax.management.JMException | RuntimeException e) {
                    text.append(e.getMessage());
                }
            }
            outputs.put("jmx " + name, text.toString());
        }
    }

    /** Everything at TRACE but what dromedar-logback.xml holds off for good. */
    private static Runnable listenAtTrace(ByteArrayOutputStream log) throws Exception {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();
        var encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern("%logger %msg %kvp %mdc%n%ex{full}");
        encoder.start();
        var appender = new OutputStreamAppender<ILoggingEvent>();
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.setOutputStream(log);
        appender.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Level before = root.getLevel();
        String shipped = Files.readString(Path.of("src/main/resources/dromedar-logback.xml"));
        Matcher off = Pattern.compile("<logger name=\"([^\"]+)\" level=\"OFF\"").matcher(shipped);
        List<Logger> held = new ArrayList<>();
        while (off.find()) {
            Logger logger = context.getLogger(off.group(1));
            logger.setLevel(Level.OFF);
            held.add(logger);
        }
        context.getLogger("io.netty").setLevel(Level.INFO);
        root.setLevel(Level.TRACE);
        root.detachAndStopAllAppenders();
        root.addAppender(appender);
        return () -> {
            root.setLevel(before);
            root.detachAppender(appender);
            appender.stop();
            held.forEach(logger -> logger.setLevel(null));
        };
    }
}
