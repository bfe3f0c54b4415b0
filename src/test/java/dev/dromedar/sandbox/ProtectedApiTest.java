package dev.dromedar.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import dev.dromedar.MovableClock;
import dev.dromedar.sandbox.Caller.Reply;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ProtectedApiTest {
    private static final MovableClock CLOCK = new MovableClock();
    private static final Sandbox SANDBOX = Sandbox.start(Sandbox.Options.plain().withClock(CLOCK));

    private final Caller caller = new Caller(SANDBOX);
    private final ProtectedApi bound = SANDBOX.api("health-records");
    private final ProtectedApi plain = SANDBOX.api("health-records-bearer");
    private final String token = caller.token(bound);

    @AfterAll
    static void close() {
        SANDBOX.close();
    }

    @AfterEach
    void strictAgain() {
        bound.proofRules(ProofRules.NHN_CSHARP);
        bound.nonces(NonceUse.OFF);
    }

    @TestFactory
    Stream<DynamicTest> refusesABrokenProof() throws Exception {
        long now = CLOCK.instant().getEpochSecond();
        String uri = bound.baseAddress() + "/a";
        var weak = new RSAKeyGenerator(1024, true).generate();
        return Stream.of(
                        broken("typ", Check.PROOF_TYP, "'typ' is 'JWT'", p -> p.head("typ", "JWT")),
                        broken("no typ", Check.PROOF_TYP, "missing", p -> p.header.remove("typ")),
                        broken("alg none", Check.PROOF_ALG, "'none'", p -> p.head("alg", "none")),
                        broken("alg HS256", Check.PROOF_ALG, "'HS256'", p -> p.head("alg", "HS256")),
                        broken("alg of other curve", Check.PROOF_ALG, "does not fit", p -> p.head("alg", "ES384")),
                        broken("alg of other kind", Check.PROOF_ALG, "does not fit", p -> p.head("alg", "RS256")),
                        broken("no alg", Check.PROOF_ALG, "missing", p -> p.header.remove("alg")),
                        broken("no jwk", Check.PROOF_JWK, "'jwk' is missing", p -> p.header.remove("jwk")),
                        broken("jwk a string", Check.PROOF_JWK, "no JSON object", p -> p.head("jwk", "{}")),
                        broken("jwk empty", Check.PROOF_JWK, "no key", p -> p.head("jwk", Map.of())),
                        broken(
                                "private key",
                                Check.PROOF_JWK,
                                "private member 'd'",
                                p -> p.head("jwk", Caller.PROOF_KEY.toJSONObject())),
                        broken(
                                "symmetric key",
                                Check.PROOF_JWK,
                                "private member 'k'",
                                p -> p.head("jwk", Map.of("kty", "oct", "k", "AAAA"))),
                        broken("oct without key", Check.PROOF_JWK, "", p -> p.head("jwk", Map.of("kty", "oct"))),
                        broken("weak RSA", Check.PROOF_JWK, "1024 bits", p -> p.head("alg", "PS256")
                                .head("jwk", weak.toPublicJWK().toJSONObject())),
                        broken(
                                "signed by another",
                                Check.PROOF_SIGNATURE,
                                "does not fit the key",
                                p -> p.signedBy(Client.newKey("ES256"))),
                        broken("no jti", Check.PROOF_JTI, "'jti'", p -> p.without("jti")),
                        broken("jti a number", Check.PROOF_JTI, "'jti'", p -> p.claim("jti", 7)),
                        broken("jti too long", Check.PROOF_JTI, "200", p -> p.claim("jti", "j".repeat(201))),
                        broken("no htm", Check.PROOF_HTM, "missing", p -> p.without("htm")),
                        broken("htm of another", Check.PROOF_HTM, "the request is GET", p -> p.claim("htm", "POST")),
                        broken("htm in lower case", Check.PROOF_HTM, "'get'", p -> p.claim("htm", "get")),
                        broken("no htu", Check.PROOF_HTU, "missing", p -> p.without("htu")),
                        broken("htu with query", Check.PROOF_HTU, "query", p -> p.claim("htu", uri + "?x=1")),
                        broken("htu with fragment", Check.PROOF_HTU, "fragment", p -> p.claim("htu", uri + "#x")),
                        broken("htu relative", Check.PROOF_HTU, "'/a'", p -> p.claim("htu", "/a")),
                        broken(
                                "htu of other path",
                                Check.PROOF_HTU,
                                "/b'",
                                p -> p.claim("htu", bound.baseAddress() + "/b")),
                        broken(
                                "htu path in other case",
                                Check.PROOF_HTU,
                                "/A'",
                                p -> p.claim("htu", bound.baseAddress() + "/A")),
                        broken("htu of other origin", Check.PROOF_HTU, "x.no", p -> p.claim("htu", "https://x.no/a")),
                        broken(
                                "htu of other scheme",
                                Check.PROOF_HTU,
                                "https",
                                p -> p.claim("htu", uri.replace("http:", "https:"))),
                        broken("htu with raw characters", Check.PROOF_HTU, "", p -> p.claim("htu", uri + "ø")),
                        broken("no iat", Check.PROOF_IAT, "missing", p -> p.without("iat")),
                        broken("iat a string", Check.PROOF_IAT, "no number", p -> p.claim("iat", "" + now)),
                        broken("iat ahead", Check.PROOF_IAT, "6 s in the future", p -> p.claim("iat", now + 6)),
                        broken("iat past", Check.PROOF_IAT, "7 s old", p -> p.claim("iat", now - 7)),
                        broken("no ath", Check.PROOF_ATH, "'ath' is missing", p -> p.without("ath")),
                        broken("ath of another", Check.PROOF_ATH, "not the base64url", p -> p.ath("other")),
                        broken("ath padded", Check.PROOF_ATH, "padding", p -> p.claim("ath", Jwt.sha256(token) + "=")),
                        broken(
                                "foreign nonce",
                                Check.NONCE,
                                "another server's",
                                p -> p.claim("nonce", caller.tokenNonce(bound))))
                .map(c -> DynamicTest.dynamicTest(c.name, () -> {
                    var proof = caller.proof(bound, "GET", "/a", token);
                    c.change.accept(proof);
                    refused(bound, c, caller.call(bound, "/a", token, proof));
                }));
    }

    private record Case(String name, Check check, String error, String words, Consumer<Jwt> change) {}

    private static Case broken(String name, Check check, String words, Consumer<Jwt> change) {
        return new Case(name, check, check == Check.NONCE ? "use_dpop_nonce" : "invalid_dpop_proof", words, change);
    }

    private static Case refusal(Check check, String error, String words) {
        return new Case("", check, error, words, p -> {});
    }

    private static void refused(ProtectedApi api, Case expected, Reply reply) {
        String challenge = reply.header("www-authenticate");
        assertThat(reply.status()).as(reply.body()).isEqualTo(expected.error.equals("insufficient_scope") ? 403 : 401);
        assertThat(reply.error()).as(reply.body()).isEqualTo(expected.error);
        assertThat(reply.description()).contains(expected.words).endsWith("(" + expected.check.source() + ")");
        assertThat(challenge)
                .startsWith(api.registration().dpop() ? "DPoP " : "Bearer ")
                .contains("error=\"" + expected.error + "\"", "error_description=\"" + reply.description() + "\"");
        assertThat(challenge.contains("algs=\"ES256 "))
                .isEqualTo(api.registration().dpop());
        assertThat(api.seen().refusals(expected.check)).isPositive();
    }

    @Test
    void challengesWithoutAnErrorIfThereAreNoCredentials() {
        var reply = Caller.get(bound.baseAddress() + "/a");
        var other = Caller.get(plain.baseAddress() + "/a");

        assertThat(reply.status()).isEqualTo(401);
        assertThat(reply.header("www-authenticate")).startsWith("DPoP algs=").doesNotContain("error");
        assertThat(other.header("www-authenticate")).isEqualTo("Bearer realm=\"health-records-bearer\"");
    }

    @Test
    void refusesTheWrongScheme() {
        var unbound = caller.token(plain);
        var unboundProof = caller.proof(plain, "GET", "/a", unbound).compact();
        String uri = plain.baseAddress() + "/a";
        var lacking = refusal(Check.SCHEME, "invalid_token", "is bound to a key, must not be sent as Bearer");
        var needless = refusal(Check.SCHEME, "invalid_token", "is not bound to a key");

        refused(bound, lacking, Caller.get(bound.baseAddress() + "/a", "Authorization", "Bearer " + token));
        refused(plain, needless, Caller.get(uri, "Authorization", "DPoP " + unbound, "DPoP", unboundProof));
        refused(plain, needless, Caller.get(uri, "Authorization", "Bearer " + unbound, "DPoP", unboundProof));
        refused(
                plain,
                refusal(Check.SCHEME, "invalid_request", "must be 'Bearer' and the token"),
                Caller.get(uri, "Authorization", "Basic eDp5"));
        refused(
                plain,
                refusal(Check.SCHEME, "invalid_request", "2 Authorization headers"),
                Caller.get(uri, "Authorization", "Bearer x", "Authorization", "Bearer y"));
    }

    @Test
    void refusesAProofThatIsNotOneJws() {
        String uri = bound.baseAddress() + "/a";
        var proof = caller.proof(bound, "GET", "/a", token).compact();
        Map<String, String[]> cases = Map.of(
                "there is no DPoP header",
                new String[] {},
                "there are 2 DPoP headers",
                new String[] {"DPoP", proof, "DPoP", proof},
                "it is not one JWT",
                new String[] {"DPoP", "DPoP " + proof},
                "more than 4000",
                new String[] {"DPoP", proof + "A".repeat(4000)});

        cases.forEach((words, headers) -> {
            var all = Stream.concat(Stream.of("Authorization", "DPoP " + token), Stream.of(headers));
            refused(
                    bound,
                    refusal(Check.PROOF_FORM, "invalid_dpop_proof", words),
                    Caller.get(uri, all.toArray(String[]::new)));
        });
    }

    @Test
    void refusesAProofByAnotherKey() {
        var other = Client.newKey("ES256");
        var proof = caller.proof(bound, "GET", "/a", token)
                .head("jwk", other.toPublicJWK().toJSONObject())
                .signedBy(other);

        refused(
                bound,
                refusal(Check.KEY_BINDING, "invalid_token", "the proof is by key"),
                caller.call(bound, "/a", token, proof));
    }

    @Test
    void refusesAReplayedProofHereAndElsewhere() {
        var proof = caller.proof(bound, "GET", "/a", token);
        var other = SANDBOX.add(Registration.helseid("elsewhere").withClientOf("health-records"));
        long replays = bound.seen().replays();

        assertThat(caller.call(bound, "/a", token, proof).status()).isEqualTo(200);
        refused(
                bound,
                refusal(Check.PROOF_JTI, "invalid_dpop_proof", "every attempt needs a new proof"),
                caller.call(bound, "/a", token, proof));
        refused(bound, refusal(Check.PROOF_HTU, "invalid_dpop_proof", "'htu'"), caller.call(bound, "/b", token, proof));
        var post = Caller.send(HttpRequest.newBuilder(URI.create(bound.baseAddress() + "/a"))
                .headers("Authorization", "DPoP " + token, "DPoP", proof.compact())
                .POST(HttpRequest.BodyPublishers.ofString("{}")));
        refused(bound, refusal(Check.PROOF_HTM, "invalid_dpop_proof", "the request is POST"), post);
        var both = caller.token(other);
        var atElsewhere = caller.proof(other, "GET", "/a", both).claim("htu", bound.baseAddress() + "/a");
        refused(
                other,
                refusal(Check.PROOF_HTU, "invalid_dpop_proof", "'htu'"),
                caller.call(other, "/a", both, atElsewhere));
        assertThat(bound.seen().replays()).isEqualTo(replays + 1);
    }

    @Test
    void servesOneOfManyWhoSendTheSameProof() {
        var proof = caller.proof(bound, "GET", "/a", token);

        long served = IntStream.range(0, 32)
                .parallel()
                .filter(i -> caller.call(bound, "/a", token, proof).status() == 200)
                .count();

        assertThat(served).isEqualTo(1);
    }

    @Test
    void takesAnHtuThatDiffersOnlyBeforeNormalising() {
        String path = "/p%C3%A5/%7Eme";
        var proof = caller.proof(bound, "GET", path, token);
        proof.claim(
                "htu",
                bound.baseAddress().toString().replace("http://localhost", "HTTP://LocalHost") + "/p%c3%a5/x/../~me");

        assertThat(caller.call(bound, path, token, proof).status()).isEqualTo(200);

        bound.proofRules(ProofRules.NHN_CSHARP.withExactHtu());
        var upper = caller.proof(bound, "GET", path, token)
                .claim("htu", bound.baseAddress().toString().replace("http:", "HTTP:") + path);
        refused(bound, refusal(Check.PROOF_HTU, "invalid_dpop_proof", "HTTP:"), caller.call(bound, path, token, upper));
        assertThat(caller.call(bound, path, token, caller.proof(bound, "GET", path, token))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void isAsStrictWithProofsAsItIsTold() {
        Consumer<Jwt> old = p -> p.claim("iat", CLOCK.instant().getEpochSecond() - 200);

        bound.proofRules(ProofRules.FHI);
        assertThat(call(old.andThen(p -> p.claim("htu", bound.baseAddress() + "/a?b=c")))
                        .status())
                .isEqualTo(200);
        bound.proofRules(ProofRules.NHN_JAVA);
        assertThat(call(old).error()).isEqualTo("invalid_dpop_proof");
        assertThat(call(p -> p.claim("iat", CLOCK.instant().getEpochSecond() - 12))
                        .status())
                .isEqualTo(200);
        bound.proofRules(ProofRules.NHN_JAVA.withAlgorithms("PS256"));
        assertThat(call(p -> {}).description()).contains("must be one of PS256");
    }

    private Reply call(Consumer<Jwt> change) {
        var proof = caller.proof(bound, "GET", "/a", token);
        change.accept(proof);
        return caller.call(bound, "/a", token, proof);
    }

    @Test
    void demandsItsOwnNonceWhenTold() {
        bound.nonces(NonceUse.STEPPED);

        var first = call(p -> {});
        var fromAuthority = caller.tokenNonce(bound);
        refused(bound, refusal(Check.NONCE, "use_dpop_nonce", "missing"), first);
        assertThat(first.header("dpop-nonce")).isNotEmpty();
        assertThat(call(p -> p.claim("nonce", first.header("dpop-nonce"))).status())
                .isEqualTo(200);
        assertThat(call(p -> p.claim("nonce", fromAuthority)).error()).isEqualTo("use_dpop_nonce");
        bound.expireNonces();
        assertThat(call(p -> p.claim("nonce", first.header("dpop-nonce"))).error())
                .isEqualTo("use_dpop_nonce");

        bound.nonces(NonceUse.EVERY_ANSWER);
        var nonce = call(p -> {}).header("dpop-nonce");
        assertThat(call(p -> p.without("ath")).header("dpop-nonce")).isNotEmpty();
        assertThat(call(p -> p.claim("nonce", nonce)).header("dpop-nonce"))
                .isNotEmpty()
                .isNotEqualTo(nonce);

        // The other way round: this API's nonce at the authority
        var reply = caller.tokenRequest(bound, a -> {}, p -> p.claim("nonce", nonce))
                .send();
        assertThat(reply.error()).isEqualTo("use_dpop_nonce");
    }

    @TestFactory
    Stream<DynamicTest> refusesABrokenToken() {
        long now = CLOCK.instant().getEpochSecond();
        var authority = SANDBOX.helseid();
        var right = new LinkedHashMap<String, Object>();
        right.put("iss", authority.issuer());
        right.put("aud", "urn:sandbox:health-records-bearer");
        right.put("client_id", "by-hand");
        right.put("scope", "sandbox:health-records-bearer/read");
        right.put("exp", now + 60);
        right.put("jti", "t-1");
        var header = authority.tokenHeader();
        String uri = plain.baseAddress() + "/a";
        assertThat(Caller.get(uri, "Authorization", "Bearer " + authority.sign(header, right))
                        .status())
                .isEqualTo(200);
        Map<String, String> cases = Map.of(
                "'iss' is 'https://x.no'", authority.sign(header, changed(right, "iss", "https://x.no")),
                "'aud' is", authority.sign(header, changed(right, "aud", "urn:sandbox:health-records")),
                "it expired 10 s ago", authority.sign(header, changed(right, "exp", now - 10)),
                "'exp' is missing", authority.sign(header, changed(right, "exp", "soon")),
                "not valid yet", authority.sign(header, changed(right, "nbf", now + 10)),
                "it has 'sub'", authority.sign(header, changed(right, "sub", "somebody")),
                "'typ' is 'id+jwt'", authority.sign(changed(header, "typ", "id+jwt"), right),
                "'alg' is 'none'", authority.sign(changed(header, "alg", "none"), right),
                "signature", SANDBOX.duende().sign(header, right),
                "not a JWT", "opaque");
        return cases.entrySet().stream()
                .map(c -> DynamicTest.dynamicTest(
                        c.getKey(),
                        () -> refused(
                                plain,
                                refusal(Check.ACCESS_TOKEN, "invalid_token", c.getKey()),
                                Caller.get(uri, "Authorization", "Bearer " + c.getValue()))));
    }

    private static Map<String, Object> changed(Map<String, Object> map, String name, Object value) {
        var copy = new LinkedHashMap<>(map);
        copy.put(name, value);
        return copy;
    }

    @Test
    void refusesATokenWithTooLittleScope() {
        plain.authority();
        var off = SANDBOX.helseid().origin().fault(1, SANDBOX.helseid().grantsOnly("sandbox:nothing/read"));

        var reply = caller.exchange(plain, "/a");

        off.off();
        refused(plain, refusal(Check.TOKEN_SCOPE, "insufficient_scope", "lacks scope 'sandbox:health-records"), reply);
        assertThat(reply.header("www-authenticate")).contains("scope=\"sandbox:health-records-bearer/read\"");
    }

    @Test
    void refusesRevokedTokensAndThoseOfAnOldSigningKey() {
        var before = caller.token(plain);
        SANDBOX.helseid().revokeTokens();

        var revoked = Caller.get(plain.baseAddress() + "/a", "Authorization", "Bearer " + before);
        refused(plain, refusal(Check.ACCESS_TOKEN, "invalid_token", "it has been revoked"), revoked);
        var after = caller.token(plain);
        assertThat(Caller.get(plain.baseAddress() + "/a", "Authorization", "Bearer " + after)
                        .status())
                .isEqualTo(200);

        SANDBOX.helseid().rollSigningKey();

        var rolled = Caller.get(plain.baseAddress() + "/a", "Authorization", "Bearer " + after);
        refused(plain, refusal(Check.ACCESS_TOKEN, "invalid_token", "key of today"), rolled);
        assertThat(caller.exchange(plain, "/a").status()).isEqualTo(200);
    }

    @Test
    void refusesATokenThatHasExpired() {
        SANDBOX.helseid().tokenLifetime(Duration.ofSeconds(30));
        var brief = caller.token(plain);
        SANDBOX.helseid().tokenLifetime(Duration.ofMinutes(5));

        CLOCK.advance(Duration.ofSeconds(34));
        assertThat(Caller.get(plain.baseAddress() + "/a", "Authorization", "Bearer " + brief)
                        .status())
                .isEqualTo(200);
        CLOCK.advance(Duration.ofSeconds(1));
        assertThat(Caller.get(plain.baseAddress() + "/a", "Authorization", "Bearer " + brief)
                        .status())
                .isEqualTo(401);
    }

    @Test
    void takesRsaAndEllipticProofKeys() {
        for (String alg : List.of("PS256", "RS512", "ES384", "ES512")) {
            var key = Client.newKey(alg);
            Consumer<Jwt> by = p -> p.head("alg", alg)
                    .head("jwk", key.toPublicJWK().toJSONObject())
                    .signedBy(key);
            var nonce = caller.tokenNonce(bound);
            var reply = caller.tokenRequest(bound, a -> {}, by.andThen(p -> p.claim("nonce", nonce)))
                    .send();
            var access = reply.json().path("access_token").asText();
            var proof = caller.proof(bound, "GET", "/a", access);
            by.accept(proof);

            assertThat(caller.call(bound, "/a", access, proof).status()).as(alg).isEqualTo(200);
            assertThat(key instanceof ECKey).isEqualTo(alg.startsWith("ES"));
        }
    }

    @Test
    void answersByScriptButASuccessOnlyAfterTheChecks() {
        var api = SANDBOX.add(Registration.helseid("scripted").withClientOf("health-records"));
        var access = caller.token(api);
        api.answers(401, Header.useNonce("n1")).then(200).then(204).nothingElse();

        var first = caller.call(api, "", access, caller.proof(api, "GET", "", access));
        var second = caller.call(
                api, "", access, caller.proof(api, "GET", "", access).claim("nonce", "n1"));
        var third = caller.call(
                api, "", access, caller.proof(api, "GET", "", access).without("ath"));
        var fourth = caller.call(api, "", access, caller.proof(api, "GET", "", access));

        assertThat(first.header("dpop-nonce")).isEqualTo("n1");
        assertThat(second.status()).isEqualTo(200);
        assertThat(third.error()).isEqualTo("invalid_dpop_proof");
        assertThat(fourth.status()).isEqualTo(500);
        assertThat(api.unexpected()).isEqualTo(1);
        assertThat(api.received()).hasSize(4);
        assertThat(api.received().get(1).proof().claim("nonce")).isEqualTo("n1");
    }

    @Test
    void keepsWhatItReceivedAsItCame() {
        var api = SANDBOX.add(Registration.duende("kept"));

        Caller.send(HttpRequest.newBuilder(URI.create(api.baseAddress() + "/b%C3%B8/x?a=%20&b"))
                .header("X-Prøve".replace("ø", "o"), "1")
                .PUT(HttpRequest.BodyPublishers.ofString("Ål")));

        var kept = api.received().get(0);
        assertThat(kept.method()).isEqualTo("PUT");
        assertThat(kept.target()).isEqualTo("/kept/b%C3%B8/x?a=%20&b");
        assertThat(kept.url()).isEqualTo(api.baseAddress() + "/b%C3%B8/x");
        assertThat(kept.headers("x-prove")).containsExactly("1");
        assertThat(kept.body()).isEqualTo("Ål");
        assertThat(kept.size()).isEqualTo(3);
    }

    @Test
    void refusesCredentialsAtAnOriginThatIsNobodysApi() {
        var plainOrigin = SANDBOX.plainOrigin();

        assertThat(Caller.get(plainOrigin.uri() + "/x").status()).isEqualTo(200);
        assertThat(Caller.get(plainOrigin.uri() + "/x", "Authorization", "Bearer x")
                        .status())
                .isEqualTo(400);
        assertThat(Caller.get(plainOrigin.uri() + "/x", "DPoP", "x").status()).isEqualTo(400);
        assertThat(plainOrigin.seen().refusals(Check.FOREIGN_CREDENTIALS)).isEqualTo(2);
        assertThat(plainOrigin.received()).hasSize(3);
    }

    @Test
    void servesManyCallersAtOnce() {
        long distinct = bound.seen().distinctJti();

        long served = IntStream.range(0, 256)
                .parallel()
                .filter(i -> caller.call(bound, "/" + i, token, caller.proof(bound, "GET", "/" + i, token))
                                .status()
                        == 200)
                .count();

        assertThat(served).isEqualTo(256);
        assertThat(bound.seen().distinctJti()).isEqualTo(distinct + 256);
    }
}
