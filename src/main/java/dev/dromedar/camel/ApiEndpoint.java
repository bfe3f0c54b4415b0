package dev.dromedar.camel;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.camel.CamelException;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Producer;
import org.apache.camel.component.http.HttpEndpoint;
import org.apache.camel.component.http.HttpMethods;
import org.apache.camel.component.http.HttpProducer;
import org.apache.camel.http.base.HttpProtocolHeaderFilterStrategy;
import org.apache.camel.http.common.HttpRestHeaderFilterStrategy;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.camel.support.DefaultEndpoint;
import org.apache.camel.util.UnsafeUriCharactersEncoder;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An HTTP endpoint whose calls take from a message only what the route has put there, see {@link RouteHeaders}, and go where
 * a {@link Destination} says. Made of Camel's own, which reads where to go from any header.
 */
final class ApiEndpoint extends HttpEndpoint {
    private static final Map<String, HttpMethods> METHODS = Arrays.stream(HttpMethods.values())
            .collect(Collectors.toUnmodifiableMap(HttpMethods::name, method -> method));

    /** Where Camel's producer puts an exchange for HttpClient to see, if it has a listener. */
    static final String EXCHANGE = "org.apache.camel.Exchange";
    /** What this thread sends: a listener of Camel's costs more than that. */
    private static final ThreadLocal<@Nullable Exchange> SENT = new ThreadLocal<>();

    private static final Logger LOG = LoggerFactory.getLogger(ApiEndpoint.class);
    private static final HeaderFilterStrategy PROTOCOL = new HttpProtocolHeaderFilterStrategy();

    private final ApiPlaces places;

