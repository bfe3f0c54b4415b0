package dev.dromedar.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Gives one authority's tokens for those of another: as Altinn does for Maskinporten's, by a GET that answers with the token as a
 * JSON string and says nothing of its life; and by RFC 8693. Thread-safe.
 */
final class TokenExchange {
    static final String AUDIENCE = "urn:sandbox:exchange";
    private static final String GRANT = "urn:ietf:params:oauth:grant-type:token-exchange";
    private static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

    private final AccessTokens from;
    private final Issuer to;
    private final Map<String, String> headers = new ConcurrentHashMap<>();

    /**
     * The authority that gives the second token.
     *
     * @param audiences by scope; live
     */
    record Issuer(
            String name,
            AccessTokens tokens,
            Clock clock,
            Supplier<Duration> lifetime,
            Map<String, String> audiences) {}

    TokenExchange(AccessTokens from, Issuer to) {
        this.from = from;
        this.to = to;
    }

    /** From now on a request must have this header besides. */
    void require(String name, String value) {
        headers.put(name, value);
    }

    /** The token goes in as Bearer, and another comes out as a JSON string. */
    Answer altinn(Request request) {
        if (!request.method().equals("GET")) {
            throw refused("invalid_request", "the method is " + request.method() + ", must be GET");
        }
        String query = request.query();
        if (query != null && !query.equals("test=true")) {
            throw refused("invalid_request", "the query is " + Refusal.shown(query) + ", must be test=true or none");
        }
        headers.forEach((name, value) -> {
            if (!value.equals(request.header(name))) {
                throw refused("invalid_token", "the header " + name + " is missing or wrong");
            }
        });
        List<String> authorization = request.headers("Authorization");
        if (authorization.size() != 1 || !authorization.get(0).startsWith("Bearer ")) {
            throw refused("invalid_token", "the token must come as Bearer");
        }
        String token = mint(authorization.get(0).substring("Bearer ".length()));
        return Answer.json(200, token).with("Cache-Control", "no-store");
    }

    /** RFC 8693 section 2; the client has authenticated. */
    Answer standard(Map<String, String> form) {
        if (!GRANT.equals(form.get("grant_type"))) {
            throw new Refusal(Check.EXCHANGE, "unsupported_grant_type", "grant_type must be '" + GRANT + "'");
        }
        if (!ACCESS_TOKEN.equals(form.get("subject_token_type"))) {
            throw refused("invalid_request", "subject_token_type is " + Refusal.shown(form.get("subject_token_type")));
        }
        String audience = form.get("audience");
        if (audience != null && !to.audiences().containsValue(audience)) {
            throw refused("invalid_target", "audience " + Refusal.shown(audience) + " is not known here");
        }
        String subject = form.get("subject_token");
        if (subject == null) {
            throw refused("invalid_request", "subject_token is missing");
        }
        var answer = new LinkedHashMap<String, Object>();
        answer.put("access_token", mint(subject));
        answer.put("issued_token_type", ACCESS_TOKEN);
        answer.put("token_type", "Bearer");
        answer.put("expires_in", to.lifetime().get().toSeconds());
        return Answer.json(200, answer).with("Cache-Control", "no-store");
    }

    private String mint(String given) {
        Jws token;
        try {
            token = from.verify(given, Set.of(AUDIENCE));
        } catch (Refusal e) {
            throw refused("invalid_token", String.valueOf(e.getMessage()));
        }
        JsonNode scope = Objects.requireNonNull(token.claims().get("scope"));
        Instant now = to.clock().instant();
        Instant expires = now.plus(to.lifetime().get());
        String jti = UUID.randomUUID().toString();
        var claims = new LinkedHashMap<String, Object>();
        claims.put("iss", to.name());
        claims.put("aud", to.audiences().getOrDefault(scope.asText(), "unknown"));
        claims.put("client_id", token.claim("client_id"));
        claims.put("scope", scope.asText());
        claims.put("consumer", token.claims().path("consumer"));
        claims.put("iat", now.getEpochSecond());
        claims.put("exp", expires.getEpochSecond());
        claims.put("jti", jti);
        return to.tokens().mint(claims, jti, expires);
    }

    private static Refusal refused(String error, String words) {
        return new Refusal(Check.EXCHANGE, error, "exchange: " + words);
    }
}
