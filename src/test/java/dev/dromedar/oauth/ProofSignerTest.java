package dev.dromedar.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.SignedJWT;
import dev.dromedar.Proves;
import dev.dromedar.keys.Secret;
import dev.dromedar.keys.SignatureAlgorithm;
import dev.dromedar.keys.SigningKey;
import java.net.URI;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ProofSignerTest {
    private static final URI TARGET = URI.create("https://resource.example.org/protectedresource");
    private static final ProofSigner SIGNER = new ProofSigner(SigningKey.generate(SignatureAlgorithm.ES256));

    /** The claims but for {@code jti}, whose form alone can be told. */
    private static Map<String, Object> claims(String proof) throws Exception {
        Map<String, Object> claims =
                new HashMap<>(SignedJWT.parse(proof).getPayload().toJSONObject());
        assertThat((String) claims.remove("jti")).matches("[-\\w]{22}");
        return claims;
    }

    /** RFC 9449 section 7.1: the example's claims for the example's token. */
    @Test
    @Proves({"HelseID proof at API", "RFC 9449 4.2"})
    void aProofForAnApiHasTheClaimsOfTheStandardsExample() throws Exception {
        String hash = AccessToken.hashOf("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU");

        String proof = SIGNER.sign("GET", TARGET, hash, null, 1562262618);

        assertThat(claims(proof))
                .isEqualTo(Map.of(
                        "htm", "GET",
                        "htu", "https://resource.example.org/protectedresource",
                        "iat", 1562262618L,
                        "ath", "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"));
    }

    /** RFC 9449 section 4.2: the example for the token endpoint, with the nonce of section 8. */
    @Test
    @Proves("HelseID proof at authority")
    void aProofForTheTokenEndpointHasNoHashAndTheNewestNonce() throws Exception {
        String proof = SIGNER.sign(
                "POST", URI.create("https://server.example.com/token"), null, "eyJ7S_zG.eyJH0-Z.HX4w-7v", 1562262616);

        assertThat(claims(proof))
                .isEqualTo(Map.of(
                        "htm", "POST",
                        "htu", "https://server.example.com/token",
                        "iat", 1562262616L,
                        "nonce", "eyJ7S_zG.eyJH0-Z.HX4w-7v"));
    }

    @ParameterizedTest
    @EnumSource(SignatureAlgorithm.class)
    @Proves({"HelseID proof at authority", "RFC 9449 11.4"})
    void theHeaderHoldsThePublicKeyAloneAndTheSignatureFitsIt(SignatureAlgorithm algorithm) throws Exception {
        JWK generated = algorithm.keyType().equals("RSA")
                ? new RSAKeyGenerator(2048).keyID("k1").generate()
                : null;
        SigningKey key = generated == null
                ? SigningKey.generate(algorithm)
                : SigningKey.parse(Secret.of(generated.toJSONString()), algorithm, algorithm);

        SignedJWT proof = SignedJWT.parse(new ProofSigner(key).sign("GET", TARGET, null, null, 1));

        JWSHeader header = proof.getHeader();
        JWK jwk = header.getJWK();
        Set<String> members =
                algorithm.keyType().equals("RSA") ? Set.of("kty", "n", "e") : Set.of("kty", "crv", "x", "y");
        assertThat(header.toJSONObject().keySet()).isEqualTo(Set.of("typ", "alg", "jwk"));
        assertThat(header.getType()).hasToString("dpop+jwt");
        assertThat(header.getAlgorithm()).hasToString(algorithm.name());
        assertThat(jwk.toJSONObject().keySet()).isEqualTo(members);
        assertThat(jwk.computeThumbprint()).hasToString(key.thumbprint());
        assertThat(proof.verify(jwk instanceof RSAKey rsa ? new RSASSAVerifier(rsa) : new ECDSAVerifier((ECKey) jwk)))
                .isTrue();
    }

    /** RFC 9449 section 4.2: htu without query and fragment, otherwise as it is sent. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "https://api.example/x?y=z#f, https://api.example/x",
        "https://api.example/x#f?y, https://api.example/x",
        "https://api.example/?, https://api.example/",
        "https://api.example:8443/a%20b/%C3%A6, https://api.example:8443/a%20b/%C3%A6",
        "https://api.example/Æ, https://api.example/%C3%86",
        "https://api.example, https://api.example",
        "https://API.example/X, https://API.example/X",
    })
    void theTargetIsNamedWithoutItsQuery(URI target, String htu) throws Exception {
        assertThat(claims(SIGNER.sign("PATCH", target, null, null, 1)))
                .containsEntry("htu", htu)
                .containsEntry("htm", "PATCH");
    }

    @Test
    @Proves("RFC 8725 3.10")
    void whatOthersChooseCannotWriteClaims() throws Exception {
        String nonce = "\",\"ath\":\"forged\\\u0001\u00e6\u2028";

        String proof = SIGNER.sign("GE\"T", TARGET, null, nonce, 1);

        assertThat(claims(proof))
                .isEqualTo(Map.of("htm", "GE\"T", "htu", TARGET.toString(), "iat", 1L, "nonce", nonce));
    }

    @Test
    @Proves("RFC 9449 4.2 jti")
    void everyProofHasAnIdOfItsOwn() throws Exception {
        Set<Object> ids = new HashSet<>();

        for (int i = 0; i < 2000; i++) {
            ids.add(SignedJWT.parse(SIGNER.sign("GET", TARGET, null, null, 1))
                    .getJWTClaimsSet()
                    .getJWTID());
        }

        assertThat(ids).hasSize(2000);
    }
}
