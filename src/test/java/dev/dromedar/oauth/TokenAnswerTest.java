package dev.dromedar.oauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.util.Base64URL;
import dev.dromedar.Proves;
import dev.dromedar.keys.Followed;
import dev.dromedar.keys.Secret;
import dev.dromedar.keys.SignatureAlgorithm;
import dev.dromedar.keys.SigningKey;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenAnswerTest {
    private static final URI ENDPOINT = URI.create("https://authority.example/connect/token");
    private static final ProofSigner SIGNER = new ProofSigner(SigningKey.generate(SignatureAlgorithm.ES256));
    private static final Instant SENT = Instant.parse("2026-11-22T12:00:00Z");

    private static AccessToken read(int status, String body, @Nullable ProofSigner signer) {
        return TokenAnswer.read(
                ENDPOINT,
                new Backchannel.Answer(
                        status, null, null, null, "application/json", body.getBytes(StandardCharsets.UTF_8)),
                new TokenRequest(Set.of("a", "b"), List.of(), null),
                new ClientAuthentication.SecretBasic(Followed.fixed(Secret.of("s3cr3t"))),
                signer,
                null,
                new MutableTime().time(),
                SENT);
    }

    private static AccessToken bearer(String members) {
        return read(200, "{\"access_token\":\"t0k3n\",\"token_type\":\"Bearer\"" + members + "}", null);
    }

    private static String jwt(String claims) {
        return Base64URL.encode("{\"alg\":\"RS256\"}") + "." + Base64URL.encode(claims) + ".c2ln";
    }

    @Test
    void givesAllThatTheAuthoritySaid() {
        AccessToken token = read(
                200,
                "{\"access_token\":\"Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU\",\"token_type\":\"dpop\",\"expires_in\":60,"
                        + "\"scope\":\"b a\",\"rejected_scope\":\"c\",\"more\":{}}",
                SIGNER);

        assertThat(token)
                .isEqualTo(new AccessToken(
                        Secret.of("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"),
                        true,
                        "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo", // RFC 9449 section 7.1
                        Set.of("a", "b"),
                        Set.of("c"),
                        SENT,
                        Duration.ofSeconds(60),
                        SIGNER));
        assertThat(token.expiresAt()).isEqualTo("2026-11-22T12:01:00Z");
    }

    @ParameterizedTest(name = "expires_in {0}: {1}")
    @CsvSource({
        "3600, PT1H",
        "1, PT1S",
        "'\"3600\"', PT1H", // as some authorities send it
        "'\" 3600 \"', PT1H",
        "3599.9, PT59M59S",
        "3600.0, PT1H",
        "1e3, PT16M40S",
        "86400, P1D",
        "86401, P1D", // longer than a day is a day
        "999999999999, P1D",
        "123456789012345678901234567890, P1D",
        "1e300, P1D",
        "'\"0003600\"', PT1H",
        "null, PT1M", // not said: a minute
    })
    void aLifetimeIsRead(String expiresIn, Duration lifetime) {
        assertThat(bearer(",\"expires_in\":" + expiresIn).lifetime()).isEqualTo(lifetime);
    }

    @Test
    void aLifetimeThatIsNotSaidIsAMinute() {
        assertThat(bearer("").lifetime()).isEqualTo(Duration.ofMinutes(1));
    }

    @ParameterizedTest(name = "expires_in {0}")
    @ValueSource(
            strings = {
                "0",
                "-1",
                "0.5",
                "\"0\"",
                "\"-3600\"",
                "-1e9",
                "\"soon\"",
                "\"\"",
                "true",
                "[3600]",
                "{}",
                "\"1h\"",
                "1e999",
                "\"NaN\"",
                "\"0x10\""
            })
    void aLifetimeThatSaysNothingIsAMinuteOrWhatTheTokenItselfSays(String expiresIn) {
        long exp = SENT.getEpochSecond() + 600;

        assertThat(bearer(",\"expires_in\":" + expiresIn).lifetime()).isEqualTo(Duration.ofMinutes(1));
        assertThat(ofJwt(exp, expiresIn).lifetime()).isEqualTo(Duration.ofMinutes(10));
        assertThat(ofJwt(exp - 601, expiresIn).lifetime())
                .isEqualTo(Duration.ofMinutes(1)); // the API says if it is over
        assertThat(ofJwt(Long.MAX_VALUE, expiresIn).lifetime()).isEqualTo(Duration.ofDays(1));
    }

    private static AccessToken ofJwt(long exp, String expiresIn) {
        return read(
                200,
                "{\"access_token\":\"" + jwt("{\"exp\":" + exp + "}") + "\",\"token_type\":\"Bearer\",\"expires_in\":"
                        + expiresIn + "}",
                null);
    }

    @ParameterizedTest(name = "HTTP {0}, token_type {1}")
    @CsvSource({
        "200, '\"BearerToken\"'", // Apigee
        "200, '\"bearer\"'",
        "200, '\" Bearer \"'",
        "200, '\"BEARER_TOKEN\"'",
        "200, '\"\"'",
        "200, null",
        "201, '\"Bearer\"'",
        "203, '\"Bearer\"'"
    })
    @Proves("RFC 6749 5.1 token_type")
    void everySpellingOfBearerInEverySuccessIsTaken(int status, String type) {
        AccessToken token = read(
                status,
                "{\"access_token\":\"t0k3n\",\"token_type\":" + type
                        + ",\"expires_in\":\"1799\",\"status\":\"approved\"}",
                null);

        assertThat(token.lifetime()).isEqualTo(Duration.ofSeconds(1799));
    }

    @ParameterizedTest(name = "HTTP {0} {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "401|{\"ErrorCode\":\"invalid_client\",\"Error\":\"ClientId is Invalid\"}|invalid_client", // Apigee
                "401|{\"errorCode\":\"invalid_client\",\"errorSummary\":\"A client_id must be\"}|invalid_client", // Okta
                "401|{\"error\":{\"code\":\"invalid_client\",\"message\":\"x\"}}|invalid_client",
                "401|{\"error\":{\"code\":401,\"status\":\"UNAUTHENTICATED\"}}|UNAUTHENTICATED",
                "401|{\"errors\":[{\"code\":\"invalid_client\"}]}|invalid_client",
                "401|{\"fault\":{\"faultstring\":\"x\",\"detail\":{\"errorcode\":\"oauth.v2.InvalidClient\"}}}|oauth.v2.InvalidClient",
                "400|{\"type\":\"https://example.no/problems/invalid_grant\",\"title\":\"No\"}|invalid_grant", // RFC
                // 9457
                "403|{\"type\":\"about:blank\",\"title\":\"Forbidden\",\"status\":403}|Forbidden",
                "401|{\"error\":\"invalid_client\",\"error_description\":\"ugyldig n\u00f8kkel\"}|invalid_client",
                "401||http_401",
                "403|<html>no</html>|http_403",
                "400|{\"error\":7}|http_400",
            })
    void aRefusalIsOneInWhateverFormItComes(int status, @Nullable String body, String error) {
        assertThatThrownBy(() -> readLatin1(status, body == null ? "" : body))
                .isInstanceOfSatisfying(
                        TokenRefused.class, e -> assertThat(e.error()).isEqualTo(error))
                .hasMessageContaining("heck client-id")
                .hasMessageNotContainingAny("ClientId is", "A client_id", "ugyldig");
    }

    private static AccessToken readLatin1(int status, String body) {
        return TokenAnswer.read(
                ENDPOINT,
                new Backchannel.Answer(status, null, null, null, null, body.getBytes(StandardCharsets.ISO_8859_1)),
                new TokenRequest(Set.of("a", "b"), List.of(), null),
                new ClientAuthentication.SecretBasic(Followed.fixed(Secret.of("s3cr3t"))),
                null,
                null,
                new MutableTime().time(),
                SENT);
    }

    @Test
    void aChallengeNamesTheErrorToo() {
        var answer = new Backchannel.Answer(
                401, null, null, null, null, List.of("Basic realm=\"x\", error=\"invalid_client\""), new byte[0]);

        assertThat(AuthorityError.of(answer).code()).isEqualTo("invalid_client");
    }

    @ParameterizedTest(name = "[{index}]")
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "[]",
                "\"text\"",
                "42",
                "{",
                "{}}",
                "{} {}",
                "<!doctype html><title>Sorry</title>",
                "{\"access_token\":\"t0k3n\",\"access_token\":\"other\",\"token_type\":\"Bearer\"}",
                "{\"access_token\":\"t0k3n\",\"token_type\":\"Bearer\",\"x\":{\"y\":1,\"y\":2}}",
                "{\"access_token\":\"t0k3n\",\"token_type\":\"Bearer\",\"x\":1234567890123456789012345678901}",
                "{\"access_token\":\"t0k3n\",\"token_type\":\"Bearer\",\"x\":NaN}",
                "{\"access_token\":\"t0k3n\",\"token_type\":\"Bearer\"",
                "{\"token_type\":\"Bearer\"}",
                "{\"access_token\":null,\"token_type\":\"Bearer\"}",
                "{\"access_token\":\"\",\"token_type\":\"Bearer\"}",
                "{\"access_token\":7,\"token_type\":\"Bearer\"}",
                "{\"access_token\":\"t0k3n\\r\\nX: y\",\"token_type\":\"Bearer\"}",
                "{\"access_token\":\"t0k3n \",\"token_type\":\"Bearer\"}",
                "{\"access_token\":\"t\u00f8k3n\",\"token_type\":\"Bearer\"}",
            })
    void whatIsNoTokenAnswerIsAClearErrorThatQuotesNothing(String body) {
        assertThatThrownBy(() -> read(200, body, null))
                .isInstanceOf(AuthorityUnavailable.class)
                .hasMessageStartingWith("The answer of https://authority.example/connect/token ")
                .hasMessageNotContainingAny("t0k3n", "Sorry")
                .hasNoCause();
    }

    @Test
    void deepNestingIsAClearError() {
        String deep = "{\"access_token\":\"t0k3n\",\"token_type\":\"Bearer\",\"x\":" + "[".repeat(100_000)
                + "]".repeat(100_000) + "}";

        assertThatThrownBy(() -> read(200, deep, null))
                .isInstanceOf(AuthorityUnavailable.class)
                .hasNoCause();
    }

    @ParameterizedTest(name = "token_type {0} for a client with proofs: {1}")
    @CsvSource({
        "'\"Bearer\"', true",
        "'\"MAC\"', true",
        "null, true",
        "7, true",
        "'\"\"', true",
        "'\"BearerToken\"', true",
        "'\"DPoP\"', false",
        "7, false",
        "'\"bearer2\"', false",
        "'\"N_A\"', false",
    })
    @Proves("RFC 9449 5")
    void aTokenOfAnotherTypeIsADowngradeAndIsNotUsed(String type, boolean proof) {
        assertThatThrownBy(() ->
                        read(200, "{\"access_token\":\"t0k3n\",\"token_type\":" + type + "}", proof ? SIGNER : null))
                .isInstanceOfSatisfying(
                        TokenRefused.class, e -> assertThat(e.error()).isEqualTo("token_type"))
                .hasMessageContaining("is not used")
                .hasMessageNotContaining("t0k3n");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "{}",
                "{\"cnf\":null}",
                "{\"cnf\":{}}",
                "{\"cnf\":{\"jkt\":null}}",
                "{\"cnf\":{\"jkt\":7}}",
                "{\"cnf\":\"x\"}",
                "{\"cnf\":{\"jkt\":\"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I\"}}"
            })
    @Proves({"RFC 9449 6", "RFC 8725 3.10"})
    void aTokenThatIsBoundToAnotherKeyOrToNoneIsNotUsed(String claims) {
        assertThatThrownBy(
                        () -> read(200, "{\"access_token\":\"" + jwt(claims) + "\",\"token_type\":\"DPoP\"}", SIGNER))
                .isInstanceOfSatisfying(
                        TokenRefused.class, e -> assertThat(e.error()).isEqualTo("cnf"))
                .hasMessageMatching(".* bound to (no key|another key than this client's) \\(cnf\\.jkt\\)");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"opaque", "a.b", "a.b.c", "a.b.c.d.e", "..", "a.W10.c", "a.bm90IGpzb24.c"})
    void aTokenThatNobodyButTheApiCanReadIsTaken(String token) {
        assertThat(read(200, "{\"access_token\":\"" + token + "\",\"token_type\":\"DPoP\"}", SIGNER)
                        .value()
                        .reveal())
                .isEqualTo(token);
    }

    @Test
    void aTokenThatIsBoundToOurKeyIsTaken() {
        String token = jwt("{\"cnf\":{\"jkt\":\"" + SIGNER.key().thumbprint() + "\"}}");

        assertThat(read(200, "{\"access_token\":\"" + token + "\",\"token_type\":\"DPoP\"}", SIGNER)
                        .signer())
                .isSameAs(SIGNER);
    }

    @ParameterizedTest(name = "scope {0}: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "'\"a\"'|a",
                "'\"  b   a \"'|a,b",
                "'[\"a\",\"b\"]'|a,b",
                "null|a,b", // not said: as asked (RFC 6749 section 5.1)
                "'\"\"'|''",
                "7|''",
                "'\"a \\u001b[31mred\"'|a",
            })
    void scopeIsReadAsTextOrList(String scope, String granted) {
        assertThat(String.join(
                        ",",
                        new java.util.TreeSet<>(bearer(",\"scope\":" + scope).scope())))
                .isEqualTo(granted);
    }

    @ParameterizedTest(name = "HTTP {0} {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "400|invalid_client|Check client-id and client-secret, and that the secret is not expired.",
                "401|invalid_client|Check client-id and client-secret, and that the secret is not expired.",
                "400|invalid_scope|Check that this client is granted every scope it requests: a b.",
                "400|unauthorized_client|Check that this client may use client_credentials, and its credentials: some authorities say this"
                        + " for a wrong one.",
                "401|unauthorized_client|Check client-id and client-secret, and that the secret is not expired. Otherwise check that"
                        + " this client may use client_credentials.",
                "400|unsupported_grant_type|Check that this authority offers client_credentials to this client.",
                "400|invalid_target|Check the property 'resource': .",
                "400|invalid_dpop_proof|The authority requires DPoP of this client: set dpop = true.",
                "400|access_denied|The authority knows the client and denies it this token. Check that the client is granted access to the"
                        + " API (scope, resource or audience) at the authority.",
                "400|something_new|Search the authority's documentation for this error; its log says more.",
            })
    @Proves("HelseID errors")
    void aRefusalSaysWhatToDo(int status, String error, String advice) {
        assertThatThrownBy(() -> read(status, "{\"error\":\"" + error + "\",\"error_description\":\"s3cr3t\"}", null))
                .isInstanceOfSatisfying(TokenRefused.class, refused -> {
                    assertThat(refused.error()).isEqualTo(error);
                    assertThat(refused.status()).isEqualTo(status);
                })
                .hasMessage("token refused by https://authority.example/connect/token: " + error + " (HTTP " + status
                        + "). " + advice);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "HID-1001|may not act for this parent organisation. Have the organisation delegate",
                "HID-1002|may not act for this child organisation. Have it added",
                "HID-1003|list of child organisations contradicts itself. Have HelseID's support",
                "HID-1004|an organisation number is not nine digits",
                "HID-1005|not set up to say a parent organisation. Have it made multi-tenant",
                "HID-1006|not set up to say a child organisation. Have it allowed",
                "HID-1007|the client assertion was malformed. Check claim.* and assertion-details",
                "HID-1008|may not use a shared secret. Set client-authentication = private_key_jwt",
                "HID-1009|claims in the assertion are not taken with this grant. Remove claim.*",
                "HID-1010|set up in a way that contradicts itself. Have HelseID's support",
                "HID-DOUBLE-STRUCTURE|the same details were sent twice. Say each in one way alone.",
                "HID-4711|HelseID's list of error codes explains it.",
                "MP-012|the grant was used before",
                "MP-121|the key has expired: one lives a year",
                "MP-250|the organisation has not delegated the scope. Check consumer_org",
                "MP-251|has not delegated the scope to yours",
                "MP-303|the request was forbidden",
                "MP-901|Digdir's page",
                "AADSTS7000215|the client secret is wrong. Set the secret's value, not its id",
                "AADSTS7000222|the client secret has expired. Make a new one",
                "AADSTS700027|the certificate is not registered for this application",
                "AADSTS7000000|Microsoft's list of error codes explains it",
            })
    @Proves("HelseID errors")
    void aCodeOfTheAuthorityIsToldInWords(String code, String words) {
        assertThatThrownBy(() -> read(
                        400,
                        "{\"error\":\"access_denied\",\"error_description\":\"" + code + ": s3cr3t of theirs\"}",
                        null))
                .hasMessageContaining("access_denied (HTTP 400). " + code + ": ")
                .hasMessageContaining(words)
                .hasMessageNotContaining("s3cr3t");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "The secret s3cr3t does not match|The authority speaks of the secret: it is wrong or has expired.",
                "aud is not us|The authority speaks of the audience (aud): correct audience or authority.",
                "The client secret expired|The authority speaks of the secret: it is wrong or has expired.",
                "client_secret: lifetime exceeded|The authority speaks of the secret: it is wrong or has expired.",
                "Credentials have expired, see the audience's page|The authority speaks of the secret: it is wrong or has expired.",
                "The iat lies in the future|The authority speaks of time: check this machine's clock, and assertion-lifetime.",
                "the jwt is expired|The authority speaks of time: check this machine's clock, and assertion-lifetime.",
                "s3cr3t is not registered for this client|The authority speaks of the key: register its public half, or correct its kid.",
            })
    void whatTheAuthoritySpeaksOfComesBeforeWhatElseItMayBe(String description, String hint) {
        assertThatThrownBy(() ->
                        read(400, "{\"error\":\"invalid_client\",\"error_description\":\"" + description + "\"}", null))
                .hasMessage("token refused by https://authority.example/connect/token: invalid_client (HTTP 400). "
                        + hint + " Otherwise check client-id and client-secret, and that the secret is not expired.");
    }

    @ParameterizedTest(name = "HTTP {0} {1}: {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "500|x|HTTP 500 without an OAuth error. The fault is at the authority: contact its operator.",
                "500|{\"error\":\"invalid_client\"}|HTTP 500 invalid_client. The fault is at the authority: contact its operator.",
                "429|{\"error\":\"invalid_client\"}|HTTP 429 invalid_client. It receives too many requests: wait, and find out who else"
                        + " uses this client.",
                "302||HTTP 302 without an OAuth error. It redirects, and credentials do not follow.",
                "404||HTTP 404 without an OAuth error. Check the authority's address, or token-endpoint.",
                "400|{\"error\":\"temporarily_unavailable\"}|HTTP 400 temporarily_unavailable. The fault is at the authority: contact its operator.",
                "400|{\"error\":\"use_dpop_nonce\"}|HTTP 400 use_dpop_nonce, and no DPoP-Nonce with it (RFC 9449 section 8).",
            })
    void whatTimeMayMendIsUnavailable(int status, @Nullable String body, String message) {
        assertThatThrownBy(() -> read(status, body == null ? "" : body, null))
                .isInstanceOf(AuthorityUnavailable.class)
                .hasMessage("No token from https://authority.example/connect/token: " + message);
    }
}
