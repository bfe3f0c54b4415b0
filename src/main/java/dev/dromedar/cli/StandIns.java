package dev.dromedar.cli;

import dev.dromedar.oauth.ForeignText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.camel.CamelContext;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.impl.engine.DefaultResourceLoader;
import org.apache.camel.spi.EndpointStrategy;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.DefaultEndpoint;
import org.apache.camel.support.DefaultProducer;
import org.apache.camel.support.ResourceResolverSupport;
import org.jspecify.annotations.Nullable;

/** In a test, endpoints that would leave the process take what is sent to them, and send nothing on. Thread-safe. */
final class StandIns implements EndpointStrategy {
    /** What stays within the process, or is one of the worker's own. */
    private static final Set<String> WITHIN = Set.of(
            "api",
            "bean",
            "class",
            "controlbus",
            "dataformat",
            "direct",
            "dromedar",
            "kamelet",
            "language",
            "log",
            "ref",
            "saga",
            "seda",
            "validator",
            "xpath",
            "xslt");

    private final ReplacedApis apis;
    private final List<Sent> sent = new ArrayList<>();

    /** A message to what is no API. */
    record Sent(
            String to,
            Map<String, String> headers,
            @Nullable String body) {}

    StandIns(ReplacedApis apis) {
        this.apis = apis;
    }

    @Override
    public Endpoint registerEndpoint(String uri, Endpoint endpoint) {
        String scheme = uri.substring(0, Math.max(0, uri.indexOf(':')));
        boolean http = scheme.equals("http") || scheme.equals("https");
        return WITHIN.contains(scheme) || http && apis.hasAddress(uri) ? endpoint : new StandIn(uri, endpoint);
    }

    /** Stylesheets, templates and scripts that a route has elsewhere are not fetched either. */
    static void withoutRemoteResources(CamelContext context) {
        for (String scheme : List.of("http", "https")) {
            context.getRegistry()
                    .bind(
                            DefaultResourceLoader.RESOURCE_LOADER_KEY_PREFIX + scheme,
                            new ResourceResolverSupport(scheme) {
                                @Override
                                protected Resource createResource(String location, String remaining) {
                                    throw new IllegalArgumentException(
                                            "A test fetches nothing: '" + ForeignText.line(location)
                                                    + "' is elsewhere. Put a copy beside the routes.");
                                }
                            });
        }
    }

    synchronized List<Sent> sent() {
        return List.copyOf(sent);
    }

    private synchronized void add(Sent message) {
        sent.add(message);
    }

    /** By {@code toD} Camel shares an endpoint of HTTP and puts what differs into headers, as routes may do too. */
    private static String address(String endpoint, Map<String, String> headers) {
        if (!endpoint.startsWith("http")) {
            return endpoint;
        }
        String whole = headers.get(Exchange.HTTP_URI);
        String path = headers.get(Exchange.HTTP_PATH);
        String query = headers.get(Exchange.HTTP_QUERY);
        String base = whole == null ? endpoint.replaceFirst("[?].*", "") : whole;
        String address = path == null || path.isEmpty()
                ? base
                : base.replaceFirst("/+$", "") + (path.startsWith("/") ? "" : "/") + path;
        return query == null ? whole == null && path == null ? endpoint : address : address + "?" + query;
    }

    private final class StandIn extends DefaultEndpoint {
        private StandIn(String uri, Endpoint endpoint) {
            setCamelContext(endpoint.getCamelContext());
            setEndpointUri(uri);
        }

        @Override
        public Producer createProducer() {
            return new DefaultProducer(this) {
                @Override
                public void process(Exchange exchange) {
                    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
                    exchange.getMessage()
                            .getHeaders()
                            .forEach((name, value) -> headers.put(name, String.valueOf(value)));
                    add(new Sent(
                            address(getEndpointUri(), headers),
                            headers,
                            exchange.getMessage().getBody(String.class)));
                }
            };
        }

        @Override
        public Consumer createConsumer(Processor processor) {
            throw new UnsupportedOperationException("A test consumes nothing from '" + getEndpointUri() + "'.");
        }
    }
}
