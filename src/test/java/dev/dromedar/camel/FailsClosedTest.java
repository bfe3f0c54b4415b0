package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.Proves;
import dev.dromedar.oauth.AuthorityUnavailable;
import dev.dromedar.oauth.TokenRefused;
import dev.dromedar.sandbox.Check;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.Header;
import dev.dromedar.sandbox.PlainOrigin;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The promises of SECURITY.md, at the edge: without a token and a proof nothing is sent, and credentials go to one place. */
@Tag("long")
class FailsClosedTest {
    private final Worker worker = new Worker();

    @AfterEach
    void close() {
        worker.close();
    }

    @Test
    void sendsNothingWhenTheAuthorityIsDown() throws Exception {
        worker.set("dromedar.api.orders.authority", "http://localhost:1");
        start("orders", worker.address("orders") + "/orders");

        Exchange answer = worker.send("call");

        assertThat(answer.getException())
                .isInstanceOf(AuthorityUnavailable.class)
                .hasMessageStartingWith("orders: ")
                .hasMessageContaining("http://localhost:1");
        assertThat(worker.sandbox.api("orders").received()).isEmpty();
    }

    @Test
    void sendsNothingWhenTheTokenIsRefused() throws Exception {
        worker.set("dromedar.api.orders.client-secret", "another");
        start("orders", worker.address("orders") + "/orders");

        Exchange answer = worker.send("call");

        assertThat(answer.getException()).isInstanceOf(TokenRefused.class).hasMessageContaining("invalid_client");
        assertThat(worker.sandbox.api("orders").received()).isEmpty();
    }

    @Test
    @Proves("HelseID token type")
    void neverFallsBackToBearer() throws Exception {
        worker.sandbox.helseid().origin().fault(Fault.tokenType("Bearer").at("/connect/token"));
        start("health-records", worker.address("health-records") + "/records");

        Exchange answer = worker.send("call");

        assertThat(answer.getException()).isInstanceOf(TokenRefused.class).hasMessageContaining("DPoP");
        assertThat(worker.sandbox.api("health-records").received()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/health-records/dpop/../bearer",
                "/health-records/dpopp",
                "/health-records",
                "/health-records/dpop/%2e%2e/bearer"
            })
    @Proves("RFC 9700 4.9.1")
    void refusesACallBesideTheBaseAddress(String path) throws Exception {
        String origin = worker.address("health-records").replace("/health-records/dpop", "");
        start("health-records", origin + path);

        Exchange answer = worker.send("call");

        assertThat(answer.getException())
                .isInstanceOf(RefusedCall.class)
                .hasMessageContaining("dromedar.api.health-records.base-address");
        assertThat(worker.sandbox.api("health-records").received()).isEmpty();
    }

    @Test
    @Proves("RFC 9700 4.9.1")
    void refusesACallToAnotherOrigin() throws Exception {
        PlainOrigin other = worker.sandbox.plainOrigin();
        start("orders", other.uri() + "/orders");

        Exchange answer = worker.send("call");

        assertThat(answer.getException()).isInstanceOf(RefusedCall.class);
        assertThat(other.received()).isEmpty();
    }

    @Test
    @Proves("RFC 9700 4.9.1")
    void followsNoRedirectToAnotherOriginWithCredentials() throws Exception {
        PlainOrigin other = worker.sandbox.plainOrigin();
        worker.sandbox.api("orders").answers(302, List.of(new Header("Location", other.uri() + "/take")));
        start("orders", worker.address("orders") + "/orders?followRedirects=true");

        Exchange answer = worker.send("call");

        assertThat(answer.getException()).isNotNull();
        assertThat(other.received()).isEmpty();
    }

    @Test
    void sendsTheNextCallElsewhereWithoutCredentials() throws Exception {
        PlainOrigin other = worker.sandbox.plainOrigin();
        worker.route(
                        "call",
                        "process: {ref: health-records}",
                        "to: \"" + worker.address("health-records") + "/records\"",
                        "to: \"" + other.uri() + "/next\"",
                        "toD: \"" + other.uri() + "/after\"")
                .start();

        Exchange answer = worker.send("call");

        assertThat(answer.getException()).isNull();
        assertThat(other.received()).hasSize(2).allSatisfy(request -> {
            assertThat(request.header("Authorization")).isNull();
            assertThat(request.header("DPoP")).isNull();
        });
        assertThat(other.seen().refusals(Check.FOREIGN_CREDENTIALS)).isZero();
    }

    @Test
    void tellsTheNextCallAfterAFailureWithoutCredentials() throws Exception {
        PlainOrigin other = worker.sandbox.plainOrigin();
        worker.sandbox.api("orders").answers(500);
        worker.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:call")
                        .doTry()
                        .process("orders")
                        .to(worker.address("orders") + "/orders")
                        .doCatch(Exception.class)
                        .to(other.uri() + "/alarm")
                        .end();
            }
        });

        Exchange answer = worker.send("call");

        assertThat(answer.getException()).isNull();
        assertThat(other.received()).hasSize(1);
        assertThat(other.seen().refusals(Check.FOREIGN_CREDENTIALS)).isZero();
    }

    @Test
    void dropsCredentialsThatCameInWithTheMessage() throws Exception {
        worker.route(
                        "call",
                        "setHeader: {name: authorization, constant: Bearer of-somebody-else}",
                        "setHeader: {name: dpop, constant: of-somebody-else}",
                        "process: {ref: orders}",
                        "to: \"" + worker.address("orders") + "/orders\"")
                .start();

        Exchange answer = worker.send("call");

        assertThat(answer.getException()).isNull();
        var request = worker.sandbox.api("orders").received().get(0);
        assertThat(request.headers("Authorization")).hasSize(1).allMatch(value -> !value.contains("of-somebody-else"));
        assertThat(request.headers("DPoP")).isEmpty();
    }

    private void start(String api, String address) throws Exception {
        worker.route("call", "process: {ref: " + api + "}", "to: \"" + address + "\"")
                .start();
    }
}
