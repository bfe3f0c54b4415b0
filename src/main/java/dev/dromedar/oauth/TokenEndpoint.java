package dev.dromedar.oauth;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Asks one authority for tokens of one client, by its grant. Every attempt has a new client
 * assertion and a new proof, the one after a nonce challenge too: an authority may refuse a {@code jti} it has seen.
 * Thread-safe; blocks.
 */
final class TokenEndpoint {
    private final String issuer;
    private final String clientId;
    private final ClientAuthentication authentication;
    private final Map<String, String> parameters;
    private final @Nullable Supplier<ProofSigner> signers;
    private final @Nullable TlsIdentity certificate;
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
            Map<String, String> parameters,
            @Nullable Supplier<ProofSigner> signers,
            @Nullable TlsIdentity certificate,
            Discovery discovery,
            Backchannel backchannel,
            ServerClock serverClock,
            Time time,
            Counters counters) {
        this.issuer = issuer;
        this.clientId = clientId;
        this.authentication = authentication;
        this.parameters = parameters;
        this.signers = signers;
        this.certificate = certificate;
        this.discovery = discovery;
        this.backchannel = backchannel;
        this.serverClock = serverClock;
        this.time = time;
        this.counters = counters;
    }

    Discovery discovery() {
        return discovery;
    }

    Counters counters() {
        return counters;
    }

    /**
     * A token and when the request that gave it left, in ticks: it cannot be older.
     */
    record Minted(AccessToken token, long sent) {}

    /** An assertion lives ten seconds unless set otherwise; a refusal this late may be of one, or of a proof, that was too old. */
    private static final Duration LATE = Duration.ofSeconds(5);

    /** One answer, with what it was asked with, and how long after that it came. */
    private record Exchange(Backchannel.Answer answer, Duration shift, Instant sentAt, long sent, Duration took) {}

    /**
     * One new token. Asks a second time at once, each for its reason and once: with the nonce that the authority has just
     * given (RFC 9449 section 8), and dated again when its answer has just shown that the clocks differ, or when it came so late
     * that the assertion or the proof may have expired on its way, as they do when this machine was paused meanwhile.
     *
     * @param limit for everything together: metadata and all attempts
     * @throws TokenRefused if the authority says no, or gives a token that is not what was asked for
     * @throws AuthorityUnavailable if it cannot be reached or makes no sense
     */
    Minted ask(TokenRequest request, Duration limit) {
        long start = time.nanos();
        URI endpoint = discovery.metadata(limit).tokenEndpoint(certificate != null);
        ProofSigner signer =
                signers == null ? null : signers.get(); // the same for all attempts: the token is bound to it
        try {
            String origin = Addresses.origin(endpoint);
            Exchange exchange = post(endpoint, request, signer, nonces.of(origin), left(limit, start));
            String nonce = exchange.answer().nonce();
            if (signer != null && nonce != null && wantsNonce(exchange.answer())) {
                counters.nonceChallenges.increment();
                exchange = post(endpoint, request, signer, nonce, left(limit, start));
                nonces.learn(origin, nonce); // not before: it may be taken once, and others would take it
            }
            nonces.learn(origin, exchange.answer().nonce());
            boolean ofAnotherTime = serverClock.hasMovedFrom(exchange.shift()) || mayHaveExpired(exchange, signer);
            if (isRefusal(exchange.answer()) && ofAnotherTime) {
                try {
                    exchange = post(endpoint, request, signer, nonces.of(origin), left(limit, start));
                } catch (IOException e) {
                    // The refusal that is there says more than that the second try got no answer
                }
            }
            if (exchange.answer().status() == 404) {
                discovery.lookAgain();
            }
            return new Minted(read(endpoint, exchange, request, signer), exchange.sent());
        } catch (IOException e) {
            discovery.lookAgain();
            throw new AuthorityUnavailable("No token from " + endpoint + ": " + NetworkFailure.of(e), e);
        }
    }

    private AccessToken read(URI endpoint, Exchange exchange, TokenRequest request, @Nullable ProofSigner signer) {
        try {
            return TokenAnswer.read(
                    endpoint, exchange.answer(), request, authentication, signer, certificate, time, exchange.sentAt());
        } catch (TokenRefused e) {
            throw isRefusal(exchange.answer()) && mayHaveExpired(exchange, signer) ? e.late() : e;
        }
    }

    /** Whether the answer came so late that what was signed for the request may have expired on its way. */
    private boolean mayHaveExpired(Exchange exchange, @Nullable ProofSigner signer) {
        return exchange.took().compareTo(LATE) > 0 && (authentication.key() != null || signer != null);
    }

    private static boolean wantsNonce(Backchannel.Answer answer) {
        return isRefusal(answer) && "use_dpop_nonce".equals(TokenAnswer.error(answer));
    }

    private static boolean isRefusal(Backchannel.Answer answer) {
        return answer.status() == 400 || answer.status() == 401;
    }

    private Duration left(Duration limit, long start) throws IOException {
        Duration left = limit.minusNanos(time.nanos() - start);
        if (left.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IOException(NetworkFailure.unanswered(limit));
        }
        return left;
    }

    private Exchange post(
            URI endpoint, TokenRequest request, @Nullable ProofSigner signer, @Nullable String nonce, Duration limit)
            throws IOException {
        Map<String, String> form = new LinkedHashMap<>();
        Map<String, String> headers = new LinkedHashMap<>();
        form.put("grant_type", authentication.grantType());
        boolean inBody = authentication.asksByParameters();
        if (inBody && !request.scope().isEmpty()) {
            form.put("scope", String.join(" ", request.scope()));
        }
        form.putAll(parameters);
        Duration shift = serverClock.shift();
        long dating = time.nanos();
        Instant sentAt = time.now();
        Instant dated = sentAt.plus(shift);
        authentication.addTo(
                new ClientAuthentication.Attempt(clientId, issuer, endpoint, dated, request, form, headers));
        if (signer != null) {
            headers.put("DPoP", signer.sign("POST", endpoint, null, nonce, dated.getEpochSecond()));
        }
        counters.tokenRequests.increment();
        long sent = time.nanos();
        Backchannel.Answer answer =
                backchannel.post(endpoint, encoded(form, inBody ? request.resource() : List.of()), headers, limit);
        serverClock.learn(answer.date(), Duration.ofNanos(time.nanos() - sent));
        Duration byTicks = Duration.ofNanos(time.nanos() - dating);
        Duration byClock = Duration.between(sentAt, time.now());
        return new Exchange(answer, shift, sentAt, sent, byTicks.compareTo(byClock) > 0 ? byTicks : byClock);
    }

    private static String encoded(Map<String, String> form, List<String> resources) {
        String encoded = form.entrySet().stream()
                .map(parameter -> parameter.getKey() + '=' + ClientAuthentication.formEncoded(parameter.getValue()))
                .collect(Collectors.joining("&"));
        for (String resource : resources) {
            encoded += "&resource=" + ClientAuthentication.formEncoded(resource);
        }
        return encoded;
    }
}
