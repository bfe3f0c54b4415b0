package dev.dromedar.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import dev.dromedar.Proves;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SigningKeyTest {
    private static final RSAKey RSA = rsa(2048);
    private static final ECKey EC = ec(Curve.P_256);

    private static RSAKey rsa(int bits) {
        try {
            return new RSAKeyGenerator(bits, true).keyID("k1").generate();
        } catch (com.nimbusds.jose.JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private static ECKey ec(Curve curve) {
        try {
            return new ECKeyGenerator(curve).keyID("k1").generate();
        } catch (com.nimbusds.jose.JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private static String with(JWK key, Map<String, ?> members) {
        Map<String, Object> json = new HashMap<>(key.toJSONObject());
        json.putAll(members);
        json.values().removeIf(""::equals);
        return Json.write(json);
    }

    private static SigningKey parse(String jwk) {
        return SigningKey.parse(Secret.of(jwk), null, SignatureAlgorithm.PS256);
    }

    static Stream<Arguments> good() {
        return Stream.of(
                Arguments.of("RSA by the default", RSA.toJSONString(), null, "PS256"),
                Arguments.of("RSA by its own alg", with(RSA, Map.of("alg", "RS512")), null, "RS512"),
                Arguments.of(
                        "RSA by the property", with(RSA, Map.of("alg", "RS512")), SignatureAlgorithm.PS384, "PS384"),
                Arguments.of("EC by its curve", EC.toJSONString(), null, "ES256"),
                Arguments.of("P-384", ec(Curve.P_384).toJSONString(), null, "ES384"),
                Arguments.of("P-521", ec(Curve.P_521).toJSONString(), null, "ES512"),
                Arguments.of("space about it", "\n  " + EC.toJSONString() + "\n", null, "ES256"),
                Arguments.of("members nobody knows", with(EC, Map.of("owner", "us")), null, "ES256"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("good")
    @Proves({"HelseID algorithms", "RFC 8725 3.2"})
    void takesAKeyThatFits(String name, String jwk, @Nullable SignatureAlgorithm property, String algorithm) {
        SigningKey key = SigningKey.parse(Secret.of(jwk), property, SignatureAlgorithm.PS256);

        assertThat(key.algorithm()).hasToString(algorithm);
        assertThat(key.keyId()).isEqualTo("k1");
    }

    static Stream<Arguments> bad() throws Exception {
        OctetSequenceKey secret = new OctetSequenceKeyGenerator(256).generate();
        String cannotRead = "is not a key that can be read: it must be a private JWK, a JSON object like"
                + " {\"kty\":\"RSA\",\"kid\":\"...\",\"alg\":\"PS256\",\"d\":\"...\", ...}, a JWK set, or PEM (-----BEGIN PRIVATE KEY-----)";
        String notJson = "begins like a JWK and is no JSON, or has a name twice (line 1, column %d)";
        String doNotFit = "cannot sign with %s: the key's numbers do not fit together";
        return Stream.of(
                Arguments.of("nothing", "", cannotRead),
                Arguments.of(
                        "a path",
                        "secrets/key.jwk.json",
                        "is the path of a file, not the key itself: write {{secretfile:path}} for a key in text, and"
                                + " key-store = path for PKCS#12 and JKS"),
                Arguments.of(
                        "damaged PEM",
                        "-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----",
                        "is no RSA or EC private key that can be read: another kind of key, or a damaged file"),
                Arguments.of(
                        "an array",
                        "[" + EC.toJSONString() + "]",
                        "is a JSON array: a JWK set is an object, {\"keys\": [...]}"),
                Arguments.of(
                        "two",
                        EC.toJSONString() + EC.toJSONString(),
                        notJson.formatted(EC.toJSONString().length() + 1)),
                Arguments.of(
                        "a member twice",
                        EC.toJSONString().replaceFirst("\\{", "{\"kty\":\"EC\","),
                        notJson.formatted(18)),
                Arguments.of(
                        "no kty",
                        with(EC, Map.of("kty", "")),
                        "has no member 'kty': it must be \"RSA\" or \"EC\" (RFC 7517 section 4.1)"),
                Arguments.of(
                        "not base64url",
                        with(EC, Map.of("d", "?")),
                        "has 'd' that is not base64url: it holds other characters"),
                Arguments.of(
                        "a point off the curve",
                        with(EC, Map.of("x", ec(Curve.P_256).getX().toString())),
                        "cannot be used: the key's numbers do not fit together"),
                Arguments.of("a shared secret", secret.toJSONString(), "has kty 'oct': an RSA or EC key is needed"),
                Arguments.of(
                        "a public key",
                        EC.toPublicJWK().toJSONString(),
                        "is a public key: the private key is needed (a JWK with the member 'd')"),
                Arguments.of(
                        "RSA of 1024 bits",
                        rsa(1024).toJSONString(),
                        "is an RSA key of 1024 bits: 2048 to 8192 are needed"),
                Arguments.of(
                        "an alg nobody signs with",
                        with(RSA, Map.of("alg", "HS256")),
                        "has alg 'HS256': must be one of RS/PS/ES with 256, 384 or 512"),
                Arguments.of(
                        "an alg with text to mislead",
                        with(RSA, Map.of("alg", "x\nAll is well")),
                        "has alg '?': must be one of RS/PS/ES with 256, 384 or 512"),
                Arguments.of(
                        "an alg of another type",
                        with(RSA, Map.of("alg", "ES256")),
                        "is an RSA key and cannot sign with ES256"),
                Arguments.of(
                        "an alg of another curve",
                        with(EC, Map.of("alg", "ES384")),
                        "is an EC key on P-256 and cannot sign with ES384"),
                Arguments.of(
                        "the private half of another EC key",
                        with(EC, Map.of("d", ec(Curve.P_256).getD().toString())),
                        doNotFit.formatted("ES256")),
                Arguments.of(
                        "the private half of another RSA key",
                        with(RSA, Map.of("n", rsa(2048).getModulus().toString())),
                        doNotFit.formatted("PS256")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bad")
    @Proves({"FAPI 2.0 5.4.1 algorithms", "FAPI 2.0 5.4.1 key sizes", "RFC 8725 3.1", "RFC 8725 3.5"})
    void saysWhatIsWrongWithAKeyAndQuotesNothingOfIt(String name, String jwk, String message) {
        assertThatThrownBy(() -> parse(jwk))
                .isInstanceOf(UnusableCredential.class)
                .hasMessage(message)
                .hasNoCause();
    }

    /** RFC 7638 section 3.1. */
    @Test
    void theThumbprintIsOfTheRequiredMembersOnly() {
        SigningKey plain = parse(EC.toJSONString());

        SigningKey adorned = parse(with(EC, Map.of("use", "sig", "alg", "ES256", "kid", "other", "x5t", "abc")));

        assertThat(adorned.thumbprint()).isEqualTo(plain.thumbprint());
    }

    @Test
    @Proves("HelseID SK4")
    void printsNothingPrivate() {
        assertThat(parse(EC.toJSONString())).asString().doesNotContain(EC.getD().toString());
    }
}
