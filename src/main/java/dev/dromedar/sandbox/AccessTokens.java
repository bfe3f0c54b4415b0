package dev.dromedar.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWK;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Issues, signs and verifies one authority's access tokens (RFC 9068), and remembers the revoked ones. Thread-safe. */
final class AccessTokens {
    private static final double LEEWAY_SECONDS = 5;
    private static final int MAX_KNOWN = 20_000;

    private final String issuer;
    private final Clock clock;
    private final Map<String, Jws> verified = new ConcurrentHashMap<>();
    private final Map<String, Instant> minted = new ConcurrentHashMap<>();
    private final Map<String, Instant> revoked = new ConcurrentHashMap<>();
    /** Made in the background, because the search for primes is what takes longest when a sandbox starts. */
    private volatile CompletableFuture<Key> key = newKey();

    AccessTokens(String issuer, Clock clock) {
        this.issuer = issuer;
        this.clock = clock;
    }

    private static final class Key {
        private final JWK jwk;
        private final RSASSASigner signer;
        private final JWSVerifier verifier;

        private Key(JWK jwk) {
            this.jwk = jwk;
            try {
                this.signer = new RSASSASigner(jwk.toRSAKey());
                this.verifier = Jws.verifier(jwk);
            } catch (JOSEException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static CompletableFuture<Key> newKey() {
        return CompletableFuture.supplyAsync(() -> new Key(Client.newKey("RS256")));
    }

    JWK publicKey() {
        return key.join().jwk.toPublicJWK();
    }

    void rollKey() {
        key = newKey();
        verified.clear();
    }

    void revokeAll() {
        revoked.putAll(minted);
        minted.clear();
    }

    /**
     * The answer to a request for a token.
     *
     * @param certificate thumbprint of the connection's client certificate, or null
     */
    Answer issue(
            GrantCheck.Granted granted,
            @Nullable String certificate,
            AuthorityRules rules,
            String issuer,
            Duration lifetime) {
        Client client = granted.client();
        Set<String> audiences = granted.audiences();
        String scope = String.join(" ", granted.scopes());
        String boundTo = granted.boundTo();
        Instant now = clock.instant();
        Instant expires = now.plus(lifetime);
        String jti = UUID.randomUUID().toString();
        var claims = new LinkedHashMap<String, Object>();
        claims.put("iss", issuer);
        claims.put("aud", audiences.size() == 1 ? audiences.iterator().next() : audiences);
        claims.put("client_id", client.id());
        claims.put("scope", rules.has(AuthorityRules.Trait.SCOPE_IS_ARRAY) ? granted.scopes() : scope);
        claims.put("iat", now.getEpochSecond());
        claims.put("nbf", now.getEpochSecond());
        claims.put("exp", expires.getEpochSecond());
        claims.put("jti", jti);
        if (boundTo != null) {
            claims.put("cnf", Map.of("jkt", boundTo));
        } else if (rules.dialect().has(Dialect.Rule.CLIENT_CERTIFICATES)
                && certificate != null
                && client.certificate() != null) {
            claims.put("cnf", Map.of("x5t#S256", certificate));
        }
        claims.putAll(granted.further());
        return Answer.json(
                        200,
                        Json.object()
                                .put("access_token", mint(claims, jti, expires))
                                .put("expires_in", lifetime.toSeconds())
                                .put("token_type", boundTo == null ? "Bearer" : "DPoP")
                                .put("scope", scope))
                .with("Cache-Control", "no-store");
    }

    String mint(Map<String, ?> claims, String jti, Instant expires) {
        prune();
        minted.put(jti, expires);
        return sign(
                Map.of("alg", "RS256", "typ", "at+jwt", "kid", key.join().jwk.getKeyID()), claims);
    }

    /** Signs what it is given, right or wrong, with RS256. */
    String sign(Map<String, ?> header, Map<String, ?> claims) {
        String input = part(header) + "." + part(claims);
        try {
            var signature = key.join()
                    .signer
                    .sign(new JWSHeader(JWSAlgorithm.RS256), input.getBytes(StandardCharsets.US_ASCII));
            return input + "." + signature;
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String part(Map<String, ?> members) {
        byte[] json = Json.write(members).getBytes(StandardCharsets.UTF_8);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json);
    }

    /** Check 35, all but the scope. */
    Jws verify(String compact, Set<String> audiences) {
        Jws token = verified.get(compact);
        if (token == null) {
            token = parse(compact);
            if (verified.size() >= MAX_KNOWN) {
                verified.clear();
            }
            verified.put(compact, token);
        }
        JsonNode aud = token.claims().get("aud");
        boolean meant = aud != null
                && (audiences.contains(aud.asText())
                        || (aud.isArray() && audiences.stream().anyMatch(a -> contains(aud, a))));
        if (!meant) {
            throw refusal("'aud' is " + aud + ", this API is " + String.join(" ", audiences));
        }
        double now = clock.millis() / 1000.0;
        Double exp = token.number("exp");
        Double nbf = token.number("nbf");
        if (exp == null || now >= exp + LEEWAY_SECONDS) {
            throw refusal(exp == null ? "'exp' is missing" : "it expired " + Math.round(now - exp) + " s ago");
        }
        if (nbf != null && now + LEEWAY_SECONDS < nbf) {
            throw refusal("it is not valid yet ('nbf')");
        }
        if (revoked.containsKey(String.valueOf(token.claim("jti")))) {
            throw refusal("it has been revoked");
        }
        return token;
    }

    private static boolean contains(JsonNode array, String text) {
        for (JsonNode element : array) {
            if (element.asText().equals(text)) {
                return true;
            }
        }
        return false;
    }

    private Jws parse(String compact) {
        Jws token = Jws.parse(compact);
        if (token == null) {
            throw refusal("it is not a JWT of three base64url parts");
        }
        String typ = token.parameter("typ");
        if (!"at+jwt".equals(typ) && !"JWT".equals(typ)) {
            throw refusal("'typ' is " + Refusal.shown(typ) + ", must be 'at+jwt'");
        }
        if (!"RS256".equals(token.parameter("alg"))) {
            throw refusal("'alg' is " + Refusal.shown(token.parameter("alg")) + ", must be RS256");
        }
        Key current = key.join();
        if (!current.jwk.getKeyID().equals(token.parameter("kid")) || !token.verifies(current.verifier)) {
            throw refusal("the signature is not by the authority's key of today");
        }
        if (!issuer.equals(token.claim("iss"))) {
            throw refusal("'iss' is " + Refusal.shown(token.claim("iss")) + ", must be '" + issuer + "'");
        }
        if (token.claims().has("sub")) {
            throw refusal("it has 'sub': this API is for machine clients without a user");
        }
        return token;
    }

    private void prune() {
        if (minted.size() > MAX_KNOWN) {
            Instant now = clock.instant();
            minted.values().removeIf(now::isAfter);
            revoked.values().removeIf(now::isAfter);
        }
    }

    static boolean hasScope(@Nullable JsonNode granted, String scope) {
        return granted != null
                && (granted.isArray()
                        ? contains(granted, scope)
                        : java.util.Arrays.asList(granted.asText().split(" ", -1))
                                .contains(scope));
    }

    private static Refusal refusal(String reason) {
        return new Refusal(Check.ACCESS_TOKEN, "invalid_token", "access token: " + reason);
    }
}
