package dev.dromedar.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dromedar.cluster.Await;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.Sandbox;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.management.MBeanServer;
import javax.management.Notification;
import javax.management.NotificationListener;
import javax.management.ObjectName;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every view of a running worker, looked at as an operator does. */
@Tag("long")
class ViewsTest {
    private final MBeanServer jmx = ManagementFactory.getPlatformMBeanServer();
    private Sandbox sandbox;
    private Worker worker;

    @BeforeEach
    void start() {
        sandbox = Sandbox.start();
        worker = new Worker(
                Worker.apis(sandbox, "health-records", "orders"),
                Map.of("camel.management.devConsoleEnabled", "true", "camel.main.devConsoleEnabled", "true"));
    }

    @AfterEach
    void stop() {
        worker.close();
        sandbox.close();
    }

    @Test
    void showsTheSameStateInJmxConsoleAndHealth() throws Exception {
        assertThat(worker.call("orders")).isNull();

        ObjectName orders = bean("orders");
        JsonNode console = json("/q/dev/dromedar", "Accept", "application/json").get("dromedar");
        JsonNode api = api(console, "orders");

        assertThat(jmx.getAttribute(orders, "State")).isEqualTo("good");
        assertThat(jmx.getAttribute(orders, "Calls")).isEqualTo(1L);
        assertThat(jmx.getAttribute(orders, "ClientAuthentication")).isEqualTo("client_secret_basic");
        assertThat(api.get("state").asText()).isEqualTo("good");
        assertThat(api.get("calls").asLong()).isEqualTo(1);
        assertThat(api(console, "health-records").get("state").asText()).isEqualTo("not requested yet");
        assertThat(worker.get("/q/dev/dromedar").body())
                .contains("1 of 1 routes run")
                .contains("client_secret_basic, Bearer")
                .contains("call   running  ok ");
        assertThat(worker.get("/observe/health/ready").statusCode()).isEqualTo(200);
        assertThat(check("/observe/health/ready", "dromedar-api-orders")
                        .get("status")
                        .asText())
                .isEqualTo("UP");
        assertThat(check("/observe/health/ready", "dromedar-routes")
                        .get("message")
                        .asText())
                .isEqualTo("1 of 1 routes run.");
    }

    @Test
    void warnsOfAKeyThatExpiresSoonInEveryViewAndStaysUp() throws Exception {
        worker.close();
        Map<String, String> properties = new HashMap<>(Worker.apis(sandbox, "health-records", "orders"));
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        properties.put("dromedar.api.orders.key-expires", today.minusDays(3).toString());
        properties.put(
                "dromedar.api.health-records.key-expires", today.plusDays(300).toString());
        worker = new Worker(properties, Map.of());
        assertThat(worker.call("orders")).isNull();

        assertThat(worker.get("/observe/health/ready").statusCode()).isEqualTo(200);
        assertThat(check("/observe/health/ready", "dromedar-api-orders").toString())
                .contains("Warning: client-secret has expired, " + today.minusDays(3));
        assertThat(check("/observe/health/ready", "dromedar-api-health-records").toString())
                .doesNotContain("Warning");
        String status = worker.get("/observe/status.json").body();
        Map<?, ?> values = (Map<?, ?>) new ObjectMapper().readValue(status, Map.class);
        assertThat(StatusTable.of(values, Instant.now(Clock.systemUTC())).replaceAll(" +", " "))
                .contains("EXPIRES LEFT API KEY, SECRET OR CERTIFICATE KNOWN FROM\n" + today.minusDays(3)
                        + "T00:00:00Z EXPIRED orders client-secret key-expires\n" + today.plusDays(300)
                        + "T00:00:00Z 299 d health-records private-key key-expires\n");
        assertThat(worker.get("/observe/metrics").body()).contains("dromedar_key_left_seconds{api=\"orders\"} -");
    }

