package dev.dromedar.camel;

import java.util.Objects;
import org.apache.camel.AsyncCallback;
import org.apache.camel.AsyncProducer;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.support.DefaultAsyncProducer;
import org.apache.camel.support.DefaultEndpoint;
import org.apache.camel.support.service.ServiceHelper;
import org.jspecify.annotations.Nullable;

/**
 * Where one message goes under an API's base address: the endpoint that all its messages share, and the path and query of
 * this one, byte for byte as they are sent. Camel's own way would read the path again, and take {@code %2F} for a slash.
 * Neither shows in the endpoint's address, since both may concern a person.
 */
final class Destination extends DefaultEndpoint {
    private static final String PROPERTY = "dromedar.destination";

    private final Endpoint endpoint;
    private final String path;
    private final @Nullable String query;

    /**
     * @param path what follows the endpoint's own; empty, or begins with a slash
     * @param query null for none
     */
    Destination(Endpoint endpoint, String path, @Nullable String query) {
        this.endpoint = endpoint;
        this.path = path;
        this.query = query;
        setCamelContext(endpoint.getCamelContext());
        setEndpointUri(endpoint.getEndpointUri());
    }

    /** Where an exchange's call by an endpoint goes; null if that is the endpoint's own address. */
    static @Nullable Destination of(Exchange exchange, Endpoint endpoint) {
        return exchange.getProperty(PROPERTY) instanceof Destination destination
                        && destination.getEndpointUri().equals(endpoint.getEndpointUri())
                ? destination
                : null;
    }

    /** Informs Camel's producer. */
    void into(Message message) {
        if (!path.isEmpty()) {
            message.setHeader(Exchange.HTTP_PATH, path);
        }
        if (query != null) {
            message.setHeader(Exchange.HTTP_QUERY, query); // decides between GET and POST
            message.setHeader(Exchange.HTTP_RAW_QUERY, query);
        }
    }

    /** Sends there, by a producer of the endpoint. */
    void send(Exchange exchange, Producer producer) throws Exception {
        Object outer = exchange.getProperty(PROPERTY);
        exchange.setProperty(PROPERTY, this);
        try {
            producer.process(exchange);
        } finally {
            exchange.setProperty(PROPERTY, outer);
        }
    }

    /** Not that of an HTTP endpoint, or Camel would take it apart and read it again. */
    @Override
    public String getEndpointKey() {
        return "dromedar-call:" + getEndpointUri();
    }

    @Override
    public Producer createProducer() throws Exception {
        return createAsyncProducer();
    }

    @Override
    public AsyncProducer createAsyncProducer() throws Exception {
        AsyncProducer producer = endpoint.createAsyncProducer();
        return new DefaultAsyncProducer(this) {
            @Override
            public boolean process(Exchange exchange, AsyncCallback callback) {
                Object outer = exchange.getProperty(PROPERTY); // this one may be sent by an interceptor of another
                exchange.setProperty(PROPERTY, Destination.this);
                return producer.process(exchange, done -> {
                    exchange.setProperty(PROPERTY, outer);
                    callback.done(done);
                });
            }

            @Override
            protected void doStart() {
                ServiceHelper.startService(endpoint, producer);
            }

            @Override
            protected void doStop() {
                ServiceHelper.stopService(producer);
            }
        };
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        throw new UnsupportedOperationException("An API is called; nothing is consumed from it.");
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Destination that
                && endpoint.equals(that.endpoint)
                && path.equals(that.path)
                && Objects.equals(query, that.query);
    }

    @Override
    public int hashCode() {
        return Objects.hash(endpoint, path, query);
    }
}
