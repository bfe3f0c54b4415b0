package dev.dromedar.camel;

import dev.dromedar.oauth.Addresses;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.util.UnsafeUriCharactersEncoder;
import org.jspecify.annotations.Nullable;

/**
 * Path and query of a call below its API's base address, as the route writes them: {@code records/{id}} with {@code path.id},
 * and {@code query.changed}. A message fills in values; each is percent-encoded as a whole (RFC 3986 section 2), so that it
 * stays in its segment of the path or its value of the query. Thread-safe.
 */
final class CallAddress {
    private static final Pattern PLACE = Pattern.compile("\\{([^{}/]*+)}");
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9/_~-]*+");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,60}");

    /** Texts, percent-encoded, and {@link MessageValue}s, in order. */
    private final List<Object> path;

    private final Map<String, List<MessageValue>> query;
    private final @Nullable MessageValue whole;
    /** For all messages; null if it depends on them, or has characters that some reader of an address changes. */
    private final @Nullable Target fixed;

    private CallAddress(List<Object> path, Map<String, List<MessageValue>> query, @Nullable MessageValue whole) {
        this.path = path;
        this.query = query;
        this.whole = whole;
        boolean plain = whole == null
                && query.isEmpty()
                && path.stream()
                        .allMatch(part -> part instanceof String text
                                && PLAIN.matcher(text).matches());
        String text = String.join("", path.stream().map(Object::toString).toList());
        this.fixed = plain ? new Target(text.isEmpty() ? "" : "/" + text, null) : null;
    }

    /** An address that the message holds. */
    static CallAddress whole(MessageValue address) {
        return new CallAddress(List.of(), Map.of(), address);
    }

    boolean isWhole() {
        return whole != null;
    }

    /** Whether it is the same for all messages, and of characters that every reader of an address leaves as they are. */
    boolean isFixed() {
        return fixed != null;
    }

    /**
     * Where one message goes.
     *
     * @param path empty, or begins with a slash
     * @param query null for none
     */
    record Target(String path, @Nullable String query) {
        /** With a parameter of the query in the place of those of its name. */
        Target with(String parameter, String value) {
            String name = PercentEncoding.of(parameter);
            StringBuilder other = new StringBuilder();
            for (String pair : query == null ? new String[0] : query.split("&")) {
                if (!pair.equals(name) && !pair.startsWith(name + "=")) {
                    other.append(pair).append('&');
                }
            }
            return new Target(path, other + name + '=' + PercentEncoding.of(value));
        }

        /**
         * Where an answer from here leads, by a reference that it holds (RFC 3986 section 4.1).
         *
         * @param base the API's
         * @param text the reference
         * @param what of the answer it is, for the message
         * @throws RefusedCall if that is not below the base address
         */
        Target linked(URI base, String text, String what) {
            String start = base.getRawPath() == null ? "" : base.getRawPath().replaceFirst("/+\\z", "");
            try {
                if (text.length() > AddressTemplate.LONGEST) {
                    throw new URISyntaxException("", "too long");
                }
                URI named = new URI(UnsafeUriCharactersEncoder.encodeHttpURI(text));
                URI current = new URI(Addresses.origin(base) + start + path);
                URI next = text.startsWith("?") ? new URI(current + named.toString()) : current.resolve(named);
                if (Addresses.isUnder(base, next)
                        && !Addresses.isAmbiguous(next)
                        && next.getRawPath().startsWith(start)) {
                    return new Target(next.getRawPath().substring(start.length()), next.getRawQuery());
                }
            } catch (URISyntaxException e) {
                // no address: refused
            }
            throw new RefusedCall(
                    what + " that is not under the base address " + base
                            + " of this API. Nothing was sent there. Report it to the API's owner, or correct the base address.");
        }
    }

    /**
     * @param written the path, without the slash before it
     * @param paths values of {@code path.X} by X
     * @param queries values of {@code query.X} by X; one may be a list
     * @throws IllegalArgumentException for whatever does not fit together
     */
    static CallAddress of(
            CamelContext context, String written, Map<String, Object> paths, Map<String, Object> queries) {
        for (String segment : written.split("/", -1)) {
            if (segment.equals(".") || segment.equals("..") || segment.contains("\\")) {
                throw new IllegalArgumentException("the path leads elsewhere by '" + segment + "'. Write it without.");
            }
        }
        if (written.contains("${") || written.contains("$simple{")) {
            throw new IllegalArgumentException(
                    "the path holds an expression. Write {id} in the path, and its value as the parameter path.id.");
        }
        List<Object> path = new ArrayList<>();
        Set<String> unused = new TreeSet<>(paths.keySet());
        Matcher places = PLACE.matcher(written);
        int end = 0;
        while (places.find()) {
            String name = places.group(1);
            Object value = paths.get(name);
            if (!NAME.matcher(name).matches() || value == null) {
                throw new IllegalArgumentException(
                        "the path has {" + name + "}, and there is no parameter path." + name + ". Add it.");
            }
            unused.remove(name);
            add(path, written.substring(end, places.start()));
            path.add(MessageValue.of(context, "path." + name, value));
            end = places.end();
        }
        add(path, written.substring(end));
        if (!unused.isEmpty()) {
            String name = unused.iterator().next();
            throw new IllegalArgumentException("there is a parameter path." + name + ", and the path has no {" + name
                    + "}. Add it, or remove that.");
        }
        Map<String, List<MessageValue>> query = new LinkedHashMap<>();
        queries.forEach((name, value) -> {
            List<MessageValue> values = new ArrayList<>();
            for (Object one : value instanceof List<?> many ? many : List.of(value)) {
                values.add(MessageValue.of(context, "query." + name, one));
            }
            query.put(name, values);
        });
        return new CallAddress(List.copyOf(path), query, null);
    }

    private static void add(List<Object> path, String text) {
        if (text.contains("{") || text.contains("}")) {
            throw new IllegalArgumentException("the path has a brace without its other. Write {id}.");
        }
        if (!text.isEmpty()) {
            try {
                path.add(new URI(null, null, "/" + text, null).toASCIIString().substring(1));
            } catch (URISyntaxException e) {
                throw new IllegalArgumentException("the path '" + text + "' cannot be read.", e);
            }
        }
    }

    /**
     * The address for one message.
     *
     * @param base the API's
     * @throws RefusedCall if the message has nothing for a place in the path, or dots alone, or far too much; or a whole
     *     address that is not under the base address
     */
    Target of(Exchange exchange, URI base) {
        if (fixed != null) {
            return fixed;
        }
        if (whole != null) {
            String named = whole.text(exchange);
            if (named == null || named.isBlank()) {
                throw new RefusedCall(
                        "A call was refused: the message has no value for address. Nothing was sent. Check the"
                                + " message before the call.");
            }
            return new Target("/", null).linked(base, named.strip(), "The message names an address");
        }
        StringBuilder filled = new StringBuilder();
        for (Object part : path) {
            if (part instanceof MessageValue value) {
                String text = value.text(exchange);
                if (text == null || text.isEmpty()) {
                    throw new RefusedCall("A call was refused: the message has no value for a place in its path, and"
                            + " without it the address is another one. Nothing was sent. Check the message before the"
                            + " call, for example by a filter.");
                }
                filled.append(PercentEncoding.of(text));
            } else {
                filled.append(part);
            }
        }
        for (String segment : filled.toString().split("/")) {
            if (segment.equals(".") || segment.equals("..")) {
                throw new RefusedCall("A call was refused: the message made a segment of its path '" + segment
                        + "', which leads to another address. Nothing was sent.");
            }
        }
        StringBuilder parameters = new StringBuilder();
        query.forEach((name, values) -> {
            for (MessageValue value : values) {
                for (String text : value.texts(exchange)) {
                    parameters
                            .append(parameters.isEmpty() ? "" : "&")
                            .append(PercentEncoding.of(name))
                            .append('=')
                            .append(PercentEncoding.of(text));
                }
            }
        });
        return new Target(filled.isEmpty() ? "" : "/" + filled, parameters.isEmpty() ? null : parameters.toString());
    }
}
