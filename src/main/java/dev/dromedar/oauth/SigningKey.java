package dev.dromedar.oauth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyType;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A private key with what its public half is known by. Immutable and thread-safe; never prints the private part. */
public final class SigningKey {
    private final PrivateKey privateKey;
    private final @Nullable Provider provider;
    private final SignatureAlgorithm algorithm;
    private final @Nullable String keyId;
    private final JWK publicJwk;
    private final String thumbprint;

    private SigningKey(PrivateKey privateKey, JWK publicJwk, @Nullable String keyId, SignatureAlgorithm algorithm)
            throws JOSEException {
        Provider fast = NativeProvider.FOUND;
        PrivateKey translated = fast == null ? null : translated(privateKey, fast);
        this.privateKey = translated == null ? privateKey : translated;
        this.provider = translated == null ? null : fast;
        this.algorithm = algorithm;
        this.keyId = keyId;
        this.publicJwk = publicJwk;
        this.thumbprint = publicJwk.computeThumbprint().toString();
    }

    /**
     * A key from a private JWK (RFC 7517).
     *
     * @param algorithm the algorithm to sign with, or null for the JWK's own {@code alg}
     * @param rsaDefault what an RSA key signs with when neither says; an EC key follows its curve
     * @throws InvalidSettings if it is no private key, is too weak, or does not fit the algorithm; never quotes it
     */
    public static SigningKey parse(Secret jwk, @Nullable SignatureAlgorithm algorithm, SignatureAlgorithm rsaDefault) {
        JWK key;
        try {
            key = JWK.parse(
                    Json.write(Json.object(jwk.reveal().trim().getBytes(java.nio.charset.StandardCharsets.UTF_8))));
        } catch (Exception e) {
            throw new InvalidSettings("is not a key that can be read: it must be a private JWK, a JSON object like"
                    + " {\"kty\":\"RSA\",\"kid\":\"...\",\"alg\":\"PS256\",\"d\":\"...\", ...}");
        }
        if (!KeyType.RSA.equals(key.getKeyType()) && !KeyType.EC.equals(key.getKeyType())) {
            throw new InvalidSettings("has kty '" + key.getKeyType() + "': an RSA or EC key is needed");
        }
        if (!key.isPrivate()) {
            throw new InvalidSettings("is a public key: the private key is needed (a JWK with the member 'd')");
        }
        if (key instanceof RSAKey rsa && (rsa.size() < 2048 || rsa.size() > 8192)) {
            throw new InvalidSettings("is an RSA key of " + rsa.size() + " bits: 2048 to 8192 are needed");
        }
        String stated = key.getAlgorithm() == null ? null : key.getAlgorithm().getName();
        SignatureAlgorithm chosen = algorithm != null ? algorithm : SignatureAlgorithm.ofName(stated);
        if (chosen == null && stated != null) {
            throw new InvalidSettings("has alg '" + (stated.matches("[\\w+.-]{1,20}") ? stated : "?")
                    + "': must be one of RS/PS/ES with 256, 384 or 512");
        }
        if (chosen == null) {
            chosen = key instanceof ECKey ec ? ofCurve(ec.getCurve()) : rsaDefault;
        }
        return of(key, chosen);
    }

    /** A new EC key on the curve of an ES algorithm, living only in this process. */
    static SigningKey generate(SignatureAlgorithm algorithm) {
        try {
            Curve curve = Curve.parse(algorithm.curve());
            return of(new ECKeyGenerator(curve).generate(), algorithm);
        } catch (JOSEException e) {
            throw new IllegalStateException("Every JDK makes EC keys", e);
        }
    }

    private static SigningKey of(JWK key, SignatureAlgorithm algorithm) {
        if (!key.getKeyType().getValue().equals(algorithm.keyType())
                || (key instanceof ECKey ec && !ec.getCurve().getName().equals(algorithm.curve()))) {
            throw new InvalidSettings("is " + (key instanceof ECKey ec ? "an EC key on " + ec.getCurve() : "an RSA key")
                    + " and cannot sign with " + algorithm);
        }
        try {
            PrivateKey privateKey;
            PublicKey publicKey;
            JWK publicJwk; // built from the numbers, because a JWK may spell them in more than one way
            if (key instanceof ECKey ec) {
                privateKey = ec.toPrivateKey();
                publicKey = ec.toECPublicKey();
                publicJwk = new ECKey.Builder(ec.getCurve(), ec.toECPublicKey()).build();
            } else {
                privateKey = key.toRSAKey().toPrivateKey();
                publicKey = key.toRSAKey().toRSAPublicKey();
                publicJwk = new RSAKey.Builder(key.toRSAKey().toRSAPublicKey()).build();
            }
            var signing = new SigningKey(privateKey, publicJwk, key.getKeyID(), algorithm);
            var verifier = algorithm.signature(null);
            verifier.initVerify(publicKey);
            if (verifier.verify(signing.sign(new byte[0]))) {
                return signing;
            }
        } catch (JOSEException | GeneralSecurityException | RuntimeException e) {
            // told below, without the library's words: they may quote the key
        }
        throw new InvalidSettings("cannot sign with " + algorithm + ": the key's numbers do not fit together");
    }

    private static SignatureAlgorithm ofCurve(Curve curve) {
        for (var algorithm : SignatureAlgorithm.values()) {
            if (curve.getName().equals(algorithm.curve())) {
                return algorithm;
            }
        }
        throw new InvalidSettings("is an EC key on " + curve + ": P-256, P-384 or P-521 is needed");
    }

    private static @Nullable PrivateKey translated(PrivateKey key, Provider provider) {
        byte[] encoded = key.getEncoded();
        try {
            return encoded == null
                    ? null
                    : KeyFactory.getInstance(key.getAlgorithm(), provider)
                            .generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            return null;
        }
    }

    /** Signs in JWS form: an ES signature is R and S in full length (RFC 7518 section 3.4). */
    byte[] sign(byte[] input) {
        try {
            var signature = algorithm.signature(provider);
            signature.initSign(privateKey);
            signature.update(input);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("The key signed when it was loaded, and no longer does", e);
        }
    }

    public SignatureAlgorithm algorithm() {
        return algorithm;
    }

    /** The {@code kid} that the authority knows the public key by, or null if the key has none. */
    public @Nullable String keyId() {
        return keyId;
    }

    /** The public half, with the members that RFC 7638 section 3.2 requires of its type and no others. */
    Map<String, ?> publicJwk() {
        return publicJwk.getRequiredParams();
    }

    /** The RFC 7638 thumbprint, as in {@code cnf.jkt} (RFC 9449 section 6.1). */
    public String thumbprint() {
        return thumbprint;
    }

    @Override
    public String toString() {
        return "SigningKey(" + algorithm + ", kid " + keyId + ", thumbprint " + thumbprint + ")";
    }
}
