package dev.dromedar.ops;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.Request;
import dev.dromedar.sandbox.Sandbox;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * Known secrets, keys and tokens go in, and none comes out of any view, log, metric or file, with all of them open wide: every
 * console, Camel's command line, every MBean, traces, dead letters, and every logger at TRACE, the wire log among them.
 */
class SecretScanTest {
    private static final String GIVEN = "given-by-dash-d-4711";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path home;

    private final Map<String, String> outputs = new LinkedHashMap<>();
    private final String realHome = System.getProperty("user.home");

    @BeforeEach
    void liveInAFolder() {
        System.setProperty("user.home", home.toString());
        System.setProperty("worker.other.password", GIVEN);
    }

    @AfterEach
    void goHome() {
        System.setProperty("user.home", realHome);
        System.clearProperty("worker.other.password");
    }

    @Test
    void findsNoSecretInAnyViewNorFileNorInTheLogAtTrace() throws Exception {
        var log = new ByteArrayOutputStream();
        Runnable quiet = listenAtTrace(log);
        Set<String> secrets = new LinkedHashSet<>();
        secrets.add(GIVEN);
        try (Sandbox sandbox = Sandbox.start();
                Worker worker = new Worker(
                        Worker.apis(sandbox, "health-records", "orders"),
                        Map.of(
                                "dromedar.camel-cli", "true",
                                "dromedar.dead-letters.folder",
                                        home.resolve("letters").toString(),
                                "dromedar.dead-letters.every-route", "true",
                                "camel.management.devConsoleEnabled", "true",
                                "camel.main.devConsoleEnabled", "true",
                                "camel.main.messageHistory", "true",
                                "camel.trace.enabled", "true",
                                "camel.trace.standby", "false"))) {
            worker.call("health-records");
            worker.call("orders");
            sandbox.duende().revokeTokens();
            worker.call("orders");
            sandbox.api("orders").answers(500);
            worker.call("orders");
            sandbox.helseid().revokeTokens();
            var refused = sandbox.helseid()
                    .origin()
                    .fault(Fault.error(400, "invalid_client").at("/connect/token"));
            worker.call("health-records");
            refused.off();

            collectViews(worker);
            collectCommandLine();
            collectKnown(secrets, sandbox);
        } finally {
            quiet.run();
        }
        outputs.put("log at TRACE", log.toString(StandardCharsets.UTF_8));
        collectFiles();

        assertThat(outputs.keySet())
                .contains(
                        "console properties",
                        "console json properties",
                        "console json system-properties",
                        "console json jvm",
                        "console json bean",
                        "console json trace",
                        "console json message-history",
                        "/observe/metrics",
                        "/observe/health",
                        "/observe/status.json")
                .doesNotContain("console eval-language")
                .anyMatch(name -> name.endsWith("-status.json"))
                .anyMatch(name -> name.endsWith("-trace.json"))
                .anyMatch(name -> name.startsWith("file letters"));
        assertThat(outputs.get("console json properties")).contains("dromedar.api.orders.client-secret", "xxxxxx");
        assertThat(outputs.get("console json system-properties")).contains("worker.other.password");
        assertThat(outputs.get("log at TRACE"))
                .contains("org.apache.hc.client5.http")
                .contains("dromedar.audit");
        assertThat(secrets).hasSizeGreaterThan(10);
        for (var output : outputs.entrySet()) {
            for (String secret : secrets) {
                assertThat(output.getValue().contains(secret))
                        .as("%s shows a secret that begins with %.4s", output.getKey(), secret)
                        .isFalse();
            }
            assertThat(Pattern.compile("eyJ[\\w-]{20,}\\.[\\w-]{20,}\\.[\\w-]{20,}")
                            .matcher(output.getValue())
                            .find())
                    .as("a JWT in " + output.getKey())
                    .isFalse();
        }
    }

    private static void collectKnown(Set<String> secrets, Sandbox sandbox) throws IOException {
        secrets.add(sandbox.api("orders").client().secret());
        var key = new ObjectMapper()
                .readTree(sandbox.api("health-records").client().privateKey().toJSONString());
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
        outputs.put(
                "asked to compute",
                worker.get("/q/dev/eval-language?language=simple&template=%24%7Bproperties:"
                                + "dromedar.api.orders.client-secret%7D")
                        .body());
        for (String path : List.of(
                "/observe/health",
                "/observe/health/ready",
                "/observe/metrics",
                "/observe/info",
                "/observe/status",
                "/observe/status.json")) {
            outputs.put(path, worker.get(path).body());
        }
        MBeanServer jmx = ManagementFactory.getPlatformMBeanServer();
        for (ObjectName name : jmx.queryNames(null, null)) {
            var text = new StringBuilder();
            for (var attribute : jmx.getMBeanInfo(name).getAttributes()) {
                boolean theJvms =
                        attribute.getName().equals("SystemProperties"); // what was given to it, as it was given
                try {
                    text.append(theJvms ? "" : jmx.getAttribute(name, attribute.getName()))
                            .append('\n');
                } catch (javax.management.JMException | RuntimeException e) {
                    text.append(e.getMessage());
                }
            }
            for (var operation : jmx.getMBeanInfo(name).getOperations()) {
                if (operation.getSignature().length == 0 && operation.getName().matches("dump.*|check|list")) {
                    try {
                        text.append(jmx.invoke(name, operation.getName(), null, null));
                    } catch (javax.management.JMException | RuntimeException e) {
                        text.append(e.getMessage());
                    }
                }
            }
            outputs.put("jmx " + name, text.toString());
        }
    }

    /** Waits until the connector of Camel's command line has written of what has happened, and asks it for all it has. */
    private void collectCommandLine() throws IOException {
        Path folder = home.resolve(".camel");
        Instant asked = Instant.now();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (System.nanoTime() < end && !isWrittenAfter(folder, "-status.json", asked)) {
            Thread.onSpinWait();
        }
        while (System.nanoTime() < end && !isWrittenAfter(folder, "-trace.json", Instant.EPOCH)) {
            Thread.onSpinWait();
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                outputs.put(
                        "command line " + file.getFileName().toString().replaceFirst("^\\d+", "pid"),
                        Files.readString(file));
            }
        }
    }

    private static boolean isWrittenAfter(Path folder, String name, Instant moment) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(one -> one.toString().endsWith(name)).toList()) {
                if (Files.size(file) > 2
                        && Files.getLastModifiedTime(file).toInstant().isAfter(moment)) {
                    return true;
                }
            }
        }
        return false;
    }

    private void collectFiles() throws IOException {
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                outputs.put(
                        "file " + home.relativize(file),
                        new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
            }
        }
    }

    /** Everything, as an application that has a logging configuration of its own may set it. */
    private static Runnable listenAtTrace(ByteArrayOutputStream log) {
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
        context.getLogger("io.netty").setLevel(Level.INFO);
        root.setLevel(Level.TRACE);
        root.detachAndStopAllAppenders();
        root.addAppender(appender);
        return () -> {
            root.setLevel(before);
            root.detachAppender(appender);
            appender.stop();
        };
    }
}