    @Test
    void saysWhyAnApiIsNotReadyAndThatTheWorkerLives() throws Exception {
        sandbox.duende().origin().fault(Fault.error(400, "invalid_client").at("/connect/token"));
        assertThat(worker.call("orders")).hasMessageContaining("invalid_client");

        assertThat(worker.get("/observe/health/ready").statusCode()).isEqualTo(503);
        JsonNode down = check("/observe/health/ready", "dromedar-api-orders");
        assertThat(down.get("status").asText()).isEqualTo("DOWN");
        assertThat(down.toString()).contains("invalid_client").contains("Next try in");
        assertThat(worker.get("/observe/health/ready").body())
                .contains("token refused by http://")
                .doesNotContain("\\");
        assertThat(check("/observe/health/ready", "dromedar-api-health-records")
                        .get("status")
                        .asText())
                .isEqualTo("UP");
        assertThat(worker.get("/observe/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void livesWhileItStops() throws Exception {
        var entered = new CountDownLatch(1);
        var leave = new CountDownLatch(1);
        worker.context().addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:slow").process(exchange -> {
                    entered.countDown();
                    leave.await(60, TimeUnit.SECONDS);
                });
            }
        });
        worker.context().getShutdownStrategy().setTimeout(60);
        worker.context().createProducerTemplate().asyncSend("direct:slow", exchange -> {});
        entered.await();

        var stop = new Thread(() -> worker.context().stop());
        stop.start();

        Await.until(
                "readiness is down",
                Duration.ofSeconds(30),
                () -> worker.get("/observe/health/ready").statusCode() == 503);
        assertThat(worker.get("/observe/health/live").statusCode()).isEqualTo(200);
        leave.countDown();
        stop.join();
    }

    @Test
    void notifiesWhenCredentialsGoBadAndGoodAndTakesCommands() throws Exception {
        var told = new LinkedBlockingQueue<Notification>();
        NotificationListener listener = (notification, handback) -> told.add(notification);
        jmx.addNotificationListener(bean("orders"), listener, null, null);

        var refused = sandbox.duende()
                .origin()
                .fault(Fault.error(400, "invalid_client").at("/connect/token"));
        worker.call("orders");
        Notification bad = told.poll(10, TimeUnit.SECONDS);
        assertThat(bad.getType()).isEqualTo("dromedar.credentials.bad");
        assertThat(bad.getMessage()).startsWith("orders: failing. ").contains("invalid_client");
        jmx.invoke(bean("orders"), "forget", null, null);
        worker.call("orders");
        assertThat(told).as("forgotten is not good").isEmpty();
        refused.off();
        assertThat(jmx.invoke(bean("orders"), "renew", null, null)).isEqualTo("A new token is being requested.");
        assertThat(told.poll(10, TimeUnit.SECONDS).getType()).isEqualTo("dromedar.credentials.good");
        assertThat(jmx.invoke(bean("orders"), "forget", null, null)).asString().contains("discarded");
        assertThat(jmx.getAttribute(bean("orders"), "State")).isEqualTo("idle");
        assertThat(worker.call("orders")).isNull();
        assertThat(jmx.getAttribute(bean("orders"), "Tokens")).isEqualTo(2L);
    }

    @Test
    void countsFailuresByKind() throws Exception {
        assertThat(worker.call("orders")).isNull();
        sandbox.api("orders").answers(503).then(403).then(200);

        worker.call("orders");
        worker.call("orders");

        assertThat(jmx.getAttribute(bean("orders"), "Failures")).asString().contains("forbidden=1", "server-error=1");
        assertThat(jmx.getAttribute(bean("orders"), "LastError"))
                .asString()
                .startsWith("GET " + sandbox.api("orders").baseAddress() + "/records: HTTP 403. The token is good");
        assertThat(scrape())
                .contains("dromedar_calls_seconds_count{api=\"orders\",outcome=\"server-error\"} 1")
                .contains("dromedar_calls_seconds_count{api=\"orders\",outcome=\"success\"} 1")
                .contains("dromedar_token_requests_seconds_count{api=\"orders\",outcome=\"token\"} 1")
                .contains("dromedar_credentials_good{api=\"orders\"} 1.0")
                .contains("dromedar_routes_running 1.0");
    }

    @Test
    void anApiWhoseEveryCallFailsIsNotGoodInAnyView() throws Exception {
        sandbox.api("orders")
                .answers(503)
                .then(503)
                .then(503)
                .then(200)
                .then(503)
                .then(200);
        assertThat(json("/observe/status.json")
                        .get("apis")
                        .get(1)
                        .get("callState")
                        .asText())
                .isEqualTo("none yet");

        for (int i = 0; i < 3; i++) {
            worker.call("orders");
            assertThat(jmx.getAttribute(bean("orders"), "CallState")).isEqualTo("failing");
        }

        assertThat(jmx.getAttribute(bean("orders"), "State")).isEqualTo("good");
        JsonNode ready = check("/observe/health/ready", "dromedar-api-orders");
        assertThat(ready.get("status").asText()).isEqualTo("UP");
        assertThat(ready.toString()).contains("Its calls fail: GET ").contains("HTTP 503");
        assertThat(scrape()).contains("dromedar_calls_good{api=\"orders\"} 0.0");
        String table = worker.get("/q/dev/dromedar").body();
        assertThat(table.indexOf("\norders ")).isBetween(0, table.indexOf("\nhealth-records "));
        worker.call("orders");
        assertThat(jmx.getAttribute(bean("orders"), "CallState")).isEqualTo("good");
        assertThat(scrape()).contains("dromedar_calls_good{api=\"orders\"} 1.0");
        worker.call("orders");
        assertThat(jmx.getAttribute(bean("orders"), "CallState")).isEqualTo("some failing");
    }

    @Test
    void anOpenBreakerIsSeenInEveryView() throws Exception {
        worker.close();
        Map<String, String> apis = new java.util.LinkedHashMap<>(Worker.apis(sandbox, "health-records", "orders"));
        apis.put("dromedar.api.orders.breaker", "1");
        worker = new Worker(
                apis, Map.of("camel.management.devConsoleEnabled", "true", "camel.main.devConsoleEnabled", "true"));
        assertThat(scrape())
                .contains(
                        "dromedar_breaker_open{api=\"health-records\"} NaN",
                        "dromedar_breaker_open{api=\"orders\"} 0.0");
        sandbox.api("orders").answers(503);

        worker.call("orders");

        assertThat(worker.call("orders")).hasMessageContaining("the breaker is open");
        assertThat(scrape())
                .contains("dromedar_breaker_open{api=\"orders\"} 1.0")
                .contains("dromedar_calls_seconds_count{api=\"orders\",outcome=\"breaker-open\"} 1");
        assertThat(jmx.getAttribute(bean("orders"), "Breaker")).isEqualTo("open");
        assertThat(jmx.getAttribute(bean("health-records"), "Breaker")).isNull();
        JsonNode ready = check("/observe/health/ready", "dromedar-api-orders");
        assertThat(ready.get("status").asText()).isEqualTo("DOWN");
        assertThat(ready.toString()).contains("Its breaker is open, so that calls fail at once");
        assertThat(api(json("/observe/status.json"), "orders").get("breaker").asText())
                .isEqualTo("open");
        assertThat(worker.get("/q/dev/dromedar").body()).contains("failing, breaker open");
    }

    @Test
    void takesEverythingDownWithTheContext() throws Exception {
        ObjectName all =
                new ObjectName("org.apache.camel:context=" + worker.context().getName() + ",*");
        assertThat(jmx.queryNames(all, null)).isNotEmpty();

        worker.close();

        assertThat(jmx.queryNames(all, null)).isEmpty();
    }

    private ObjectName bean(String api) throws Exception {
        return new ObjectName(
                "org.apache.camel:context=" + worker.context().getManagementName() + ",type=apis,name=\"" + api + "\"");
    }

    private String scrape() {
        return worker.get("/observe/metrics").body();
    }

    private JsonNode json(String path, String... headers) throws Exception {
        return new ObjectMapper().readTree(worker.get(path, headers).body());
    }

    private static JsonNode api(JsonNode status, String name) {
        for (JsonNode api : status.get("apis")) {
            if (api.get("name").asText().equals(name)) {
                return api;
            }
        }
        throw new AssertionError("no " + name + " in " + status);
    }

    private JsonNode check(String path, String name) throws Exception {
        List<JsonNode> all = new java.util.ArrayList<>();
        json(path).get("checks").forEach(all::add);
        return all.stream()
                .filter(check -> check.get("name").asText().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in " + all));
    }
}
