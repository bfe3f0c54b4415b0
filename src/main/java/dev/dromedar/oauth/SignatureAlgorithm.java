package dev.dromedar.oauth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.impl.ECDSA;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import org.jspecify.annotations.Nullable;

/** The nine JWS algorithms that HelseID and its like take (RFC 7518 section 3.1), with the JCA's names for them. */
public enum SignatureAlgorithm {
    RS256("RSA", "SHA256withRSA", 0),
    RS384("RSA", "SHA384withRSA", 0),
    RS512("RSA", "SHA512withRSA", 0),
    PS256("RSA", "RSASSA-PSS", 32),
    PS384("RSA", "RSASSA-PSS", 48),
    PS512("RSA", "RSASSA-PSS", 64),
    ES256("EC", "SHA256withECDSAinP1363Format", 0),
    ES384("EC", "SHA384withECDSAinP1363Format", 0),
    ES512("EC", "SHA512withECDSAinP1363Format", 0);

    private final String keyType;
    private final String jcaName;
    private final int saltLength;

    SignatureAlgorithm(String keyType, String jcaName, int saltLength) {
        this.keyType = keyType;
        this.jcaName = jcaName;
        this.saltLength = saltLength;
    }

    /** {@code RSA} or {@code EC}: the JWK and JCA name of the keys that this algorithm signs with. */
    public String keyType() {
        return keyType;
    }

    /** The only curve of an ES algorithm (RFC 7518 section 3.4), by its JWK name; null for RSA. */
    @Nullable
    String curve() {
        return switch (this) {
            case ES256 -> "P-256";
            case ES384 -> "P-384";
            case ES512 -> "P-521";
            default -> null;
        };
    }

    /** A new {@link Signature} for this algorithm, of the given provider or of the first that has it. */
    Signature signature(@Nullable Provider provider) throws GeneralSecurityException {
        String name = isJoinedBy(provider) ? jcaName : jcaName.replace("inP1363Format", "");
        var signature = provider == null ? Signature.getInstance(name) : Signature.getInstance(name, provider);
        if (saltLength > 0) {
            String hash = "SHA-" + saltLength * 8;
            signature.setParameter(new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), saltLength, 1));
        }
        return signature;
    }

    /** Whether a provider gives an ES signature as R and S joined, as JWS has it; the Windows store gives DER alone. */
    boolean isJoinedBy(@Nullable Provider provider) {
        return provider == null || !keyType.equals("EC") || provider.getService("Signature", jcaName) != null;
    }

    /** R and S joined, from a signature in DER. */
    byte[] joined(byte[] der) throws JOSEException {
        return ECDSA.transcodeSignatureToConcat(der, ECDSA.getSignatureByteArrayLength(JWSAlgorithm.parse(name())));
    }

    public static @Nullable SignatureAlgorithm ofName(@Nullable String name) {
        for (var algorithm : values()) {
            if (algorithm.name().equals(name)) {
                return algorithm;
            }
        }
        return null;
    }
}
