package dev.dromedar.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import dev.dromedar.MovableClock;
import dev.dromedar.sandbox.Caller.Reply;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Selvbetjening refuses what HelseID's own would, and a key counts when the authority knows it. */
class SelfServiceTest {
    private static final MovableClock CLOCK = new MovableClock();
    private static final Sandbox SANDBOX = Sandbox.start(Sandbox.Options.plain().withClock(CLOCK));
    private static SelfService service;

    private final Caller caller = new Caller(SANDBOX);

    @BeforeAll
    static void add() {
        service = SANDBOX.selfService("health-records");
    }

    @AfterAll
    static void close() {
        SANDBOX.close();
    }

    private Reply send(String method, String type, String body) {
        return send("/v1/client-secret", method, type, body);
    }

    private Reply send(String path, String method, String type, String body) {
        String token = caller.token(service.api());
        return Caller.send(HttpRequest.newBuilder(URI.create(service.api().baseAddress() + path))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .header("Content-Type", type)
                .header("Authorization", "DPoP " + token)
                .header("DPoP", caller.proof(service.api(), method, path, token).compact()));
    }

    private Reply post(String body) {
        return send("POST", "application/json", body);
    }

    private static String string(String jwk) {
        return Json.write(jwk);
    }

    private static String publicKey() {
        return Client.newKey("ES256").toPublicJWK().toJSONString();
    }

    @Test
    void refusesWhatIsNoPublicKeyForSignaturesAndRegistersNothing() throws Exception {
        JWK key = Client.newKey("ES256");
        JWK weak = new RSAKeyGenerator(1024, true).keyID("weak").generate();
        List<String> before = service.registered();

        for (String body : List.of(
                key.toJSONString(),
                string(key.toJSONString()),
                weak.toPublicJWK().toJSONString(),
                new ECKey.Builder((ECKey) key.toPublicJWK()).keyID(null).build().toJSONString(),
                new ECKey.Builder((ECKey) key.toPublicJWK())
                        .algorithm(null)
                        .build()
                        .toJSONString(),
                new ECKey.Builder((ECKey) key.toPublicJWK())
                        .keyUse(null)
                        .build()
                        .toJSONString(),
                "{\"kty\":\"oct\",\"k\":\"AAAA\",\"kid\":\"x\"}",
                "[]",
                "7",
                "\"no jwk\"",
                "no json")) {
            Reply reply = post(body);
            assertThat(reply.status()).as(body).isEqualTo(400);
            assertThat(reply.header("content-type")).startsWith("application/problem+json");
            assertThat(reply.json().path("detail").asText()).isNotEmpty();
        }
        assertThat(send("POST", "text/plain", publicKey()).status()).isEqualTo(415);
        assertThat(send("DELETE", "application/json", "").status()).isEqualTo(405);
        assertThat(service.registered()).isEqualTo(before);
    }

    @Test
    void refusesOtherTokensThanBoundOnesWithItsScope() {
        String other = caller.token(SANDBOX.api("health-records"));
        String path = "/v1/client-secret";

        assertThat(Caller.get(service.api().baseAddress() + path).status()).isEqualTo(401);
        assertThat(caller.call(service.api(), path, other, caller.proof(service.api(), "GET", path, other))
                        .status())
                .isEqualTo(401);
        String token = caller.token(service.api());
        assertThat(caller.call(service.api(), path, token, caller.proof(service.api(), "POST", path, token))
                        .status())
                .as("a proof of another method")
                .isEqualTo(401);
    }

