package dev.dromedar.oauth;

import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
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

    /** Errors that time mends: the first two say so (RFC 6749 section 4.1.2.1), a nonce may have run out on its way. */
    private static final Set<String> PASSING = Set.of("temporarily_unavailable", "server_error", "use_dpop_nonce");

    /** Errors whose cause can be one of many, so that the description is listened to. */
    private static final Set<String> HINTED = Set.of("invalid_client", "invalid_grant", "invalid_request");

    private TokenAnswer() {}

    /** The OAuth {@code error} of an answer, or null if it names none. */
    static @Nullable String error(Backchannel.Answer answer) {
        return member(answer, "error") instanceof String error && ForeignText.isWithin(error, 60, ' ', '~')
                ? error
                : null;
    }

    private static @Nullable Object member(Backchannel.Answer answer, String name) {
        try {
            return Json.object(answer.body()).get(name);
        } catch (IOException e) {
            return null;
        }
    }

    /**
     * @param sentAt when the request left, on this machine's clock: a token's life is counted from there, to be on the safe
     *     side
     */
    static AccessToken read(
            URI endpoint,
            Backchannel.Answer answer,
            TokenRequest request,
            ClientAuthentication authentication,
            @Nullable ProofSigner signer,
            @Nullable TlsIdentity certificate,
            Time time,
            Instant sentAt) {
        if (answer.status() != 200) {
            throw failure(endpoint, answer, request, authentication, signer != null, time);
        }
        Map<String, @Nullable Object> body;
        try {
            body = Json.object(answer.body());
        } catch (IOException e) {
            throw new AuthorityUnavailable(
                    "The answer of " + endpoint + " is " + e.getMessage() + answer.ofType()
                            + ". Check that the authority's token endpoint is there, and no proxy's page.",
                    null);
        }
        if (body.get("access_token") == null && error(answer) != null) { // some say no with a 200
            throw failure(endpoint, answer, request, authentication, signer != null, time);
        }
        if (!(body.get("access_token") instanceof String value) || !ForeignText.isWithin(value, 65_536, '!', '~')) {
            throw new AuthorityUnavailable(
                    "The answer of " + endpoint + " holds no access_token that can be sent.", null);
        }
        checkType(endpoint, body.get("token_type"), signer != null);
        checkBinding(endpoint, value, signer, certificate);
        return new AccessToken(
                Secret.of(value),
                signer != null,
                AccessToken.hashOf(value),
                body.get("scope") == null ? request.scope() : words(body.get("scope")),
                words(body.get("rejected_scope")),
                sentAt,
                lifetime(endpoint, body.get("expires_in")),
                signer);
    }

    private static OAuthException failure(
            URI endpoint,
            Backchannel.Answer answer,
            TokenRequest request,
            ClientAuthentication authentication,
            boolean proof,
            Time time) {
        String error = error(answer);
        if (error == null || answer.status() >= 500 || answer.status() == 429 || PASSING.contains(error)) {
            return new AuthorityUnavailable(
                    "No token from " + endpoint + ": HTTP " + answer.status()
                            + (error == null ? " without an OAuth error" : " " + error)
                            + ("use_dpop_nonce".equals(error)
                                    ? answer.nonce() == null
                                            ? ", and no DPoP-Nonce with it (RFC 9449 section 8)"
                                            : ", though it was sent the nonce it had given"
                                    : "")
                            + "." + whatNext(error, answer.status()),
                    RetryAfter.of(answer, time),
                    null);
        }
        Object description = member(answer, "error_description");
        String explained = ErrorDescription.explain(description);
        return new TokenRefused(
                "token refused by " + endpoint + ": " + error + " (HTTP " + answer.status() + "). "
                        + (explained != null
                                ? explained
                                : hinted(error, description, advice(error, request, authentication, proof))),
                error,
                answer.status(),
                null);
    }

    /** What the authority itself speaks of comes first. */
    private static String hinted(String error, @Nullable Object description, String advice) {
        String hint = HINTED.contains(error) ? ErrorDescription.hint(description) : "";
        return hint.isEmpty()
                ? advice
                : hint + " " + (advice.startsWith("Check ") ? "Otherwise check " + advice.substring(6) : advice);
    }

    private static String whatNext(@Nullable String error, int status) {
        return switch (status) {
            case 404, 405 -> " Check the authority's address, or token-endpoint.";
            case 429 -> " It has been asked too often: wait, and see who else uses this client.";
            default ->
                status / 100 == 3
                        ? " It redirects, and credentials do not follow."
                        : status >= 500 || "server_error".equals(error) || "temporarily_unavailable".equals(error)
                                ? " The authority itself fails: whoever runs it must look."
                                : "";
        };
    }

    private static String advice(
            String error, TokenRequest request, ClientAuthentication authentication, boolean proof) {
        return switch (error) {
            case "invalid_client" ->
                authentication.key() != null
                        ? "Check client-id, that the public key of " + named(authentication.key())
                                + " is registered for this client and not expired, and this machine's clock."
                        : authentication instanceof ClientAuthentication.TlsCertificate
                                ? "Check client-id, and that the client certificate is registered for this client and not"
                                        + " expired."
                                : "Check client-id and client-secret, and that the secret is not expired.";
            case "invalid_grant" ->
                "Check client-id, the audience, this machine's clock, and that the public key"
                        + (authentication.key() == null ? "" : " of " + named(authentication.key()))
                        + " is registered for this client.";
            case "invalid_scope" ->
                "Check that this client may have every scope it asks for: " + String.join(" ", request.scope()) + ".";
            case "unauthorized_client", "unsupported_grant_type" ->
                "Check that this client may use " + authentication.grantType() + ".";
            case "invalid_target" -> "Check the property 'resource': " + String.join(" ", request.resource()) + ".";
            case "invalid_dpop_proof" ->
                proof
                        ? "Check this machine's clock, and that the client is registered for DPoP."
                        : "The authority wants this client's tokens bound: set dpop = true.";
            case "access_denied" -> "Check the organisation numbers and what this client may do for them.";
            default -> "The authority's log says more.";
        };
    }

    private static String named(SigningKey key) {
        return key.keyId() != null
                ? "kid '" + key.keyId() + "'"
                : key.certificates().isEmpty()
                        ? "thumbprint '" + key.thumbprint() + "'"
                        : "the certificate '"
                                + SigningKey.thumbprint(key.certificates().get(0)) + "'";
    }

    /** RFC 9449 section 5: a Bearer token for a client that asked for a bound one is a downgrade, and is not used. */
    private static void checkType(URI endpoint, @Nullable Object type, boolean proof) {
        String wanted = proof ? "DPoP" : "Bearer";
        if (!(type instanceof String text) || !text.equalsIgnoreCase(wanted)) {
            throw new TokenRefused(
                    "the token of " + endpoint + " is not used: its token_type is "
                            + (type instanceof String text && ForeignText.isWord(text, 30)
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
    private static void checkBinding(
            URI endpoint, String value, @Nullable ProofSigner signer, @Nullable TlsIdentity certificate) {
        if (signer == null && certificate == null) {
            return;
        }
        String[] parts = value.split("\\.", -1);
        if (parts.length != 3) {
            return; // not a signed JWT: only the API can tell
        }
        Object thumbprint;
        Object certificateThumbprint;
        try {
            var claims = Json.object(Base64.getUrlDecoder().decode(parts[1]));
            Map<?, ?> confirmation = claims.get("cnf") instanceof Map<?, ?> map ? map : Map.of();
            thumbprint = confirmation.get("jkt");
            certificateThumbprint = confirmation.get("x5t#S256");
        } catch (IOException | IllegalArgumentException e) {
            return; // the same
        }
        if (certificate != null
                && certificateThumbprint != null
                && !certificate.thumbprint().equals(certificateThumbprint)) {
            throw new TokenRefused(
                    "the token of " + endpoint
                            + " is not used: it is bound to another certificate than this client's (cnf.x5t#S256)",
                    "cnf",
                    200,
                    null);
        }
        if (signer != null && !signer.key().thumbprint().equals(thumbprint)) {
            throw new TokenRefused(
                    "the token of " + endpoint
                            + " is not used: it is bound to "
                            + (thumbprint == null ? "no key" : "another key than this client's") + " (cnf.jkt)",
                    "cnf",
                    200,
                    null);
        }
    }

    /**
     * {@code expires_in} (RFC 6749 section 5.1): a number of seconds, or one in a string, as some authorities send it; a
     * fraction is dropped. Missing is a minute, more than a day is a day. Anything below a second, or that is no number, is
     * a token that cannot be used: nobody could tell when it dies.
     */
    private static Duration lifetime(URI endpoint, @Nullable Object value) {
        if (value == null) {
            return UNSAID_LIFETIME;
        }
        String text = value instanceof String || value instanceof Number
                ? value.toString().strip()
                : "";
        if (!text.matches("-?\\d{1,30}(\\.\\d{1,30})?(E\\d{1,3})?")) {
            throw new AuthorityUnavailable(
                    "The answer of " + endpoint + " holds an expires_in that is no number of seconds.", null);
        }
        var seconds = new BigDecimal(text);
        if (seconds.compareTo(BigDecimal.ONE) < 0) {
            throw new AuthorityUnavailable(
                    "The answer of " + endpoint + " holds a token that is dead (expires_in below 1).", null);
        }
        return seconds.compareTo(BigDecimal.valueOf(LONGEST_LIFETIME.toSeconds())) > 0
                ? LONGEST_LIFETIME
                : Duration.ofSeconds(seconds.longValue());
    }

    /** A scope as text (RFC 6749 section 3.3), or as the list that some authorities send. */
    private static Set<String> words(@Nullable Object value) {
        String text = "";
        if (value instanceof List<?> list) {
            text = list.stream().map(String::valueOf).collect(Collectors.joining(" "));
        } else if (value instanceof String string) {
            text = string;
        }
        Set<String> words = new TreeSet<>();
        for (String word : text.split("\\s+", -1)) {
            if (ForeignText.isWithin(word, 256, '!', '~')
                    && word.indexOf('"') < 0
                    && word.indexOf('\\') < 0) { // RFC 6749 section 3.3; it goes into logs
                words.add(word);
            }
        }
        return words;
    }
}
