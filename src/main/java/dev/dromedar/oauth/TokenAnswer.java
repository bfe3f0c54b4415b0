package dev.dromedar.oauth;

import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.net.URI;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads a token endpoint's answer (RFC 6749 sections 5.1 and 5.2). Pure functions; nothing of a token is ever quoted. */
final class TokenAnswer {
    /** What an answer without {@code expires_in} is taken to mean (RFC 6749 section 5.1 leaves it open). */
    static final Duration UNSAID_LIFETIME = Duration.ofMinutes(1);
    /** A longer life is cut to this: nobody revokes what is never asked for again. */
    static final Duration LONGEST_LIFETIME = Duration.ofHours(24);

    private TokenAnswer() {}

    /** The OAuth {@code error} of an answer, or null if it names none. */
    static @Nullable String error(Backchannel.Answer answer) {
        try {
            return Json.object(answer.body()).get("error") instanceof String error
                            && error.matches("[\\x20-\\x7e]{1,60}")
                    ? error
                    : null;
        } catch (IOException e) {
            return null;
        }
    }

    /**
     * @param asked when the request was begun, in ticks: a token's life is counted from there, to be on the safe side
     */
    static AccessToken read(
            URI endpoint,
            Backchannel.Answer answer,
            TokenRequest request,
            ClientAuthentication authentication,
            @Nullable ProofSigner signer,
            Time time,
            long asked) {
        if (answer.status() != 200) {
            throw failure(endpoint, answer, request, authentication, time);
        }
        Map<String, @Nullable Object> body;
        try {
            body = Json.object(answer.body());
        } catch (IOException e) {
            throw new AuthorityUnavailable(
                    "The answer of " + endpoint + " is " + e.getMessage()
                            + ". Check that the authority's token endpoint is there, and no proxy's page.",
                    e);
        }
        if (!(body.get("access_token") instanceof String value) || !value.matches("[\\x21-\\x7e]{1,65536}")) {
            throw new AuthorityUnavailable(
                    "The answer of " + endpoint + " holds no access_token that can be sent.", null);
        }
        checkType(endpoint, body.get("token_type"), signer != null);
        checkBinding(endpoint, value, signer);
        return new AccessToken(
                Secret.of(value),
                signer != null,
                AccessToken.hashOf(value),
                body.get("scope") == null ? request.scope() : words(body.get("scope")),
                words(body.get("rejected_scope")),
                time.now().minusNanos(time.nanos() - asked),
                lifetime(endpoint, body.get("expires_in")),
                signer);
    }

    private static OAuthException failure(
            URI endpoint,
            Backchannel.Answer answer,
            TokenRequest request,
            ClientAuthentication authentication,
            Time time) {
        String error = error(answer);
        if (error == null || answer.status() >= 500 || answer.status() == 429) {
            return new AuthorityUnavailable(
                    "No token from " + endpoint + ": HTTP " + answer.status()
                            + (error == null ? " without an OAuth error" : " " + error)
                            + (answer.status() / 100 == 3 ? ". It redirects, and credentials do not follow." : ".")
                            + (answer.status() == 404 ? " Check the authority's address." : ""),
                    RetryAfter.of(answer, time),
                    null);
        }
        return new TokenRefused(
                "token refused by " + endpoint + ": " + error + " (HTTP " + answer.status() + "). "
                        + advice(error, request, authentication),
                error,
                answer.status(),
                null);
    }

    private static String advice(String error, TokenRequest request, ClientAuthentication authentication) {
        return switch (error) {
            case "invalid_client" ->
                authentication instanceof ClientAuthentication.PrivateKeyJwt jwt
                        ? "Check client-id, that the public key of kid '"
                                + jwt.key().keyId()
                                + "' is registered for this client and not expired, and this machine's clock."
                        : "Check client-id and client-secret, and that the secret is not expired.";
            case "invalid_scope" ->
                "Check that this client may have every scope it asks for: " + String.join(" ", request.scope()) + ".";
            case "unauthorized_client", "unsupported_grant_type" ->
                "Check that this client may use client_credentials.";
            case "invalid_target" -> "Check the property 'resource': " + String.join(" ", request.resource()) + ".";
            case "use_dpop_nonce" -> "It asked for another nonce than the one it had just given.";
            case "invalid_dpop_proof" -> "Check this machine's clock, and that the client is registered for DPoP.";
            case "access_denied" -> "Check the organisation numbers and what this client may do for them.";
            default -> "The authority's log says more.";
        };
    }

    /** RFC 9449 section 5: a Bearer token for a client that asked for a bound one is a downgrade, and is not used. */
    private static void checkType(URI endpoint, @Nullable Object type, boolean proof) {
        String wanted = proof ? "DPoP" : "Bearer";
        if (!(type instanceof String text) || !text.equalsIgnoreCase(wanted)) {
            throw new TokenRefused(
                    "the token of " + endpoint + " is not used: its token_type is "
                            + (type instanceof String text && text.matches("[\\w-]{1,30}")
                                    ? "'" + text + "'"
                                    : "missing")
                            + ", and this client needs '" + wanted + "'. "
                            + (proof
                                    ? "Check that the client is registered for DPoP, or set dpop = false."
                                    : "If the authority binds this client's tokens, set dpop = true."),
                    "token_type",
                    200,
                    null);
        }
    }

    /** RFC 9449 section 6.1: where the token can be read, it must be bound to our key. */
    private static void checkBinding(URI endpoint, String value, @Nullable ProofSigner signer) {
        if (signer == null) {
            return;
        }
        Object thumbprint;
        try {
            var confirmation = SignedJWT.parse(value).getJWTClaimsSet().getJSONObjectClaim("cnf");
            thumbprint = confirmation == null ? null : confirmation.get("jkt");
        } catch (ParseException | RuntimeException e) {
            return; // not a JWT: only the API can tell
        }
        if (!signer.key().thumbprint().equals(thumbprint)) {
            throw new TokenRefused(
                    "the token of " + endpoint
                            + " is not used: it is bound to another key than this client's (cnf.jkt)",
                    "cnf",
                    200,
                    null);
        }
    }

    private static Duration lifetime(URI endpoint, @Nullable Object value) {
        if (value == null) {
            return UNSAID_LIFETIME;
        }
        String text = String.valueOf(value).strip();
        if (!text.matches("\\d{1,30}(\\.0+)?")) {
            throw new AuthorityUnavailable(
                    "The answer of " + endpoint + " holds an expires_in that is no count of seconds.", null);
        }
        String seconds = text.replaceFirst("\\.0+$", "").replaceFirst("^0+(?=\\d)", "");
        if (seconds.equals("0")) {
            throw new AuthorityUnavailable(
                    "The answer of " + endpoint + " holds a token that is dead (expires_in 0).", null);
        }
        return seconds.length() > 9 || Long.parseLong(seconds) > LONGEST_LIFETIME.toSeconds()
                ? LONGEST_LIFETIME
                : Duration.ofSeconds(Long.parseLong(seconds));
    }

    /** A scope as text (RFC 6749 section 3.3), or as the list that some authorities send. */
    private static Set<String> words(@Nullable Object value) {
        String text = "";
        if (value instanceof List<?> list) {
            text = list.stream().map(String::valueOf).collect(Collectors.joining(" "));
        } else if (value instanceof String string) {
            text = string;
        }
        return text.isBlank() ? Set.of() : new TreeSet<>(List.of(text.strip().split("\\s+")));
    }
}
