package dev.dromedar.oauth;

import dev.dromedar.keys.Json;
import dev.dromedar.keys.Secret;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
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

    /** What a client gets no token for, whatever the answer says besides (RFC 6749 section 5.2, RFC 9110 section 15.5). */
    private static final Set<Integer> REFUSALS = Set.of(400, 401, 403);

    /** How gateways write it, without what stands between its words. */
    private static final Set<String> BEARER = Set.of("bearer", "bearertoken");

    private TokenAnswer() {}

    /** The OAuth {@code error} of an answer, or null if it names none. */
    static @Nullable String error(Backchannel.Answer answer) {
        return AuthorityError.of(answer).code();
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
        if (answer.status() / 100 != 2) {
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
        if (body.get("access_token") == null && body.get("error") != null) { // some refuse with a 200
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
                lifetime(body.get("expires_in"), value, sentAt),
                signer);
    }

    private static OAuthException failure(
            URI endpoint,
            Backchannel.Answer answer,
            TokenRequest request,
            ClientAuthentication authentication,
            boolean proof,
            Time time) {
        AuthorityError error = AuthorityError.of(answer);
        String code = error.code();
        int status = answer.status();
        boolean refusal = REFUSALS.contains(status) || status / 100 == 2 || code != null && status < 500;
        if (!refusal || status == 429 || code != null && PASSING.contains(code)) {
            return new AuthorityUnavailable(
                    "No token from " + endpoint + ": HTTP " + status
                            + (code == null ? " without an OAuth error" : " " + code)
                            + ("use_dpop_nonce".equals(code)
                                    ? answer.nonce() == null
                                            ? ", and no DPoP-Nonce with it (RFC 9449 section 8)"
                                            : ", though it was sent the nonce it had issued"
                                    : "")
                            + "." + RefusalAdvice.onOutage(code, status),
                    RetryAfter.of(answer, time),
                    null);
        }
        return new TokenRefused(
                "token refused by " + endpoint + ": "
                        + (code == null
                                ? "HTTP " + status + " without an OAuth error. "
                                : code + " (HTTP " + status + "). ")
                        + RefusalAdvice.of(error, status, request, authentication, proof),
                code == null ? "http_" + status : code,
                status,
                null,
                error.description());
    }

    /**
     * RFC 9449 section 5: a Bearer token for a client that requested a bound one is a downgrade, and is not used. Without DPoP
     * every spelling of Bearer counts, and none at all: gateways write it in their own ways.
     */
    private static void checkType(URI endpoint, @Nullable Object type, boolean proof) {
        String text = type instanceof String given ? given.strip() : "";
        if (proof ? text.equalsIgnoreCase("DPoP") : isBearer(type, text)) {
            return;
        }
        String shown = isShort(text) ? "'" + text + "'" : text.isEmpty() ? "missing" : "not one that is known";
        throw new TokenRefused(
                "the token of " + endpoint + " is not used: its token_type is " + shown + ", and this client needs '"
                        + (proof ? "DPoP" : "Bearer") + "'. "
                        + (proof
                                ? "Check that the client is registered for DPoP, or set dpop = false."
                                : text.equalsIgnoreCase("DPoP")
                                        ? "The authority binds this client's tokens: set dpop = true."
                                        : "Tokens of that type cannot be sent. Check how the client is registered."),
                "token_type",
                200,
                null);
    }

    private static boolean isBearer(@Nullable Object type, String text) {
        return type == null
                || type instanceof String && text.isEmpty()
                || isShort(text)
                        && BEARER.contains(text.toLowerCase(Locale.ROOT)
                                .replace(" ", "")
                                .replace("_", "")
                                .replace("-", ""));
    }

    private static boolean isShort(String text) {
        return ForeignText.isOf(text, 30, " _-");
    }

    /** RFC 9449 section 6.1: where the token can be read, it must be bound to our key. */
    private static void checkBinding(
            URI endpoint, String value, @Nullable ProofSigner signer, @Nullable TlsIdentity certificate) {
        if (signer == null && certificate == null) {
            return;
        }
        Map<String, @Nullable Object> claims = claims(value);
        if (claims == null) {
            return; // no signed JWT: only the API can decide
        }
        Map<?, ?> confirmation = claims.get("cnf") instanceof Map<?, ?> map ? map : Map.of();
        Object thumbprint = confirmation.get("jkt");
        Object certificateThumbprint = confirmation.get("x5t#S256");
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
     * fraction is dropped, and more than a day is a day. Missing, zero, negative, empty or no number means that the authority
     * does not say: the {@code exp} of a token that is a JWT counts, otherwise a minute.
     */
    private static Duration lifetime(@Nullable Object value, String token, Instant sentAt) {
        String text = value instanceof String || value instanceof Number
                ? value.toString().strip()
                : "";
        BigDecimal seconds = text.length() <= 400 && text.matches("\\d{1,30}(\\.\\d{1,30})?(E\\d{1,3})?")
                ? new BigDecimal(text)
                : BigDecimal.ZERO;
        if (seconds.compareTo(BigDecimal.ONE) < 0) {
            Duration left = leftOf(token, sentAt);
            return left == null ? UNSAID_LIFETIME : left;
        }
        return seconds.compareTo(BigDecimal.valueOf(LONGEST_LIFETIME.toSeconds())) > 0
                ? LONGEST_LIFETIME
                : Duration.ofSeconds(seconds.longValue());
    }

    /** What is left of a JWT's life by its {@code exp} (RFC 7519 section 4.1.4), up to a day; null if it does not say. */
    private static @Nullable Duration leftOf(String token, Instant sentAt) {
        Map<String, @Nullable Object> claims = claims(token);
        if (claims == null || !(claims.get("exp") instanceof Number number)) {
            return null;
        }
        double left = number.doubleValue() - sentAt.getEpochSecond();
        return left < 1 ? null : Duration.ofSeconds((long) Math.min(left, (double) LONGEST_LIFETIME.toSeconds()));
    }

    /** The claims of a token that is a signed JWT, or null for one of another kind. */
    private static @Nullable Map<String, @Nullable Object> claims(String token) {
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3) {
            return null;
        }
        try {
            return Json.object(Base64.getUrlDecoder().decode(parts[1]));
        } catch (IOException | IllegalArgumentException e) {
            return null;
        }
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
