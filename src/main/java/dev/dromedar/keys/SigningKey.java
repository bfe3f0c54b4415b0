package dev.dromedar.keys;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A private key with what its public half is known by. It signs through the JCA, with the provider that the key needs, so
 * that a key which cannot leave its token or store serves as well. Immutable and thread-safe; never prints the private part.
 */
public final class SigningKey {
    private final PrivateKey privateKey;
    private final @Nullable Provider provider;
    private final SignatureAlgorithm algorithm;
    private final boolean joined;
    private final @Nullable String keyId;
    private final JWK publicJwk;
    private final String thumbprint;
    private final List<X509Certificate> certificates;

    private SigningKey(
            PrivateKey privateKey,
            @Nullable Provider ownProvider,
            JWK publicJwk,
            @Nullable String keyId,
            SignatureAlgorithm algorithm,
            List<X509Certificate> certificates)
            throws JOSEException {
        Provider fast = NativeProvider.found();
        PrivateKey translated = fast == null || ownProvider != null ? null : translated(privateKey, fast);
        this.privateKey = translated == null ? privateKey : translated;
        this.provider = ownProvider != null ? ownProvider : translated == null ? null : fast;
        this.algorithm = algorithm;
        this.joined = algorithm.isJoinedBy(provider);
        this.keyId = keyId;
        this.publicJwk = publicJwk;
        this.thumbprint = publicJwk.computeThumbprint().toString();
        this.certificates = List.copyOf(certificates);
    }

    /**
     * A key from its text: a private JWK (RFC 7517), or any other form of {@link KeySource}.
     *
     * @param algorithm the algorithm to sign with, or null for the JWK's own {@code alg}
     * @param rsaDefault what an RSA key signs with when neither says; an EC key follows its curve
     * @throws UnusableCredential if it is no private key, is too weak, or does not fit the algorithm; never quotes it
     */
    public static SigningKey parse(Secret text, @Nullable SignatureAlgorithm algorithm, SignatureAlgorithm rsaDefault) {
        return read(KeySource.of(text), algorithm, rsaDefault);
    }

    /** As {@link #parse}, from wherever the key is. */
    public static SigningKey read(
            KeySource source, @Nullable SignatureAlgorithm algorithm, SignatureAlgorithm rsaDefault) {
        FoundKey found = source.read();
        PublicKey publicKey = PublicHalf.of(found);
        if (publicKey instanceof RSAPublicKey rsa) {
            int bits = rsa.getModulus().bitLength();
            if (bits < 2048 || bits > 8192) {
                throw new UnusableCredential("is an RSA key of " + bits + " bits: 2048 to 8192 are needed");
            }
        }
        JWK publicJwk = PublicHalf.jwk(publicKey);
        return of(found, publicKey, publicJwk, chosen(found, publicJwk, algorithm, rsaDefault));
    }

    /** Reads it, and again when it changes. */
    public static Followed<SigningKey> follow(
            String name,
            String origin,
            Supplier<KeySource> source,
            @Nullable SignatureAlgorithm algorithm,
            SignatureAlgorithm rsaDefault,
            UnaryOperator<SigningKey> check) {
        return Followed.of(name, origin, () -> {
            KeySource now = source.get();
            return new Followed.Content<>(now.mark(), () -> check.apply(read(now, algorithm, rsaDefault)));
        });
    }

    private static SignatureAlgorithm chosen(
            FoundKey found, JWK publicJwk, @Nullable SignatureAlgorithm algorithm, SignatureAlgorithm rsaDefault) {
        String stated = found.algorithm();
        SignatureAlgorithm chosen = algorithm != null ? algorithm : SignatureAlgorithm.ofName(stated);
        if (chosen == null && stated != null) {
            throw new UnusableCredential("has alg '" + (stated.matches("[\\w+.-]{1,20}") ? stated : "?")
                    + "': must be one of RS/PS/ES with 256, 384 or 512");
        }
        boolean pss = found.privateKey().getAlgorithm().equals("RSASSA-PSS"); // RFC 4055 section 1.2: for nothing else
        if (chosen == null) {
            return publicJwk instanceof ECKey ec
                    ? PublicHalf.algorithm(ec.getCurve())
                    : pss && rsaDefault.name().startsWith("RS")
                            ? SignatureAlgorithm.valueOf(rsaDefault.name().replace("RS", "PS"))
                            : rsaDefault;
        }
        if (pss && chosen.name().startsWith("RS")) {
            throw new UnusableCredential(
                    "is an RSASSA-PSS key and cannot sign with " + chosen + ": only with PS256, PS384 or PS512");
        }
        return chosen;
    }

