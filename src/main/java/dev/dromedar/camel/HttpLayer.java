package dev.dromedar.camel;

import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.component.http.CompositeHttpConfigurer;
import org.apache.camel.component.http.HttpActivityListener;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.camel.component.http.HttpComponent;
import org.apache.camel.component.http.HttpEndpoint;
import org.apache.camel.spi.EndpointStrategy;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.apache.hc.client5.http.impl.ChainElement;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * What stands under every {@code http} and {@code https} endpoint of a context: recovery around the retries of a connection,
 * credentials right before the bytes leave, limits fit for production, and Quartz's job data kept from going out. A
 * configurer, listener or limit that somebody else has set stays as it is.
 */
final class HttpLayer implements HttpClientConfigurer, EndpointStrategy {
    /** Camel's own defaults, which are replaced; a value that differs was set by somebody. */
    private static final long CAMEL_LIMIT = 180_000;

    private final Recovery recovery = new Recovery();
    private final Credentials credentials = new Credentials();
    private final Set<HttpClientBuilder> configured =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    /** Puts itself under all HTTP endpoints that are there and that come. */
    static void install(CamelContext context, @Nullable SSLContextParameters tls) {
        var layer = new HttpLayer();
        for (String scheme : new String[] {"http", "https"}) {
            HttpComponent component = context.getComponent(scheme, HttpComponent.class);
            layer.setDefaults(component);
            if (tls != null && scheme.equals("https") && component.getSslContextParameters() == null) {
                component.setSslContextParameters(tls);
            }
        }
        context.getCamelContextExtension().registerEndpointCallback(layer);
    }

    private void setDefaults(HttpComponent component) {
        component.setAutomaticRetriesDisabled(true);
        component.setAuthCachingDisabled(true);
        if (component.getConnectTimeout() == CAMEL_LIMIT) {
            component.setConnectTimeout(5_000);
        }
        if (component.getConnectionRequestTimeout() == CAMEL_LIMIT) {
            component.setConnectionRequestTimeout(10_000);
        }
        if (component.getResponseTimeout() == 0) {
            component.setResponseTimeout(30_000);
        }
        if (component.getSoTimeout() == CAMEL_LIMIT) {
            component.setSoTimeout(30_000);
        }
        if (component.getConnectionsPerRoute() == 20) {
            component.setConnectionsPerRoute(128);
        }
        if (component.getMaxTotalConnections() == 200) {
            component.setMaxTotalConnections(512);
        }
        // For endpoints that Camel makes for one message and does not register; the others come by the callback.
        component.setHttpClientConfigurer(combined(component.getHttpClientConfigurer()));
        if (component.getHttpActivityListener() == null) {
            component.setHttpActivityListener(new Listener());
        }
    }

    @Override
    public Endpoint registerEndpoint(String uri, Endpoint endpoint) {
        if (endpoint instanceof HttpEndpoint http) {
            http.setHttpClientConfigurer(combined(http.getHttpClientConfigurer()));
            if (http.getHttpActivityListener() == null) {
                http.setHttpActivityListener(new Listener());
            }
            if (!(http.getHeaderFilterStrategy() instanceof OutgoingHeaders)) {
                http.setHeaderFilterStrategy(new OutgoingHeaders(http.getHeaderFilterStrategy()));
            }
        }
        return endpoint;
    }

    private HttpClientConfigurer combined(@Nullable HttpClientConfigurer theirs) {
        return theirs == null ? this : CompositeHttpConfigurer.combineConfigurers(theirs, this);
    }

    @Override
    public void configureHttpClient(HttpClientBuilder builder) {
        if (!configured.add(builder)) {
            return; // by the component and again by its endpoint; twice in the chain a 401 would be recovered twice
        }
        builder.addExecInterceptorBefore(ChainElement.PROTOCOL.name(), "dromedar-recovery", recovery);
        builder.addExecInterceptorBefore(ChainElement.MAIN_TRANSPORT.name(), "dromedar-credentials", credentials);
    }

    /** Does nothing, but with a listener there Camel's producer lets the HTTP layer see the exchange. */
    private static final class Listener implements HttpActivityListener {
        @Override
        public void onRequestSubmitted(
                Object source,
                org.apache.camel.Exchange exchange,
                HttpHost host,
                HttpRequest request,
                HttpEntity entity) {}

        @Override
        public void onResponseReceived(
                Object source,
                org.apache.camel.Exchange exchange,
                HttpHost host,
                HttpResponse response,
                HttpEntity entity,
                long elapsed) {}
    }
}
