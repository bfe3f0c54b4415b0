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
        String token = caller.token(service.api());
        String path = "/v1/client-secret";
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
