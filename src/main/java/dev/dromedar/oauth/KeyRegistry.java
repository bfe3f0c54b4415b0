package dev.dromedar.oauth;

import dev.dromedar.keys.Json;
import java.io.IOException;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One client at HelseID Selvbetjening: lists its keys, registers another, and reads what it has been granted. Requests one token
 * of its own, and another when that expires. Of one thread; blocks.
 */
final class KeyRegistry {
    /** The scope that the client must have there. */
    static final String SCOPE = "nhn:selvbetjening/client";

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final ApiSettings api;
    private final URI secrets;
    private final URI client;
    private final TokenEndpoint endpoint;
    private final Backchannel backchannel;
    private final ServerClock clock;
    private final Time time;
    private @Nullable AccessToken token;

    KeyRegistry(
            ApiSettings api,
            URI registry,
            TokenEndpoint endpoint,
            Backchannel backchannel,
            ServerClock clock,
            Time time) {
        this.api = api;
        String base = registry.toString().replaceFirst("/+$", "");
        this.secrets = URI.create(base + "/v1/client-secret");
        this.client = URI.create(base + "/v1/client");
        this.endpoint = endpoint;
        this.backchannel = backchannel;
        this.clock = clock;
        this.time = time;
    }

    /** A registered key, by its {@code kid} or its thumbprint (RFC 7638). */
    record Registered(@Nullable String kid, @Nullable String thumbprint, Instant ends) {
        boolean is(@Nullable String otherKid, String otherThumbprint) {
            return thumbprint == null ? kid != null && kid.equals(otherKid) : thumbprint.equals(otherThumbprint);
        }
    }

    /**
     * What the client has requested, and whether it is granted.
     *
     * @param what a scope, or the type of a claim
     * @param granted whether tokens have it now
     * @param pending whether something is not decided yet, such as another value of the claim
     * @param reason in the authority's words, not cleaned
     */
    record Granted(
            String what,
            boolean granted,
            boolean pending,
            @Nullable String reason) {}

    /** What the client is there. */
    record Client(List<Granted> scopes, List<Granted> claims, List<String> children) {}

    /** @throws OAuthException if it cannot be read */
    Client client() {
        try {
            Backchannel.Answer answer = send(client, null);
            if (answer.status() != 200) {
                throw refused("GET", client, answer.status());
            }
            Map<String, @Nullable Object> members = Json.object(answer.body());
            List<String> children = new ArrayList<>();
            for (Object child : list(members.get("childOrganizationNumbers"))) {
                children.add(String.valueOf(child));
            }
            return new Client(
                    granted(members.get("apiScopes"), "scope"),
                    granted(members.get("audienceSpecificClientClaims"), "claimType"),
                    children);
        } catch (IOException e) {
            throw unavailable("GET", client, e);
        }
    }

    private static List<Granted> granted(@Nullable Object members, String name) {
        List<Granted> list = new ArrayList<>();
        for (Object one : list(members)) {
            if (one instanceof Map<?, ?> member && member.get(name) instanceof String what) {
                String status = String.valueOf(member.get("status"));
                boolean updated = status.equalsIgnoreCase("updatePending");
                boolean ok = status.equalsIgnoreCase("ok");
                list.add(new Granted(what, ok || updated, !ok, text(member.get("statusReason"))));
            }
        }
        return list;
    }

    private static List<?> list(@Nullable Object value) {
        return value instanceof List<?> list ? list : List.of();
    }

    /** @throws OAuthException if there is no list */
    List<Registered> list() {
        try {
            Backchannel.Answer answer = send(secrets, null);
            if (answer.status() != 200) {
                throw refused("GET", secrets, answer.status());
            }
            List<Registered> list = new ArrayList<>();
            for (Object one : Json.array(answer.body())) {
                if (one instanceof Map<?, ?> key && key.get("expiration") instanceof String ends) {
                    list.add(new Registered(text(key.get("kid")), text(key.get("jwkThumbprint")), moment(ends)));
                }
            }
            return list;
        } catch (IOException | DateTimeException e) {
            throw unavailable("GET", secrets, e);
        }
    }

    /**
     * Registers a public key, in the form that the server takes: the JWK itself, else a JSON string that holds it.
     *
     * @return when the key ends, or null if the server has not said it
     * @throws OAuthException if it was not registered, or that is not known
     */
    @Nullable
    Instant register(String publicJwk) {
        try {
            Backchannel.Answer answer = send(secrets, publicJwk);
            if (answer.status() == 400 || answer.status() == 415 || answer.status() == 422) {
                answer = send(secrets, Json.write(publicJwk));
            }
            if (answer.status() / 100 != 2) {
                throw refused("POST", secrets, answer.status());
            }
            return answer.body().length > 0 && Json.object(answer.body()).get("expiration") instanceof String ends
                    ? moment(ends)
                    : null;
        } catch (IOException | DateTimeException e) {
            throw unavailable("POST", secrets, e);
        }
    }

    private Backchannel.Answer send(URI address, @Nullable String body) throws IOException {
        Backchannel.Answer answer = send(address, body, null);
        boolean wantsNonce = Challenge.parse(answer.challenges()).stream()
                .anyMatch(challenge -> "use_dpop_nonce".equals(challenge.error()));
        return wantsNonce && answer.nonce() != null ? send(address, body, answer.nonce()) : answer;
    }

    private Backchannel.Answer send(URI address, @Nullable String body, @Nullable String nonce) throws IOException {
        AccessToken with = token();
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Authorization", with.authorization());
        if (with.signer() != null) {
            headers.put(
                    "DPoP",
                    with.signer()
                            .sign(
                                    body == null ? "GET" : "POST",
                                    address,
                                    with.hash(),
                                    nonce,
                                    clock.now().getEpochSecond()));
        }
        return body == null
                ? backchannel.get(address, headers, LIMIT)
                : backchannel.postJson(address, body, headers, LIMIT);
    }

    private AccessToken token() {
        AccessToken last = token;
        if (last == null || time.now().plusSeconds(10).isAfter(last.expiresAt())) {
            // HelseID knows the organisation of a single-tenant client, and a child that it refuses is no matter here
            Object details = api.tokens().assertionDetails().multiTenant()
                    ? api.tokens().request().assertionDetails()
                    : null;
            last = endpoint.ask(
                            new TokenRequest(Set.of(SCOPE), List.of(), details),
                            api.tokens().timeLimit())
                    .token();
            token = last;
        }
        return last;
    }

    private static OAuthException refused(String method, URI address, int status) {
        return new AuthorityUnavailable(
                method + " " + address + " was answered HTTP " + status
                        + ". Check key-registry, and that the client has the" + " scope " + SCOPE
                        + " in its configuration and its system.",
                null);
    }

    private static OAuthException unavailable(String method, URI address, Exception e) {
        return new AuthorityUnavailable(
                method + " " + address + " failed: "
                        + (e instanceof IOException network
                                ? NetworkFailure.of(network)
                                : "the answer has a date that is none"),
                e);
    }

    private static @Nullable String text(@Nullable Object value) {
        return value instanceof String text && text.length() <= 500 ? text : null;
    }

    /** ISO-8601; without an offset it is taken as UTC. */
    private static Instant moment(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
        }
    }
}
