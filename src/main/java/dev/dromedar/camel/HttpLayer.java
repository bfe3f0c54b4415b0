package dev.dromedar.camel;

import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.ProxyCredentials;
import dev.dromedar.oauth.Transport;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.component.http.HttpActivityListener;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.camel.component.http.HttpComponent;
import org.apache.camel.component.http.HttpEndpoint;
import org.apache.camel.spi.EndpointStrategy;
import org.apache.camel.spi.ProcessorFactory;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.ChainElement;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * What stands under every {@code http} and {@code https} endpoint of a context: recovery around the retries of a connection,
 * credentials right before the bytes leave, limits fit for production, and Quartz's job data kept from going out. A
 * configurer, listener or limit that somebody else has set stays as it is.
 */
final class HttpLayer implements HttpClientConfigurer, EndpointStrategy {
    /** Camel's own defaults, which are replaced; a value that differs was set by somebody. */
    private static final long CAMEL_LIMIT = 180_000;

    /** The clients that have the layer: an endpoint can get it twice, from its component and by the callback. */
    private final Set<HttpClientBuilder> done =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    private final Credentials credentials = new Credentials();
    private final UnloggedExecutor unlogged = new UnloggedExecutor();
    private final Supplier<Collection<ApiClient>> apis;
    private final ApiPlaces places;
    /** How the clients of endpoints reach their API, where that is not as usual. */
    private final Map<HttpClientBuilder, Transport> transports = Collections.synchronizedMap(new WeakHashMap<>());

    private HttpLayer(Supplier<Collection<ApiClient>> apis) {
        this.apis = apis;
        this.places = new ApiPlaces(apis);
    }

    /** Puts itself under all HTTP endpoints that are there and that come. */
    static void install(
            CamelContext context, @Nullable SSLContextParameters tls, Supplier<Collection<ApiClient>> apis) {
        var layer = new HttpLayer(apis);
        for (String scheme : new String[] {"http", "https"}) {
            HttpComponent component = context.getComponent(scheme, HttpComponent.class);
            layer.setDefaults(component);
            if (tls != null && scheme.equals("https") && component.getSslContextParameters() == null) {
                component.setSslContextParameters(tls);
            }
        }
        var extension = context.getCamelContextExtension();
        extension.registerEndpointCallback(layer);
        extension.addInterceptStrategy(new RouteHeaders());
        ProcessorFactory others = PluginHelper.getProcessorFactory(extension);
        extension.addContextPlugin(ProcessorFactory.class, new DynamicSteps(context, others, layer.places));
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
        if (endpoint instanceof HttpEndpoint plain) {
            HttpEndpoint http = plain instanceof ApiEndpoint ? plain : new ApiEndpoint(plain, places);
            reach(http);
            http.setHttpClientConfigurer(combined(http.getHttpClientConfigurer()));
            if (http.getHttpActivityListener() == null) {
                http.setHttpActivityListener(new Listener());
            }
            return http;
        }
        return endpoint;
    }

    /** An endpoint under the address of an API with its own way there goes that way, and is for that API alone. */
    private void reach(HttpEndpoint endpoint) {
        ApiClient api = null;
        for (ApiClient candidate : apis.get()) {
            boolean nearer = api == null
                    || candidate.settings().baseAddress().toString().length()
                            > api.settings().baseAddress().toString().length();
            if (nearer && endpoint.getHttpUri() != null && candidate.covers(endpoint.getHttpUri())) {
                api = candidate;
            }
        }
        if (api == null || api.settings().toApi().equals(Transport.USUAL)) {
            return;
        }
        Transport transport = api.settings().toApi();
        SSLContext tls = transport.tls();
        if (tls != null) {
            HttpComponent component = endpoint.getComponent();
            endpoint.setClientConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                    .setTlsSocketStrategy(new DefaultClientTlsStrategy(tls))
                    .setMaxConnTotal(component.getMaxTotalConnections())
                    .setMaxConnPerRoute(component.getConnectionsPerRoute())
                    .setDefaultConnectionConfig(ConnectionConfig.custom()
                            .setConnectTimeout(Timeout.ofMilliseconds(component.getConnectTimeout()))
                            .setSocketTimeout(Timeout.ofMilliseconds(component.getSoTimeout()))
                            .build())
                    .build());
        }
        HttpClientConfigurer theirs = endpoint.getHttpClientConfigurer();
        endpoint.setHttpClientConfigurer(builder -> {
            transports.put(builder, transport);
            if (theirs != null) {
                theirs.configureHttpClient(builder);
            }
            if (transport.proxy() != null) {
                builder.setProxy(new HttpHost(
                        "http", transport.proxy().host(), transport.proxy().port()));
                builder.setDefaultCredentialsProvider(new ProxyCredentials(transport.proxy()));
            }
            if (transport.identity() != null) {
                builder.disableConnectionState(); // a client certificate would make each connection somebody's own
            }
        });
    }

    /** Not Camel's own composite: the component would add one endpoint's credentials to it, for all its endpoints. */
    private HttpClientConfigurer combined(@Nullable HttpClientConfigurer theirs) {
        return theirs == null
                ? this
                : builder -> {
                    theirs.configureHttpClient(builder);
                    configureHttpClient(builder);
                };
    }

    @Override
    public void configureHttpClient(HttpClientBuilder builder) {
        if (!done.add(builder)) {
            return;
        }
        builder.setRequestExecutor(unlogged);
        builder.addExecInterceptorBefore(
                ChainElement.PROTOCOL.name(),
                "dromedar-recovery",
                new Recovery(transports.getOrDefault(builder, Transport.USUAL), places, apis));
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
