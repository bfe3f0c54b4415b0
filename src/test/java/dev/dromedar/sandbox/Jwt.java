package dev.dromedar.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/** A JWT made by hand, right at first and then broken member by member. */
final class Jwt {
    final Map<String, Object> header = new LinkedHashMap<>();
    final Map<String, Object> claims = new LinkedHashMap<>();
    private JWK key;

    private Jwt(JWK key) {
        this.key = key;
        header.put("alg", key.getAlgorithm().getName());
    }

    /** A client assertion as HelseID wants it. */
    static Jwt assertion(JWK key, String clientId, String issuer, Instant now) {
        var jwt = new Jwt(key);
        jwt.header.put("typ", "client-authentication+jwt");
        jwt.header.put("kid", key.getKeyID());
        jwt.claims.put("iss", clientId);
        jwt.claims.put("sub", clientId);
        jwt.claims.put("aud", issuer);
        jwt.claims.put("jti", UUID.randomUUID().toString());
        jwt.claims.put("iat", now.getEpochSecond());
        jwt.claims.put("nbf", now.getEpochSecond());
        jwt.claims.put("exp", now.getEpochSecond() + 10);
        return jwt;
    }

    static Jwt proof(JWK key, String method, String uri, Instant now) {
        var jwt = new Jwt(key);
        jwt.header.put("typ", "dpop+jwt");
        jwt.header.put("jwk", key.toPublicJWK().toJSONObject());
        jwt.claims.put("jti", UUID.randomUUID().toString());
        jwt.claims.put("htm", method);
        jwt.claims.put("htu", uri);
        jwt.claims.put("iat", now.getEpochSecond());
        return jwt;
    }

    Jwt claim(String name, Object value) {
        claims.put(name, value);
        return this;
    }

    Jwt without(String claim) {
        claims.remove(claim);
        return this;
    }

    Jwt head(String name, Object value) {
        header.put(name, value);
        return this;
    }

    Jwt signedBy(JWK other) {
        key = other;
        return this;
    }

    Jwt ath(String accessToken) {
        return claim("ath", sha256(accessToken));
    }

    static String sha256(String text) {
        try {
            var hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    String compact() {
        try {
            var input = part(header) + "." + part(claims);
            var signer = key instanceof ECKey ec ? new ECDSASigner(ec) : new RSASSASigner(key.toRSAKey());
            var alg = JWSAlgorithm.parse(key.getAlgorithm().getName());
            return input + "." + signer.sign(new JWSHeader(alg), input.getBytes(StandardCharsets.US_ASCII));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** The claims of a token, unverified. */
    static JsonNode claimsOf(String compact) {
        return decoded(compact, 1);
    }

    static JsonNode headerOf(String compact) {
        return decoded(compact, 0);
    }

    private static JsonNode decoded(String compact, int part) {
        try {
            return new ObjectMapper().readTree(Base64.getUrlDecoder().decode(compact.split("\\.", -1)[part]));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    static String part(Object members) {
        try {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(new ObjectMapper().writeValueAsBytes(members));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
