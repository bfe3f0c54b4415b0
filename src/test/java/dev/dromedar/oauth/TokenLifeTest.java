package dev.dromedar.oauth;

import static dev.dromedar.oauth.World.atOnce;
import static dev.dromedar.oauth.World.begin;
import static dev.dromedar.oauth.World.end;
import static dev.dromedar.oauth.World.eventually;
import static dev.dromedar.oauth.World.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.dromedar.Proves;
import dev.dromedar.sandbox.Fault;
import dev.dromedar.sandbox.NonceUse;
import dev.dromedar.sandbox.ProtectedApi;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The life of a token, on a clock that is moved. The authority's tokens live five minutes unless a test says otherwise. */
class TokenLifeTest {
    private static final World WORLD = new World();

    private final ProtectedApi api = WORLD.api();
    private final ApiClient client = WORLD.client(api);

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

    private static void advance(Duration by) {
        WORLD.clock.advance(by);
    }

    @Test
    void servesOneTokenFromMemoryWhileItIsFresh() {
        Set<AccessToken> served = new HashSet<>();

        for (int i = 0; i < 1000; i++) {
            served.add(token(client));
        }

        assertThat(served).hasSize(1);
        assertThat(WORLD.requests(api)).isEqualTo(1);
    }

    /** As when this machine is paused, or has no processor to run on, between the signature and the request. */
    private void pauseOnTheWay(int requests) {
        WORLD.authority
                .origin()
                .fault(
                        requests,
                        ((Fault) (request, server) -> {
                                    advance(Duration.ofSeconds(30));
                                    return server.answer(request);
                                })
                                .at("/connect/token"));
    }

    @Test
    void anAssertionThatHasExpiredOnItsWayIsReplacedAtOnce() {
        pauseOnTheWay(1);

        assertThat(token(client)).isNotNull();
        assertThat(WORLD.requests(api)).isEqualTo(2);
    }

    /** The machine is paused twice: nothing is wrong that a person would have to correct. */
    @Test
    void oneThatHasExpiredTwiceCostsASecondAndNotHalfAMinute() {
        pauseOnTheWay(2);
        assertRefused();
        advance(Duration.ofMillis(1300));

        assertThat(token(client)).isNotNull();
        assertThat(WORLD.requests(api)).isEqualTo(3);
    }

    /** An authority may take its time to refuse what is wrong. */
    @Test
    void theNextLateRefusalWaitsAsAnyOther() {
        pauseOnTheWay(4);
        assertRefused();
        advance(Duration.ofMillis(1300));
        assertRefused();
        advance(Duration.ofMillis(1300));

        assertRefused();

        assertThat(WORLD.requests(api)).isEqualTo(4);
    }

    private void assertRefused() {
        assertThatThrownBy(() -> token(client))
                .isInstanceOfSatisfying(TokenRefused.class, refused -> assertThat(refused.error())
                        .isEqualTo("invalid_client"));
    }

    @Test
    @Proves("HelseID FK3")
    void sixtyFourColdCallersCostOneToken() throws Exception {
        var gate = new Gate();
        WORLD.authority.origin().fault(gate);
        List<FutureTask<Object>> callers = begin(64, () -> token(client));
        gate.awaitRequest();

        gate.open();

        assertThat(callers.stream().map(World::end).distinct()).hasSize(1).allMatch(AccessToken.class::isInstance);
        assertThat(WORLD.requests(api)).isEqualTo(1);
    }

    @Test
    void sixtyFourColdCallersCostTwoRequestsWithTheFirstNonce() {
        WORLD.authority.nonces(NonceUse.EVERY_ANSWER);

        List<Object> tokens = atOnce(64, () -> token(client));

        assertThat(tokens.stream().distinct()).hasSize(1).allMatch(AccessToken.class::isInstance);
        assertThat(WORLD.requests(api)).isEqualTo(2);
    }

    @Test
    @Proves("RFC 9449 8")
    void remembersTheNonceSoThatTheNextTokenIsOneRequest() {
        WORLD.authority.nonces(NonceUse.EVERY_ANSWER);
        WORLD.authority.tokenLifetime(Duration.ofMinutes(1));
        AccessToken first = token(client);
        advance(Duration.ofMinutes(1));

        AccessToken second = token(client);

        assertThat(second).isNotEqualTo(first);
        assertThat(WORLD.requests(api)).isEqualTo(3);
    }

