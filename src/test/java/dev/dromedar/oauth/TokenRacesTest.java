package dev.dromedar.oauth;

import static dev.dromedar.oauth.World.begin;
import static dev.dromedar.oauth.World.end;
import static dev.dromedar.oauth.World.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dromedar.keys.Followed;
import dev.dromedar.keys.Secret;
import dev.dromedar.keys.SignatureAlgorithm;
import dev.dromedar.keys.SigningKey;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.NonceUse;
import dev.dromedar.sandbox.ProtectedApi;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers that arrive after something else has changed: what they say of the past does not decide what comes next. */
class TokenRacesTest {
    private static final World WORLD = new World();
    private static final Fault REFUSAL = Fault.error(400, "invalid_client");

    private final ProtectedApi api = WORLD.api();
    private final AtomicInteger version = new AtomicInteger();
    private final Clients clients = WORLD.clients(followed());
    private final ApiClient client = Objects.requireNonNull(clients.named(api.name()));

    @BeforeEach
    void heal() {
        WORLD.authority.origin().heal();
        WORLD.authority.nonces(NonceUse.OFF);
        WORLD.authority.tokenLifetime(Duration.ofMinutes(5));
    }

    @AfterAll
    static void close() {
        WORLD.close();
    }

    /** The API's settings, with a key that counts as another one whenever {@link #version} changes. */
    private ApiSettings followed() {
        var settings = World.settings(api);
        SigningKey key =
                SigningKey.parse(Secret.of(api.client().privateKey().toJSONString()), null, SignatureAlgorithm.PS256);
        settings.authentication = new ClientAuthentication.PrivateKeyJwt(
                Followed.of(
                        "dromedar.api.x.private-key", "key", () -> new Followed.Content<>(version.get(), () -> key)),
                new ClientAuthentication.AssertionForm(
                        "client-authentication+jwt",
                        Duration.ofSeconds(10),
                        Audience.ISSUER,
                        null,
                        KeyName.KID,
                        Map.of()));
        return settings.build();
    }

    private void aNewKeyIsRead() {
        version.incrementAndGet();
        clients.checkCredentials();
        clients.checkCredentials();
    }

    private long requests() {
        return WORLD.authority.origin().received().stream()
                .filter(request -> request.path().equals("/connect/token"))
                .count();
    }

    @Test
    void theOldKeysRefusalDoesNotBarTheNewKey() throws Exception {
        var gate = Gate.thenFault(REFUSAL);
        WORLD.authority.origin().fault(1, gate);
        FutureTask<Object> caller = begin(1, () -> token(client)).get(0);
        gate.awaitRequest();
        aNewKeyIsRead();

        gate.open();

        assertThat(end(caller)).as("asked again with the new key").isInstanceOf(AccessToken.class);
        assertThat(token(client)).isNotNull();
        assertThat(client.snapshot().state()).isEqualTo(CredentialState.GOOD);
    }

    @Test
    void aRefusalOfTheNewKeyTooBacksOff() throws Exception {
        var gate = Gate.thenFault(REFUSAL);
        WORLD.authority.origin().fault(gate);
        FutureTask<Object> caller = begin(1, () -> token(client)).get(0);
        gate.awaitRequest();
        aNewKeyIsRead();

        gate.open();

        assertThat(end(caller)).isInstanceOf(TokenRefused.class);
        assertThatThrownBy(() -> token(client)).hasMessageContaining("Next try in");
        assertThat(client.snapshot().requests().count()).isEqualTo(2);
    }

    @Test
    void aNewKeyDoesNotOverruleTheAuthoritysRetryAfter() throws Exception {
        var gate = Gate.thenFault(Fault.retryAfter(503, "100"));
        WORLD.authority.origin().fault(1, gate);
        FutureTask<Object> caller = begin(1, () -> token(client)).get(0);
        gate.awaitRequest();
        aNewKeyIsRead();

        gate.open();

        assertThat(end(caller)).isInstanceOf(AuthorityUnavailable.class);
        assertThatThrownBy(() -> token(client)).hasMessageContaining("Next try in 10");
    }

    @Test
    void forgettingWhileARequestFailsIsNotLost() throws Exception {
        var refusing = WORLD.authority.origin().fault(REFUSAL.at("/connect"));
        for (int i = 0; i < 8; i++) {
            assertThatThrownBy(() -> token(client)).isInstanceOf(TokenRefused.class);
            WORLD.clock.advance(Duration.ofMinutes(13));
        }
        refusing.off();
        var gate = Gate.thenFault(REFUSAL);
        WORLD.authority.origin().fault(1, gate);
        FutureTask<Object> caller = begin(1, () -> token(client)).get(0);
        gate.awaitRequest();

        client.forget();

        gate.open();
        assertThat(end(caller)).isInstanceOf(TokenRefused.class);
        assertThat(token(client)).isNotNull();
    }

    @Test
    void forgettingWhileTheAuthorityAsksForPatienceIsNotLost() throws Exception {
        var gate = Gate.thenFault(Fault.retryAfter(503, "600"));
        WORLD.authority.origin().fault(1, gate);
        FutureTask<Object> caller = begin(1, () -> token(client)).get(0);
        gate.awaitRequest();

        client.forget();

        gate.open();
        assertThat(end(caller)).isInstanceOf(AuthorityUnavailable.class);
        assertThat(token(client)).isNotNull();
    }

    @Test
    void aFailureAfterForgettingCountsFromTheBeginning() {
        WORLD.authority.origin().fault(REFUSAL.at("/connect"));
        for (int i = 0; i < 8; i++) {
            assertThatThrownBy(() -> token(client)).isInstanceOf(TokenRefused.class);
            WORLD.clock.advance(Duration.ofMinutes(13));
        }

        client.forget();

        assertThatThrownBy(() -> token(client)).isInstanceOf(TokenRefused.class);
        assertThatThrownBy(() -> token(client)).hasMessageMatching(".*Next try in [23]\\d s\\.");
    }

    @Test
    void anOlderSuccessDoesNotEndANewerRetryAfter() throws Exception {
        var gate = Gate.afterTheServer();
        WORLD.authority.origin().fault(1, gate);
        FutureTask<Object> older = begin(1, () -> token(client)).get(0);
        gate.awaitRequest();
        WORLD.clock.advance(Duration.ofSeconds(1));
        WORLD.authority.origin().fault(1, Fault.retryAfter(429, "60").at("/connect"));
        var another = new TokenRequest(Set.of(), List.of(), null);
        assertThatThrownBy(() -> client.token(another)).isInstanceOf(AuthorityUnavailable.class);
        long before = requests();

        gate.open();

        assertThat(end(older)).isInstanceOf(AccessToken.class);
        var third = new TokenRequest(Set.of(), List.of("https://a.example"), null);
        assertThatThrownBy(() -> client.token(third)).hasMessageContaining("Next try in 6");
        assertThat(requests()).isEqualTo(before);
        WORLD.clock.advance(Duration.ofSeconds(62));
        assertThat(client.token(another)).isNotNull();
    }

    @Test
    void aNewerSuccessEndsAnOlderRetryAfter() {
        WORLD.authority.origin().fault(1, Fault.retryAfter(503, "3000").at("/connect"));
        assertThatThrownBy(() -> token(client)).isInstanceOf(AuthorityUnavailable.class);
        WORLD.clock.advance(Duration.ofSeconds(1));

        client.renew();

        World.eventually(() -> client.usual().state().failure() == null);
        assertThat(client.token(new TokenRequest(Set.of(), List.of(), null))).isNotNull();
    }
}
