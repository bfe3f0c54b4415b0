package dev.dromedar.camel;

import dev.dromedar.oauth.AccessToken;
import dev.dromedar.oauth.ApiClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.NameValuePair;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;

/**
 * Sends one marked call, and once more if the API's 401 can be recovered from. It stands under HttpClient's handling of
 * redirects and repeats, so that each of those comes through here too. A target that is not under the API's base address is
 * refused before a connection is opened. Thread-safe.
 */
final class Recovery implements ExecChainHandler {

    @Override
    public ClassicHttpResponse execute(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        var exchange = (Exchange) scope.clientContext.getAttribute("org.apache.camel.Exchange");
        Call call = Call.of(exchange);
        if (call == null) {
            return chain.proceed(request, scope);
        }
        long start = System.nanoTime();
        try {
            return call(call, request, scope, chain);
        } finally {
            exchange.setProperty(ApiProcessor.MILLIS, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
        }
    }

    private static ClassicHttpResponse call(
            Call call, ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        ApiClient client = call.client();
        URI target = target(request, scope, client);
        keepRepeatable(request, client.settings().repeatableBody());
        AccessToken token = client.token(call.request());
        ClassicHttpResponse response = send(request, scope, chain, new Attempt(client, call.request(), token, target));
        if (response.getCode() != 401 || !recovers(call, token, response)) {
            return response;
        }
        if (request.getEntity() != null && !request.getEntity().isRepeatable()) {
            response.close();
            throw new RefusedCall(client.name()
                    + ": the API asked for the call again (HTTP 401), and its body of more than "
                    + client.settings().repeatableBody() + " bytes was not kept. Raise dromedar.api." + client.name()
                    + ".repeatable-body.");
        }
        EntityUtils.consumeQuietly(response.getEntity());
        response.close();
        return send(request, scope, chain, new Attempt(client, call.request(), client.token(call.request()), target));
    }

    /**
     * A copy goes out, because the protocol layer writes into the request it gets, and refuses one it has written into. That
     * layer must leave the API's challenges alone: it would repeat the request with what it was at first.
     */
    private static ClassicHttpResponse send(
            ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain, Attempt attempt)
            throws IOException, HttpException {
        ClassicHttpRequest copy = ClassicRequestBuilder.copy(request).build();
        copy.removeHeaders("Authorization");
        copy.removeHeaders("DPoP");
        HttpClientContext context = scope.clientContext;
        context.setRequestConfig(RequestConfig.copy(context.getRequestConfigOrDefault())
                .setAuthenticationEnabled(scope.route.getProxyHost() != null)
                .setTargetPreferredAuthSchemes(List.of())
                .build());
        context.setAttribute(Attempt.ATTRIBUTE, attempt);
        try {
            return chain.proceed(copy, scope);
        } finally {
            context.removeAttribute(Attempt.ATTRIBUTE);
        }
    }

    private static URI target(ClassicHttpRequest request, ExecChain.Scope scope, ApiClient client) {
        HttpHost host = scope.route.getTargetHost();
        try {
            URI target = request.getUri();
            boolean sameHost = host.getSchemeName().equalsIgnoreCase(target.getScheme())
                    && host.getHostName()
                            .equalsIgnoreCase(HttpHost.create(target).getHostName());
            if (sameHost && client.covers(target)) {
                return target;
            }
        } catch (URISyntaxException e) {
            // refused below, without its words
        }
        throw new RefusedCall(
                client.name() + ": call to " + host.toURI() + " refused, since it is not under the base address "
                        + client.settings().baseAddress()
                        + " of this API. Nothing was sent. Correct the address in the route, name"
                        + " the right API before it, or correct dromedar.api." + client.name() + ".base-address.");
    }

    private static boolean recovers(Call call, AccessToken token, ClassicHttpResponse response) {
        List<String> challenges = Arrays.stream(response.getHeaders("WWW-Authenticate"))
                .map(NameValuePair::getValue)
                .toList();
        return call.client()
                .recovers(
                        call.request(),
                        token,
                        challenges,
                        Credentials.value(response, "DPoP-Nonce"),
                        Credentials.value(response, "Date"));
    }

    /** Reads a streamed body into memory, up to the limit; what is larger goes out as it is and cannot be sent twice. */
    private static void keepRepeatable(ClassicHttpRequest request, int limit) throws IOException {
        HttpEntity entity = request.getEntity();
        if (entity == null || entity.isRepeatable() || entity.getContentLength() > limit) {
            return;
        }
        InputStream content = entity.getContent();
        byte[] start = content.readNBytes(limit + 1);
        ContentType type = ContentType.parseLenient(entity.getContentType());
        request.setEntity(
                start.length <= limit
                        ? new ByteArrayEntity(start, type, entity.getContentEncoding())
                        : new InputStreamEntity(
                                new SequenceInputStream(new ByteArrayInputStream(start), content),
                                entity.getContentLength(),
                                type,
                                entity.getContentEncoding()));
    }
}
