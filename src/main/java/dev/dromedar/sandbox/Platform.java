package dev.dromedar.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A platform that signs assertions for its workloads, as Kubernetes does for service accounts, and the authority's trust in it
 * (RFC 7523 section 3). Its assertions have an array as {@code aud}, no {@code jti}, and may be used until they expire.
 */
public final class Platform {
    private static final double SKEW = 5;

    private final RSAKey key = newKey();
    private final String issuer;
    private final String subject;

    public Platform(String issuer, String subject) {
        this.issuer = issuer;
        this.subject = subject;
    }

    private static RSAKey newKey() {
        try {
            return new RSAKeyGenerator(2048).keyID("platform").generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * A new assertion, as the platform would write it into a file.
     *
     * @param expires in seconds since 1970
     */
    public String assertion(String audience, long expires) {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("iss", issuer);
        claims.put("sub", subject);
        claims.put("aud", List.of(audience));
        claims.put("iat", expires - 600);
        claims.put("exp", expires);
        String input = part(Map.of("alg", "RS256", "kid", key.getKeyID())) + "." + part(claims);
        try {
            return input + "."
                    + new RSASSASigner(key)
                            .sign(new JWSHeader(JWSAlgorithm.RS256), input.getBytes(StandardCharsets.US_ASCII));
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String part(Map<String, ?> members) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(Json.write(members).getBytes(StandardCharsets.UTF_8));
    }

    /** @throws Refusal if it is not this platform's assertion for the authority */
    void check(String compact, String audience, Clock clock) {
        Jws assertion = Jws.parse(compact);
        if (assertion == null) {
            throw refused(Check.CLIENT_AUTHENTICATION, "it is not a JWT of three base64url parts");
        }
        try {
            if (!"RS256".equals(assertion.parameter("alg")) || !assertion.verifies(Jws.verifier(key))) {
                throw refused(
                        Check.ASSERTION_SIGNATURE, "the signature is not by the platform that this client trusts");
            }
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
        if (!issuer.equals(assertion.claim("iss")) || !subject.equals(assertion.claim("sub"))) {
            throw refused(
                    Check.CLIENT_ID,
                    "'iss' is " + Refusal.shown(assertion.claim("iss")) + " and 'sub' "
                            + Refusal.shown(assertion.claim("sub")) + ", another workload's");
        }
        JsonNode aud = assertion.claims().path("aud");
        boolean meant = aud.asText().equals(audience);
        for (JsonNode one : aud) {
            meant |= one.asText().equals(audience);
        }
        if (!meant) {
            throw refused(Check.ASSERTION_AUD, "'aud' is " + aud + ", must hold '" + audience + "'");
        }
        Double exp = assertion.number("exp");
        if (exp == null || exp + SKEW < clock.millis() / 1000.0) {
            throw refused(Check.ASSERTION_LIFETIME, "'exp' is missing or past");
        }
    }

    private static Refusal refused(Check check, String reason) {
        return new Refusal(check, "invalid_client", "client assertion: " + reason);
    }
}
