package dev.dromedar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dromedar.camel.Apis;
import dev.dromedar.camel.RefusedCall;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.OAuthException;
import dev.dromedar.oauth.TokenRefused;
import dev.dromedar.sandbox.Answer;
import dev.dromedar.sandbox.Check;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.Header;
import dev.dromedar.sandbox.NonceUse;
import dev.dromedar.sandbox.Request;
import dev.dromedar.sandbox.Sandbox;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.management.ObjectName;
import javax.net.ssl.SSLException;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls from Java, without a route and without Camel running. */
@Tag("long")
class DoorTest {
    private final Sandbox sandbox = Sandbox.start();
    private final Properties properties = new Properties();

    DoorTest() {
        sandbox.properties().forEach((key, value) -> {
            if (key.matches("sandbox\\.(orders|health-records)\\..*")) {
                properties.setProperty("dromedar.api." + key.substring("sandbox.".length()), value);
            }
        });
    }

    @AfterEach
    void close() {
        sandbox.close();
    }

    private URI uri(String api, String rest) {
        return URI.create(sandbox.api(api).baseAddress() + rest);
    }

    private HttpRequest.Builder request(String api) {
        return HttpRequest.newBuilder(uri(api, api.equals("orders") ? "/orders" : "/records"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"orders", "health-records"})
    void callsAnApi(String api) throws Exception {
        try (Door door = Dromedar.apis(properties)) {
            HttpRequest request = request(api).build();

            HttpResponse<String> answer = door.api(api).send(request, BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).contains("records");
            assertThat(answer.request()).isSameAs(request);
            assertThat(answer.uri()).isEqualTo(request.uri());
            assertThat(answer.headers().firstValue("content-type"))
                    .hasValueSatisfying(type -> assertThat(type).startsWith("application/json"));
            assertThat(sandbox.api(api).seen().accepted()).isEqualTo(1);
        }
    }

    @Test
    void namesItsApisAndRefusesOthers() {
        try (Door door = Dromedar.apis(properties)) {
            assertThat(door.names()).containsExactly("health-records", "orders");
            assertThatThrownBy(() -> door.api("order\u001bs"))
                    .isInstanceOf(InvalidSettings.class)
                    .hasMessageContaining("no API 'order\\u001bs'")
                    .hasMessageContaining("health-records, orders");
        }
    }

    @Test
    void reportsEveryFaultOfTheProperties() {
        properties.setProperty("dromedar.api.orders.time-limit", "soon");
        properties.setProperty("dromedar.api.orders.client-idd", "x");

        assertThatThrownBy(() -> Dromedar.apis(properties))
                .isInstanceOf(InvalidSettings.class)
                .hasMessageContaining("time-limit: 'soon'")
                .hasMessageContaining("client-idd");
    }

    @Test
    void learnsANonceAndSignsEachAttempt() throws Exception {
        sandbox.api("health-records").nonces(NonceUse.EVERY_ANSWER);
        try (Door door = Dromedar.apis(properties)) {
            for (int i = 0; i < 3; i++) {
                assertThat(door.api("health-records")
                                .send(request("health-records").build(), BodyHandlers.discarding())
                                .statusCode())
                        .isEqualTo(200);
            }

            var seen = sandbox.api("health-records").seen();
            assertThat(seen.accepted()).isEqualTo(3);
            assertThat(seen.nonceChallenges()).isEqualTo(1);
            assertThat(seen.distinctJti()).isEqualTo(4);
            assertThat(seen.replays()).isZero();
        }
    }

    @Test
    void sendsABodyAgainThatItsPublisherCannotPublishTwice() throws Exception {
        sandbox.api("health-records").nonces(NonceUse.EVERY_ANSWER);
        var once = new ByteArrayInputStream("{\"a\": 1}".getBytes(StandardCharsets.UTF_8));
        try (Door door = Dromedar.apis(properties)) {
            HttpResponse<String> answer = door.api("health-records")
                    .send(
                            request("health-records")
                                    .POST(BodyPublishers.ofInputStream(() -> once))
                                    .build(),
                            BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(sandbox.api("health-records").received())
                    .extracting(dev.dromedar.sandbox.Request::body)
                    .containsExactly("{\"a\": 1}", "{\"a\": 1}");
        }
    }

    @Test
    void refusesToSendHalfABodyAgain() {
        properties.setProperty("dromedar.api.health-records.repeatable-body", "100");
        sandbox.api("health-records").nonces(NonceUse.EVERY_ANSWER);
        try (Door door = Dromedar.apis(properties)) {
            HttpRequest large = request("health-records")
                    .POST(BodyPublishers.ofByteArray(new byte[200_000]))
                    .build();

            assertThatThrownBy(() -> door.api("health-records").send(large, BodyHandlers.ofString()))
                    .isInstanceOf(RefusedCall.class)
                    .hasMessageContaining("repeatable-body");
            assertThat(sandbox.api("health-records").received()).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "https://elsewhere.example/orders",
        "http://localhost:1/orders",
        "BASE/../admin",
        "BASE/%2e%2e/admin",
        "BASE/..%2fadmin",
        "BASE/x%5C..%5Cadmin",
        "BASEx/orders",
        "http://user:pass@HOST/orders"
    })
    void sendsNothingBesideTheBaseAddress(String address) {
        URI base = sandbox.api("orders").baseAddress();
        URI target = URI.create(address.replace("BASE", base.toString()).replace("HOST", base.getAuthority()));
        try (Door door = Dromedar.apis(properties)) {
            Api orders = door.api("orders");
            HttpRequest request = HttpRequest.newBuilder(target).build();

            assertThatThrownBy(() -> orders.send(request, BodyHandlers.ofString()))
                    .isInstanceOf(RefusedCall.class)
                    .hasMessageContaining("Nothing was sent")
                    .hasMessageNotContaining("pass");
            assertThatThrownBy(() -> orders.authorization("GET", target))
                    .isInstanceOf(RefusedCall.class)
                    .hasMessageNotContaining("pass");
            assertThat(sandbox.api("orders").received()).isEmpty();
            assertThat(sandbox.duende().seen().requests()).isZero();
        }
    }

    @Test
    void replacesCredentialsOfTheRequestAndRefusesHeadersOfTheConnection() throws Exception {
        properties.setProperty("dromedar.api.orders.header.X-Tenant", "seven");
        try (Door door = Dromedar.apis(properties)) {
            door.api("orders")
                    .send(
                            request("orders")
                                    .header("Authorization", "Bearer mine")
                                    .header("DPoP", "mine")
                                    .header("X-Tenant", "mine")
                                    .header("X-Other", "1")
                                    .build(),
                            BodyHandlers.ofString());

            var sent = sandbox.api("orders").received().get(0);
            assertThat(sandbox.api("orders").seen().accepted()).isEqualTo(1);
            assertThat(sent.headers("DPoP")).isEmpty();
            assertThat(sent.headers("X-Tenant")).containsExactly("seven");
            assertThat(sent.headers("X-Other")).containsExactly("1");
            assertThatThrownBy(() -> door.api("orders")
                            .send(
                                    request("orders")
                                            .header("Transfer-Encoding", "chunked")
                                            .build(),
                                    BodyHandlers.ofString()))
                    .isInstanceOf(RefusedCall.class)
                    .hasMessageContaining("Transfer-Encoding");
        }
    }

    @Test
    void followsNoRedirect() throws Exception {
        try (RawServer elsewhere = new RawServer(request -> RawServer.answer(200, "", "gotcha"));
                Door door = Dromedar.apis(properties)) {
            sandbox.api("orders").answers(302, List.of(new Header("Location", elsewhere.uri() + "/orders")));

            HttpResponse<String> answer =
                    door.api("orders").send(request("orders").build(), BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(302);
            assertThat(answer.previousResponse()).isEmpty();
            assertThat(elsewhere.received()).isEmpty();
        }
    }

    @Test
    void dropsARefusedTokenOnceAndGivesTheNext401ToTheCaller() throws Exception {
        try (Door door = Dromedar.apis(properties)) {
            Api orders = door.api("orders");
            sandbox.api("orders")
                    .answers(401, List.of(new Header("WWW-Authenticate", "Bearer error=\"insufficient_scope\"")));

            assertThat(orders.send(request("orders").build(), BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(401);
            assertThat(sandbox.api("orders").received()).hasSize(1);
        }
    }

    @Test
    void sendsNothingWithoutAToken() {
        properties.setProperty("dromedar.api.orders.client-secret", "n0t-mine");
        try (Door door = Dromedar.apis(properties)) {
            assertThatThrownBy(() -> door.api("orders").send(request("orders").build(), BodyHandlers.ofString()))
                    .isInstanceOf(TokenRefused.class)
                    .hasMessageContaining("invalid_client")
                    .hasMessageNotContaining("n0t-mine");
            assertThat(sandbox.api("orders").received()).isEmpty();
        }
    }

    @Test
    void boundsAnswersInSizeAndTime() throws Exception {
        properties.setProperty("dromedar.api.orders.answer-size", "1KB");
        try (Door door = Dromedar.apis(properties)) {
            Api orders = door.api("orders");
            sandbox.api("orders").fault(1, Fault.instead(Answer.of(200, "text/plain", "x".repeat(5000))));
            assertThatThrownBy(() -> orders.send(request("orders").build(), BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("answer-size");
            sandbox.api("orders").fault(1, Fault.instead(Answer.of(200, "text/plain", "x".repeat(5000))));
            assertThatThrownBy(() -> {
                        try (InputStream body = orders.send(request("orders").build(), BodyHandlers.ofInputStream())
                                .body()) {
                            body.readAllBytes();
                        }
                    })
                    .isInstanceOf(IOException.class);
            var held = new CountDownLatch(1);
            sandbox.api("orders").fault(1, (request, server) -> {
                await(held);
                return server.answer(request);
            });
            assertThatThrownBy(() -> orders.send(
                            request("orders").timeout(Duration.ofMillis(300)).build(), BodyHandlers.ofString()))
                    .isInstanceOf(HttpTimeoutException.class);
            held.countDown();

            assertThat(orders.send(request("orders").build(), BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void givesAStreamAsItComes() throws Exception {
        String text = "line\n".repeat(100_000);
        try (Door door = Dromedar.apis(properties)) {
            sandbox.api("orders").fault(2, Fault.instead(Answer.of(200, "text/plain", text)));

            HttpResponse<InputStream> whole =
                    door.api("orders").send(request("orders").build(), BodyHandlers.ofInputStream());
            try (InputStream body = whole.body()) {
                assertThat(new String(body.readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo(text);
            }
            HttpResponse<java.util.stream.Stream<String>> lines =
                    door.api("orders").send(request("orders").build(), BodyHandlers.ofLines());
            try (var some = lines.body()) {
                assertThat(some.limit(10)).hasSize(10).containsOnly("line");
            }
            assertThat(door.api("orders")
                            .send(request("orders").build(), BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void cutsAStreamThatIsNeverClosed() throws Exception {
        properties.setProperty("dromedar.api.orders.concurrency", "1");
        properties.setProperty("dromedar.api.orders.limit-wait", "1m");
        properties.setProperty("dromedar.api.orders.call-time-limit", "1s");
        try (Door door = Dromedar.apis(properties)) {
            Api orders = door.api("orders");
            sandbox.api("orders").fault(1, Fault.instead(Answer.of(200, "text/plain", "x".repeat(20_000_000))));
            InputStream left = orders.send(request("orders").build(), BodyHandlers.ofInputStream())
                    .body();

            assertThat(orders.send(request("orders").build(), BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);

            assertThatThrownBy(left::readAllBytes).isInstanceOf(IOException.class);
        }
    }

    @Test
    void requestsTheTokenThatOneCallNeeds() throws Exception {
        sandbox.api("health-records").client().multiTenant(Sandbox.PARENT);
        sandbox.api("health-records").client().allowScope("sandbox:other/read");
        properties.setProperty("dromedar.api.health-records.organisation-tenancy", "multi");
        try (Door door = Dromedar.apis(properties)) {
            Api usual = door.api("health-records");
            Api other = usual.withOrganisation(Sandbox.PARENT)
                    .withOrganisationChild(Sandbox.CHILD)
                    .withScope("sandbox:health-records/read sandbox:other/read");

            assertThat(other.send(request("health-records").build(), BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
            String own = other.authorization(
                            "GET", request("health-records").build().uri())
                    .headers()
                    .get("Authorization");
            usual.send(request("health-records").build(), BodyHandlers.ofString());

            List<Request> received = sandbox.api("health-records").received();
            assertThat(claims(received.get(0)))
                    .contains("orgnr_parent\":\"" + Sandbox.PARENT, "orgnr_child\":\"" + Sandbox.CHILD)
                    .contains("sandbox:health-records/read sandbox:other/read");
            assertThat(own).isEqualTo(received.get(0).header("Authorization"));
            assertThat(claims(received.get(1))).doesNotContain("orgnr_parent");
            Api wrong = door.api("orders").withOrganisation(Sandbox.PARENT);
            assertThatThrownBy(() -> wrong.send(request("orders").build(), BodyHandlers.ofString()))
                    .isInstanceOf(InvalidSettings.class)
                    .hasMessageStartingWith("orders: the message sets an organisation");
            assertThatThrownBy(() ->
                            wrong.authorization("GET", request("orders").build().uri()))
                    .isInstanceOf(InvalidSettings.class)
                    .hasMessageStartingWith("orders: the message sets an organisation");
            assertThat(sandbox.api("orders").received()).isEmpty();
        }
    }

    private static String claims(Request request) {
        String authorization = String.valueOf(request.header("Authorization"));
        return new String(
                java.util.Base64.getUrlDecoder().decode(authorization.split("[ .]")[2]), StandardCharsets.UTF_8);
    }

    @Test
    void endsACallWhoseThreadIsInterruptedOrWhoseHandlerFails() throws Exception {
        try (Door door = Dromedar.apis(properties)) {
            Api orders = door.api("orders");
            var held = new CountDownLatch(1);
            var begun = new CountDownLatch(1);
            sandbox.api("orders").fault(1, (request, server) -> {
                begun.countDown();
                await(held);
                return server.answer(request);
            });
            var failure = new java.util.concurrent.CompletableFuture<Throwable>();
            var caller = new Thread(() -> {
                try {
                    orders.send(
                            request("orders").timeout(Duration.ofSeconds(30)).build(), BodyHandlers.ofString());
                } catch (Exception e) {
                    failure.complete(e);
                }
            });
            caller.start();
            begun.await();
            caller.interrupt();
            // Held until the call has ended, or an answer may come before the interruption does
            assertThat(failure.get(30, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
            held.countDown();

            assertThatThrownBy(() -> orders.send(request("orders").build(), head -> {
                        throw new IllegalStateException("mine");
                    }))
                    .hasMessage("mine");
            assertThat(orders.send(request("orders").build(), BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void sendsNothingOnceClosed() {
        Door door = Dromedar.apis(properties);
        Api orders = door.api("orders");
        door.close();

        assertThatThrownBy(() -> orders.send(request("orders").build(), BodyHandlers.ofString()))
                .isInstanceOf(OAuthException.class)
                .hasMessageContaining("stopping");
        assertThat(sandbox.api("orders").received()).isEmpty();
    }

    @Test
    void sharesOneTokenRequestBetweenManyCallers() throws Exception {
        var callers = Executors.newFixedThreadPool(16);
        try (Door door = Dromedar.apis(properties)) {
            List<Future<Integer>> calls = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                calls.add(callers.submit(() -> door.api("health-records")
                        .send(request("health-records").build(), BodyHandlers.ofString())
                        .statusCode()));
            }

            for (Future<Integer> call : calls) {
                assertThat(call.get()).isEqualTo(200);
            }
            var seen = sandbox.api("health-records").seen();
            assertThat(seen.distinctJti()).isEqualTo(64);
            assertThat(sandbox.helseid().seen().accepted()).isEqualTo(1);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        } finally {
            callers.shutdownNow();
        }
    }

    @Test
    void givesCredentialsForOneAttemptToAClientOfYourOwn() throws Exception {
        sandbox.api("health-records").nonces(NonceUse.EVERY_ANSWER);
        properties.setProperty("dromedar.api.health-records.correlation-header", "nhn-event-id");
        var mine = java.net.http.HttpClient.newHttpClient();
        URI uri = uri("health-records", "/records?full=true");
        try (Door door = Dromedar.apis(properties)) {
            var first = door.api("health-records").authorization("GET", uri);
            HttpResponse<String> refused = mine.send(with(first.headers(), uri), BodyHandlers.ofString());
            var again = first.answered(refused.statusCode(), refused.headers());
            assertThat(refused.statusCode()).isEqualTo(401);
            assertThat(again).isPresent();

            HttpResponse<String> answer = mine.send(with(again.orElseThrow().headers(), uri), BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(again.orElseThrow().answered(answer.statusCode(), answer.headers()))
                    .isEmpty();
            assertThat(again.orElseThrow().headers().get("nhn-event-id"))
                    .isNotNull()
                    .isEqualTo(first.headers().get("nhn-event-id"));
            assertThat(first + " " + again)
                    .doesNotContain(Objects.requireNonNull(first.headers().get("Authorization"))
                            .substring(5))
                    .doesNotContain("full");
            // Learned: the next needs no second attempt
            var next = door.api("health-records").authorization("GET", uri);
            assertThat(mine.send(with(next.headers(), uri), BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
            // A proof is for one method
            var other = door.api("health-records").authorization("POST", uri);
            assertThat(mine.send(with(other.headers(), uri), BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(401);
            assertThat(sandbox.api("health-records").seen().refusals(Check.PROOF_HTM))
                    .isPositive();
        }
    }

    @Test
    void recoversACallOfYourOwnClientAtMostOnce() {
        URI uri = uri("orders", "/orders");
        HttpHeaders challenge =
                HttpHeaders.of(Map.of("WWW-Authenticate", List.of("Bearer error=\"invalid_token\"")), (n, v) -> true);
        try (Door door = Dromedar.apis(properties)) {
            var call = Optional.of(door.api("orders").authorization("GET", uri));
            int attempts = 0;
            while (call.isPresent()) {
                attempts++;
                call = call.orElseThrow().answered(401, challenge);
            }

            assertThat(attempts).isBetween(1, 2);
        }
    }

    @Test
    void goesByTheCertificateTrustAndProxyOfItsApi(@TempDir Path folder) throws Exception {
        TlsServer.Issued ca = TlsServer.authority("EC 256");
        TlsServer.Issued own = ca.issue("EC 256", "SHA256withECDSA", "tenant-1");
        String token = "{\"access_token\":\"t0k3n\",\"token_type\":\"Bearer\",\"expires_in\":3600}";
        try (var server = new TlsServer(ca.issue("EC 256", "SHA256withECDSA", "localhost", "localhost"), "{}");
                var authority =
                        new RawServer(request -> RawServer.answer(200, "Content-Type: application/json\r\n", token));
                var proxy = new TestProxy("")) {
            String prefix = "dromedar.api.secured.";
            Map.of(
                            "profile",
                            "oauth2",
                            "base-address",
                            server.uri() + "/base",
                            "authority",
                            "https://authority.example",
                            "token-endpoint",
                            authority.uri() + "/token",
                            "client-id",
                            "worker",
                            "client-secret",
                            "s3cr3t",
                            "tls-ca-file",
                            file(folder, "ca.pem", ca.pem()),
                            "tls-certificate",
                            "{{secretfile:" + file(folder, "own.crt", own.pem()) + "}}",
                            "tls-private-key",
                            "{{secretfile:" + file(folder, "own.key", own.keyPem()) + "}}",
                            "proxy",
                            proxy.address())
                    .forEach((key, value) -> properties.setProperty(prefix + key, value));
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(server.uri() + "/base/x")).build();
            try (Door door = Dromedar.apis(properties)) {
                HttpResponse<String> answer = door.api("secured").send(request, BodyHandlers.ofString());

                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(answer.sslSession()).isPresent();
                assertThat(server.callers()).containsExactly("CN=tenant-1");
                assertThat(proxy.heads()).hasSize(1);
            }
            properties.remove(prefix + "tls-ca-file");
            try (Door door = Dromedar.apis(properties)) {
                assertThatThrownBy(() -> door.api("secured").send(request, BodyHandlers.ofString()))
                        .isInstanceOf(SSLException.class);
            }
        }
    }

    private static String file(Path folder, String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content).toString();
    }

    @Test
    void callsTheApisOfAContextAndIsCountedWithItsRoutes() throws Exception {
        var context = new DefaultCamelContext();
        context.getPropertiesComponent().setInitialProperties(properties);
        try (context) {
            Door door = Dromedar.install(context);
            context.start();
            door.close(); // the context has the APIs

            door.api("orders").send(request("orders").build(), BodyHandlers.ofString());
            sandbox.api("orders").answers(500);
            Dromedar.door(context).api("orders").send(request("orders").build(), BodyHandlers.ofString());
            assertThatThrownBy(() -> door.api("orders").authorization("GET", URI.create("http://localhost:1/")))
                    .isInstanceOf(RefusedCall.class);

            var seen = Objects.requireNonNull(
                            context.hasService(Apis.class).clients().named("orders"))
                    .snapshot();
            assertThat(seen.calls().count()).isEqualTo(3);
            sandbox.api("orders").answers(302, List.of(new Header("Location", "/elsewhere")));
            door.api("orders").send(request("orders").build(), BodyHandlers.ofString());
            assertThat(Objects.requireNonNull(Objects.requireNonNull(context.hasService(Apis.class)
                                            .clients()
                                            .named("orders"))
                                    .snapshot()
                                    .condition()
                                    .lastError())
                            .words())
                    .contains("HTTP 302. The API redirects elsewhere, and no redirect is followed from Java")
                    .doesNotContain("followRedirects");
        }
        assertThatThrownBy(() -> Dromedar.door(new DefaultCamelContext())).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void leavesNoThreadBehindAndStartsNoRouteEngine() throws Exception {
        Dromedar.apis(properties).close(); // what the JVM and libraries make once and keep
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        int beans = ManagementFactory.getPlatformMBeanServer()
                .queryNames(new ObjectName("org.apache.camel:*"), null)
                .size();
        try (Door door = Dromedar.apis(properties)) {
            HttpResponse<InputStream> open =
                    door.api("orders").send(request("orders").build(), BodyHandlers.ofInputStream());
            assertThat(open.statusCode()).isEqualTo(200);
            assertThat(ManagementFactory.getPlatformMBeanServer()
                            .queryNames(new ObjectName("org.apache.camel:*"), null))
                    .hasSize(beans);
            assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .noneMatch(name -> name.startsWith("Camel"));
        }

        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (!before.contains(thread) && thread.getName().startsWith("dromedar")) {
                thread.join(TimeUnit.SECONDS.toMillis(20)); // one that is ending ends
                assertThat(thread.isAlive()).as(thread.getName()).isFalse();
            }
        }
    }

    private static HttpRequest with(Map<String, String> headers, URI uri) {
        var request = HttpRequest.newBuilder(uri);
        headers.forEach(request::header);
        return request.build();
    }
}
