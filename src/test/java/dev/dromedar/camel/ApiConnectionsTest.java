package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.Proves;
import dev.dromedar.RawServer;
import dev.dromedar.TestProxy;
import dev.dromedar.TlsServer;
import java.io.IOException;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.apache.camel.Exchange;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.apache.hc.client5.http.ssl.NoopHostnameVerifier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How calls reach their API: the API that a route names decides, whatever its endpoint is and says. */
@Tag("long")
class ApiConnectionsTest {
    static final String TOKEN = "{\"access_token\":\"t0k3n\",\"token_type\":\"Bearer\",\"expires_in\":3600}";

    private final Worker worker = new Worker();
    private final TlsServer.Issued ca = TlsServer.authority("EC 256");
    private final TlsServer.Issued localhost = ca.issue("EC 256", "SHA256withECDSA", "localhost", "localhost");
    private final TlsServer api = new TlsServer(localhost, "{}");
    private final RawServer authority =
            new RawServer(request -> RawServer.answer(200, "Content-Type: application/json\r\n", TOKEN));

    private final Path folder;

    ApiConnectionsTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @AfterEach
    void close() {
        worker.close();
        api.close();
        authority.close();
    }

    private String file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content).toString();
    }

    /** An API at {@code /base} of the server, which it trusts. */
    private Worker api(String name, String... more) throws IOException {
        return worker.api(name, api.uri() + "/base", authority.uri() + "/token", more)
                .set("dromedar.api." + name + ".tls-ca-file", file("ca.pem", ca.pem()));
    }

    private void certificate(String api, String subject) throws IOException {
        TlsServer.Issued own = ca.issue("EC 256", "SHA256withECDSA", subject);
        worker.set(
                        "dromedar.api." + api + ".tls-certificate",
                        "{{secretfile:" + file(subject + ".crt", own.pem()) + "}}")
                .set(
                        "dromedar.api." + api + ".tls-private-key",
                        "{{secretfile:" + file(subject + ".key", own.keyPem()) + "}}");
    }

    private void route(String name, String api, String step, String rest) {
        worker.route(
                name,
                "setHeader: {name: CamelHttpMethod, constant: GET}",
                "process: {ref: " + api + "}",
                step + ": \"" + this.api.uri() + "/base" + rest + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"to", "toD"})
    @Proves("RFC 8705 3")
    void twoApisUnderOneAddressShowEachItsOwnCertificateOnItsOwnConnections(String step) throws Exception {
        api("one");
        certificate("one", "tenant-1");
        api("two");
        certificate("two", "tenant-2");
        api("none");
        for (String name : List.of("one", "two", "none")) {
            route(name, name, step, "/x");
        }
        worker.start();

        for (int i = 0; i < 3; i++) {
            for (String name : List.of("one", "two", "none")) {
                assertThat(worker.send(name).getException()).as(name).isNull();
            }
        }

        assertThat(api.callers())
                .containsExactly(
                        "CN=tenant-1",
                        "CN=tenant-2",
                        "nobody",
                        "CN=tenant-1",
                        "CN=tenant-2",
                        "nobody",
                        "CN=tenant-1",
                        "CN=tenant-2",
                        "nobody");
        assertThat(api.connections()).isEqualTo(3);
    }

    @Test
    void eachAddressBelowTheBaseIsReachedAndConnectionsAreShared() throws Exception {
        api("one");
        certificate("one", "tenant-1");
        route("dynamic", "one", "toD", "/patients/${body}?full=true");
        route("fixed", "one", "to", "/other");
        worker.start();

        for (String body : List.of("1", "2", "3")) {
            assertThat(worker.send("dynamic", body).getException()).isNull();
        }
        assertThat(worker.send("fixed").getException()).isNull();

        assertThat(api.targets())
                .containsExactly(
                        "GET /base/patients/1?full=true",
                        "GET /base/patients/2?full=true",
                        "GET /base/patients/3?full=true",
                        "GET /base/other");
        assertThat(api.callers()).containsOnly("CN=tenant-1");
        assertThat(api.connections()).isEqualTo(1);
    }

    @Test
    @Proves("RFC 8705 3")
    void anUnmarkedCallShowsNoCertificateAndHasNoOtherTrust() throws Exception {
        api("one");
        certificate("one", "tenant-1");
        worker.route("unmarked", "to: \"" + api.uri() + "/base/x\"").start();

        Exception failure = worker.send("unmarked").getException();

        assertThat(failure).isNotNull();
        assertThat(api.callers()).isEmpty();
    }

    @Test
    void callsGoOnAfterAnEditOfTheApi() throws Exception {
        api("one", "proxy-for", "authority", "proxy", "http://localhost:1");
        certificate("one", "tenant-1");
        route("call", "one", "toD", "/x");
        worker.start();
        assertThat(worker.send("call").getException()).isNull();

        for (String[] edit : new String[][] {
            {"dromedar.api.one.time-limit", "10s"},
            {"dromedar.api.one.scope", "a"},
            {"dromedar.api.one.tls-certificate-for", "authority"}
        }) {
            Properties properties = new Properties();
            properties.setProperty(edit[0], edit[1]);
            worker.context.getPropertiesComponent().setOverrideProperties(properties);
            Objects.requireNonNull(worker.context.hasService(Apis.class)).update(Apis.plan(worker.context));
            assertThat(worker.send("call").getException()).as(edit[0]).isNull();
        }

        assertThat(api.callers()).containsExactly("CN=tenant-1", "CN=tenant-1", "CN=tenant-1", "nobody");
        assertThat(worker.seen("one").calls().failed()).isZero();
    }

    /** HelseID's rule FK3: never ask for a token while there is one. */
    @Test
    void apisOfOneClientAndCaFileShareOneToken() throws Exception {
        for (String name : List.of("one", "two")) {
            api(name);
            certificate(name, "tenant-1");
            route(name, name, "to", "/x");
        }
        worker.start();

        assertThat(worker.send("one").getException()).isNull();
        assertThat(worker.send("two").getException()).isNull();

        assertThat(authority.received()).hasSize(1);
    }

    @Test
    void aProxyIsForItsApiAloneAndItsPasswordForTheProxyAlone() throws Exception {
        try (var proxy = new TestProxy("")) {
            api("by-proxy", "proxy", proxy.address(), "proxy-for", "api");
            api("direct");
            route("by-proxy", "by-proxy", "toD", "/x");
            route("direct", "direct", "toD", "/x");
            worker.start();

            assertThat(worker.send("direct").getException()).isNull();
            assertThat(proxy.heads()).isEmpty();
            assertThat(worker.send("by-proxy").getException()).isNull();

            assertThat(proxy.heads()).singleElement().asString().startsWith("CONNECT localhost:");
            assertThat(String.join("", proxy.heads())).doesNotContain("t0k3n").doesNotContain("/base");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "200 OK, ''",
        "302 Found, 'Location: https://elsewhere.example/'",
        "401 Unauthorized, 'WWW-Authenticate: Bearer error=\"invalid_token\"'",
        "403 Forbidden, ''",
        "407 Proxy Authentication Required, 'Proxy-Authenticate: Basic realm=\"x\"'",
        "500 No, ''",
        "503 No, 'Retry-After: 100'"
    })
    void whatAProxySaysOfATunnelIsNotTheApisAnswer(String status, String header) throws Exception {
        boolean tunnel = status.startsWith("200");
        try (var proxy = new TestProxy(
                tunnel
                        ? ""
                        : "HTTP/1.1 " + status + "\r\n" + header + (header.isEmpty() ? "" : "\r\n")
                                + "X-Proxy: yes\r\nContent-Length: 13\r\n\r\nthe proxy's p")) {
            api("one", "proxy", proxy.address(), "proxy-for", "api");
            worker.route(
                            "call",
                            "process: {ref: one}",
                            "to: \"" + api.uri() + "/base/x?throwExceptionOnFailure=false&followRedirects=true\"")
                    .start();

            Exchange answer = worker.send("call", "a body");

            if (tunnel) {
                assertThat(answer.getException()).isNull();
                return;
            }
            assertThat(answer.getException())
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("the proxy localhost:" + proxy.port() + " refused the connection (HTTP "
                            + status.substring(0, 3) + ")");
            assertThat(answer.getMessage().getHeaders())
                    .doesNotContainKeys("X-Proxy", "Location", "CamelHttpResponseCode");
            assertThat(String.valueOf(answer.getMessage().getBody(String.class)))
                    .doesNotContain("the proxy's p");
            assertThat(answer.getProperty(Call.FAILURE, String.class))
                    .startsWith("one: POST https://localhost:")
                    .contains("the proxy localhost");
            assertThat(worker.seen("one").calls().failures()).containsEntry("network", 1L);
            assertThat(authority.received()).hasSize(1);
        }
    }

    /** Nothing on the way may read what goes to this machine itself in clear. */
    @ParameterizedTest
    @ValueSource(strings = {"property", "endpoint", "system"})
    void plainHttpToThisMachineGoesByNoProxy(String by) throws Exception {
        ProxySelector before = ProxySelector.getDefault();
        try (var proxy = new TestProxy("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
                var plain = new RawServer(request -> RawServer.answer(200, "", "{}"))) {
            ProxySelector.setDefault(always(proxy.port()));
            worker.api("plain", plain.uri() + "/base", authority.uri() + "/token");
            if (by.equals("property")) {
                worker.set("dromedar.api.plain.proxy", proxy.address());
            }
            worker.route(
                            "call",
                            "process: {ref: plain}",
                            "to: \"" + plain.uri() + "/base/x?" + "copyHeaders=true"
                                    + (by.equals("endpoint")
                                            ? "&proxyHost=localhost&proxyPort=" + proxy.port() + "&proxyAuthScheme=http"
                                            : by.equals("system") ? "&useSystemProperties=true" : "")
                                    + "\"")
                    .start();

            assertThat(worker.send("call").getException()).isNull();

            assertThat(proxy.heads()).isEmpty();
            assertThat(plain.received()).hasSize(1);
            assertThat(authority.received()).hasSize(1);
        } finally {
            ProxySelector.setDefault(before);
        }
    }

    private static ProxySelector always(int port) {
        return new ProxySelector() {
            @Override
            public List<java.net.Proxy> select(URI uri) {
                return List.of(new java.net.Proxy(
                        java.net.Proxy.Type.HTTP, java.net.InetSocketAddress.createUnresolved("localhost", port)));
            }

            @Override
            public void connectFailed(URI uri, SocketAddress address, IOException failure) {}
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"x509HostnameVerifier", "sslContextParameters"})
    @Proves("FAPI 2.0 5.2.1 server names")
    void anEndpointSaysNothingOfTlsAndTheRefusalIsSeen(String option) throws Exception {
        worker.context.getRegistry().bind("verifier", NoopHostnameVerifier.INSTANCE);
        worker.context.getRegistry().bind("parameters", new SSLContextParameters());
        api("one");
        route("call", "one", "to", "/x?" + option + "=#" + (option.startsWith("x") ? "verifier" : "parameters"));
        worker.start();

        assertThat(worker.send("call").getException())
                .isInstanceOf(RefusedCall.class)
                .hasMessageContaining(option)
                .hasMessageContaining("Remove that option");

        assertThat(api.callers()).isEmpty();
        assertThat(worker.seen("one").calls().count()).isEqualTo(1);
        assertThat(worker.seen("one").calls().failures()).containsEntry("refused-here", 1L);
    }

    /** It may close one at any moment, also while the next request is on its way (RFC 9112 section 9.3.1). */
    @ParameterizedTest
    @CsvSource({"GET, true", "PUT, true", "DELETE, true", "POST, false", "PATCH, false"})
    void whatDiesOnAConnectionThatTheApiHasClosedGoesOnceMoreIfThatDoesNoHarm(String method, boolean again)
            throws Exception {
        var closing = new java.util.concurrent.atomic.AtomicBoolean();
        try (var plain = new RawServer(request -> closing.compareAndSet(true, false)
                ? RawServer.text("") // closes the connection without an answer
                : RawServer.answer(200, "", "{}"))) {
            worker.api("plain", plain.uri() + "/base", authority.uri() + "/token");
            worker.route(
                            "call",
                            "setHeader: {name: CamelHttpMethod, constant: " + method + "}",
                            "process: {ref: plain}",
                            "to: \"" + plain.uri() + "/base/x\"")
                    .start();
            assertThat(worker.send("call", "a body").getException()).isNull();
            closing.set(true);

            Exchange second = worker.send("call", "a body");

            assertThat(second.getException() == null).isEqualTo(again);
            assertThat(plain.received()).hasSize(again ? 3 : 2);
            assertThat(worker.seen("plain").calls().recoveries()).isEqualTo(again ? 1 : 0);
        }
    }

    @Test
    void whatDiesOnANewConnectionDoesNotGoAgain() throws Exception {
        try (var plain = new RawServer(request -> RawServer.text(""))) {
            worker.api("plain", plain.uri() + "/base", authority.uri() + "/token")
                    .route("call", "process: {ref: plain}", "to: \"" + plain.uri() + "/base/x\"")
                    .start();

            assertThat(worker.send("call").getException()).isNotNull();

            assertThat(plain.received()).hasSize(1);
        }
    }

    /** Bytes that follow an answer must not become the next one: it may be for another client or patient. */
    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST"})
    void whatFollowsAnAnswerIsNotTakenForTheNext(String method) throws Exception {
        var smuggling = new java.util.concurrent.atomic.AtomicBoolean(true);
        try (var plain = new RawServer(request -> smuggling.compareAndSet(true, false)
                ? RawServer.text("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmineHTTP/1.1 200 OK\r\n"
                        + "Content-Length: 4\r\n\r\nevil")
                : RawServer.answer(200, "", "mine"))) {
            worker.api("plain", plain.uri() + "/base", authority.uri() + "/token");
            worker.route(
                            "call",
                            "setHeader: {name: CamelHttpMethod, constant: " + method + "}",
                            "process: {ref: plain}",
                            "to: \"" + plain.uri() + "/base/x\"")
                    .start();

            for (int i = 0; i < 3; i++) {
                Exchange answer = worker.send("call", "a body");
                assertThat(answer.getException()).isNull();
                assertThat(answer.getMessage().getBody(String.class)).isEqualTo("mine");
            }

            assertThat(plain.received()).hasSize(3);
        }
    }
}
