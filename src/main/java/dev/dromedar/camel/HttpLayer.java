package dev.dromedar.camel;

import dev.dromedar.oauth.ApiClient;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ScheduledExecutorService;
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
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.ChainElement;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.BasicHttpClientConnectionManager;
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
    /** The name in HttpClient's chain of what puts credentials on a request. */
    static final String CREDENTIALS = "dromedar-credentials";

    /** Camel's own defaults, which are replaced; a value that differs was set by somebody. */
    private static final long CAMEL_LIMIT = 180_000;

    /** The clients that have the layer: an endpoint can get it twice, from its component and by the callback. */
    private final Set<HttpClientBuilder> done =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    private final CredentialsInterceptor credentials = new CredentialsInterceptor();
    private final UnloggedExecutor unlogged = new UnloggedExecutor();
    private final ApiConnections connections;
    private final AnswerBody answers;
    private final Supplier<Collection<ApiClient>> apis;
    private final ApiPlaces places;
    /** What endpoints say themselves of connections, cookies and TLS, by their client. */
    private final Map<HttpClientBuilder, EndpointOptions> options = Collections.synchronizedMap(new WeakHashMap<>());

    private HttpLayer(ApiConnections connections, AnswerBody answers, Supplier<Collection<ApiClient>> apis) {
        this.connections = connections;
        this.answers = answers;
        this.apis = apis;
        this.places = new ApiPlaces(apis);
    }

    /**
     * Puts itself under all HTTP endpoints that are there and that come.
     *
     * @param tls for calls that are to no API; null for Camel's own
     * @param common whom APIs trust that have no trust of their own
     * @param clock cuts calls that take too long
     */
    static HttpLayer install(
            CamelContext context,
            @Nullable SSLContextParameters tls,
            SSLContext common,
            Supplier<Collection<ApiClient>> apis,
            ScheduledExecutorService clock) {
        for (String scheme : new String[] {"http", "https"}) {
            HttpComponent component = context.getComponent(scheme, HttpComponent.class);
            limit(component);
            if (tls != null && scheme.equals("https") && component.getSslContextParameters() == null) {
                component.setSslContextParameters(tls);
            }
        }
        var limits = ApiConnections.Limits.of(context.getComponent("https", HttpComponent.class));
        var layer = new HttpLayer(new ApiConnections(common, limits, apis), new AnswerBody(clock), apis);
        layer.configure(context.getComponent("http", HttpComponent.class));
        layer.configure(context.getComponent("https", HttpComponent.class));
        var extension = context.getCamelContextExtension();
        extension.registerEndpointCallback(layer);
        extension.addInterceptStrategy(new RouteHeaders(ApiProcessor.class::isInstance));
        ProcessorFactory others = PluginHelper.getProcessorFactory(extension);
        extension.addContextPlugin(ProcessorFactory.class, new DynamicSteps(context, others, layer.places));
        return layer;
    }

    ApiConnections connections() {
        return connections;
    }

    /**
     * A client that stands on this layer and belongs to no endpoint: each request needs an exchange that an API's Processor
     * has marked, in the attribute where Camel's producer puts it. Follows no redirect and keeps no cookie.
     */
    CloseableHttpClient client(HttpComponent limits) {
        HttpClientBuilder builder = HttpClients.custom()
                .setConnectionManager(new BasicHttpClientConnectionManager()) // opens none: ApiConnections has them
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectionRequestTimeout(Timeout.ofMilliseconds(limits.getConnectionRequestTimeout()))
                        .setResponseTimeout(Timeout.ofMilliseconds(limits.getResponseTimeout()))
                        .build())
                .disableRedirectHandling()
                .disableAutomaticRetries()
                .disableCookieManagement()
                .disableAuthCaching();
        configureHttpClient(builder);
        return builder.build();
    }

    private static void limit(HttpComponent component) {
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
    }

    private void configure(HttpComponent component) {
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
            options.put(http.getClientBuilder(), EndpointOptions.of(http, connections));
            http.setHttpClientConfigurer(combined(http.getHttpClientConfigurer()));
            if (http.getHttpActivityListener() instanceof Listener) {
                http.setHttpActivityListener(null); // it says itself what exchange it sends
            }
            return http;
        }
        return endpoint;
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
        builder.addExecInterceptorFirst("dromedar-answer", answers);
        builder.addExecInterceptorBefore(
                ChainElement.PROTOCOL.name(),
                "dromedar-recovery",
                new RecoveryInterceptor(
                        options.getOrDefault(builder, new EndpointOptions(connections, null, null)), apis));
        builder.addExecInterceptorBefore(ChainElement.MAIN_TRANSPORT.name(), CREDENTIALS, credentials);
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
