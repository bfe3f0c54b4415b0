package dev.dromedar.ops;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dromedar.Proves;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.Request;
import dev.dromedar.sandbox.Sandbox;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.camel.api.management.ManagedCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * Known secrets, keys and tokens go in, and none comes out of any view, log, metric or file, with all of them open wide: every
 * console, Camel's command line, every MBean, traces, dead letters, and every logger at TRACE, the wire log among them.
 */
@Tag("long")
class SecretScanTest {
    private static final String LETTER_KEY =
            Base64.getEncoder().encodeToString("of-the-letters-4711-of-the-lette".getBytes(StandardCharsets.US_ASCII));

    private static final String GIVEN = "given-by-dash-d-4711";
    private static final Pattern JWT = Pattern.compile("eyJ[\\w-]{20,}\\.[\\w-]{20,}\\.[\\w-]{20,}");

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
    @Proves("RFC 9700 4.9.2")
    void findsNoSecretInAnyViewNorFileNorInTheLogAtTrace() throws Exception {
        var log = new ByteArrayOutputStream();
        Runnable quiet = listenAtTrace(log);
        Set<String> secrets = new LinkedHashSet<>();
        secrets.add(GIVEN);
        var spans = new Spans();
        try (var provider = SdkTracerProvider.builder()
                        .addSpanProcessor(SimpleSpanProcessor.create(spans))
                        .build();
                Sandbox sandbox = Sandbox.start();
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
                                "camel.trace.standby", "false",
                                "camel.opentelemetry2.enabled", "true"),
                        main -> main.bind("tracer", provider.get("worker")))) {
            callInManyWays(worker, sandbox);

            collectViews(worker);
            collectCommandLine(worker);
            collectKnown(secrets, sandbox);
            outputs.put("traces", spans.all().toString());
            outputs.put("thread names", Thread.getAllStackTraces().keySet().toString());
            outputs.put(
                    "arguments",
                    ManagementFactory.getRuntimeMXBean().getInputArguments()
                            + String.join(
                                    " ",
                                    ProcessHandle.current().info().arguments().orElse(new String[0])));
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
        assertThat(outputs.get("traces")).contains("token health-records", "token orders");
        assertThat(outputs.get("thread names")).contains("dromedar-token-");
        assertThat(secrets).hasSizeGreaterThan(10);
        assertThat(leaks(secrets)).isEmpty();
    }

    @Test
    void findsNoSecretInTheDatabaseOfACluster() throws Exception {
        Set<String> secrets = new LinkedHashSet<>();
        try (EmbeddedPostgres database = EmbeddedPostgres.start();
                Sandbox sandbox = Sandbox.start();
                Worker worker = new Worker(
                        Worker.apis(sandbox, "health-records", "orders"),
                        Map.of(
                                "dromedar.cluster.address", database.getJdbcUrl("postgres", "postgres"),
                                "dromedar.cluster.user", "postgres",
                                "dromedar.cluster.secret", "of-the-database-4711",
                                "dromedar.dead-letters.every-route", "true",
                                "dromedar.dead-letters.secret-key", LETTER_KEY))) {
            secrets.add("of-the-database-4711");
            secrets.add(LETTER_KEY);
            callInManyWays(worker, sandbox);
            collectKnown(secrets, sandbox);
            collectDatabase(database);
        }

        assertThat(outputs).hasEntrySatisfying("table dromedar_letter", rows -> assertThat(rows)
                .contains("call", "health-records"));
        assertThat(leaks(secrets)).isEmpty();
    }

    @Test
    void findsWhatIsThere() {
        outputs.put("planted", "...a-secret...");
        outputs.put(
                "a token",
                "eyJhbGciOiJQUzI1NiIsInR5cCI6.eyJpc3MiOiJodHRwOi8vbG9jYWxob3N0.c2lnbmF0dXJlIG9mIGl0LCBsb25n");

        assertThat(leaks(Set.of("a-secret")))
                .containsExactly("planted shows a secret that begins with a-se", "a JWT in a token");
    }

    private List<String> leaks(Set<String> secrets) {
        List<String> leaks = new ArrayList<>();
        outputs.forEach((name, text) -> {
            for (String secret : secrets) {
                if (text.contains(secret)) {
                    leaks.add("%s shows a secret that begins with %.4s".formatted(name, secret));
                }
            }
            if (JWT.matcher(text).find()) {
                leaks.add("a JWT in " + name);
            }
        });
        return leaks;
    }

    /** With a recovery from a 401, a server's error, and no token. */
    private static void callInManyWays(Worker worker, Sandbox sandbox) {
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
    }

    private void collectDatabase(EmbeddedPostgres database) throws SQLException {
        try (Connection connection = database.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            List<String> tables = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery(
                    "select table_name from information_schema.tables where table_schema = 'public'")) {
                while (rows.next()) {
                    tables.add(rows.getString(1));
                }
            }
            for (String table : tables) {
                var text = new StringBuilder();
                try (ResultSet rows = statement.executeQuery("select * from \"" + table + "\"")) {
                    while (rows.next()) {
                        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                            text.append(
                                            rows.getObject(i) instanceof byte[] bytes
                                                    ? new String(bytes, StandardCharsets.ISO_8859_1)
                                                    : rows.getString(i))
                                    .append('\n');
                        }
                    }
                }
                outputs.put("table " + table, text.toString());
            }
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

    /** Waits until the connector of Camel's command line has written of all that has happened. */
    private void collectCommandLine(Worker worker) throws IOException {
        Path folder = home.resolve(".camel");
        long exchanges = worker.context()
                .getCamelContextExtension()
                .getContextPlugin(ManagedCamelContext.class)
                .getManagedCamelContext()
                .getExchangesTotal();
        Set<String> traced = new LinkedHashSet<>();
        var id = Pattern.compile("\"exchangeId\":\\s*\"([^\"]+)")
                .matcher(String.valueOf(outputs.get("console json trace")));
        while (id.find()) {
            traced.add(id.group(1));
        }
        assertThat(traced).isNotEmpty();
        awaitFile(folder, "-status.json", text -> {
            var total = Pattern.compile("\"exchangesTotal\":(\\d+)").matcher(text);
            return text.endsWith("}") && total.find() && Long.parseLong(total.group(1)) >= exchanges;
        });
        awaitFile(folder, "-trace.json", text -> traced.stream().allMatch(text::contains));
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                outputs.put(
                        "command line " + file.getFileName().toString().replaceFirst("^\\d+", "pid"),
                        Files.readString(file));
            }
        }
    }

    private static void awaitFile(Path folder, String ending, Predicate<String> content) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        String last = "";
        while (System.nanoTime() < end) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file :
                        files.filter(one -> one.toString().endsWith(ending)).toList()) {
                    last = Files.readString(file);
                    if (content.test(last)) {
                        return;
                    }
                }
            }
            Thread.onSpinWait();
        }
        throw new AssertionError(
                "not within 60 s as it should be: the file " + ending + " with " + last.length() + " characters");
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
