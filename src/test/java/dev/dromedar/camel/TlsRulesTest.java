package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.dromedar.Proves;
import dev.dromedar.RawServer;
import dev.dromedar.TlsServer;
import dev.dromedar.TlsServer.Issued;
import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.AuthorityUnavailable;
import dev.dromedar.oauth.Clients;
import dev.dromedar.oauth.Time;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** FAPI 2.0 section 5.2.1, BCP 195 and RFC 9525, for calls and for token requests; and what tls-legacy accepts of the rest. */
@Tag("long")
class TlsRulesTest {
    private static final Issued CA = TlsServer.authority("EC 256");
    private static final Issued RSA_CA = TlsServer.authority("RSA 2048");
    private static final String EC = "SHA256withECDSA";

    private final Worker worker = new Worker();
    private final RawServer plain = new RawServer(
            request -> RawServer.answer(200, "Content-Type: application/json\r\n", ApiConnectionsTest.TOKEN));

    private final Path folder;

    TlsRulesTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @AfterEach
    void close() {
        worker.close();
        plain.close();
    }

    private enum Legacy {
        ACCEPTS,
        REFUSES,
        /** Depends on the JDK. */
        OPEN
    }

    private static Arguments row(String name, Supplier<Issued> shown, String refusal, Legacy legacy, String... suites) {
        return Arguments.of(name, shown, refusal, legacy, suites);
    }