    @Test
    @Proves("HelseID FK3")
    void asksForNothingWhileTheTokenIsFresh() {
        AccessToken first = token(client);

        advance(Duration.ofSeconds(300 - 5 - 60 - 1)); // five seconds of margin, a minute ahead of it

        assertThat(token(client)).isSameAs(first);
        assertThat(WORLD.requests(api)).isEqualTo(1);
    }

    @Test
    void servesTheOldTokenWhileOneRenewalRunsInTheBackground() throws Exception {
        AccessToken first = token(client);
        var gate = new Gate();
        WORLD.authority.origin().fault(gate);
        advance(Duration.ofSeconds(300 - 6));

        List<Object> served = atOnce(16, () -> token(client));

        gate.awaitRequest();
        assertThat(served.stream().distinct()).containsExactly(first);
        gate.open();
        eventually(() -> token(client) != first);
        assertThat(WORLD.requests(api)).isEqualTo(2);
    }

    @Test
    void callersWhoFindTheTokenDeadJoinTheRenewalInFlight() throws Exception {
        AccessToken first = token(client);
        var gate = new Gate();
        WORLD.authority.origin().fault(gate);
        advance(Duration.ofSeconds(300 - 6));
        token(client);
        gate.awaitRequest();
        advance(Duration.ofSeconds(2));
        List<FutureTask<Object>> callers = begin(16, () -> token(client));

        gate.open();

        assertThat(callers.stream().map(World::end).distinct())
                .hasSize(1)
                .allMatch(AccessToken.class::isInstance)
                .doesNotContain(first);
        assertThat(WORLD.requests(api)).isEqualTo(2);
    }

    @Test
    @Proves("HelseID token lifetime")
    void neverServesATokenInItsLastMoments() {
        AccessToken first = token(client);
        advance(Duration.ofSeconds(300 - 5));

        AccessToken second = token(client);

        assertThat(second).isNotSameAs(first);
    }

    /** Asks nothing a little before the earliest moment of renewal, and something a little after the latest. */
    @ParameterizedTest(name = "a token of {0} s, renewed at most {1} s ahead: not at {2} s, but at {3} s")
    @CsvSource({
        "3600, 60, 3534, 3542", // 3600 - 5 - 60, with a tenth of 60 of jitter
        "3600, 3600, 2694, 2786", // a quarter of its life at most
        "300, 60, 234, 242",
        "20, 60, 12.9, 13.6", // margin a tenth, window a quarter
        "4, 60, 2.5, 2.8",
        "1, 60, 0.64, 0.69",
    })
    void renewsInTheWindowThatTheLifetimeGives(int lifetime, int renewAhead, double before, double after)
            throws Exception {
        WORLD.authority.tokenLifetime(Duration.ofSeconds(lifetime));
        var settings = World.settings(api);
        settings.renewAhead = Duration.ofSeconds(renewAhead);
        ApiClient other = WORLD.client(settings.build());
        AccessToken first = token(other);
        advance(Duration.ofMillis((long) (before * 1000)));
        assertThat(token(other)).isSameAs(first);
        assertThat(WORLD.requests(api)).isEqualTo(1);

        advance(Duration.ofMillis((long) ((after - before) * 1000)));
        assertThat(token(other)).isSameAs(first);

        eventually(() -> WORLD.requests(api) == 2);
    }

    /** Many workers that were started together would ask together for ever. */
    @Test
    void workersThatBeganTogetherRenewAtDifferentMoments() {
        Set<Duration> moments = new HashSet<>();

        for (int worker = 0; worker < 8; worker++) {
            ApiClient one = WORLD.client(api);
            token(one);
            moments.add(one.usual().state().renewIn());
        }

        assertThat(moments).hasSizeGreaterThan(4);
    }

    @Test
    void renewsEarlierFromAnAuthorityThatAnswersSlowly() throws Exception {
        WORLD.authority.tokenLifetime(Duration.ofSeconds(60));
        var gate = new Gate();
        WORLD.authority.origin().fault(1, gate);
        FutureTask<Object> caller = begin(1, () -> token(client)).get(0);
        gate.awaitRequest();
        advance(Duration.ofSeconds(7)); // it takes seven seconds, by the client's clock
        gate.open();
        Object first = end(caller);
        advance(Duration.ofSeconds(60 - 7 - 5 - 15 - 3)); // a quarter of its life ahead would be three seconds later

        AccessToken served = token(client);

        assertThat(served).isSameAs(first);
        eventually(() -> WORLD.requests(api) == 2);
    }

