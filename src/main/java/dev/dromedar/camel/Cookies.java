package dev.dromedar.camel;

import dev.dromedar.oauth.AccessToken;
import dev.dromedar.oauth.TokenRequest;
import java.io.IOException;
import java.net.CookiePolicy;
import java.net.CookieStore;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.http.base.cookie.CookieHandler;
import org.apache.hc.client5.http.cookie.BasicCookieStore;

/**
 * The cookies of calls through one endpoint, where a route asks for them to be kept: a session is one token's, so each API,
 * and each thing that a token is requested for, such as an organisation, has its own, and a new token starts again.
 * Thread-safe.
 */
final class Cookies {
    private static final int MOST = 1000;

    private record Jar(AccessToken token, BasicCookieStore cookies) {}

    private record Owner(String api, TokenRequest request) {}

    private final Map<Owner, Jar> jars = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Owner, Jar> eldest) {
            return size() > MOST;
        }
    };

    synchronized BasicCookieStore of(String api, TokenRequest request, AccessToken token) {
        return jars.compute(
                        new Owner(api, request),
                        (owner, jar) ->
                                jar != null && jar.token() == token ? jar : new Jar(token, new BasicCookieStore()))
                .cookies();
    }

    /** Camel's own keeping of cookies, which knows nothing of tokens: for calls that are to no API. */
    record OfOthers(CookieHandler theirs) implements CookieHandler {
        @Override
        public void storeCookies(Exchange exchange, URI uri, Map<String, List<String>> headers) throws IOException {
            if (Call.of(exchange) == null) {
                theirs.storeCookies(exchange, uri, headers);
            }
        }

        @Override
        public Map<String, List<String>> loadCookies(Exchange exchange, URI uri) throws IOException {
            return Call.of(exchange) == null ? theirs.loadCookies(exchange, uri) : Map.of();
        }

        @Override
        public CookieStore getCookieStore(Exchange exchange) {
            return theirs.getCookieStore(exchange);
        }

        @Override
        public void setCookiePolicy(CookiePolicy policy) {
            theirs.setCookiePolicy(policy);
        }
    }
}
