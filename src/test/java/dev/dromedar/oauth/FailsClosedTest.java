package dev.dromedar.oauth;

import static dev.dromedar.oauth.World.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dromedar.Proves;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.ProtectedApi;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The token client's promises: when in doubt, no credential leaves and no token is given. */
class FailsClosedTest {
    private static final World WORLD = new World();

    private final ProtectedApi api = WORLD.api();
    private final ApiClient client = WORLD.client(api);

    @BeforeEach
    void heal() {
        WORLD.authority.origin().heal();
        WORLD.authority.origin().forgetReceived();
    }

    @AfterAll
    static void close() {
        WORLD.close();
    }

    @Test
    void credentialsAreForTheBaseAddressOnly() {
        URI base = client.settings().baseAddress();

        assertThat(client.covers(URI.create(base + "/x"))).isTrue();
        assertThat(client.covers(URI.create("http://localhost:1" + base.getPath() + "/x")))
                .isFalse();
        assertThat(client.covers(URI.create(base + "-other/x"))).isFalse();
    }

    @Test
    @Proves("RFC 9700 2.6")
    void aRedirectOfTheTokenEndpointIsNotFollowed() {
        try (var elsewhere = WORLD.sandbox.plainOrigin().origin()) {
            WORLD.authority
                    .origin()
                    .fault(Fault.redirect(307, elsewhere.uri() + "/token").at("/connect"));

            assertThatThrownBy(() -> token(client)).hasMessageContaining("credentials do not follow");

            assertThat(elsewhere.received()).isEmpty();
        }
    }

    @Test
    @Proves({"FAPI 2.0 5.3.3.1 metadata", "RFC 8414 3.3"})
    void metadataOfAnotherIssuerSendsNothing() {
        WORLD.authority.origin().fault(Fault.wrongIssuer());

        assertThatThrownBy(() -> token(client)).isInstanceOf(AuthorityUnavailable.class);

        assertThat(WORLD.authority.origin().received())
                .noneMatch(request -> request.method().equals("POST"));
    }

    @Test
    @Proves({"FAPI 2.0 5.3.3.1 sender-constrained", "RFC 9700 2.2.1"})
    void aBearerTokenInPlaceOfABoundOneIsNotUsed() {
        WORLD.authority.origin().fault(Fault.tokenType("Bearer"));

        assertThatThrownBy(() -> token(client)).isInstanceOf(TokenRefused.class).hasMessageContaining("token_type");
    }

    @Test
    @Proves("HelseID token type")
    void aTokenForAnotherKeyIsNotUsed() {
        WORLD.authority.origin().fault(WORLD.authority.wrongBinding());

        assertThatThrownBy(() -> token(client)).isInstanceOf(TokenRefused.class).hasMessageContaining("cnf.jkt");
    }

    @ParameterizedTest
    @EnumSource(ApiSettings.ScopePolicy.class)
    @Proves({"HelseID rejected_scope", "RFC 9700 2.3"})
    void lessScopeThanAskedForIsAsThePolicySays(ApiSettings.ScopePolicy policy) {
        var settings = World.settings(api);
        settings.scopePolicy = policy;
        ApiClient own = WORLD.client(settings.build());
        WORLD.authority.origin().fault(Fault.rejectedScope("sandbox:other/read"));
        try (var logged = new Logged()) {
            Object outcome = World.end(World.begin(1, () -> token(own)).get(0));
            World.end(World.begin(1, () -> token(own)).get(0));

            assertThat(outcome)
                    .isInstanceOf(policy == ApiSettings.ScopePolicy.FAIL ? TokenRefused.class : AccessToken.class);
            assertThat(logged.told())
                    .hasSize(policy == ApiSettings.ScopePolicy.WARN ? 1 : 0)
                    .allMatch(line -> line.endsWith("not granted: [sandbox:other/read]"));
        }
    }

    @Test
    void aTokenThatLacksScopeAndIsNotUsedIsNotAskedForAgain() {
        var settings = World.settings(api);
        settings.scopePolicy = ApiSettings.ScopePolicy.FAIL;
        ApiClient own = WORLD.client(settings.build());
        WORLD.authority.origin().fault(Fault.rejectedScope("x"));

        for (int i = 0; i < 10; i++) {
            assertThatThrownBy(() -> token(own))
                    .hasMessage(api.name() + ": the authority granted less than was requested; not granted: x. Have the"
                            + " scope granted, or set scope-policy = warn.");
        }

        assertThat(WORLD.requests(api)).isEqualTo(1);
    }

    @Test
    void noDeadTokenIsServedInAnOutage() {
        token(client);
        WORLD.authority.origin().refuseConnections();

        WORLD.clock.advance(Duration.ofMinutes(5));

        assertThatThrownBy(() -> token(client)).isInstanceOf(AuthorityUnavailable.class);
        WORLD.authority.origin().acceptConnections();
    }
}