    @Test
    @Proves("HelseID token lifetime")
    void countsALifeFromWhenTheRequestLeft() throws Exception {
        WORLD.authority.tokenLifetime(Duration.ofSeconds(100));
        var gate = new Gate();
        WORLD.authority.origin().fault(1, gate);
        FutureTask<Object> caller = begin(1, () -> token(client)).get(0);
        gate.awaitRequest();
        advance(Duration.ofSeconds(4));
        gate.open();
        Object first = end(caller);
        assertThat(first).isInstanceOf(AccessToken.class);

        advance(Duration.ofSeconds(92));

        assertThat(token(client)).isNotSameAs(first);
    }

    @Test
    @Proves("HelseID token lifetime")
    void servesNoDeadTokenAfterTheMachineSlept() {
        AccessToken first = token(client);

        WORLD.clock.stepWallClock(Duration.ofHours(8));

        assertThat(token(client)).isNotSameAs(first);
    }

    @Test
    void servesNoDeadTokenAfterTheWallClockWasSetBack() {
        AccessToken first = token(client);
        WORLD.clock.stepWallClock(Duration.ofHours(-3));

        advance(Duration.ofMinutes(5));

        assertThat(token(client)).isNotSameAs(first);
    }

    @Test
    void aMachineThatSleptInTheMiddleOfARequestTakesTheTokenForAsOldAsItIs() throws Exception {
        var gate = Gate.afterTheServer();
        WORLD.authority.origin().fault(1, gate);
        FutureTask<Object> caller = begin(1, () -> token(client)).get(0);
        gate.awaitRequest();
        WORLD.clock.stepWallClock(Duration.ofMinutes(10));
        gate.open();
        Object first = end(caller);

        AccessToken second = token(client);

        assertThat(second).isNotSameAs(first);
    }

    @Test
    void aClockThatJumpsToAndFroCostsOneRequestForEachTimeTheTokenSeemsDead() {
        token(client);

        for (int i = 0; i < 5; i++) {
            WORLD.clock.stepWallClock(Duration.ofHours(1));
            token(client);
            WORLD.clock.stepWallClock(Duration.ofHours(-1));
            token(client);
        }

        assertThat(WORLD.requests(api)).isEqualTo(2); // the second token's end is an hour ahead, by the clock of then
    }

    @Test
    void servesTheLivingTokenWhileItsRenewalFails() {
        AccessToken first = token(client);
        WORLD.authority.origin().refuseConnections();
        advance(Duration.ofSeconds(300 - 40));

        AccessToken served = token(client);

        assertThat(served).isSameAs(first);
        for (int i = 0; i < 30; i++) {
            World.eventually(() -> client.usual().state().failure() != null
                    && !client.usual().state().asking());
            advance(Duration.ofSeconds(1));
            assertThat(token(client)).isSameAs(first);
        }
    }

    @Test
    void isBackAtTheLatestWhenTheServedTokenDies() {
        AccessToken first = token(client);
        WORLD.authority.origin().refuseConnections();
        for (int second = 300 - 65; second <= 300 - 7; second++) {
            advance(Duration.ofSeconds(second == 300 - 65 ? second : 1));
            token(client);
        }
        while (client.usual().state().asking()) {
            Thread.onSpinWait(); // a try that is on its way would arrive with an assertion that has died meanwhile
        }
        WORLD.authority.origin().acceptConnections();
        advance(Duration.ofSeconds(2));

        AccessToken second = token(client);

        assertThat(second).isNotSameAs(first);
    }

    @Test
    void failsAtOnceWhileItBacksOffAndSaysWhyAndWhenItTriesAgain() {
        WORLD.authority.origin().fault(Fault.error(400, "invalid_client").at("/connect"));
        assertThatThrownBy(() -> token(client)).isInstanceOf(TokenRefused.class);
        long asked = WORLD.authority.origin().received().size();

        assertThatThrownBy(() -> token(client))
                .isInstanceOfSatisfying(TokenRefused.class, refused -> {
                    assertThat(refused.error()).isEqualTo("invalid_client");
                    assertThat(refused.status()).isEqualTo(400);
                })
                .hasMessageMatching(
                        api.name() + ": token refused by http://localhost:\\d+/connect/token: invalid_client"
                                + " \\(HTTP 400\\)\\. Check client-id, that the public key of kid '[-\\w]+' is registered for"
                                + " this client and not expired, and this machine's clock\\. Next try in \\d\\d s\\.");

        assertThat(WORLD.authority.origin().received()).hasSize((int) asked);
    }

