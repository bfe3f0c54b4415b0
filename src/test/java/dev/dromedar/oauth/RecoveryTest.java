package dev.dromedar.oauth;

import static dev.dromedar.oauth.World.begin;
import static dev.dromedar.oauth.World.recovers;
import static dev.dromedar.oauth.World.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.Proves;
import dev.dromedar.sandbox.Header;
import dev.dromedar.sandbox.NonceUse;
import dev.dromedar.sandbox.ProtectedApi;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is done about an API's 401. The HTTP layer above asks once for each call. */
@Tag("long")
class RecoveryTest {
    private static final World WORLD = new World();

    private final ProtectedApi api = WORLD.api();
    private final ApiClient client = WORLD.client(api);

    @BeforeEach
    void heal() {
        WORLD.authority.origin().heal();
        WORLD.authority.tokenLifetime(Duration.ofMinutes(5));
    }

    @AfterAll
    static void close() {
        WORLD.close();
    }

    private static boolean recovers(ApiClient client, AccessToken token, String nonce, String... challenges) {
        return client.recovers(
                client.settings().tokens().request(),
                token,
                Arrays.asList(challenges),
                nonce.isEmpty() ? null : nonce,
                null);
    }

    /** A token that the API took, refused half a minute later. */
    @ParameterizedTest(name = "{0} with nonce ''{1}'': again {2}, with a new token {3}")
    @CsvSource(
            delimiter = '|',
            value = {
                "DPoP error=\"invalid_token\"||true|true",
                "DPoP error=invalid_token||true|true",
                "DPoP||true|true",
                "none||true|true",
                "DPoP error=\"something_new\"||true|true",
                "Negotiate||true|true",
                "DPoP error=\"use_dpop_nonce\"|n1|true|false",
                "DPoP error=\"use_dpop_nonce\"||false|false",
                "DPoP error=\"invalid_dpop_proof\"||true|false",
                "DPoP error=\"insufficient_scope\"||false|false",
                "DPoP error=\"insufficient_authorization_details\"||false|false",
                "DPoP error=\"insufficient_user_authentication\"||false|false",
                "DPoP error=\"invalid_request\"||false|false",
                "Bearer error=\"invalid_request\", DPoP error=\"use_dpop_nonce\"|n1|true|false",
                "Bearer error=\"invalid_token\", DPoP error=\"insufficient_scope\"||false|false",
                "Bearer realm=\"x\", DPoP algs=\"ES256\", error=\"use_dpop_nonce\"|n1|true|false",
                "Bearer error=\"insufficient_scope\"||false|false",
            })
    void isRecoveredFromByItsChallenge(String challenge, String nonce, boolean again, boolean newToken)
            throws Exception {
        AccessToken token = token(client);
        assertThat(WORLD.call(client).statusCode()).isEqualTo(200);
        WORLD.clock.advance(Duration.ofSeconds(30));

        boolean recovers = recovers(
                client,
                token,
                nonce == null ? "" : nonce,
                challenge.equals("none") ? new String[0] : new String[] {challenge});

        assertThat(recovers).isEqualTo(again);
        assertThat(token(client) != token).isEqualTo(newToken);
    }

    @Test
    void aBearerTokenIsNotTriedAgainWithANonce() {
        ApiClient bearer = WORLD.client(WORLD.bearerApi());

        assertThat(recovers(bearer, token(bearer), "n1", "DPoP error=\"use_dpop_nonce\""))
                .isFalse();
    }

    @Test
    void aRevokedTokenIsReplacedAndTheCallSucceeds() throws Exception {
        AccessToken token = token(client);
        assertThat(WORLD.call(client).statusCode()).isEqualTo(200);
        WORLD.authority.revokeTokens();

        HttpResponse<String> refused = WORLD.call(client, token);

        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(World.recovers(client, token, refused)).isTrue();
        assertThat(WORLD.call(client).statusCode()).isEqualTo(200);
        assertThat(WORLD.requests(api)).isEqualTo(2);
    }

    @Test
    void rolledKeysOfTheAuthorityCostOneNewToken() throws Exception {
        AccessToken token = token(client);
        WORLD.call(client);
        WORLD.authority.rollSigningKey();

        HttpResponse<String> refused = WORLD.call(client, token);

        assertThat(World.recovers(client, token, refused)).isTrue();
        assertThat(WORLD.call(client).statusCode()).isEqualTo(200);
        assertThat(WORLD.requests(api)).isEqualTo(2);
    }

    @Test
    void sixtyFourCallsRefusedAtOnceCostOneNewToken() throws Exception {
        AccessToken token = token(client);
        WORLD.call(client);
        WORLD.authority.revokeTokens();
        var gate = new Gate();
        WORLD.authority.origin().fault(gate);
        List<FutureTask<Object>> calls = begin(64, () -> {
            assertThat(recovers(client, token, "", "DPoP error=\"invalid_token\""))
                    .isTrue();
            return token(client);
        });
        gate.awaitRequest();

        gate.open();

        assertThat(calls.stream().map(World::end).distinct())
                .hasSize(1)
                .allMatch(AccessToken.class::isInstance)
                .doesNotContain(token);
        assertThat(WORLD.requests(api)).isEqualTo(2);
    }

    @Test
    void aRefusalOfAnOldTokenLeavesTheNewOneAlone() throws Exception {
        AccessToken old = token(client);
        WORLD.call(client);
        recovers(client, old, "", "DPoP error=\"invalid_token\"");
        AccessToken current = token(client);

        boolean again = recovers(client, old, "", "DPoP error=\"invalid_token\"");

        assertThat(again).isTrue();
        assertThat(token(client)).isSameAs(current);
    }