    /** A new EC key on the curve of an ES algorithm, living only in this process. */
    public static SigningKey generate(SignatureAlgorithm algorithm) {
        try {
            Curve curve = Curve.parse(algorithm.curve());
            ECKey key = new ECKeyGenerator(curve).generate();
            return new SigningKey(key.toPrivateKey(), null, key.toPublicJWK(), null, algorithm, List.of());
        } catch (JOSEException e) {
            throw new IllegalStateException("Every JDK makes EC keys", e);
        }
    }

    private static SigningKey of(FoundKey found, PublicKey publicKey, JWK publicJwk, SignatureAlgorithm algorithm) {
        if (!publicJwk.getKeyType().getValue().equals(algorithm.keyType())
                || (publicJwk instanceof ECKey ec && !ec.getCurve().getName().equals(algorithm.curve()))) {
            throw new UnusableCredential(
                    "is " + (publicJwk instanceof ECKey ec ? "an EC key on " + ec.getCurve() : "an RSA key")
                            + " and cannot sign with " + algorithm);
        }
        List<X509Certificate> path = CertificatePath.of(publicKey, found.certificates());
        if (path.isEmpty() && !found.certificates().isEmpty()) {
            throw new UnusableCredential("is not the key of its certificate: they must be made together");
        }
        try {
            var signing =
                    new SigningKey(found.privateKey(), found.provider(), publicJwk, found.keyId(), algorithm, path);
            var verifier = algorithm.signature(null);
            verifier.initVerify(publicKey);
            if (verifier.verify(signing.sign(new byte[0]))) {
                return signing;
            }
        } catch (JOSEException | GeneralSecurityException | RuntimeException e) {
            // reported below, without the library's words: they may quote the key
        }
        throw new UnusableCredential("cannot sign with " + algorithm
                + (found.provider() == null
                        ? ": the key's numbers do not fit together"
                        : ": its provider " + found.provider().getName()
                                + " does not have this algorithm, or the certificate is of another key"));
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
    public byte[] sign(byte[] input) {
        return sign(input, input.length);
    }

    /** The same of an array's beginning. */
    public byte[] sign(byte[] input, int length) {
        try {
            var signature = algorithm.signature(provider);
            signature.initSign(privateKey);
            signature.update(input, 0, length);
            return joined ? signature.sign() : algorithm.joined(signature.sign());
        } catch (GeneralSecurityException | JOSEException e) {
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

    /** The same key under the name of its RFC 7638 thumbprint, if it has no name. */
    public SigningKey named() {
        try {
            return keyId != null
                    ? this
                    : new SigningKey(privateKey, provider, publicJwk, thumbprint, algorithm, certificates);
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The public half, with the members that RFC 7638 section 3.2 requires of its type and no others. */
    public Map<String, ?> publicJwk() {
        return publicJwk.getRequiredParams();
    }

    /** The RFC 7638 thumbprint, as in {@code cnf.jkt} (RFC 9449 section 6.1). */
    public String thumbprint() {
        return thumbprint;
    }

    /** The key's certificate and those above it; empty if it has none. */
    public List<X509Certificate> certificates() {
        return certificates;
    }

    /** How large it is: bits of an RSA modulus or an EC field. */
    public int size() {
        return publicJwk.size();
    }

    /** For the JDK's TLS, which signs itself. */
    public PrivateKey privateKey() {
        return privateKey;
    }

    /** {@code x5t#S256} of a certificate (RFC 7515 section 4.1.8, RFC 8705 section 3.1). */
    public static String thumbprint(X509Certificate certificate) {
        return Secret.sha256(encoded(certificate));
    }

    /** {@code x5c} (RFC 7515 section 4.1.6): standard base64, the key's own certificate first. */
    public List<String> certificateChain() {
        return certificates.stream()
                .map(certificate -> Base64.getEncoder().encodeToString(encoded(certificate)))
                .toList();
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new UnusableCredential("has a certificate that cannot be read");
        }
    }

    /**
     * A new key pair, to be written to a file.
     *
     * @param bits of an RSA key
     */
    public static KeyPair generatePair(SignatureAlgorithm algorithm, int bits) {
        try {
            var generator = KeyPairGenerator.getInstance(algorithm.keyType());
            if (algorithm.keyType().equals("EC")) {
                generator.initialize(
                        new ECGenParameterSpec(Curve.parse(algorithm.curve()).getStdName()));
            } else {
                generator.initialize(bits);
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JDK makes RSA and EC keys", e);
        }
    }

    @Override
    public String toString() {
        return "SigningKey(" + algorithm + ", kid " + keyId + ", thumbprint " + thumbprint + ")";
    }
}
