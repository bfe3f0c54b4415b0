package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.Clients;
import dev.dromedar.oauth.Time;
import dev.dromedar.sandbox.Sandbox;
import dev.dromedar.settings.Settings;
import dev.dromedar.settings.TrustedAuthorities;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class CertificateEndTest {
    /** Five days before the end of the sandbox's certificates. */
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2049-12-26T23:59:59Z"), ZoneOffset.UTC);

    @Test
    void isShownAndToldOnceADayForAKeyOfAssertionsForOneOfTlsAndForADateByHand() throws Exception {
        try (Sandbox sandbox = Sandbox.start(Sandbox.Options.plain().withHttps())) {
            sandbox.addProfiles();
            Map<String, String> properties = new LinkedHashMap<>();
            sandbox.properties().forEach((key, value) -> {
                if (key.matches("sandbox\\.(reports|stock|orders)\\..*")) {
                    properties.put("dromedar.api." + key.substring("sandbox.".length()), value);
                }
            });
            properties.put("dromedar.api.orders.key-expires", "2049-12-27");
            Settings settings = Settings.read(properties, Worker.placeholders(properties));
            var lines = new ListAppender<ILoggingEvent>();
            lines.start();
            var log = (Logger) LoggerFactory.getLogger(ApiClient.class);
            log.addAppender(lines);
            log.setLevel(Level.INFO);
            try (var clients = new Clients(
                    settings.apis(),
                    TrustedAuthorities.with((java.nio.file.Path) null).context(),
                    Duration.ofSeconds(5),
                    new Time(CLOCK, System::nanoTime))) {
                clients.checkCredentials();
                clients.checkCredentials();

                assertThat(clients.all())
                        .extracting(api -> api.snapshot().values().get("keyDaysLeft"))
                        .containsExactlyInAnyOrder(5L, 5L, 0L);
                assertThat(Objects.requireNonNull(clients.named("orders"))
                                .snapshot()
                                .values()
                                .get("keyEnds"))
                        .isEqualTo(List.of(Map.of(
                                "what", "client-secret",
                                "source", "key-expires",
                                "ends", "2049-12-27T00:00:00Z",
                                "daysLeft", 0L)));
            } finally {
                log.detachAppender(lines);
                log.setLevel(null);
            }

            assertThat(lines.list)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .containsExactlyInAnyOrder(
                            "reports: the certificate of private-key expires in 5 days, 2049-12-31T23:59:59Z (certificate)."
                                    + " Have the certificate renewed, and put the new one in the place of the old one.",
                            "stock: the certificate of tls-private-key expires in 5 days, 2049-12-31T23:59:59Z (certificate)."
                                    + " Have the certificate renewed, and put the new one in the place of the old one.",
                            "orders: client-secret expires in 0 days, 2049-12-27T00:00:00Z (key-expires). Register a new key"
                                    + " or secret with the authority, put it in the place of the old one, and set key-expires"
                                    + " to its end.");
        }
    }
}