    @ParameterizedTest(name = "{0}: not again within {1} s, but within {2} s")
    @CsvSource({
        "400 invalid_client, 23, 37",
        "401 invalid_client, 23, 37",
        "400 unauthorized_client, 23, 37",
        "400 invalid_scope, 23, 37",
        "400 access_denied, 23, 37",
        "403, 23, 37",
        "400 temporarily_unavailable, 0.7, 1.3",
        "400 server_error, 0.7, 1.3",
        "404, 0.7, 1.3",
        "500, 0.7, 1.3",
        "503, 0.7, 1.3",
        "302, 0.7, 1.3",
        "429, 0.7, 1.3",
        "429 after 7, 6.9, 8.1",
        "503 after 120, 119.9, 121.1",
        "503 after Sat&comma; 22 Nov 2025 12:00:00 GMT, 0.7, 1.3", // long past
        "503 after 31536000, 3599, 3602", // not believed
        "503 after soon, 0.7, 1.3",
    })
    void backsOffByTheClassOfTheFailure(String answer, double notWithin, double within) {
        String[] words = answer.replace("&comma;", ",").split(" ", 3);
        int status = Integer.parseInt(words[0]);
        Fault fault = words.length == 1
                ? Fault.status(status)
                : words.length == 2 ? Fault.error(status, words[1]) : Fault.retryAfter(status, words[2]);
        WORLD.authority.origin().fault(1, fault.at("/connect"));
        assertThatThrownBy(() -> token(client)).isInstanceOf(OAuthException.class);

        advance(Duration.ofMillis((long) (notWithin * 1000)));
        assertThatThrownBy(() -> token(client)).hasMessageContaining("Next try in");
        advance(Duration.ofMillis((long) ((within - notWithin) * 1000)));

        assertThat(token(client)).isNotNull();
    }

    @Test
    @Proves("RFC 6585 4, RFC 9110 10.2.3")
    void obeysADateInRetryAfterOnTheClockOfTheServer() {
        WORLD.authority.origin().clockOffset(Duration.ofHours(2));
        String inTwoMinutes = java.time.format.DateTimeFormatter.RFC_1123_DATE_TIME.format(
                WORLD.clock.instant().plus(Duration.ofMinutes(122)).atZone(java.time.ZoneOffset.UTC));
        WORLD.authority.origin().fault(1, Fault.retryAfter(503, inTwoMinutes).at("/connect"));
        assertThatThrownBy(() -> token(client)).isInstanceOf(AuthorityUnavailable.class);

        advance(Duration.ofSeconds(118));

        assertThatThrownBy(() -> token(client)).hasMessageContaining("Next try in");
        WORLD.authority.origin().clockOffset(Duration.ZERO);
        advance(Duration.ofSeconds(4));
        assertThat(token(client)).isNotNull();
    }

    @Test
    void theManyTokensOfOneCustomerPushOutNoTokenOfAnother() {
        TokenRequest another = of("883974832", "0");
        AccessToken theirs = client.token(another);
        for (int i = 0; i < TokenClient.MOST_TOKENS + 50; i++) {
            client.tokens().holder(of("313745392", "idle-" + i)); // as many, never used: these give way first
        }
        for (int i = 0; i < 20; i++) {
            client.token(of("313745392", String.valueOf(i)));
        }
        long before = WORLD.requests(api);

        assertThat(client.token(another)).isSameAs(theirs);
        assertThat(WORLD.requests(api)).isEqualTo(before);
        assertThat(client.tokens().size()).isLessThanOrEqualTo(TokenClient.MOST_TOKENS + 1);
    }

    private TokenRequest of(String organisation, String other) {
        TokenRequest usual = client.settings().tokens().request();
        return new TokenRequest(
                usual.scope(), usual.resource(), null, java.util.Map.of("consumer_org", organisation, "other", other));
    }