    /** @param plain as its component has made it; not to be used any more */
    ApiEndpoint(HttpEndpoint plain, ApiPlaces places) {
        this.places = places;
        try {
            // All of it, by field: its options have getters for some only, and Camel's component makes no other class.
            for (Class<?> type = HttpEndpoint.class;
                    DefaultEndpoint.class.isAssignableFrom(type);
                    type = type.getSuperclass()) {
                for (Field field : type.getDeclaredFields()) {
                    if ((field.getModifiers() & (Modifier.STATIC | Modifier.FINAL)) == 0) {
                        field.setAccessible(true);
                        field.set(this, field.get(plain));
                    }
                }
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Camel's HTTP endpoint cannot be read", e);
        }
        super.setHeaderFilterStrategy(OutgoingHeaders.over(plain.getHeaderFilterStrategy()));
    }

    /** The exchange that a request is of; null if it comes from no endpoint of Camel's. */
    static @Nullable Exchange exchange(HttpContext context) {
        return context.getAttribute(EXCHANGE) instanceof Exchange exchange ? exchange : SENT.get();
    }

    @Override
    public void setHeaderFilterStrategy(@Nullable HeaderFilterStrategy theirs) {
        super.setHeaderFilterStrategy(OutgoingHeaders.over(theirs));
    }

    /** Each of Camel's producers makes the same set of header names: 2 KiB for each API. */
    private static HttpProducer shared(HttpProducer producer) {
        try {
            Field names = HttpProducer.class.getDeclaredField("httpProtocolHeaderFilterStrategy");
            names.setAccessible(true);
            names.set(producer, PROTOCOL);
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.debug("Camel's producer keeps its own", e);
        }
        return producer;
    }

    @Override
    public Producer createProducer() {
        return shared(new HttpProducer(this) {
            private final org.apache.camel.Processor camel = super::process;

            @Override
            public void process(Exchange exchange) throws Exception {
                send(exchange, camel);
            }
        });
    }

    private void send(Exchange exchange, org.apache.camel.Processor camel) throws Exception {
        Destination destination = Destination.of(exchange, this);
        Call call = Call.pending(exchange);
        boolean directed = destination != null || call != null || places.isOrigin(getHttpUri());
        Map<String, Object> withheld = RouteHeaders.withhold(exchange, directed, getEndpointUri());
        boolean directing = RouteHeaders.direct(exchange.getIn());
        Map<String, Object> whole = directing ? withoutPlaceholders(exchange.getIn()) : Map.of();
        HttpMethods method = directing ? methodOf(exchange.getIn()) : null;
        if (method != null) {
            whole = whole.isEmpty() ? new HashMap<>() : whole;
            whole.put(Exchange.HTTP_METHOD, exchange.getIn().getHeader(Exchange.HTTP_METHOD));
            exchange.getIn().setHeader(Exchange.HTTP_METHOD, method);
        }
        try {
            if (destination != null) {
                destination.into(exchange.getIn());
            }
            checkStrategy(directed);
            if (directing || destination != null) {
                check(exchange.getIn(), directed);
            }
            process(exchange, camel);
        } catch (IOException | CamelException e) { // HttpOperationFailedException
            FailureWords.carry(e, call == null ? null : exchange.getProperty(Call.FAILURE, String.class));
            throw e;
        } catch (RefusedCall e) {
            throw call == null || exchange.getProperty(Call.FAILURE) != null ? e : Attempted.refused(call, exchange, e);
        } finally {
            if (destination != null) {
                for (String name : new String[] {Exchange.HTTP_PATH, Exchange.HTTP_QUERY, Exchange.HTTP_RAW_QUERY}) {
                    exchange.getIn().removeHeader(name);
                    exchange.getMessage().removeHeader(name);
                }
            }
            if (!whole.isEmpty()) {
                putBack(exchange, whole);
            }
            RouteHeaders.restore(exchange, withheld);
        }
    }

    private static void putBack(Exchange exchange, Map<String, Object> headers) {
        headers.forEach((name, value) -> {
            exchange.getIn().getHeaders().computeIfPresent(name, (key, sent) -> value);
            exchange.getMessage().getHeaders().computeIfPresent(name, (key, sent) -> value);
        });
    }

    private static void process(Exchange exchange, org.apache.camel.Processor camel) throws Exception {
        Exchange outer = SENT.get();
        SENT.set(exchange);
        try {
            camel.process(exchange);
        } finally {
            SENT.set(outer);
        }
    }

    /** Camel looks through all its converters to make the method of a text, which costs more than all that is ours in a call. */
    private static @Nullable HttpMethods methodOf(Message message) {
        return message.getHeader(Exchange.HTTP_METHOD) instanceof String text ? METHODS.get(text) : null;
    }

    private void checkStrategy(boolean directed) {
        if (directed
                && getHeaderFilterStrategy() instanceof OutgoingHeaders headers
                && headers.over(HttpRestHeaderFilterStrategy.class)) {
            throw new RefusedCall(
                    "A call was refused: 'rest:' writes a message's text into an API's address as it is. Nothing"
                            + " was sent. Use toD: with the API's base address.");
        }
    }

    private static void check(Message message, boolean directed) {
        int length = length(message, Exchange.HTTP_URI)
                + length(message, Exchange.HTTP_PATH)
                + Math.max(length(message, Exchange.HTTP_QUERY), length(message, Exchange.HTTP_RAW_QUERY))
                + length(message, Exchange.REST_HTTP_URI)
                + length(message, Exchange.REST_HTTP_QUERY);
        if (length > AddressTemplate.LONGEST) {
            throw new RefusedCall("A call was refused: the message makes its address longer than "
                    + AddressTemplate.LONGEST + " characters. Nothing was sent. Send so much in the body.");
        }
        Object uri = message.getHeader(Exchange.HTTP_URI);
        if (directed && uri != null && !isAbsolute(uri.toString())) {
            throw new RefusedCall(
                    "A call was refused: the header CamelHttpUri holds no whole address. Nothing was sent. Set it"
                            + " to one with scheme and host, or set CamelHttpPath.");
        }
    }

    private static int length(Message message, String header) {
        Object value = message.getHeader(header);
        return value == null ? 0 : value.toString().length();
    }

    private static boolean isAbsolute(String address) {
        try {
            URI uri = new URI(UnsafeUriCharactersEncoder.encodeHttpURI(address));
            return uri.getScheme() != null && uri.getHost() != null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /**
     * Camel expands placeholders in these headers, no matter who has set them and wherever the call goes (CVE-2026-78164). Braces
     * are no characters of an address (RFC 3986), and a server is sent them encoded anyway.
     *
     * @return what stood there
     */
    private static Map<String, Object> withoutPlaceholders(Message message) {
        Map<String, Object> whole = Map.of();
        for (String name : new String[] {Exchange.HTTP_URI, Exchange.REST_HTTP_URI}) {
            Object value = message.getHeader(name);
            if (value != null
                    && (value.toString().contains("{{") || value.toString().contains("}}"))) {
                whole = whole.isEmpty() ? new HashMap<>() : whole;
                whole.put(name, value);
                message.setHeader(name, value.toString().replace("{", "%7B").replace("}", "%7D"));
            }
        }
        return whole;
    }
}
