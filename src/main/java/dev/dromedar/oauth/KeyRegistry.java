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
 * The keys of one client at HelseID Selvbetjening: lists them, and registers another. Requests one token of its own, and
 * another when that expires. Of one thread; blocks.
 */
final class KeyRegistry {
    /** The scope that the client must have there. */
    static final String SCOPE = "nhn:selvbetjening/client";

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final ApiSettings api;
    private final URI address;
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
        this.address = URI.create(registry.toString().replaceFirst("/+$", "") + "/v1/client-secret");
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

    /** @throws OAuthException if there is no list */
    List<Registered> list() {
        try {
            Backchannel.Answer answer = send(null);
            if (answer.status() != 200) {
                throw refused("GET", answer.status());
            }
            List<Registered> list = new ArrayList<>();
            for (Object one : Json.array(answer.body())) {
                if (one instanceof Map<?, ?> key && key.get("expiration") instanceof String ends) {
                    list.add(new Registered(text(key.get("kid")), text(key.get("jwkThumbprint")), moment(ends)));
                }
            }
            return list;
        } catch (IOException | DateTimeException e) {
            throw unavailable("GET", e);
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
            Backchannel.Answer answer = send(publicJwk);
            if (answer.status() == 400 || answer.status() == 415 || answer.status() == 422) {
                answer = send(Json.write(publicJwk));
            }
            if (answer.status() / 100 != 2) {
                throw refused("POST", answer.status());
            }
            return answer.body().length > 0 && Json.object(answer.body()).get("expiration") instanceof String ends
                    ? moment(ends)
                    : null;
        } catch (IOException | DateTimeException e) {
            throw unavailable("POST", e);
        }
    }

    private Backchannel.Answer send(@Nullable String body) throws IOException {
        Backchannel.Answer answer = send(body, null);
        boolean wantsNonce = Challenge.parse(answer.challenges()).stream()
                .anyMatch(challenge -> "use_dpop_nonce".equals(challenge.error()));
        return wantsNonce && answer.nonce() != null ? send(body, answer.nonce()) : answer;
    }

    private Backchannel.Answer send(@Nullable String body, @Nullable String nonce) throws IOException {
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
            var request =
                    new TokenRequest(Set.of(SCOPE), List.of(), api.request().assertionDetails());
            last = endpoint.ask(request, api.timeLimit()).token();
            token = last;
        }
        return last;
    }

    private OAuthException refused(String method, int status) {
        return new AuthorityUnavailable(
                method + " " + address + " was answered HTTP " + status
                        + ". Check key-registry, and that the client has the" + " scope " + SCOPE
                        + " in its configuration and its system.",
                null);
    }

    private OAuthException unavailable(String method, Exception e) {
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
