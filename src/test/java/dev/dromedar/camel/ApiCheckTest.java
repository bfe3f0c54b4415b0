package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.oauth.Clients;
import dev.dromedar.oauth.Time;
import dev.dromedar.sandbox.Sandbox;
import dev.dromedar.settings.Settings;
import java.time.Duration;
import java.util.LinkedHashMap;
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
}
