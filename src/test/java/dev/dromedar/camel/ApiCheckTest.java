package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.oauth.Clients;
import dev.dromedar.oauth.Time;
import dev.dromedar.sandbox.Answer;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.Sandbox;
import dev.dromedar.settings.Settings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

class ApiCheckTest {

    @Test
    void aRunningWorkerIsExaminedWithItsOwnClients() throws Exception {
        try (Sandbox sandbox = Sandbox.start()) {
            Map<String, String> properties = new LinkedHashMap<>();
            sandbox.properties().forEach((key, value) -> {
                if (key.startsWith("sandbox.health-records.")) {
                    properties.put("dromedar.api." + key.substring("sandbox.".length()), value);
                }
            });
            var settings = Settings.read(properties, Worker.placeholders(properties));
            try (var clients =
                    new Clients(settings.apis(), SSLContext.getDefault(), Duration.ofSeconds(5), Time.SYSTEM)) {

                String well = ApiCheck.lines(clients, "health-records");
                sandbox.api("health-records").client().grantAllowed(false);
                String failed = ApiCheck.lines(clients, "health-records");

                assertThat(well).startsWith("  ok       key").contains("\n  ok       token        DPoP, lives 300 s");
                assertThat(failed).contains("FAILED   token").contains("unauthorized_client");
                assertThat(well + failed).doesNotContainPattern("eyJ[\\w-]+\\.[\\w-]+\\.");
            }
        }
    }

    @Test
    void showsTheAuthoritysOwnWordsCleanedAndCutAndNeverTheSecret() throws Exception {
        try (Sandbox sandbox = Sandbox.start()) {
            Map<String, String> properties = new LinkedHashMap<>();
            sandbox.properties().forEach((key, value) -> {
                if (key.startsWith("sandbox.orders.")) {
                    properties.put("dromedar.api." + key.substring("sandbox.".length()), value);
                }
            });
            String secret = properties.get("dromedar.api.orders.client-secret");
            var settings = Settings.read(properties, Worker.placeholders(properties));
            try (var clients =
                    new Clients(settings.apis(), SSLContext.getDefault(), Duration.ofSeconds(5), Time.SYSTEM)) {
                describe(sandbox, "Client is l\u00e5st \\u001b[31m" + "x".repeat(1000));
                String cleaned = ApiCheck.lines(clients, "orders");
                describe(sandbox, "The secret " + secret + " is wrong");
                String withSecret = ApiCheck.lines(clients, "orders");

                assertThat(cleaned)
                        .contains("The authority says: \"Client is l\u00e5st \\u001b[31mxxx", "more characters)\"")
                        .doesNotContain("\u001b", "x".repeat(400));
                assertThat(withSecret).contains("FAILED   token").doesNotContain(secret, "The authority says");
            }
        }
    }

    private static void describe(Sandbox sandbox, String words) {
        sandbox.duende()
                .origin()
                .fault(Fault.change(answer -> Answer.of(
                                400,
                                List.of(),
                                "{\"error\":\"invalid_client\",\"error_description\":\"" + words + "\"}"))
                        .at("/connect/token"));
    }
}
