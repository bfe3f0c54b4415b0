package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.SignedJWT;
import dev.dromedar.Dromedar;
import dev.dromedar.Proves;
import dev.dromedar.RawServer;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the client modules of OpenID's conformance suite demand (FAPI 2.0, client credentials, private_key_jwt, DPoP), by a server
 * that answers as they do. {@code src/conformance} has a site to run the suite itself against.
 */
class ConformanceTest {
    /** As long as the suite makes them, with characters that lists of header values are split at. */
    private static final String NONCE = "n,1;=~" + "x".repeat(84);

    private final RawServer server = new RawServer(this::answer);
    private final String here = server.uri().toString();
    private String issuer = here;
    private String tokenType = "DPoP";
    private boolean challenges;
    private final DefaultCamelContext context = new DefaultCamelContext();

    @AfterEach
    void close() throws Exception {
        context.close();
        server.close();
    }

    private InputStream answer(RawServer.Received request) {
        String proof = request.header("DPoP");
        boolean demanded = challenges && (proof == null || !NONCE.equals(nonce(proof)));
        if (request.path().endsWith("/.well-known/openid-configuration")) {
            return json(200, "", "{\"issuer\":\"" + issuer + "\",\"token_endpoint\":\"" + here + "/token\"}");
        }
        if (request.path().equals("/token")) {
            return demanded
                    ? json(400, "DPoP-Nonce: " + NONCE + "\r\n", "{\"error\":\"use_dpop_nonce\"}")
                    : json(
                            200,
                            "Cache-Control: no-store\r\n",
                            "{\"access_token\":\"t0k3n\",\"token_type\":\"" + tokenType + "\",\"expires_in\":300}");
        }
        return demanded
                ? json(401, "WWW-Authenticate: DPoP error=\"use_dpop_nonce\"\r\nDPoP-Nonce: " + NONCE + "\r\n", "{}")
                : json(200, "", "{\"accounts\":[]}");
    }

    private static String nonce(String proof) {
        try {
            return String.valueOf(SignedJWT.parse(proof).getJWTClaimsSet().getClaim("nonce"));
        } catch (ParseException e) {
            throw new AssertionError(e);
        }
    }

    private static InputStream json(int status, String headers, String body) {
        return RawServer.answer(status, headers + "Content-Type: application/json\r\n", body);
    }

