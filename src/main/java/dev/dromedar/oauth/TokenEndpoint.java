package dev.dromedar.oauth;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Asks one authority for tokens of one client by client_credentials (RFC 6749 section 4.4). Every attempt has a new client
 * assertion and a new proof, the one after a nonce challenge too: an authority may refuse a {@code jti} it has seen.
 * Thread-safe; blocks.
 */
final class TokenEndpoint {
    private final String issuer;
    private final String clientId;
    private final ClientAuthentication authentication;
    private final @Nullable ProofSigner signer;
    private final Discovery discovery;
    private final Backchannel backchannel;
    private final ServerClock serverClock;
    private final Time time;
    private final Counters counters;
    private final Nonces nonces = new Nonces();

    TokenEndpoint(
            String issuer,
            String clientId,
            ClientAuthentication authentication,
            @Nullable ProofSigner signer,
            Discovery discovery,
            Backchannel backchannel,
            ServerClock serverClock,
            Time time,
            Counters counters) {
        this.issuer = issuer;
        this.clientId = clientId;
        this.authentication = authentication;
        this.signer = signer;
        this.discovery = discovery;
        this.backchannel = backchannel;
        this.serverClock = serverClock;
        this.time = time;
        this.counters = counters;
    }

    /**
     * One new token.
     *
     * @param limit for all attempts together
     * @throws TokenRefused if the authority says no, or gives a token that is not what was asked for
     * @throws AuthorityUnavailable if it cannot be reached or makes no sense
     */
    AccessToken ask(TokenRequest request, Duration limit) {
        long start = time.nanos();
        URI endpoint = discovery.metadata(limit).tokenEndpoint();
        try {
            Backchannel.Answer answer = post(endpoint, request, left(limit, start));
            if (signer != null && answer.status() >= 400 && "use_dpop_nonce".equals(TokenAnswer.error(answer))) {
                counters.nonceChallenges.increment();
                answer = post(endpoint, request, left(limit, start));
            }
            return TokenAnswer.read(endpoint, answer, request, authentication, signer, time, start);
        } catch (IOException e) {
            discovery.forget();
            throw new AuthorityUnavailable("No token from " + endpoint + ": " + Reason.of(e), e);
        }
    }

    private Duration left(Duration limit, long start) throws IOException {
        Duration left = limit.minusNanos(time.nanos() - start);
        if (left.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IOException("no answer within " + limit.toMillis() + " ms");
        }
        return left;
    }

    private Backchannel.Answer post(URI endpoint, TokenRequest request, Duration limit) throws IOException {
        Map<String, String> form = new LinkedHashMap<>();
        Map<String, String> headers = new LinkedHashMap<>();
        form.put("grant_type", "client_credentials");
        if (!request.scope().isEmpty()) {
            form.put("scope", String.join(" ", request.scope()));
        }
        var now = serverClock.now();
        authentication.addTo(
                new ClientAuthentication.Attempt(clientId, issuer, now, request.assertionDetails(), form, headers));
        String origin = Addresses.origin(endpoint);
        if (signer != null) {
            headers.put("DPoP", signer.sign("POST", endpoint, null, nonces.of(origin), now.getEpochSecond()));
        }
        counters.tokenRequests.increment();
        long sent = time.nanos();
        Backchannel.Answer answer = backchannel.post(endpoint, encoded(form, request), headers, limit);
        serverClock.learn(answer.date(), Duration.ofNanos(time.nanos() - sent));
        nonces.learn(origin, answer.nonce());
        return answer;
    }

    private static String encoded(Map<String, String> form, TokenRequest request) {
        String encoded = form.entrySet().stream()
                .map(parameter -> parameter.getKey() + '=' + ClientAuthentication.formEncoded(parameter.getValue()))
                .collect(Collectors.joining("&"));
        for (String resource : request.resource()) {
            encoded += "&resource=" + ClientAuthentication.formEncoded(resource);
        }
        return encoded;
    }
}