    @Test
    void whatTheAuthorityAsksForHoldsBackEveryTokenOfTheClient() {
        WORLD.authority.origin().fault(1, Fault.retryAfter(429, "30").at("/connect"));
        assertThatThrownBy(() -> token(client)).isInstanceOf(AuthorityUnavailable.class);
        var another = new TokenRequest(Set.of(), List.of(), null);

        assertThatThrownBy(() -> client.token(another))
                .hasMessageContaining("HTTP 429")
                .hasMessageContaining("Next try in 3");

        assertThat(WORLD.authority.origin().received().stream()
                        .filter(request -> request.body().contains(api.client().id())))
                .hasSize(1);
    }

    @Test
    void whatHoldsBackAnotherTokenIsNoFailureOfThisOneWhenItsTimeIsOver() {
        token(client);
        WORLD.authority.origin().fault(1, Fault.retryAfter(429, "30").at("/connect"));
        assertThatThrownBy(() -> client.token(new TokenRequest(Set.of(), List.of(), null)))
                .isInstanceOf(AuthorityUnavailable.class);
        assertThat(client.snapshot().state()).isEqualTo(CredentialState.FAILING_BUT_SERVING);

        advance(Duration.ofSeconds(32));

        assertThat(client.snapshot().state()).isEqualTo(CredentialState.GOOD);
    }

    @Test
    void anOperatorWhoDropsATokenNeedNotWaitForWhatTheAuthorityAskedFor() {
        WORLD.authority.origin().fault(1, Fault.retryAfter(503, "3000").at("/connect"));
        assertThatThrownBy(() -> token(client)).isInstanceOf(AuthorityUnavailable.class);

        client.forget();

        assertThat(token(client)).isNotNull();
    }

    @Test
    void whoListensAndFailsCostsNobodyAToken() {
        Clients clients = WORLD.clients(World.settings(api).build());
        ApiClient heard = clients.all().iterator().next();
        clients.listen(new ApiListener() {
            @Override
            public void tokenRequested(ApiSettings api, Duration took, @Nullable OAuthException failure) {
                throw new IllegalStateException("asked");
            }

            @Override
            public void turned(ApiSettings api, ApiSnapshot now) {
                throw new IllegalStateException("turned");
            }
        });
        WORLD.authority.origin().fault(1, Fault.error(400, "invalid_scope").at("/connect"));
        try (var logged = new Logged()) {

            assertThatThrownBy(() -> token(heard)).isInstanceOf(TokenRefused.class);
            advance(Duration.ofMinutes(1));
            assertThat(token(heard)).isNotNull();

            assertThat(heard.snapshot().state()).isEqualTo(CredentialState.GOOD);
            assertThat(logged.all()).contains("failed here");
        }
        assertThat(WORLD.requests(api)).isEqualTo(1); // the first was answered by the fault
    }

    /** As some authorities do: the token they gave last, with what is left of its life. */
    @Test
    void anAuthorityThatGivesTheSameTokenAgainIsAskedAFewTimesInALife() {
        var given = new AtomicReference<JsonNode>();
        long start = WORLD.clock.millis();
        WORLD.authority
                .origin()
                .fault(Fault.json(body -> {
                            long left = 300 - (WORLD.clock.millis() - start) / 1000;
                            if (given.get() == null || left <= 0) {
                                given.set(body.get("access_token"));
                            } else {
                                body.set("access_token", given.get());
                                body.put("expires_in", left);
                            }
                        })
                        .at("/connect"));
        int failed = 0;

        for (int second = 0; second < 310; second++) {
            try {
                token(client);
            } catch (AuthorityUnavailable e) {
                failed++;
            }
            World.eventually(() -> !client.usual().state().asking());
            advance(Duration.ofSeconds(1));
        }

        assertThat(failed).isLessThanOrEqualTo(2);
        assertThat(WORLD.authority.origin().received().stream()
                        .filter(request -> request.body().contains(api.client().id())))
                .hasSizeBetween(2, 9);
    }

    @Test
    void asksEveryFewSecondsWhileTheAuthorityIsDownAndCallersWait() {
        WORLD.authority.origin().fault(Fault.status(503).at("/connect"));

        for (int second = 0; second < 102; second++) {
            assertThatThrownBy(() -> token(client)).isInstanceOf(AuthorityUnavailable.class);
            advance(Duration.ofSeconds(1));
        }
        WORLD.authority.origin().heal();

        assertThat(WORLD.authority.origin().received().stream()
                        .filter(request -> request.body().contains(api.client().id())))
                .hasSizeBetween(17, 28); // 1, 2, 4, 5, 5 ... s, each a fifth more or less
        advance(Duration.ofSeconds(6));
        assertThat(token(client)).isNotNull();
    }

