package dev.dromedar.camel;

import dev.dromedar.oauth.SecretHeader;
import java.io.IOException;
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
 * a proof for a few seconds only, and a wait for a connection can be longer. Learns the nonce of every answer. Thread-safe.
 */
final class Credentials implements ExecChainHandler {

    @Override
    public ClassicHttpResponse execute(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        if (!(scope.clientContext.getAttribute(Attempt.ATTRIBUTE) instanceof Attempt attempt)) {
            return chain.proceed(request, scope);
        }
        var client = attempt.client();
        request.setHeader(new SecretHeader("Authorization", client.authorization(attempt.token())));
        String proof = client.proof(attempt.token(), request.getMethod(), attempt.target());
        if (proof != null) {
            request.setHeader(new SecretHeader("DPoP", proof));
        }
        ClassicHttpResponse response = chain.proceed(request, scope);
        client.answered(
                attempt.request(),
                attempt.token(),
                attempt.target(),
                response.getCode(),
                value(response, "DPoP-Nonce"));
        return response;
    }

    static @Nullable String value(HttpMessage message, String name) {
        Header header = message.getFirstHeader(name);
        return header == null ? null : header.getValue();
    }
}
