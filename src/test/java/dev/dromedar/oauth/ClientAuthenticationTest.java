package dev.dromedar.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.SignedJWT;
import dev.dromedar.Proves;
import dev.dromedar.keys.Followed;
import dev.dromedar.keys.Secret;
import dev.dromedar.keys.SignatureAlgorithm;
import dev.dromedar.keys.SigningKey;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ClientAuthenticationTest {
    private final Map<String, String> form = new LinkedHashMap<>();
    private final Map<String, String> headers = new LinkedHashMap<>();

    private void add(ClientAuthentication authentication, String clientId, @Nullable Object details) {
        authentication.addTo(new ClientAuthentication.Attempt(
                clientId,
                "https://authority.example",
                URI.create("https://authority.example/token"),
                Instant.ofEpochSecond(1_000_000),
                new TokenRequest(Set.of("read"), List.of(), details),
                form,
                headers));
    }

    /** RFC 6749 section 2.3.1: id and secret are form-encoded before they are joined. */
    @Test
    @Proves("RFC 6749 2.3.1")
    void basicEncodesIdAndSecretFirst() {
        add(new ClientAuthentication.SecretBasic(Followed.fixed(Secret.of("p:q%r+s t/\u00e6~*"))), "a:b c", null);

        assertThat(form).isEmpty();
        assertThat(headers).containsOnlyKeys("Authorization");
        assertThat(new String(
                        Base64.getDecoder()
                                .decode(String.valueOf(headers.get("Authorization"))
                                        .substring("Basic ".length())),
                        StandardCharsets.UTF_8))
                .isEqualTo("a%3Ab+c:p%3Aq%25r%2Bs+t%2F%C3%A6%7E*");
    }

    @Test
    void postPutsBothIntoTheForm() {
        add(new ClientAuthentication.SecretPost(Followed.fixed(Secret.of("p:q"))), "worker", null);

        assertThat(form).isEqualTo(Map.of("client_id", "worker", "client_secret", "p:q"));
        assertThat(headers).isEmpty();
    }

    /** RFC 7521 section 4.1. */
    @Test
    @Proves("RFC 7523 2.1")
    void aGrantMayHaveASecretBesides() throws Exception {
        ECKey key = new ECKeyGenerator(Curve.P_256).keyID("k1").generate();
        var form = new ClientAuthentication.AssertionForm(
                "JWT", Duration.ofSeconds(10), Audience.ISSUER, null, KeyName.KID, Map.of());
        var signing = Followed.fixed(SigningKey.parse(Secret.of(key.toJSONString()), null, SignatureAlgorithm.PS256));
        var alone = new ClientAuthentication.JwtBearerGrant(signing, form, false, null);
        var besides = new ClientAuthentication.JwtBearerGrant(
                signing, form, false, new ClientAuthentication.SecretBasic(Followed.fixed(Secret.of("s"))));

        add(besides, "worker", null);

        assertThat(this.form).containsOnlyKeys("assertion");
        assertThat(headers).containsExactly(Map.entry("Authorization", "Basic d29ya2VyOnM="));
        assertThat(besides.inWords()).isEqualTo("the JWT grant with client_secret_basic");
        assertThat(besides.identity()).startsWith(alone.identity()).isNotEqualTo(alone.identity());
    }

    @Test
    @Proves({"HelseID assertion header", "FAPI 2.0 5.3.3.1 authentication", "RFC 9700 2.5"})
    void anAssertionHasTheClaimsThatHelseIdWantsAndNoOthers() throws Exception {
        ECKey key = new ECKeyGenerator(Curve.P_256).keyID("k1").generate();
        var authentication = World.privateKeyJwt(
                SigningKey.parse(Secret.of(key.toJSONString()), null, SignatureAlgorithm.PS256),
                "client-authentication+jwt",
                Duration.ofSeconds(10));

        add(authentication, "worker", Map.of("type", "helseid_authorization"));

        assertThat(headers).isEmpty();
        assertThat(form).containsOnlyKeys("client_id", "client_assertion_type", "client_assertion");
        assertThat(form)
                .containsEntry("client_id", "worker")
                .containsEntry("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        SignedJWT assertion = SignedJWT.parse(form.get("client_assertion"));
        Map<String, Object> claims = new HashMap<>(assertion.getPayload().toJSONObject());
        assertThat((String) claims.remove("jti")).matches("[-\\w]{22}");
        assertThat(claims)
                .isEqualTo(Map.of(
                        "iss",
                        "worker",
                        "sub",
                        "worker",
                        "aud",
                        "https://authority.example",
                        "iat",
                        1_000_000L,
                        "nbf",
                        1_000_000L,
                        "exp",
                        1_000_010L,
                        "assertion_details",
                        Map.of("type", "helseid_authorization")));
        assertThat(assertion.getHeader().toJSONObject())
                .isEqualTo(Map.of("typ", "client-authentication+jwt", "alg", "ES256", "kid", "k1"));
        assertThat(assertion.verify(new ECDSAVerifier(key.toECPublicKey()))).isTrue();
    }

    @Test
    @Proves({"HelseID assertion once", "RFC 7523 3 jti"})
    void everyAttemptHasAnAssertionOfItsOwn() throws Exception {
        var authentication = World.assertion(
                Secret.of(new ECKeyGenerator(Curve.P_256).generate().toJSONString()));
        add(authentication, "worker", null);
        String first = String.valueOf(form.get("client_assertion"));

        add(authentication, "worker", null);

        assertThat(SignedJWT.parse(form.get("client_assertion"))
                        .getJWTClaimsSet()
                        .getJWTID())
                .isNotEqualTo(SignedJWT.parse(first).getJWTClaimsSet().getJWTID());
    }

    @Test
    void anIdentityTellsCredentialsApartAndTellsNone() {
        List<String> identities = List.of(
                new ClientAuthentication.SecretBasic(Followed.fixed(Secret.of("one"))).identity(),
                new ClientAuthentication.SecretBasic(Followed.fixed(Secret.of("two"))).identity(),
                new ClientAuthentication.SecretPost(Followed.fixed(Secret.of("one"))).identity());

        assertThat(identities).doesNotHaveDuplicates().noneMatch(identity -> identity.contains("one"));
        assertThat(new ClientAuthentication.SecretBasic(Followed.fixed(Secret.of("one"))).identity())
                .isEqualTo(identities.get(0));
        assertThat(identities)
                .noneMatch(identity -> identity.contains(Secret.sha256("one".getBytes(StandardCharsets.UTF_8))));
    }
}