    @Test
    void aTokenMintedAMomentAgoThatNeverWorkedIsNotReplaced() {
        AccessToken token = token(client);

        boolean again = recovers(client, token, "", "DPoP error=\"invalid_token\"");

        assertThat(again).isFalse();
        assertThat(token(client)).isSameAs(token);
        assertThat(WORLD.requests(api)).isEqualTo(1);
    }

    /** It is refused for its age: another one is given in any case, so that the call need not fail. */
    @Test
    void aTokenThatDiedOnItsWayIsReplacedHoweverYoungItIs() {
        WORLD.authority.tokenLifetime(Duration.ofSeconds(3));
        AccessToken token = token(client);
        WORLD.clock.advance(Duration.ofSeconds(3));

        boolean again = recovers(client, token, "", "DPoP error=\"invalid_token\"");

        assertThat(again).isTrue();
        assertThat(token(client)).isNotSameAs(token);
    }

    @Test
    void anApiThatRefusesWhateverItGetsCostsAFewTokensAndNotOneForEachCall() {
        for (int second = 0; second < 240; second++) {
            recovers(client, token(client), "", "DPoP error=\"invalid_token\"");
            WORLD.clock.advance(Duration.ofSeconds(1));
        }

        assertThat(WORLD.requests(api)).isBetween(3L, 6L); // after 5, 10, 20, 40, 80 seconds
    }

    @Test
    void aPartOfAnApiThatRefusesCostsAFewTokensThoughTheRestWorks() throws Exception {
        for (int second = 0; second < 240; second++) {
            assertThat(WORLD.call(client).statusCode()).isEqualTo(200);
            recovers(client, token(client), "", "DPoP error=\"invalid_token\"");
            WORLD.clock.advance(Duration.ofSeconds(1));
        }

        assertThat(WORLD.requests(api)).isBetween(5L, 9L); // at once, then after 1, 3, 7, 15, 31, 63, 127 seconds
    }

    @Test
    void anApiThatRefusesDoesNotTakeTheTokenFromAnotherThatShareIt() {
        var other = World.settings(api);
        other.name = "refuses";
        Clients clients = WORLD.clients(World.settings(api).build(), other.build());
        ApiClient works = java.util.Objects.requireNonNull(clients.named(api.name()));
        ApiClient refuses = java.util.Objects.requireNonNull(clients.named("refuses"));
        AccessToken token = token(works);
        works.answered(
                works.settings().tokens().request(), token, works.settings().baseAddress(), 200, null);

        boolean again = recovers(refuses, token, "", "DPoP error=\"invalid_token\"");

        assertThat(again).isFalse();
        assertThat(token(works)).isSameAs(token);
    }

    @Test
    void aTokenThatLivedItsLifeMakesUpForEarlierRefusals() throws Exception {
        for (int i = 0; i < 3; i++) {
            AccessToken token = token(client);
            WORLD.call(client);
            recovers(client, token, "", "DPoP error=\"invalid_token\"");
            WORLD.clock.advance(Duration.ofSeconds(10));
        }
        token(client);
        WORLD.clock.advance(Duration.ofMinutes(6));
        AccessToken token = token(client);
        WORLD.call(client);

        boolean again = recovers(client, token, "", "DPoP error=\"invalid_token\"");

        assertThat(again).isTrue();
    }

    @Test
    @Proves("RFC 9449 9")
    void theNewestNonceOfAnApiIsUsedWhateverAnswerItCameWith() throws Exception {
        api.nonces(NonceUse.EVERY_ANSWER);
        AccessToken token = token(client);
        HttpResponse<String> challenged = WORLD.call(client, token);
        assertThat(challenged.statusCode()).isEqualTo(401);
        assertThat(World.recovers(client, token, challenged)).isTrue();

        for (int i = 0; i < 5; i++) {
            assertThat(WORLD.call(client, token).statusCode()).isEqualTo(200);
        }

        assertThat(api.seen().nonceChallenges()).isEqualTo(1);
        assertThat(api.seen().replays()).isZero();
    }

    @Test
    @Proves("RFC 9449 9")
    void aNonceOfTheAuthorityIsNotSentToTheApi() throws Exception {
        WORLD.authority.nonces(NonceUse.EVERY_ANSWER);
        try {
            assertThat(WORLD.call(client).statusCode())
                    .isEqualTo(200); // the sandbox refuses a nonce that it never gave
        } finally {
            WORLD.authority.nonces(NonceUse.OFF);
        }
    }

    @Test
    void anApiWithAnotherClockIsFollowedAfterItsFirstRefusal() throws Exception {
        api.origin().clockOffset(Duration.ofSeconds(-40));
        AccessToken token = token(client);
        HttpResponse<String> refused = WORLD.call(client, token);
        assertThat(refused.statusCode()).isEqualTo(401);

        boolean again = World.recovers(client, token, refused);

        assertThat(again).isTrue();
        assertThat(api.seen().refusals()).isNotEmpty();
    }

    @Test
    void aScriptedApiSeesWhatItShould() throws Exception {
        AccessToken token = token(client);
        api.answers(401, Header.useNonce("n1")).then(200).nothingElse();

        HttpResponse<String> challenged = WORLD.call(client, token);
        boolean again = World.recovers(client, token, challenged);
        HttpResponse<String> answer = WORLD.call(client);

        assertThat(again).isTrue();
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(api.unexpected()).isZero();
    }
}