    static Stream<Arguments> servers() {
        Supplier<Issued> rsa = () -> RSA_CA.issue("RSA 2048", "SHA256withRSA", "x", "localhost");
        return Stream.of(
                row("TLS 1.3", () -> CA.issue("EC 256", EC, "x", "localhost"), "", Legacy.ACCEPTS),
                row("ECDHE with GCM", rsa, "", Legacy.ACCEPTS, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
                row(
                        "RSASSA-PSS",
                        () -> RSA_CA.issue("RSA 2048", "SHA256withRSAandMGF1", "x", "localhost"),
                        "",
                        Legacy.ACCEPTS),
                row(
                        "a chain of three",
                        () -> CA.intermediate("EC 256", EC).issue("EC 256", EC, "x", "localhost"),
                        "",
                        Legacy.ACCEPTS),
                row(
                        "a short key",
                        () -> RSA_CA.issue("RSA 1024", "SHA256withRSA", "x", "localhost"),
                        "RSA key of 1024 bits",
                        Legacy.ACCEPTS),
                row(
                        "a short key in the chain",
                        () -> RSA_CA.intermediate("RSA 1024", "SHA256withRSA")
                                .issue("RSA 2048", "SHA256withRSA", "x", "localhost"),
                        "RSA key of 1024 bits",
                        Legacy.ACCEPTS),
                row(
                        "SHA-1",
                        () -> RSA_CA.issue("RSA 2048", "SHA1withRSA", "x", "localhost"),
                        "signed with SHA1withRSA",
                        Legacy.ACCEPTS),
                row(
                        "SHA-1 of PSS",
                        () -> RSA_CA.issue("RSA 2048", "SHA1withRSAandMGF1", "x", "localhost"),
                        "signed with RSASSA-PSS",
                        Legacy.ACCEPTS),
                row(
                        "SHA-1 in the chain",
                        () -> CA.intermediate("EC 256", "SHA1withECDSA").issue("EC 256", EC, "x", "localhost"),
                        "signed with SHA1withECDSA",
                        Legacy.ACCEPTS),
                row("MD5", () -> RSA_CA.issue("RSA 2048", "MD5withRSA", "x", "localhost"), "too weak", Legacy.REFUSES),
                row("a common name alone", () -> CA.issue("EC 256", EC, "localhost"), "subjectAltName", Legacy.ACCEPTS),
                row(
                        "a number and a common name",
                        () -> CA.issue("EC 256", EC, "localhost", "127.0.0.1"),
                        "subjectAltName",
                        Legacy.OPEN),
                row(
                        "another name",
                        () -> CA.issue("EC 256", EC, "localhost", "other.example"),
                        "another name",
                        Legacy.REFUSES),
                row(
                        "an unknown authority",
                        () -> TlsServer.authority("EC 256").issue("EC 256", EC, "x", "localhost"),
                        "not trusted",
                        Legacy.REFUSES),
                row("CBC", rsa, "TLS failed", Legacy.ACCEPTS, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"),
                row("DHE", rsa, "TLS failed", Legacy.OPEN, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"),
                row("static RSA", rsa, "TLS failed", Legacy.OPEN, "TLS_RSA_WITH_AES_128_GCM_SHA256"));
    }

    private void trust(String... api) throws Exception {
        String file = Files.writeString(folder.resolve("ca.pem"), CA.pem() + RSA_CA.pem())
                .toString();
        for (String name : api) {
            worker.set("dromedar.api." + name + ".tls-ca-file", file);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("servers")
    @Proves({"HelseID SK1", "FAPI 2.0 5.2.1 TLS"})
    void holdsForCallsAndTokenRequests(
            String name, Supplier<Issued> shown, String refusal, Legacy legacy, String[] suites) throws Exception {
        try (var server = new TlsServer(shown.get(), ApiConnectionsTest.TOKEN, suites)) {
            for (String mode : new String[] {"strict", "legacy"}) {
                worker.api(mode + "-api", server.uri() + "/base", plain.uri() + "/token");
                worker.api(mode + "-authority", plain.uri() + "/base", server.uri() + "/token");
                worker.api(
                        mode + "-metadata",
                        plain.uri() + "/base",
                        server.uri() + "/none",
                        "authority",
                        server.uri().toString());
                for (String kind : new String[] {"-api", "-authority", "-metadata"}) {
                    worker.set("dromedar.api." + mode + kind + ".tls-legacy", String.valueOf(mode.equals("legacy")));
                    worker.set("dromedar.api." + mode + kind + ".client-id", mode + kind);
                    trust(mode + kind);
                    worker.route(
                            mode + kind,
                            "process: {ref: " + mode + kind + "}",
                            "to: \"" + (kind.equals("-api") ? server.uri() : plain.uri()) + "/base/x\"");
                }
            }
            worker.unset("dromedar.api.strict-metadata.token-endpoint");
            worker.unset("dromedar.api.legacy-metadata.token-endpoint");
            worker.start();

            Exchange call = worker.send("strict-api");
            Exchange token = worker.send("strict-authority");
            Exchange metadata = worker.send("strict-metadata");

            if (refusal.isEmpty()) {
                assertThat(call.getException()).isNull();
                assertThat(token.getException()).isNull();
                assertThat(metadata.getException()).hasMessageContaining("names the issuer"); // it was read
            } else {
                assertThat(call.getProperty(Call.FAILURE, String.class))
                        .startsWith("strict-api: GET https://localhost:")
                        .contains(refusal);
                for (Exchange ofAuthority : new Exchange[] {token, metadata}) {
                    assertThat(ofAuthority.getException())
                            .isInstanceOf(AuthorityUnavailable.class)
                            .hasMessageContaining(refusal);
                }
                assertThat(server.targets()).isEmpty();
                assertThat(worker.seen("strict-api").calls().failures()).containsEntry("network", 1L);
            }
            if (legacy != Legacy.OPEN) {
                assertThat(worker.send("legacy-api").getException() == null).isEqualTo(legacy == Legacy.ACCEPTS);
                assertThat(worker.send("legacy-authority").getException() == null)
                        .isEqualTo(legacy == Legacy.ACCEPTS);
            }
        }
    }

    @Test
    void weakTlsIsWarnedOfAtStartAndDailyAndInEveryView() throws Exception {
        var now = new AtomicReference<>(Instant.parse("2026-06-01T00:00:00Z"));
        var logger = (Logger) LoggerFactory.getLogger(ApiClient.class);
        var lines = new ListAppender<ILoggingEvent>();
        lines.start();
        logger.addAppender(lines);
        logger.setLevel(Level.WARN);
        try {
            worker.api("old", "https://old.example", plain.uri() + "/token", "tls-legacy", "true");
            worker.api("new", "https://new.example", plain.uri() + "/token");
            worker.start(new Time(clock(now), System::nanoTime));
            Clients clients = Objects.requireNonNull(worker.context.hasService(Apis.class))
                    .clients();
            clients.checkCredentials();
            assertThat(lines.list)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .singleElement()
                    .asString()
                    .startsWith("old: tls-legacy is on: TLS 1.2 without");
            now.updateAndGet(moment -> moment.plus(Duration.ofHours(25)));
            clients.checkCredentials();
            clients.checkCredentials();

            assertThat(lines.list).hasSize(2);
            assertThat(worker.seen("old").sentence()).contains("tls-legacy is on");
            assertThat(worker.seen("new").sentence()).doesNotContain("tls-legacy");
        } finally {
            logger.detachAppender(lines);
            logger.setLevel(null);
        }
    }

    private static Clock clock(AtomicReference<Instant> now) {
        return new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return Objects.requireNonNull(now.get());
            }
        };
    }
}
