package dev.dromedar.camel;

import dev.dromedar.oauth.AccessToken;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.component.http.HttpComponent;
import org.apache.camel.component.http.HttpEndpoint;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.cookie.StandardCookieSpec;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/**
 * What a route's endpoint says of connections, and what of that holds for the calls of an API: the number of connections,
 * and that cookies are kept. How TLS is made is for the API's properties to say. Thread-safe.
 *
 * @param refused an option that calls of an API may not have, or null
 * @param cookies null if none are kept
 */
record EndpointOptions(
        ApiConnections connections,
        @Nullable String refused,
        @Nullable Cookies cookies) {
    private static final Pattern OF_TLS =
            Pattern.compile("[?&](sslContextParameters|x509HostnameVerifier|clientConnectionManager)=");
    private static final Pattern COOKIES = Pattern.compile("[?&](cookieStore|cookieHandler)=");

    /** @param shared by endpoints that say nothing of the number of connections */
    static EndpointOptions of(HttpEndpoint endpoint, ApiConnections shared) {
        String uri = endpoint.getEndpointUri();
        Matcher ofTls = OF_TLS.matcher(uri);
        boolean keep = COOKIES.matcher(uri).find();
        if (endpoint.getCookieHandler() != null) {
            endpoint.setCookieHandler(new Cookies.OfOthers(endpoint.getCookieHandler()));
        }
        return new EndpointOptions(
                connections(endpoint, shared), ofTls.find() ? ofTls.group(1) : null, keep ? new Cookies() : null);
    }

    private static ApiConnections connections(HttpEndpoint endpoint, ApiConnections shared) {
        HttpComponent component = endpoint.getComponent();
        if (!(endpoint.getClientConnectionManager() instanceof PoolingHttpClientConnectionManager own)
                || own.getMaxTotal() == component.getMaxTotalConnections()
                        && own.getDefaultMaxPerRoute() == component.getConnectionsPerRoute()) {
            return shared;
        }
        return shared.with(new ApiConnections.Limits(
                own.getMaxTotal(),
                own.getDefaultMaxPerRoute(),
                TimeValue.ofMilliseconds(component.getConnectionTimeToLive())));
    }

    /**
     * The way of a call to its API.
     *
     * @throws RefusedCall if the endpoint says of TLS what is not for it to say
     */
    ExecChain.Scope scope(CallState state, ExecChain.Scope theirs) {
        if (refused != null) {
            throw new RefusedCall(state.call.client().name() + ": call refused, since its endpoint sets " + refused
                    + ". Nothing was sent. Remove that option: certificate, trust and proxy of an API are"
                    + " properties (tls-certificate, tls-ca-file, proxy, tls-legacy).");
        }
        return connections.scope(state, theirs);
    }

    String cookieSpec() {
        return cookies == null ? StandardCookieSpec.IGNORE : StandardCookieSpec.RELAXED;
    }

    /** Cookies of one API are for that API and that token alone. */
    void keepCookies(Attempt attempt, HttpClientContext context) {
        if (cookies != null) {
            AccessToken token = attempt.client.token(attempt.request, attempt.span);
            context.setCookieStore(cookies.of(attempt.client.name(), attempt.request, token));
        }
    }
}