    @Test
    void saysWhatTheClientWasGivenAndRefusesAnythingElse() {
        ProtectedApi api = SANDBOX.api("health-records");
        api.client().children("883974832");
        service.claim("nhn:example/claim", "updatePending", "is looked at");
        service.pending("sandbox:later/read", "The owner of the API has not answered");

        Reply read = send("/v1/client", "GET", "application/json", "");

        assertThat(read.status()).isEqualTo(200);
        assertThat(read.json().path("apiScopes").toString())
                .contains(
                        "{\"scope\":\"" + api.registration().scope() + "\",\"status\":\"ok\",\"statusReason\":null}",
                        "{\"scope\":\"sandbox:later/read\",\"status\":\"pending\",\"statusReason\":\"The owner of");
        assertThat(read.json().path("audienceSpecificClientClaims").findValuesAsText("status"))
                .containsExactly("updatePending");
        assertThat(read.json().path("childOrganizationNumbers").toString()).isEqualTo("[\"883974832\"]");
        assertThat(send("/v1/client", "POST", "application/json", "{}").status())
                .isEqualTo(405);
        assertThat(send("/v1/client", "DELETE", "application/json", "").status())
                .isEqualTo(405);
        assertThat(send("/v1/clients", "GET", "application/json", "").status()).isEqualTo(404);
        assertThat(Caller.get(service.api().baseAddress() + "/v1/client").status())
                .isEqualTo(401);
        String other = caller.token(api);
        assertThat(caller.call(
                                service.api(),
                                "/v1/client",
                                other,
                                caller.proof(service.api(), "GET", "/v1/client", other))
                        .status())
                .as("a token without its scope")
                .isEqualTo(401);
    }

    @Test
    void aPendingScopeGivesNoTokenUntilItIsApproved() {
        ProtectedApi api = SANDBOX.add(
                Registration.helseid("waiting").withClientOf("health-records").withScope("sandbox:waiting/read"));
        caller.token(api);
        service.pending("sandbox:waiting/read", "waits");

        Reply refused = tokenRequest(api);

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.json().path("error").asText()).isEqualTo("invalid_scope");
        service.approve("sandbox:waiting/read");
        assertThat(tokenRequest(api).status()).isEqualTo(200);
    }

    private Reply tokenRequest(ProtectedApi api) {
        String nonce = caller.tokenNonce(api);
        return caller.tokenRequest(api, jwt -> {}, proof -> proof.claim("nonce", nonce))
                .send();
    }

    @Test
    void takesTheFormOfItsSettingOnceAndListsIt() {
        String key = publicKey();
        service.takes(SelfService.Body.STRING);
        assertThat(post(key).status()).isEqualTo(400);
        Reply taken = post(string(key));
        assertThat(taken.status()).isEqualTo(200);
        assertThat(post(string(key)).status()).as("the same kid again").isEqualTo(400);
        service.takes(SelfService.Body.OBJECT);
        assertThat(post(string(publicKey())).status()).isEqualTo(400);
        assertThat(post(publicKey()).status()).isEqualTo(200);
        service.takes(SelfService.Body.BOTH);

        Reply list = send("GET", "application/json", "");
        assertThat(list.json().get(0).path("origin").asText()).isEqualTo("Gui");
        assertThat(list.json().findValuesAsText("expiration"))
                .contains(taken.json().path("expiration").asText());
    }

    @Test
    void aNewKeyIsUnknownForTheDelayAndAnExpiredOneForEver() {
        ProtectedApi api = SANDBOX.api("health-records");
        JWK key = Client.newKey("PS256");
        service.cacheDelay(Duration.ofSeconds(20));
        assertThat(post(key.toPublicJWK().toJSONString()).status()).isEqualTo(200);
        service.cacheDelay(Duration.ZERO);
        Supplier<Integer> status = () -> {
            String nonce = caller.tokenNonce(api);
            return caller.tokenRequest(
                            api,
                            jwt -> jwt.head("kid", key.getKeyID()).signedBy(key),
                            proof -> proof.claim("nonce", nonce))
                    .send()
                    .status();
        };

        assertThat(status.get()).isEqualTo(400);
        CLOCK.advance(Duration.ofSeconds(21));
        assertThat(status.get()).isEqualTo(200);
        service.endsIn(key.getKeyID(), Duration.ofMinutes(1));
        CLOCK.advance(Duration.ofMinutes(2));
        assertThat(status.get()).isEqualTo(400);
    }
}
