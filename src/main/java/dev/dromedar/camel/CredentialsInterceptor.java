package dev.dromedar.camel;

import dev.dromedar.keys.Followed;
import dev.dromedar.keys.Secret;
import dev.dromedar.oauth.AccessToken;
import dev.dromedar.oauth.SecretHeader;
import java.io.IOException;
import java.util.Map;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpMessage;
import org.jspecify.annotations.Nullable;

/**
 * Puts the token and a new proof on a request, when a connection is there and right before the bytes leave: strict APIs take
 * a proof for a few seconds only, and a wait for a connection can be longer, or outlive the token. Learns the nonce of
 * every answer. Thread-safe.
 */
final class CredentialsInterceptor implements ExecChainHandler {

    @Override
    public ClassicHttpResponse execute(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        CallState state = CallState.of(scope.clientContext);
        Attempt attempt = state == null ? null : state.attempt;
        if (attempt == null) {
            return chain.proceed(request, scope);
        }
        var client = attempt.client;
        AccessToken token = client.token(attempt.request, attempt.span);
        request.setHeader(new SecretHeader("Authorization", client.authorization(token)));
        String proof = client.proof(token, request.getMethod(), attempt.target, attempt.nonce);
        if (proof != null) {
            request.setHeader(new SecretHeader("DPoP", proof));
        }
        Map<String, Followed<Secret>> fixed =
                client.settings().calls().headers().fixed();
        if (!fixed.isEmpty()) {
            fixed.forEach((name, value) ->
                    request.setHeader(new SecretHeader(name, value.current().reveal())));
        }
        attempt.sentWith(token);
        ClassicHttpResponse response = chain.proceed(request, scope);
        // The nonce of a 401 may be for this call's second attempt alone: RecoveryInterceptor says when others may have
        // it.
        String nonce = response.getCode() == 401 ? null : value(response, "DPoP-Nonce");
        if (!fixed.isEmpty()) {
            withoutEchoes(response, fixed);
        }
        client.answered(attempt.request, token, attempt.target, response.getCode(), nonce);
        return response;
    }

    /** A value of ours that the API repeats would otherwise stay in the message, and go out with the next call. */
    private static void withoutEchoes(HttpMessage response, Map<String, Followed<Secret>> sent) {
        sent.forEach((name, value) -> {
            for (Header header : response.getHeaders(name)) {
                if (value.current().reveal().equals(header.getValue())) {
                    response.removeHeader(header);
                }
            }
        });
    }

    static @Nullable String value(HttpMessage message, String name) {
        Header header = message.getFirstHeader(name);
        return header == null ? null : header.getValue();
    }
}
