package dev.dromedar.oauth;

import static dev.dromedar.oauth.World.token;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.dromedar.Proves;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.ProtectedApi;
import dev.dromedar.sandbox.Registration;
import dev.dromedar.sandbox.Request;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** With everything that can log at its loudest, and in every exception, there is nothing that gives access. */
class NoSecretsInLogsTest {
    @Test
    @Proves("HelseID SK4")
    void nothingThatGivesAccessIsLoggedOrThrown() throws Exception {
        var thrown = new StringWriter();
        List<String> secrets = new ArrayList<>();
        try (var world = new World();
                var logged = new Logged("ROOT", Level.TRACE)) {
            ProtectedApi bound = world.api();
            ProtectedApi basic =
                    world.sandbox.add(Registration.duende("orders-2").withSecret("p4ss:w%rd+1"));
            List<ApiClient> clients = List.of(world.client(bound), world.client(basic));
            secrets.add("p4ss:w%rd+1");
            secrets.add("p4ss%3Aw%25rd%2B1");
            secrets.add(bound.client().privateKey().toECKey().getD().toString());
            List<Fault> faults = new ArrayList<>();
            faults.add((request, server) -> server.answer(request));
            faults.add(Fault.error(400, "invalid_client"));
            faults.add(Fault.status(500));
            faults.add(Fault.truncatedBody());
            faults.add(Fault.resetMidBody());
            faults.add(Fault.closeUnanswered());
            faults.add(Fault.tokenType("N_A"));
            faults.add(Fault.expiresIn(0));
            faults.add(Fault.rejectedScope("x"));
            faults.add(Fault.hugeBody(600_000));
            faults.add((request, server) -> { // what was sent comes back as the error, its description and the body
                String sent = request.header("DPoP") + request.header("Authorization") + request.body();
                return Fault.error(400, sent.replaceAll("\\s", "")).answer(request, server);
            });

            for (Fault fault : faults) {
                for (var authority : List.of(world.sandbox.helseid(), world.sandbox.duende())) {
                    authority.origin().heal();
                    authority.origin().fault(fault.at("/connect"));
                }
                for (ApiClient client : clients) {
                    world.clock.advance(Duration.ofHours(1));
                    try {
                        secrets.add(token(client).value().reveal());
                        world.call(client);
                    } catch (OAuthException e) {
                        e.printStackTrace(new PrintWriter(thrown));
                    }
                    thrown.append(String.valueOf(client.settings())).append('\n');
                }
            }

            for (var authority : List.of(world.sandbox.helseid(), world.sandbox.duende())) {
                for (Request request : authority.origin().received()) {
                    for (String header : List.of("DPoP", "Authorization")) {
                        if (request.header(header) != null) {
                            secrets.add(request.header(header));
                        }
                    }
                    if (request.body().contains("client_assertion=")) {
                        secrets.add(request.body().replaceAll(".*client_assertion=([^&]+).*", "$1"));
                    }
                }
            }
            String all = logged.all() + thrown;
            assertThat(secrets).hasSizeGreaterThan(30).allSatisfy(secret -> assertThat(all)
                    .doesNotContain(secret));
            assertThat(all).contains("invalid_client").contains("executing POST /connect/token"); // it was loud
        }
    }

    @Test
    void valuesThatHoldSecretsPrintNoneOfThem() {
        try (var world = new World()) {
            ApiClient client = world.client(world.api());
            AccessToken token = token(client);

            assertThat(token).asString().matches("AccessToken\\(\\*\\*\\*, DPoP, expires .*Z\\)");
            assertThat(token.value()).hasToString("Secret(***)");
            assertThat(client.settings().client().authentication())
                    .asString()
                    .contains("credential=Followed()")
                    .doesNotContain("\"d\"");
        }
    }
}
