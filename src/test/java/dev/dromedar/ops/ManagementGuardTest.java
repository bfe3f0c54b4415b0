package dev.dromedar.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.sandbox.Sandbox;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Map;
import org.apache.camel.component.platform.http.main.ManagementHttpServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may see and do what at the management port: by HTTP as another user of this machine, or a page in a browser, sends it. */
class ManagementGuardTest {
    private static final String OWN = "\nHost: 127.0.0.1:PORT";

    @SuppressWarnings("NullAway.Init")
    private static Sandbox sandbox;

    @SuppressWarnings("NullAway.Init")
    private static Worker worker;

    @BeforeAll
    static void start() {
        sandbox = Sandbox.start();
        worker = new Worker(
                Worker.apis(sandbox, "orders"),
                Map.of(
                        "camel.management.devConsoleEnabled", "true",
                        "camel.main.devConsoleEnabled", "true",
                        "camel.management.infoEnabled", "true",
                        "camel.management.sendEnabled", "true",
                        "dromedar.management.hosts", "worker.example.no proxy.example.no:8443"));
        worker.context()
                .hasService(ManagementHttpServer.class)
                .getRouter()
                .route("/site/own")
                .handler(request -> request.response().end("of the site"));
    }

    @AfterAll
    static void stop() {
        worker.close();
        sandbox.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/observe/health",
                "/observe/health/live",
                "/observe/health/ready",
                "/observe/metrics",
                "/observe/status",
                "/observe/status.json"
            })
    void letsEveryoneReadWhatHoldsNoPersonalData(String path) throws Exception {
        assertThat(worker.raw("GET " + path + " HTTP/1.1" + OWN)).startsWith("HTTP/1.1 200");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/observe"})
    void theBeginningLeadsToTheStatusPage(String path) throws Exception {
        assertThat(worker.raw("GET " + path + " HTTP/1.1" + OWN))
                .startsWith("HTTP/1.1 302")
                .containsIgnoringCase("\nlocation: /observe/status");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /observe/dead-letters",
        "GET, /observe/dead-letters.json",
        "GET, /observe/dead-letters/letters/x",
        "POST, /observe/dead-letters/letters/x/discard",
        "GET, /observe/info",
        "GET, /observe/none",
        "GET, /q/dev",
        "GET, /q/dev/",
        "GET, /q/dev/context",
        "GET, /q/dev/send?endpoint=file:target/x",
        "GET, //q/dev/context",
        "GET, /q/./dev/context",
        "GET, /%71/dev/context",
        "GET, /observe/health/../kept.json",
        "GET, /q/send/",
        "POST, /q/send/",
        "GET, /site/own",
        "POST, /observe/health",
        "PUT, /observe/status",
        "DELETE, /observe/metrics",
        "OPTIONS, /observe/health",
        "TRACE, /observe/status",
        "PATCH, /site/own",
        "BREW, /site/own"
    })
    void asksForTheTokenElsewhere(String method, String path) throws Exception {
        for (String credentials : new String[] {
            "",
            "\nAuthorization: Bearer wrong",
            "\nAuthorization: Bearer",
            "\nAuthorization: Basic " + base64("x:wrong"),
            "\nAuthorization: Basic !!",
            "\nAuthorization: Digest " + worker.token(),
            "\nCookie: token=" + worker.token()
        }) {
            assertThat(worker.raw(method + " " + path + " HTTP/1.1" + OWN + "\n" + ManagementGuard.ACTION + ": yes"
                            + credentials))
                    .as(credentials)
                    .startsWith("HTTP/1.1 401")
                    .contains("WWW-Authenticate: Basic")
                    .doesNotContain("of the site", worker.token());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/observe/dead-letters.json", "/q/dev/context", "/observe/info", "/site/own"})
    void letsTheWorkersUserIn(String path) throws Exception {
        assertThat(worker.raw("GET " + path + " HTTP/1.1" + OWN + "\nAuthorization: Bearer " + worker.token()))
                .startsWith("HTTP/1.1 200");
    }

    @Test
    void letsABrowserSeeWithThePasswordAndActByItsOwnPageAlone() throws Exception {
        String browser = OWN + "\nAuthorization: Basic " + base64("anybody:" + worker.token());

        assertThat(worker.raw("GET /observe/dead-letters HTTP/1.1" + browser)).startsWith("HTTP/1.1 200");
        assertThat(worker.raw("GET /q/dev/context HTTP/1.1" + browser)).startsWith("HTTP/1.1 200");
        assertThat(worker.raw("GET /q/send/?endpoint=log:x HTTP/1.1" + browser)).startsWith("HTTP/1.1 401");
        assertThat(worker.raw("POST /observe/dead-letters/letters/x/discard HTTP/1.1" + browser))
                .startsWith("HTTP/1.1 401");
        assertThat(worker.raw("POST /observe/dead-letters/letters/x/discard HTTP/1.1" + browser + "\n"
                        + ManagementGuard.ACTION + ": yes\nOrigin: http://127.0.0.1:PORT\nSec-Fetch-Site: same-origin"))
                .doesNotStartWith("HTTP/1.1 401")
                .doesNotStartWith("HTTP/1.1 403");
    }

    /** DNS rebinding, and pages of other sites, with the right token too: a browser may hold it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: evil.example",
                "Host: evil.example:PORT",
                "Host: 127.0.0.1",
                "Host: 127.0.0.1:1",
                "Host: localhost:80",
                "Host: localhost.evil.example:PORT",
                "Host: 127.0.0.1.evil.example:PORT",
                "Host: 127.evil.example:PORT",
                "Host: 0.0.0.0:PORT",
                "Host: 10.0.0.1:PORT",
                "Host: [::2]:PORT",
                "Host: localhost.:PORT",
                "Host: proxy.example.no",
                "Host: proxy.example.no:8444",
                "Host: ",
                "X-None: 1",
                "Host: 127.0.0.1:PORT\nHost: evil.example",
                "Host: evil.example\nHost: 127.0.0.1:PORT",
                "Host: evil.example\nX-Forwarded-Host: 127.0.0.1:PORT",
                "Host: evil.example\nForwarded: host=127.0.0.1:PORT",
                "Host: 127.0.0.1:PORT\nOrigin: https://evil.example",
                "Host: 127.0.0.1:PORT\nOrigin: null",
                "Host: 127.0.0.1:PORT\nOrigin: http://127.0.0.1:1",
                "Host: 127.0.0.1:PORT\nOrigin: http://localhost:PORT",
                "Host: 127.0.0.1:PORT\nSec-Fetch-Site: cross-site",
                "Host: 127.0.0.1:PORT\nSec-Fetch-Site: same-site",
            })
    void refusesAnothersName(String headers) throws Exception {
        for (String path :
                new String[] {"/observe/health", "/observe/metrics", "/observe/status.json", "/q/dev", "/site/own"}) {
            for (String method : new String[] {"GET", "POST", "OPTIONS"}) {
                assertThat(worker.raw(method + " " + path + " HTTP/1.1\n" + headers + "\nAuthorization: Bearer "
                                + worker.token()))
                        .as(method + " " + path)
                        .matches("(?s)HTTP/1\\.1 40[03] .*")
                        .doesNotContain("of the site", "dromedar_");
            }
        }
    }

    @Test
    void refusesAnAddressInThePlaceOfAPath() throws Exception {
        assertThat(worker.raw("GET http://evil.example/observe/status.json HTTP/1.1" + OWN))
                .startsWith("HTTP/1.1 403");
        assertThat(worker.raw("GET /observe/status.json HTTP/1.0")).startsWith("HTTP/1.0 403");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: localhost:PORT",
                "Host: LOCALHOST:PORT",
                "Host: [::1]:PORT",
                "Host: worker.example.no",
                "Host: worker.example.no:1234\nOrigin: https://worker.example.no:1234",
                "Host: proxy.example.no:8443",
                "Host: 127.0.0.1:PORT\nOrigin: http://127.0.0.1:PORT",
                "Host: 127.0.0.1:PORT\nSec-Fetch-Site: none",
            })
    void takesItsOwnNames(String headers) throws Exception {
        assertThat(worker.raw("GET /observe/status.json HTTP/1.1\n" + headers)).startsWith("HTTP/1.1 200");
    }

    @Test
    void keepsItsTokenFromOthersAndHasANewOneEachTime() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(worker.tokenFile())))
                .isEqualTo("rw-------");
        assertThat(worker.token()).hasSizeGreaterThan(40);
        try (var other = new Worker(Worker.apis(sandbox, "orders"), Map.of())) {
            assertThat(other.token()).isNotEqualTo(worker.token());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(other.tokenFile())))
                    .isEqualTo("rw-------");
            other.context().stop();
            assertThat(other.tokenFile()).doesNotExist();
        }
    }

    @Test
    void showsDetailsOfHealthToTheTrustedAlone() throws Exception {
        String asked = "GET /observe/health?exposureLevel=full&data=true&stackTrace=true HTTP/1.1" + OWN;

        assertThat(worker.raw(asked)).startsWith("HTTP/1.1 200").doesNotContain("\"checks\"");
        assertThat(worker.raw(asked + "\nAuthorization: Bearer " + worker.token()))
                .contains("\"checks\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "send?endpoint=file:target/sent&body=x",
                "receive?endpoint=file:target&enabled=true",
                "eval-language?language=simple&template=x",
                "gc",
                "reload?reload=true",
                "debug?command=enable",
                "stub",
                "browse?dump=true",
                "made-up-later"
            })
    void hasNoConsoleThatActs(String console) {
        assertThat(worker.get("/q/dev/" + console).body()).startsWith("Developer Console not found");
        assertThat(worker.get("/q/dev", "Accept", "application/json").body())
                .contains("\"route\"")
                .doesNotContain("\"" + console.replaceFirst("\\?.*", "") + "\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "route/call?action=stop",
                "route/call/stop",
                "route?action=stop&filter=call",
                "route-group?action=stop",
                "processor?action=stop",
                "route/*?action=suspend"
            })
    void letsNoConsoleActByAnOption(String console) {
        worker.get("/q/dev/" + console);
        worker.get("/q/dev/" + console, "Accept", "application/json");

        assertThat(worker.context().getRouteController().getRouteStatus("call").isStarted())
                .isTrue();
    }

    @Test
    void setsNothingOffByAConsolesOption() {
        worker.get("/q/dev/trace?enabled=true", "Accept", "application/json");

        assertThat(worker.get("/q/dev/trace", "Accept", "application/json").body())
                .doesNotContain("\"enabled\":true");
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
