package dev.dromedar.camel;

import dev.dromedar.oauth.ApiClient;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;
import org.apache.camel.component.http.HttpComponent;
import org.apache.camel.support.ExpressionAdapter;
import org.apache.camel.support.ObjectHelper;
import org.jspecify.annotations.Nullable;

/**
 * Computes where a step sends a message, in the place of the step's own expression. Under the address of an API a message's
 * text is data; elsewhere it is at least no placeholder and no option. An address that the route has not written as an
 * {@link AddressTemplate}, and that a bean or a header gives whole, goes to no API. Thread-safe.
 */
final class DynamicAddress extends ExpressionAdapter {
    private final CamelContext context;
    private final ApiPlaces places;
    private final Options options;
    /** What the route wrote; empty if that is no template. */
    private final List<AddressTemplate> templates;

    private final Expression written;
    /** Between the addresses of a list; null if there is one address. */
    private final @Nullable String delimiter;

    DynamicAddress(
            CamelContext context,
            ApiPlaces places,
            Options options,
            List<AddressTemplate> templates,
            Expression written,
            @Nullable String delimiter) {
        this.context = context;
        this.places = places;
        this.options = options;
        this.templates = templates;
        this.written = written;
        this.delimiter = delimiter;
    }

    /**
     * The same for a routing slip or a dynamic router. Camel loses an exchange whose router's expression throws: it would
     * wait for ever. A failure is left on the exchange.
     */
    Expression withoutThrowing() {
        return new ExpressionAdapter() {
            @Override
            public @Nullable Object evaluate(Exchange exchange) {
                try {
                    return DynamicAddress.this.evaluate(exchange);
                } catch (RuntimeException e) {
                    exchange.setException(e);
                    return null;
                }
            }

            @Override
            public String toString() {
                return DynamicAddress.this.toString();
            }
        };
    }

    /** @throws RefusedCall if the message makes it an address that is not the route's */
    @Override
    public @Nullable Object evaluate(Exchange exchange) {
        try {
            return addresses(exchange);
        } catch (RefusedCall e) {
            Call call = Call.next(exchange);
            throw call == null ? e : Attempted.refused(call, exchange, e);
        }
    }

    private @Nullable Object addresses(Exchange exchange) {
        if (templates.isEmpty() || templates.stream().anyMatch(template -> template.fault(options) != null)) {
            return foreign(written.evaluate(exchange, Object.class), exchange);
        }
        if (delimiter == null) {
            return address(templates.get(0), exchange);
        }
        List<Object> all = new ArrayList<>();
        for (AddressTemplate template : templates) {
            all.add(address(template, exchange));
        }
        return all;
    }

    private Object address(AddressTemplate template, Exchange exchange) {
        String origin = template.origin();
        if (!template.isHttp() || origin == null || !places.isOrigin(origin) && Call.next(exchange) == null) {
            return template.plain(exchange);
        }
        return destination(template.encoded(exchange), origin);
    }

    private Object destination(String address, String origin) {
        int question = address.indexOf('?');
        String place = question < 0 ? address : address.substring(0, question);
        String path = place.replaceFirst("\\A\\s*[^:/]+:/*[^/]*", "");
        String scheme = origin.substring(0, origin.indexOf(':'));
        StringBuilder ofEndpoint = new StringBuilder();
        StringBuilder ofCall = new StringBuilder();
        for (String parameter :
                question < 0 ? new String[0] : address.substring(question + 1).split("&")) {
            String name = parameter.replaceFirst("=.*", "");
            StringBuilder list = options.has(scheme, name) ? ofEndpoint : ofCall;
            if (!parameter.isEmpty()) {
                list.append(list.isEmpty() ? "" : "&").append(parameter);
            }
        }
        String start = start(origin, path);
        Endpoint endpoint = context.getEndpoint(origin + start + (ofEndpoint.isEmpty() ? "" : "?" + ofEndpoint));
        return new Destination(endpoint, path.substring(start.length()), ofCall.isEmpty() ? null : ofCall.toString());
    }

    /** The path of the API's base address, so that all calls below it share an endpoint and its connections. */
    private String start(String origin, String path) {
        try {
            ApiClient api = places.above(
                    new URI(origin + org.apache.camel.util.UnsafeUriCharactersEncoder.encodeHttpURI(path)));
            String base = api == null ? null : api.settings().baseAddress().getRawPath();
            String start = base == null ? "" : base.replaceFirst("/+\\z", "");
            return path.startsWith(start) ? start : "";
        } catch (URISyntaxException e) {
            return "";
        }
    }

    /** Addresses that a message, or code of the route's, gives whole. */
    private @Nullable Object foreign(@Nullable Object given, Exchange exchange) {
        if (given == null || given instanceof Endpoint) {
            return given;
        }
        if (delimiter == null) {
            return checked(context.getTypeConverter().convertTo(String.class, exchange, given), exchange);
        }
        List<Object> all = new ArrayList<>();
        Iterator<?> each = ObjectHelper.createIterator(given, delimiter.equals("false") ? null : delimiter);
        while (each.hasNext()) {
            Object one = each.next();
            Object address = one instanceof Endpoint
                    ? one
                    : checked(context.getTypeConverter().convertTo(String.class, exchange, one), exchange);
            if (address != null) {
                all.add(address);
            }
        }
        return all;
    }

    private @Nullable Object checked(@Nullable String given, Exchange exchange) {
        if (given == null || given.isBlank()) {
            return given;
        }
        String address = given.strip();
        if (address.length() > AddressTemplate.LONGEST) {
            throw refused("it is longer than " + AddressTemplate.LONGEST + " characters");
        }
        int colon = address.indexOf(':');
        int question = address.indexOf('?');
        String scheme = address.substring(0, colon < 0 ? question < 0 ? address.length() : question : colon)
                .toLowerCase(Locale.ROOT);
        if (address.contains("{{") || address.contains("}}") || address.contains("${")) {
            throw refused("it holds a placeholder or an expression");
        }
        if (scheme.equals(AddressTemplate.API)) {
            throw refused("it calls an API");
        }
        if (AddressTemplate.isCode(scheme)) {
            throw refused("it names what to run");
        }
        boolean http = colon > 0 && context.hasComponent(scheme) instanceof HttpComponent
                || Set.of("http", "https").contains(scheme);
        if (http && (Call.next(exchange) != null || places.isOrigin(origin(scheme, address)))) {
            throw refused("an API's address must be written in the route");
        }
        for (String parameter :
                question < 0 ? new String[0] : address.substring(question + 1).split("[&;]")) {
            int equals = parameter.indexOf('=');
            String name = equals < 0 ? parameter : parameter.substring(0, equals);
            if (http && (options.has(scheme, name) || name.indexOf('%') >= 0)
                    || equals >= 0 && PlainText.refersTo(parameter.substring(equals + 1))) {
                throw refused("it has options of the endpoint");
            }
        }
        return address;
    }

    private static String origin(String scheme, String address) {
        return scheme + "://"
                + address.substring(address.indexOf(':') + 1)
                        .replaceFirst("\\A/*(?i:https?:/*)?", "")
                        .replaceFirst("(?s)[/?#\\\\].*", "");
    }

    private static RefusedCall refused(String why) {
        return new RefusedCall(
                "A message was not sent on: the whole address came from the message or from code, and " + why
                        + ". Write the address in the route, and let the message fill in values, as in toD:"
                        + " \"{{dromedar.api.NAME.base-address}}/x/${header.id}\".");
    }

    @Override
    public String toString() {
        return written.toString();
    }
}
