package dev.dromedar.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import dev.dromedar.MovableClock;
import dev.dromedar.Proves;
import dev.dromedar.sandbox.Caller.Reply;
import dev.dromedar.sandbox.Caller.TokenRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class AuthorityTest {
    private static final MovableClock CLOCK = new MovableClock();
    private static final Sandbox SANDBOX = Sandbox.start(Sandbox.Options.plain().withClock(CLOCK));
    private static final JWK OTHER_KEY = Client.newKey("PS256");

    private final Caller caller = new Caller(SANDBOX);
    private final ProtectedApi bound = SANDBOX.api("health-records");
    private final ProtectedApi plain = SANDBOX.api("health-records-bearer");
    private final ProtectedApi orders = SANDBOX.api("orders");
    private final Authority helseid = SANDBOX.helseid();
    private final Authority duende = SANDBOX.duende();

    @AfterAll
    static void close() {
        SANDBOX.close();
    }

    @AfterEach
    void strictAgain() {
        helseid.rules(AuthorityRules.helseid());
        duende.rules(AuthorityRules.duende());
    }

    private record Case(String name, Check check, String error, String words, Consumer<Jwt> assertion) {}

    @TestFactory
    Stream<DynamicTest> refusesABrokenAssertion() {
        String issuer = helseid.issuer();
        long now = CLOCK.instant().getEpochSecond();
        return Stream.of(
                        broken("iss of another", Check.CLIENT_ID, "must be the same", a -> a.claim("iss", "x")),
                        broken("sub of another", Check.CLIENT_ID, "'sub' 'x'", a -> a.claim("sub", "x")),
                        broken("no sub", Check.CLIENT_ID, "'sub' missing", a -> a.without("sub")),
                        broken("typ JWT", Check.ASSERTION_TYP, "'typ' is 'JWT'", a -> a.head("typ", "JWT")),
                        broken("no typ", Check.ASSERTION_TYP, "is missing", a -> a.header.remove("typ")),
                        broken("alg none", Check.ASSERTION_ALG, "'none'", a -> a.head("alg", "none")),
                        broken("alg HS256", Check.ASSERTION_ALG, "'HS256'", a -> a.head("alg", "HS256")),
                        broken("alg not the key's", Check.ASSERTION_ALG, "for PS256", a -> a.head("alg", "RS256")),
                        broken("no kid", Check.ASSERTION_KEY, "'kid' is missing", a -> a.header.remove("kid")),
                        broken("unknown kid", Check.ASSERTION_KEY, "'k9' is not registered", a -> a.head("kid", "k9")),
                        broken("signed by another", Check.ASSERTION_SIGNATURE, "fit", a -> a.signedBy(OTHER_KEY)),
                        broken(
                                "aud token endpoint",
                                Check.ASSERTION_AUD,
                                "client assertion: 'aud' is '" + issuer
                                        + "/connect/token', must be exactly the issuer '" + issuer + "' (one string)",
                                a -> a.claim("aud", issuer + "/connect/token")),
                        broken("aud with slash", Check.ASSERTION_AUD, issuer + "/'", a -> a.claim("aud", issuer + "/")),
                        broken("aud array", Check.ASSERTION_AUD, "[", a -> a.claim("aud", List.of(issuer))),
                        broken("aud of another", Check.ASSERTION_AUD, "x.no", a -> a.claim("aud", "https://x.no")),
                        broken("no aud", Check.ASSERTION_AUD, "missing", a -> a.without("aud")),
                        broken("no exp", Check.ASSERTION_LIFETIME, "'exp' is missing", a -> a.without("exp")),
                        broken("exp past", Check.ASSERTION_LIFETIME, "past", a -> a.claim("exp", now - 1)),
                        broken("exp now", Check.ASSERTION_LIFETIME, "past", a -> a.claim("exp", now)),
                        broken("exp 61 s ahead", Check.ASSERTION_LIFETIME, "61 s", a -> a.claim("exp", now + 61)),
                        broken("exp 61 s after iat", Check.ASSERTION_LIFETIME, "61 s after 'iat'", a -> a.claim(
                                        "iat", now - 51)
                                .claim("exp", now + 10)),
                        broken("exp a string", Check.ASSERTION_LIFETIME, "'exp'", a -> a.claim("exp", "" + (now + 9))),
                        broken("iat ahead", Check.ASSERTION_LIFETIME, "future", a -> a.claim("iat", now + 6)),
                        broken("iat a string", Check.ASSERTION_LIFETIME, "'iat'", a -> a.claim("iat", "" + now)),
                        broken("no iat", Check.ASSERTION_LIFETIME, "'iat' is missing", a -> a.without("iat")),
                        broken("nbf ahead", Check.ASSERTION_LIFETIME, "future", a -> a.claim("nbf", now + 6)),
                        broken("no nbf", Check.ASSERTION_LIFETIME, "'nbf' is missing", a -> a.without("nbf")),
                        broken("no jti", Check.ASSERTION_JTI, "'jti' is missing", a -> a.without("jti")),
                        broken("short jti", Check.ASSERTION_JTI, "guess", a -> a.claim("jti", "123456789012345")),
                        broken("poor jti", Check.ASSERTION_JTI, "guess", a -> a.claim("jti", "1".repeat(40))),
                        broken("jti a number", Check.ASSERTION_JTI, "'jti'", a -> a.claim("jti", 12345678901234567L)))
                .map(c -> DynamicTest.dynamicTest(
                        c.name,
                        () -> refused(
                                helseid,
                                c,
                                caller.tokenRequest(plain, c.assertion, p -> {}).send())));
    }

    private record Asked(String name, Check check, String error, String words, Consumer<TokenRequest> change) {}

    @TestFactory
    Stream<DynamicTest> refusesABrokenRequest() {
        return Stream.of(
                        new Asked(
                                "no grant_type",
                                Check.GRANT_TYPE,
                                "invalid_request",
                                "grant_type is missing",
                                r -> r.form.remove("grant_type")),
                        new Asked(
                                "grant_type of users",
                                Check.GRANT_TYPE,
                                "unsupported_grant_type",
                                "password",
                                r -> r.form.put("grant_type", "password")),
                        new Asked(
                                "no client_id",
                                Check.CLIENT_ID,
                                "invalid_client",
                                "client_id is missing",
                                r -> r.form.remove("client_id")),
                        new Asked(
                                "client_id empty",
                                Check.CLIENT_ID,
                                "invalid_client",
                                "client_id is missing",
                                r -> r.form.put("client_id", "")),
                        new Asked(
                                "client_id of another",
                                Check.CLIENT_ID,
                                "invalid_client",
                                "must be the same",
                                r -> r.form.put("client_id", bound.client().id())),
                        new Asked(
                                "assertion type wrong",
                                Check.CLIENT_AUTHENTICATION,
                                "invalid_client",
                                "must be 'urn",
                                r -> r.form.put("client_assertion_type", "jwt-bearer")),
                        new Asked(
                                "assertion type missing",
                                Check.CLIENT_AUTHENTICATION,
                                "invalid_client",
                                "missing",
                                r -> r.form.remove("client_assertion_type")),
                        new Asked(
                                "assertion missing",
                                Check.CLIENT_AUTHENTICATION,
                                "invalid_client",
                                "missing",
                                r -> r.form.remove("client_assertion")),
                        new Asked(
                                "assertion no JWT",
                                Check.CLIENT_AUTHENTICATION,
                                "invalid_client",
                                "not a JWT",
                                r -> r.form.put("client_assertion", "a.b")),
                        new Asked(
                                "secret too",
                                Check.CLIENT_AUTHENTICATION,
                                "invalid_request",
                                "more than one",
                                r -> r.form.put("client_secret", "s")),
                        new Asked(
                                "Basic too",
                                Check.CLIENT_AUTHENTICATION,
                                "invalid_request",
                                "more than one",
                                r -> r.headers.put("Authorization", "Basic eDp5")),
                        new Asked("nothing at all", Check.CLIENT_AUTHENTICATION, "invalid_client", "none", r -> {
                            r.form.remove("client_assertion");
                            r.form.remove("client_assertion_type");
                        }),
                        new Asked("a secret", Check.CLIENT_AUTHENTICATION, "invalid_client", "HID-1008", r -> {
                            r.form.remove("client_assertion");
                            r.form.remove("client_assertion_type");
                            r.form.put("client_secret", "s");
                        }),
                        new Asked(
                                "foreign scope",
                                Check.SCOPE,
                                "invalid_scope",
                                "'x:y/z' is not allowed",
                                r -> r.form.put("scope", "x:y/z")),
                        new Asked(
                                "two spaces",
                                Check.SCOPE,
                                "invalid_scope",
                                "'' is not allowed",
                                r -> r.form.put("scope", plain.registration().scope() + "  ")),
                        new Asked(
                                "identity scope",
                                Check.SCOPE,
                                "invalid_scope",
                                "for users",
                                r -> r.form.put("scope", "openid")),
                        new Asked(
                                "unknown resource",
                                Check.RESOURCE,
                                "invalid_target",
                                "'urn:x'",
                                r -> r.form.put("resource", "urn:x")),
                        new Asked(
                                "JSON",
                                Check.FORM_POST,
                                "invalid_request",
                                "Content-Type",
                                r -> r.headers.put("Content-Type", "application/json")))
                .map(c -> DynamicTest.dynamicTest(c.name, () -> {
                    var request = caller.tokenRequest(plain, a -> {}, p -> {});
                    c.change.accept(request);
                    refused(helseid, new Case(c.name, c.check, c.error, c.words, a -> {}), request.send());
                }));
    }

    @Test
    void refusesAnotherMethodAQueryAndARepeatedParameter() {
        var request = new TokenRequest(helseid);

        assertThat(request.send("GET", "").description()).contains("must be POST");
        assertThat(request.send("PUT", "").error()).isEqualTo("invalid_request");
        assertThat(request.send("POST", "scope=a&scope=b").description()).contains("'scope' is sent more than once");
        assertThat(request.send("POST", "scope=%zz").description()).contains("broken percent-encoding");
        assertThat(helseid.seen().refusals(Check.REPEATED_PARAMETER)).isPositive();
    }

    @Test
    @Proves("HelseID assertion once")
    void refusesAnAssertionThatWasUsedEvenForANonce() {
        var assertion = caller.assertion(bound).claim("jti", UUID.randomUUID().toString());
        Consumer<Jwt> same = a -> a.claim("jti", java.util.Objects.requireNonNull(assertion.claims.get("jti")));
        long replays = helseid.seen().replays();

        var first = caller.tokenRequest(bound, same, p -> {}).send();
        var second = caller.tokenRequest(bound, same, p -> p.claim("nonce", first.header("dpop-nonce")))
                .send();

        assertThat(first.error()).isEqualTo("use_dpop_nonce");
        assertThat(second.error()).isEqualTo("invalid_client");
        assertThat(second.description()).contains("every attempt needs a new assertion");
        assertThat(helseid.seen().replays()).isEqualTo(replays + 1);
    }

    @Test
    void givesOneOfManyWhoSendTheSameAssertionAToken() {
        var request = caller.tokenRequest(plain, a -> {}, p -> {});

        long granted = IntStream.range(0, 32)
                .parallel()
                .filter(i -> request.send().status() == 200)
                .count();

        assertThat(granted).isEqualTo(1);
    }

    @Test
    void refusesAClientThatMayNotUseItsGrant() {
        var api = SANDBOX.add(Registration.helseid("stopped").withoutDpop().withAlgorithm("ES256"));
        api.client().grantAllowed(false);

        var reply = caller.tokenRequest(api, a -> {}, p -> {}).send();

        refused(helseid, new Case("", Check.GRANT_TYPE, "unauthorized_client", "not allowed", a -> {}), reply);
    }

    @Test
    void servesNothingBelowItsEndpoints() {
        assertThat(Caller.get(helseid.issuer() + "/connect/token/").status()).isEqualTo(404);
        assertThat(Caller.get(helseid.issuer() + "/.well-known/jwks/x").status())
                .isEqualTo(404);
    }

    @Test
    void refusesAReplacedKey() {
        var rolled = SANDBOX.add(Registration.helseid("rolled").withoutDpop().withAlgorithm("ES256"));
        var old = rolled.client().privateKey();
        var fresh = rolled.client().rollKey();

        var withOld = caller.tokenRequest(
                        rolled, a -> a.head("kid", old.getKeyID()).signedBy(old), p -> {})
                .send();
        var withNew = caller.tokenRequest(rolled, a -> {}, p -> {}).send();

        assertThat(fresh.getKeyID()).isNotEqualTo(old.getKeyID());
        assertThat(withOld.description()).contains("has been replaced");
        assertThat(withNew.status()).isEqualTo(200);
    }

    @TestFactory
    Stream<DynamicTest> letsPassWhatALenientAuthorityTakes() {
        String issuer = helseid.issuer();
        Map<Leniency, Consumer<Jwt>> cases = Map.of(
                Leniency.ASSERTION_TYP_JWT, a -> a.head("typ", "JWT"),
                Leniency.AUD_TOKEN_ENDPOINT, a -> a.claim("aud", issuer + "/connect/token"),
                Leniency.AUD_TRAILING_SLASH, a -> a.claim("aud", issuer + "/"),
                Leniency.AUD_ARRAY, a -> a.claim("aud", List.of(issuer)),
                Leniency.ASSERTION_JTI_MAY_REPEAT, a -> a.claim("jti", "a-jti-that-is-always-the-same"),
                Leniency.IAT_AND_NBF_MAY_BE_ABSENT, a -> a.without("iat").without("nbf"),
                Leniency.CLIENT_ID_MAY_BE_ABSENT, a -> {});
        return cases.entrySet().stream()
                .map(c -> DynamicTest.dynamicTest(c.getKey().name(), () -> {
                    helseid.rules(AuthorityRules.helseid().with(c.getKey()));
                    for (int time = 0; time < 2; time++) {
                        var request = caller.tokenRequest(plain, c.getValue(), p -> {});
                        if (c.getKey() == Leniency.CLIENT_ID_MAY_BE_ABSENT) {
                            request.form.remove("client_id");
                        }
                        var reply = request.send();
                        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
                    }
                }));
    }

    @Test
    void answersWithABoundTokenAndSaysSo() throws Exception {
        var nonce = caller.tokenNonce(bound);
        var reply = caller.tokenRequest(bound, a -> {}, p -> p.claim("nonce", nonce))
                .send();

        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        assertThat(reply.json().path("token_type").asText()).isEqualTo("DPoP");
        assertThat(reply.json().path("expires_in").asInt()).isEqualTo(300);
        assertThat(reply.json().path("scope").asText()).isEqualTo("sandbox:health-records/read");
        assertThat(reply.header("cache-control")).isEqualTo("no-store");
        var token = reply.json().path("access_token").asText();
        var claims = Jwt.claimsOf(token);
        assertThat(Jwt.headerOf(token).path("typ").asText()).isEqualTo("at+jwt");
        assertThat(claims.at("/cnf/jkt").asText())
                .isEqualTo(Caller.PROOF_KEY.computeThumbprint().toString());
        assertThat(claims.path("iss").asText()).isEqualTo(helseid.issuer());
        assertThat(claims.path("aud").asText()).isEqualTo("urn:sandbox:health-records");
        assertThat(claims.path("client_id").asText()).isEqualTo(bound.client().id());
        assertThat(claims.has("sub")).isFalse();
    }

    @Test
    void grantsAllAllowedScopesIfNoneIsAskedForAndTheResourceAsAudience() throws Exception {
        var request = caller.tokenRequest(plain, a -> {}, p -> {});
        request.form.remove("scope");
        request.form.put("resource", "urn:sandbox:health-records-bearer");

        var reply = request.send();

        assertThat(reply.json().path("token_type").asText()).isEqualTo("Bearer");
        assertThat(reply.json().path("scope").asText()).isEqualTo("sandbox:health-records-bearer/read");
        assertThat(Jwt.claimsOf(reply.json().path("access_token").asText())
                        .path("aud")
                        .asText())
                .isEqualTo("urn:sandbox:health-records-bearer");
    }

    @Test
    void demandsAProofOfAClientThatMustBindItsTokens() {
        var request = caller.tokenRequest(bound, a -> {}, p -> {});
        request.headers.remove("DPoP");

        refused(
                helseid,
                new Case("", Check.PROOF_REQUIRED, "invalid_dpop_proof", "no DPoP header", a -> {}),
                request.send());
    }

    @TestFactory
    Stream<DynamicTest> refusesABrokenProof() {
        long now = CLOCK.instant().getEpochSecond();
        Map<Check, Consumer<Jwt>> cases = Map.of(
                Check.PROOF_TYP, p -> p.head("typ", "jwt"),
                Check.PROOF_ALG, p -> p.head("alg", "none"),
                Check.PROOF_JWK, p -> p.header.remove("jwk"),
                Check.PROOF_SIGNATURE, p -> p.signedBy(Client.newKey("ES256")),
                Check.PROOF_JTI, p -> p.without("jti"),
                Check.PROOF_HTM, p -> p.claim("htm", "GET"),
                Check.PROOF_HTU, p -> p.claim("htu", helseid.issuer()),
                Check.PROOF_IAT, p -> p.claim("iat", now - 60));
        return cases.entrySet().stream()
                .map(c -> DynamicTest.dynamicTest(c.getKey().name(), () -> {
                    var reply =
                            caller.tokenRequest(bound, a -> {}, c.getValue()).send();
                    // The proof is looked at before its nonce
                    refused(helseid, new Case("", c.getKey(), "invalid_dpop_proof", "proof: ", a -> {}), reply);
                }));
    }

    @Test
    void demandsANonceOfItsOwnThatIsNotTooOld() {
        var nonce = caller.tokenNonce(bound);
        Consumer<Jwt> withNonce = p -> p.claim("nonce", nonce);

        assertThat(caller.tokenRequest(bound, a -> {}, withNonce).send().status())
                .isEqualTo(200);
        CLOCK.advance(Duration.ofSeconds(119));
        var late = caller.tokenRequest(bound, a -> {}, withNonce).send();
        assertThat(late.status()).isEqualTo(200);
        assertThat(late.header("dpop-nonce")).isNotEmpty().isNotEqualTo(nonce);
        CLOCK.advance(Duration.ofSeconds(61));
        var tooLate = caller.tokenRequest(bound, a -> {}, withNonce).send();
        refused(helseid, new Case("", Check.NONCE, "use_dpop_nonce", "too old", a -> {}), tooLate);
        assertThat(tooLate.header("dpop-nonce")).isNotEmpty();
    }

    @Test
    void doesNotSpendTheJtiOfAProofThatLackedANonceButCountsItOnce() {
        var jti = UUID.randomUUID().toString();
        long distinct = helseid.seen().distinctJti();

        var first =
                caller.tokenRequest(bound, a -> {}, p -> p.claim("jti", jti)).send();
        var second = caller.tokenRequest(
                        bound, a -> {}, p -> p.claim("jti", jti).claim("nonce", first.header("dpop-nonce")))
                .send();
        var third = caller.tokenRequest(
                        bound, a -> {}, p -> p.claim("jti", jti).claim("nonce", first.header("dpop-nonce")))
                .send();

        assertThat(second.status()).isEqualTo(200);
        refused(helseid, new Case("", Check.PROOF_JTI, "invalid_dpop_proof", "has been used", a -> {}), third);
        assertThat(helseid.seen().distinctJti()).isEqualTo(distinct + 1);
    }

    @Test
    void changesTheNonceAsItIsTold() {
        helseid.nonces(NonceUse.SINGLE_USE);
        var nonce = caller.tokenNonce(bound);

        var first = caller.tokenRequest(bound, a -> {}, p -> p.claim("nonce", nonce))
                .send();
        var again = caller.tokenRequest(bound, a -> {}, p -> p.claim("nonce", nonce))
                .send();

        assertThat(first.status()).isEqualTo(200);
        assertThat(first.header("dpop-nonce")).isNotEmpty().isNotEqualTo(nonce);
        assertThat(again.error()).isEqualTo("use_dpop_nonce");

        helseid.nonces(NonceUse.EVERY_ANSWER);
        var other = caller.tokenNonce(bound);
        for (int time = 0; time < 2; time++) {
            var reply = caller.tokenRequest(bound, a -> {}, p -> p.claim("nonce", other))
                    .send();
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.header("dpop-nonce")).isNotEmpty().isNotEqualTo(other);
        }

        helseid.expireNonces();
        assertThat(caller.tokenRequest(bound, a -> {}, p -> p.claim("nonce", other))
                        .send()
                        .error())
                .isEqualTo("use_dpop_nonce");
    }

    private Reply withSecret(String id, String secret, boolean encoded) {
        var request = new TokenRequest(duende);
        var pair = encoded ? TokenRequest.encode(id) + ":" + TokenRequest.encode(secret) : id + ":" + secret;
        request.headers.put(
                "Authorization", "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
        return request.send();
    }

    @Test
    void takesASecretByBasicAndInTheBody() {
        var inBody = new TokenRequest(duende);
        inBody.form.put("client_id", orders.client().id());
        inBody.form.put("client_secret", orders.client().secret());

        assertThat(inBody.send().status()).isEqualTo(200);
        var reply = withSecret(orders.client().id(), orders.client().secret(), true);
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        assertThat(reply.json().path("token_type").asText()).isEqualTo("Bearer");
        var claims = Jwt.claimsOf(reply.json().path("access_token").asText());
        assertThat(claims.path("scope").toString()).isEqualTo("[\"orders.read\"]");
    }

    @Test
    void refusesAWrongSecretAndOneThatIsNotEncoded() {
        var wrong = withSecret(orders.client().id(), "wrong", true);
        var naive = withSecret(orders.client().id(), orders.client().secret(), false);
        var unknown = withSecret("nobody", "wrong", true);

        refused(duende, new Case("", Check.CLIENT_SECRET, "invalid_client", "is wrong", a -> {}), wrong);
        refused(duende, new Case("", Check.CLIENT_SECRET, "invalid_client", "not form-urlencoded", a -> {}), naive);
        refused(duende, new Case("", Check.CLIENT_ID, "invalid_client", "'nobody' is not known", a -> {}), unknown);
    }

    @Test
    void answers401IfItFollowsTheRfc() {
        duende.rules(AuthorityRules.duende().withInvalidClientAs401());

        var reply = withSecret(orders.client().id(), "wrong", true);

        assertThat(reply.status()).isEqualTo(401);
        assertThat(reply.header("www-authenticate")).isEqualTo("Basic realm=\"duende\"");
    }

    @Test
    void takesAssertionsOfAnyTypUnderDuende() {
        var api = SANDBOX.add(Registration.duende("by-key").withAlgorithm("RS256"));

        var reply = caller.tokenRequest(api, a -> a.head("typ", "JWT"), p -> {}).send();

        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    }

    @Test
    void publishesItsMetadataAndKeysAtBothPaths() {
        var openId = Caller.get(helseid.issuer() + "/.well-known/openid-configuration")
                .json();
        var oauth = Caller.get(helseid.issuer() + "/.well-known/oauth-authorization-server")
                .json();

        assertThat(openId).isEqualTo(oauth);
        assertThat(openId.path("issuer").asText()).isEqualTo(helseid.issuer());
        assertThat(openId.path("token_endpoint").asText()).isEqualTo(helseid.issuer() + "/connect/token");
        var key = Caller.get(openId.path("jwks_uri").asText()).json().at("/keys/0");
        assertThat(key.path("kid").asText()).isEqualTo(helseid.signingKey().getKeyID());
        assertThat(key.has("d")).isFalse();
    }

    @Test
    void registersClientsThatWereMadeElsewhere() {
        var key = Client.newKey("ES384");
        helseid.register("made-elsewhere", Set.of("sandbox:health-records/read"), false)
                .register(key);

        var request = caller.tokenRequest(
                plain,
                a -> a.claim("iss", "made-elsewhere")
                        .claim("sub", "made-elsewhere")
                        .head("kid", key.getKeyID())
                        .head("alg", "ES384")
                        .signedBy(key),
                p -> {});
        request.form.put("client_id", "made-elsewhere");
        request.form.remove("scope");

        assertThat(request.send().status()).isEqualTo(200);
    }

    private static Case broken(String name, Check check, String words, Consumer<Jwt> assertion) {
        return new Case(name, check, "invalid_client", words, assertion);
    }

    private static void refused(Authority authority, Case expected, Reply reply) {
        assertThat(reply.status()).as(reply.body()).isEqualTo(400);
        assertThat(reply.error()).as(reply.body()).isEqualTo(expected.error);
        assertThat(reply.description()).contains(expected.words);
        assertThat(reply.description()).endsWith("(" + expected.check.source() + ")");
        assertThat(authority.seen().refusals(expected.check)).isPositive();
    }
}
