package dev.dromedar.oauth;

import dev.dromedar.keys.Followed;
import dev.dromedar.keys.Json;
import dev.dromedar.keys.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Exchanges an authority's token for the one that goes to the API. Thread-safe; blocks. */
final class ExchangeEndpoint {
    private static final int LONGEST_TOKEN = 65_536;
    /** Refusals that a new token of the authority may answer: RFC 6750 section 3.1, RFC 8693 section 2.2.2. */
    private static final Set<String> OF_THE_TOKEN = Set.of("invalid_token", "invalid_grant", "invalid_request");

    private final Exchange exchange;
    private final Backchannel backchannel;
    private final ServerClock authorityClock;
    private final Time time;

    /** @param authorityClock dates the proof of a token that is bound */
    ExchangeEndpoint(Exchange exchange, Backchannel backchannel, ServerClock authorityClock, Time time) {
        this.exchange = exchange;
        this.backchannel = backchannel;
        this.authorityClock = authorityClock;
        this.time = time;
    }

    URI address() {
        return exchange.address();
    }

    /** Whether another token of the authority may be exchanged where this one was refused. */
    static boolean isOfTheToken(TokenRefused refusal) {
        return refusal.status() == 401 || refusal.status() == 400 && OF_THE_TOKEN.contains(refusal.error());
    }

    /**
     * The token for that token.
     *
     * @throws TokenRefused if it is refused
     * @throws AuthorityUnavailable if there is no answer, or one that is no token
     */
    TokenEndpoint.Minted exchange(AccessToken first, Duration limit) {
        if (limit.compareTo(Duration.ofMillis(1)) < 0) {
            throw new AuthorityUnavailable("No token from " + address() + ": no time is left for the exchange.", null);
        }
        Instant sentAt = time.now();
        long sent = time.nanos();
        Backchannel.Answer answer;
        try {
            answer = exchange.form() instanceof Exchange.Form.TokenExchange form
                    ? post(form, first, sentAt, limit)
                    : backchannel.get(address(), get(first, sentAt), limit);
        } catch (IOException e) {
            throw new AuthorityUnavailable("No token from " + address() + ": " + NetworkFailure.of(e), e);
        }
        return new TokenEndpoint.Minted(read(answer, first, sentAt), sent);
    }

    private Map<String, String> get(AccessToken first, Instant sentAt) {
        Map<String, String> headers = headers();
        headers.put("Authorization", first.authorization());
        ProofSigner signer = first.signer();
        if (signer != null) {
            long dated = sentAt.plus(authorityClock.shift()).getEpochSecond();
            headers.put("DPoP", signer.sign("GET", address(), first.hash(), null, dated));
        }
        return headers;
    }

    private Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        exchange.headers().forEach((name, value) -> headers.put(name, revealed(value)));
        return headers;
    }

    private static String revealed(Followed<Secret> value) {
        return value.current().reveal();
    }

    private Backchannel.Answer post(Exchange.Form.TokenExchange form, AccessToken first, Instant sentAt, Duration limit)
            throws IOException {
        Map<String, String> headers = headers();
        Map<String, String> body = new LinkedHashMap<>();
        body.put("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
        body.put("subject_token", first.value().reveal());
        body.put("subject_token_type", form.subjectTokenType());
        if (form.audience() != null) {
            body.put("audience", form.audience());
        }
        Exchange.Client client = exchange.client();
        if (client != null) {
            client.authentication()
                    .addTo(new ClientAuthentication.Attempt(
                            client.id(),
                            client.issuer(),
                            address(),
                            sentAt.plus(authorityClock.shift()),
                            TokenRequest.ofScope(Set.of()),
                            body,
                            headers));
        }
        String encoded = body.entrySet().stream()
                .map(one -> one.getKey() + '=' + ClientAuthentication.formEncoded(one.getValue()))
                .collect(Collectors.joining("&"));
        return backchannel.post(address(), encoded, headers, limit);
    }

    private AccessToken read(Backchannel.Answer answer, AccessToken first, Instant sentAt) {
        if (answer.status() / 100 != 2) {
            throw failure(answer);
        }
        Object given = content(answer);
        Object value = given;
        Object expiresIn = null;
        if (given instanceof Map<?, ?> object) {
            value = object.get("access_token");
            expiresIn = object.get("expires_in");
            Object type = object.get("token_type");
            if (type != null && !"Bearer".equalsIgnoreCase(String.valueOf(type).strip())) {
                throw new TokenRefused(
                        "the token of " + address()
                                + " is not used: its token_type is not Bearer. Check exchange-audience.",
                        "token_type",
                        200,
                        null);
            }
        }
        if (!(value instanceof String token) || !ForeignText.isWithin(token, LONGEST_TOKEN, '!', '~')) {
            throw new AuthorityUnavailable(
                    "The answer of " + address() + " holds no token that can be sent" + answer.ofType()
                            + ". Check exchange and exchange-grant.",
                    null);
        }
        Duration lifetime = TokenAnswer.lifetime(expiresIn, token, sentAt);
        if (TokenAnswer.hasExpired(token, sentAt)) {
            throw new AuthorityUnavailable(
                    "The token of " + address() + " had expired when it was given. Check this machine's clock.", null);
        }
        return new AccessToken(
                Secret.of(token),
                false,
                AccessToken.hashOf(token),
                first.scope(),
                first.rejectedScope(),
                sentAt,
                lifetime,
                null);
    }

    /** A JSON object or string, or the text itself if it is made as Bearer tokens are (RFC 6750 section 2.1), no page. */
    private static @Nullable Object content(Backchannel.Answer answer) {
        String text = new String(answer.body(), StandardCharsets.UTF_8).strip();
        if (!text.startsWith("{") && !text.startsWith("\"")) {
            return ForeignText.isOf(text, LONGEST_TOKEN, "-._~+/=") ? text : null;
        }
        try {
            return Json.object(("{\"token\":" + text + "}").getBytes(StandardCharsets.UTF_8))
                    .get("token");
        } catch (IOException e) {
            return null;
        }
    }

    private OAuthException failure(Backchannel.Answer answer) {
        AuthorityError error = AuthorityError.of(answer);
        int status = answer.status();
        String code = error.code() == null ? "http_" + status : error.code();
        String what = (error.code() == null ? "HTTP " + status : code + " (HTTP " + status + ")") + ". ";
        if (status == 400 || status == 401 || status == 403) {
            return new TokenRefused(
                    "the exchange at " + address() + " was refused: " + what
                            + (status == 403
                                    ? "Check that the scope, and this client or its customer, has access there."
                                    : code.equals("invalid_client") && exchange.client() != null
                                            ? "Check exchange-client-id and exchange-client-secret, and that this client may"
                                                    + " exchange tokens there."
                                            : "Check that it accepts tokens of this authority and environment, the scope,"
                                                    + " exchange-header.* and exchange-audience."),
                    code,
                    status,
                    null,
                    error.description());
        }
        return new AuthorityUnavailable(
                "No token from the exchange at " + address() + ": " + what
                        + RefusalAdvice.onOutage(error.code(), status).strip(),
                RetryAfter.of(answer, time),
                null);
    }
}