    private Exchange call() throws Exception {
        var properties = new Properties();
        Map.of(
                        "profile", "oauth2",
                        "base-address", here + "/resource",
                        "authority", issuer,
                        "client-id", "client-1",
                        "client-authentication", "private_key_jwt",
                        "private-key", key(),
                        "dpop", "true",
                        "scope", "accounts")
                .forEach((key, value) -> properties.put("dromedar.api.accounts." + key, value));
        context.getPropertiesComponent().setInitialProperties(properties);
        Dromedar.install(context);
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:call").to("api:accounts/accounts");
            }
        });
        context.start();
        try (var template = context.createProducerTemplate()) {
            return template.send("direct:call", exchange -> {});
        }
    }

    private static String key() throws JOSEException {
        return new ECKeyGenerator(Curve.P_256)
                .keyID("k1")
                .algorithm(com.nimbusds.jose.JWSAlgorithm.ES256)
                .generate()
                .toJSONString();
    }

    private List<String> paths() {
        return server.received().stream().map(RawServer.Received::path).toList();
    }

    private List<RawServer.Received> to(String path) {
        return server.received().stream()
                .filter(request -> request.path().equals(path))
                .toList();
    }

    @Test
    @Proves({"FAPI 2.0 5.3.3.1 DPoP nonce", "RFC 9449 8", "RFC 9449 9"})
    void makesOneCallAfterAChallengeAtEachEnd() throws Exception {
        challenges = true;

        assertThat(call().getException()).isNull();
        assertThat(paths())
                .containsExactly(
                        "/.well-known/openid-configuration",
                        "/token",
                        "/token",
                        "/resource/accounts",
                        "/resource/accounts");
        assertThat(to("/token")).extracting(one -> jti(assertion(one))).doesNotHaveDuplicates();
        assertThat(server.received().stream()
                        .skip(1)
                        .map(one -> String.valueOf(one.header("DPoP")))
                        .map(ConformanceTest::jti))
                .doesNotHaveDuplicates();
        assertThat(nonce(String.valueOf(to("/token").get(1).header("DPoP"))))
                .isEqualTo(NONCE)
                .hasSize(90);
        assertThat(nonce(String.valueOf(to("/resource/accounts").get(1).header("DPoP"))))
                .isEqualTo(NONCE);
    }

    @Test
    @Proves({"RFC 9449 5", "RFC 9449 7.1", "FAPI 2.0 5.3.3.1 token in header"})
    void needsNoNonce() throws Exception {
        assertThat(call().getException()).isNull();
        assertThat(paths()).containsExactly("/.well-known/openid-configuration", "/token", "/resource/accounts");
        assertThat(nonce(String.valueOf(to("/token").get(0).header("DPoP")))).isEqualTo("null");
        assertThat(to("/resource/accounts").get(0).header("Authorization")).isEqualTo("DPoP t0k3n");
        assertThat(to("/resource/accounts").get(0).target()).doesNotContain("t0k3n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"DPoP", "dpop", "DPOP"})
    @Proves("RFC 6749 5.1 token_type")
    void takesTokenTypeInAnyCase(String type) throws Exception {
        tokenType = type;

        assertThat(call().getException()).isNull();
    }

    /** The suite's issuer ends with a slash, which is a part of it. */
    @Test
    @Proves({"RFC 8414 3.3", "FAPI 2.0 5.3.3.1 aud"})
    void takesAnIssuerWithASlashAtItsEnd() throws Exception {
        issuer += "/";

        assertThat(call().getException()).isNull();
        assertThat(claims(assertion(to("/token").get(0))).get("aud").asText()).isEqualTo(issuer);
    }

    @Test
    @Proves({
        "HelseID request form", "HelseID assertion header", "HelseID assertion claims", "HelseID assertion lifetime",
        "HelseID proof at authority", "RFC 7523 3 claims", "RFC 7523 2.2", "RFC 9449 4.2"
    })
    void asksForATokenWithWhatTheStandardsWantAndNothingElse() throws Exception {
        assertThat(call().getException()).isNull();

        RawServer.Received request = to("/token").get(0);
        Map<String, String> form = form(request);
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.header("Content-Type")).startsWith("application/x-www-form-urlencoded");
        assertThat(request.header("Accept")).isEqualTo("application/json");
        assertThat(request.header("Authorization")).isNull();
        assertThat(form.keySet())
                .containsExactly("client_assertion", "client_assertion_type", "client_id", "grant_type", "scope");
        assertThat(form).containsEntry("client_id", "client-1").containsEntry("grant_type", "client_credentials");
        JsonNode claims = claims(assertion(request));
        assertThat(claims.fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("iss", "sub", "aud", "jti", "iat", "nbf", "exp");
        assertThat(claims.get("iss").asText())
                .isEqualTo("client-1")
                .isEqualTo(claims.get("sub").asText());
        assertThat(claims.get("aud").isTextual()).isTrue();
        assertThat(claims.get("exp").asLong() - claims.get("iat").asLong()).isBetween(1L, 60L);
        SignedJWT assertion = SignedJWT.parse(assertion(request));
        assertThat(assertion.getHeader().getKeyID()).isEqualTo("k1");
        SignedJWT proof = SignedJWT.parse(String.valueOf(request.header("DPoP")));
        assertThat(proof.getHeader().getType().getType()).isEqualTo("dpop+jwt");
        assertThat(proof.getHeader().getJWK().isPrivate()).isFalse();
        assertThat(proof.getJWTClaimsSet().getClaims().keySet()).containsExactlyInAnyOrder("jti", "htm", "htu", "iat");
        assertThat(proof.getJWTClaimsSet().getClaim("htu")).isEqualTo(here + "/token");
    }

    private static String assertion(RawServer.Received request) {
        return String.valueOf(form(request).get("client_assertion"));
    }

    private static Map<String, String> form(RawServer.Received request) {
        Map<String, String> form = new TreeMap<>();
        Stream.of(new String(request.body(), StandardCharsets.UTF_8).split("&")).forEach(pair -> {
            String[] parts = pair.split("=", 2);
            assertThat(form.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8)))
                    .as(parts[0])
                    .isNull();
        });
        return form;
    }

    private static String jti(String token) {
        return claims(token).get("jti").asText();
    }

    private static JsonNode claims(String token) {
        try {
            return new ObjectMapper()
                    .readTree(SignedJWT.parse(token).getPayload().toString());
        } catch (ParseException | java.io.IOException e) {
            throw new AssertionError(e);
        }
    }
}