    @Test
    void aRefusalAfterALongOutageIsTriedAgainLikeAFirstOne() {
        var down = WORLD.authority.origin().fault(Fault.status(503).at("/connect"));
        for (int second = 0; second < 60; second++) {
            assertThatThrownBy(() -> token(client)).isInstanceOf(AuthorityUnavailable.class);
            advance(Duration.ofSeconds(1));
        }
        down.off();
        var refusing = WORLD.authority
                .origin()
                .fault(Fault.error(400, "invalid_client").at("/connect"));
        advance(Duration.ofSeconds(7));
        assertThatThrownBy(() -> token(client)).isInstanceOf(TokenRefused.class);
        refusing.off();

        advance(Duration.ofSeconds(37));

        assertThat(token(client)).isNotNull();
    }

    @Test
    void comesBackByItselfWhenTheAuthorityDoes() {
        WORLD.authority.origin().refuseConnections();
        assertThatThrownBy(() -> token(client)).hasMessageContaining("nothing answers there");
        WORLD.authority.origin().acceptConnections();

        advance(Duration.ofSeconds(2));

        assertThat(token(client)).isNotNull();
    }

    @Test
    void aWaitThatIsTooLongEndsAndTheRequestGoesOn() throws Exception {
        var settings = World.settings(api);
        settings.timeLimit = Duration.ofMillis(50);
        var other = World.settings(api);
        other.name = "patient";
        Clients clients =
                WORLD.clients(settings.build(), other.build()); // share a client: the longer limit is the request's
        ApiClient hasty = java.util.Objects.requireNonNull(clients.named(api.name()));
        ApiClient patient = java.util.Objects.requireNonNull(clients.named("patient"));
        var gate = new Gate();
        WORLD.authority.origin().fault(gate);

        assertThatThrownBy(() -> token(hasty))
                .isInstanceOf(AuthorityUnavailable.class)
                .hasMessageContaining("Timed out after 50 ms waiting for a token");

        gate.open();
        assertThat(token(patient)).isNotNull();
        assertThat(WORLD.requests(api)).isEqualTo(1);
    }

    @Test
    void aCallerThatIsInterruptedStopsWaitingAndStaysInterrupted() throws Exception {
        var gate = new Gate();
        WORLD.authority.origin().fault(gate);
        var stays = new FutureTask<>(() -> {
            try {
                token(client);
                return "a token";
            } catch (AuthorityUnavailable e) {
                return Thread.currentThread().isInterrupted() + " " + e.getMessage();
            }
        });
        var caller = new Thread(stays);
        caller.start();
        gate.awaitRequest();

        caller.interrupt();

        assertThat(stays.get()).isEqualTo("true " + api.name() + ": Interrupted while waiting for a token.");
        gate.open();
        assertThat(token(client)).isNotNull();
    }

    @Test
    void closingEndsTheWaitOfThoseInFlightAndIsNoOutage() throws Exception {
        Clients clients = WORLD.clients(World.settings(api).build());
        ApiClient closing = clients.all().iterator().next();
        var gate = new Gate();
        WORLD.authority.origin().fault(gate);
        FutureTask<Object> caller = begin(1, () -> token(closing)).get(0);
        gate.awaitRequest();
        try (var logged = new Logged()) {

            clients.close();

            assertThat(end(caller))
                    .isInstanceOf(AuthorityUnavailable.class)
                    .asString()
                    .contains("stopping");
            assertThatThrownBy(() -> token(closing)).hasMessageContaining("stopping");
            assertThat(logged.told()).isEmpty();
        } finally {
            gate.open();
        }
    }

    @Test
    @Proves({"HelseID FK3", "RFC 9700 2.3"})
    void apisOfOneIdentityShareOneToken() {
        var other = World.settings(api);
        other.name = "the-same-client";
        other.baseAddress = java.net.URI.create("http://localhost:1/elsewhere");
        Clients clients = WORLD.clients(World.settings(api).build(), other.build());

        List<AccessToken> tokens = clients.all().stream().map(World::token).toList();

        assertThat(tokens.get(0)).isSameAs(tokens.get(1));
        assertThat(WORLD.requests(api)).isEqualTo(1);
    }
}
