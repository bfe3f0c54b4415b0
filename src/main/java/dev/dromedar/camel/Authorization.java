package dev.dromedar.camel;

import dev.dromedar.oauth.AccessToken;
import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.CallRecord;
import dev.dromedar.oauth.Challenge;
import dev.dromedar.oauth.FailureKind;
import dev.dromedar.oauth.OAuthException;
import dev.dromedar.oauth.PublicApi;
import dev.dromedar.oauth.TokenRequest;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The credentials of one attempt of one call, for an HTTP client of your own. Send {@link #headers} with exactly the method
 * and address that they were requested for, once, and follow no redirect with them; then report the answer:
 *
 * <pre>{@code
 * var authorization = orders.authorization("GET", uri);
 * var answer = client.get(uri, authorization.headers());
 * var again = authorization.answered(answer.status(), answer.headers());
 * if (again.isPresent()) { // a 401 that a new token, proof or nonce may mend
 *     answer = client.get(uri, again.get().headers());
 *     again.get().answered(answer.status(), answer.headers());
 * }
 * }</pre>
 *
 * Thread-safe. {@code toString} prints no credential.
 */
@PublicApi
public final class Authorization {
    private final ApiClient client;
    private final TokenRequest request;
    private final AccessToken token;
    private final String method;
    private final URI target;
    private final @Nullable Authorization before;
    private final @Nullable String correlation;
    private final long start = System.nanoTime();
    private final Map<String, String> headers;
    /** The nonce of a 401 that is recovered from. */
    private volatile @Nullable String refusedWith;

    private Authorization(
            ApiClient client,
            TokenRequest request,
            String method,
            URI target,
            @Nullable Authorization before,
            @Nullable String nonce) {
        this.client = client;
        this.request = request;
        this.method = method;
        this.target = target;
        this.before = before;
        this.token = client.token(request);
        Map<String, String> all = new LinkedHashMap<>();
        client.settings()
                .calls()
                .headers()
                .fixed()
                .forEach((name, value) -> all.put(name, value.current().reveal()));
        String name = client.settings().calls().headers().correlation();
        correlation = name == null ? null : before == null ? UUID.randomUUID().toString() : before.correlation;
        if (name != null && correlation != null) {
            all.put(name, correlation);
        }
        all.put("Authorization", client.authorization(token));
        String proof = client.proof(token, method, target, nonce);
        if (proof != null) {
            all.put("DPoP", proof);
        }
        headers = Collections.unmodifiableMap(all);
    }

    /**
     * The credentials for one attempt of a call.
     *
     * @param request the token that it asks for
     * @param target as it has been checked to lie under the base address
     * @throws OAuthException if there is no token
     */
    static Authorization of(ApiClient client, TokenRequest request, String method, URI target) {
        return new Authorization(client, request, method, target, null, null);
    }

    /**
     * The headers to send: {@code Authorization}; {@code DPoP} where the API's tokens are bound (RFC 9449); and what the
     * API's {@code header.NAME} and {@code correlation-header} say. They are secret, and valid for one attempt, within
     * seconds.
     */
    public Map<String, String> headers() {
        return headers;
    }

    /**
     * Reports the answer: its nonce is learned (RFC 9449 section 8.2), the call is counted, and a token that was refused is
     * dropped. To be called once. Blocks for the API's {@code time-limit} at most, if a new token is needed.
     *
     * @param status of HTTP
     * @param answer the headers of the answer
     * @return what to send instead, once, if this was the first attempt and a 401 that can be recovered from; empty if the
     *     answer is the call's
     * @throws OAuthException if the token was refused and there is no new one
     */
    public Optional<Authorization> answered(int status, HttpHeaders answer) {
        String nonce = answer.firstValue("DPoP-Nonce").orElse(null);
        List<String> challenges = answer.allValues("WWW-Authenticate");
        String date = answer.firstValue("Date").orElse(null);
        if (status == 401 && before == null && client.recovers(request, token, challenges, nonce, date)) {
            refusedWith = nonce;
            // With the nonce of this very answer, which other calls get to know later: an API may take each nonce once.
            return Optional.of(new Authorization(client, request, method, target, this, nonce));
        }
        String newest = nonce == null && before != null ? before.refusedWith : nonce;
        client.answered(request, token, target, status, newest);
        client.called(record(status, challenges));
        return Optional.empty();
    }

    private CallRecord record(int status, List<String> challenges) {
        FailureKind kind = FailureKind.ofStatus(status);
        String address = CallRecord.shown(target);
        String words = kind == null
                ? null
                : method + " " + address + ": HTTP " + status + Challenge.shown(challenges) + ". " + kind.advice();
        long since = before == null ? start : before.start;
        Duration took = Duration.ofNanos(System.nanoTime() - since);
        return new CallRecord(
                method, address, status, took, kind, words, request, null, correlation, CallRecord.Origin.NONE);
    }

    @Override
    public String toString() {
        return "Authorization(***, " + method + " " + CallRecord.shown(target) + ")";
    }
}
