package dev.dromedar.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * HelseID Selvbetjening as far as a client needs it: {@code POST} and {@code GET /v1/client-secret} register and list its public
 * keys, {@code GET /v1/client} says what it has been given; both for a bound token with the scope {@value #SCOPE}. A key lives a
 * year, and the authority knows a new one after a delay that can be set. Thread-safe.
 */
public final class SelfService {
    public static final String SCOPE = "nhn:selvbetjening/client";
    static final String NAME = "self-service";

    private static final Set<String> ALGORITHMS =
            Set.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512");
    private static final List<String> PRIVATE_MEMBERS = List.of("d", "p", "q", "dp", "dq", "qi", "oth", "k");

    /** Which form of a request's body is taken; which one the real server takes is not published. */
    public enum Body {
        /** The JWK as an object. */
        OBJECT,
        /** A JSON string that holds the JWK. */
        STRING,
        BOTH
    }

    private record Entry(JWK key, Instant from, Instant until, String origin) {
        boolean isUsable(Instant now) {
            return !now.isBefore(from) && now.isBefore(until);
        }
    }

    private final ProtectedApi api;
    private final Client client;
    private final Clock clock;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Map<String, String> pending = new ConcurrentSkipListMap<>();
    private final List<Map<String, Object>> claims = new CopyOnWriteArrayList<>();
    private volatile Body form = Body.BOTH;
    private volatile Duration cacheDelay = Duration.ZERO;

    SelfService(ProtectedApi api) {
        this.api = api;
        this.client = api.client();
        this.clock = api.origin().clock();
        add(client.privateKey().toPublicJWK(), Duration.ZERO, Duration.ofDays(365), "Gui");
        api.respond(this::answer);
    }

    /** The API itself, for its faults and what it has received. */
    public ProtectedApi api() {
        return api;
    }

    public void takes(Body wanted) {
        form = wanted;
    }

    /** How long after its registration the authority does not know a key yet. None at first. */
    public void cacheDelay(Duration delay) {
        cacheDelay = delay;
    }

    /** From now on a registered key ends after that time. */
    public synchronized void endsIn(String kid, Duration left) {
        Entry entry = entries.get(kid);
        if (entry != null) {
            put(new Entry(entry.key(), entry.from(), clock.instant().plus(left), entry.origin()));
        }
    }

    /** From now on the scope is requested and not granted: the authority issues no token with it. */
    public void pending(String scope, String reason) {
        client.withdrawScope(scope);
        pending.put(scope, reason);
    }

    /** What {@link #pending} waits for has happened. */
    public void approve(String scope) {
        pending.remove(scope);
        client.allowScope(scope);
    }

    /**
     * From now on the client has a claim for the tokens of one API.
     *
     * @param status {@code ok}, {@code pending} or {@code updatePending}
     */
    public void claim(String type, String status, String reason) {
        Map<String, Object> claim = new LinkedHashMap<>();
        claim.put("claimType", type);
        claim.put("activeClaimValue", status.equals("pending") ? null : "active");
        claim.put("pendingClaimValue", status.equals("ok") ? null : "next");
        claim.put("status", status);
        claim.put("statusReason", reason);
        claims.add(claim);
    }

    /** The key is no longer on the list; the authority knows it still. */
    public synchronized void forget(String kid) {
        entries.remove(kid);
    }

    /** The {@code kid}s of all registered keys, the oldest first. */
    public synchronized List<String> registered() {
        return List.copyOf(entries.keySet());
    }

    private synchronized Entry add(JWK key, Duration delay, Duration life, String origin) {
        Instant now = clock.instant();
        var entry = new Entry(key, now.plus(delay), now.plus(life), origin);
        put(entry);
        return entry;
    }

    private void put(Entry entry) {
        String kid = entry.key().getKeyID();
        entries.put(kid, entry);
        client.register(entry.key(), () -> entry.isUsable(clock.instant()));
    }

    private Answer answer(Request request) {
        boolean keys = request.path().endsWith("/v1/client-secret");
        if (!keys && !request.path().endsWith("/v1/client")) {
            return problem(404, "Not Found", "there is nothing at this path", request);
        }
        return switch (request.method()) {
            case "GET" -> Answer.json(200, keys ? list() : client());
            case "POST" -> keys ? register(request) : problem(405, "Method Not Allowed", "GET", request);
            default -> problem(405, "Method Not Allowed", keys ? "GET or POST" : "GET", request);
        };
    }

    private Map<String, Object> client() {
        List<Map<String, Object>> scopes = new ArrayList<>();
        client.scopes().stream().sorted().forEach(scope -> scopes.add(scope(scope, "ok", null)));
        pending.forEach((scope, reason) -> scopes.add(scope(scope, "pending", reason)));
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("apiScopes", scopes);
        members.put("audienceSpecificClientClaims", List.copyOf(claims));
        members.put("redirectUris", List.of());
        members.put("postLogoutRedirectUris", List.of());
        members.put(
                "childOrganizationNumbers", client.children().stream().sorted().toList());
        return members;
    }

    private static Map<String, Object> scope(String scope, String status, @Nullable String reason) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("scope", scope);
        members.put("status", status);
        members.put("statusReason", reason);
        return members;
    }

    private synchronized List<Map<String, Object>> list() {
        List<Map<String, Object>> list = new ArrayList<>();
        for (Entry entry : entries.values()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("expiration", entry.until().toString());
            one.put("kid", entry.key().getKeyID());
            one.put("jwkThumbprint", thumbprint(entry.key()));
            one.put("origin", entry.origin());
            one.put("publicJwk", null);
            list.add(one);
        }
        return list;
    }

    private static String thumbprint(JWK key) {
        try {
            return key.computeThumbprint().toString();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private synchronized Answer register(Request request) {
        String type = request.header("Content-Type");
        if (type == null || !type.split(";", 2)[0].strip().equals("application/json")) {
            return problem(415, "Unsupported Media Type", "Content-Type must be application/json", request);
        }
        try {
            JWK key = key(Json.read(request.body()));
            if (entries.containsKey(key.getKeyID())) {
                throw new IllegalArgumentException("a key with this kid is registered already");
            }
            Entry added = add(key, cacheDelay, Duration.ofDays(365), "Api");
            return Answer.json(200, Map.of("expiration", added.until().toString()));
        } catch (IllegalArgumentException | java.text.ParseException | java.io.IOException e) {
            return problem(400, "Bad Request", String.valueOf(e.getMessage()), request);
        }
    }

    private JWK key(JsonNode body) throws java.io.IOException, java.text.ParseException {
        if (body.isTextual() ? form == Body.OBJECT : form == Body.STRING) {
            throw new IllegalArgumentException("the body must be "
                    + (form == Body.STRING ? "a JSON string that holds the JWK" : "the JWK itself"));
        }
        JsonNode members = body.isTextual() ? Json.read(body.textValue()) : body;
        if (!(members instanceof ObjectNode jwk)) {
            throw new IllegalArgumentException("the body is no JWK");
        }
        for (String member : PRIVATE_MEMBERS) {
            if (jwk.has(member)) {
                throw new IllegalArgumentException("the JWK has the private member '" + member + "'");
            }
        }
        JWK key = JWK.parse(jwk.toString());
        boolean strong = key instanceof ECKey || key instanceof RSAKey rsa && rsa.size() >= 2048;
        if (!strong || key.getKeyID() == null || key.getKeyID().isBlank()) {
            throw new IllegalArgumentException("the key must be EC, or RSA of 2048 bits and more, and have a kid");
        }
        if (key.getAlgorithm() == null
                || !ALGORITHMS.contains(key.getAlgorithm().getName())
                || key.getKeyUse() != KeyUse.SIGNATURE) {
            throw new IllegalArgumentException("the key must have use 'sig' and an alg that signs");
        }
        return key;
    }

    /** RFC 7807 section 3. */
    private static Answer problem(int status, String title, String detail, Request request) {
        return Answer.of(
                status,
                "application/problem+json",
                Json.write(Json.object()
                        .put("type", "about:blank")
                        .put("title", title)
                        .put("status", status)
                        .put("detail", detail)
                        .put("instance", request.path())));
    }
}
