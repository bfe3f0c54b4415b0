package dev.dromedar.sandbox;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A JWS in compact form, taken apart but not yet believed (RFC 7515 section 7.1).
 *
 * @param headerPart the header as sent, which one key's proofs have in common
 */
public record Jws(String headerPart, ObjectNode header, ObjectNode claims, String signingInput, String signature) {
    /** Null if this is not three base64url parts of which the first two are JSON objects. */
    static @Nullable Jws parse(String compact) {
        String[] parts = compact.split("\\.", -1);
        if (parts.length != 3) {
            return null;
        }
        ObjectNode header = decode(parts[0]);
        ObjectNode claims = decode(parts[1]);
        return header == null || claims == null
                ? null
                : new Jws(parts[0], header, claims, parts[0] + "." + parts[1], parts[2]);
    }

    private static @Nullable ObjectNode decode(String part) {
        if (part.indexOf('=') >= 0) {
            return null;
        }
        try {
            return Json.readObject(new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** The header parameter if it is a string, otherwise null. */
    public @Nullable String parameter(String name) {
        var value = header.get(name);
        return value != null && value.isTextual() ? value.textValue() : null;
    }

    /** The claim if it is a string, otherwise null. */
    public @Nullable String claim(String name) {
        var value = claims.get(name);
        return value != null && value.isTextual() ? value.textValue() : null;
    }

    /** The claim if it is a number, otherwise null. */
    @Nullable
    Double number(String name) {
        var value = claims.get(name);
        return value != null && value.isNumber() ? (Double) value.doubleValue() : null;
    }

    boolean verifies(JWSVerifier verifier) {
        try {
            var algorithm = JWSAlgorithm.parse(parameter("alg"));
            return verifier.supportedJWSAlgorithms().contains(algorithm)
                    && verifier.verify(
                            new JWSHeader(algorithm),
                            signingInput.getBytes(StandardCharsets.US_ASCII),
                            new Base64URL(signature));
        } catch (JOSEException | IllegalArgumentException e) {
            return false;
        }
    }

    static JWSVerifier verifier(JWK key) throws JOSEException {
        return key instanceof ECKey ec ? new ECDSAVerifier(ec) : new RSASSAVerifier(key.toRSAKey());
    }
}
