package dev.dromedar.letters;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * Where the position after a page is taken from: {@code json:$.id} (of the last item of the pages that {@code api:} has read,
 * else of the body), {@code header:NAME} (of the answer), or {@code next:PARAMETER} (of the last next address that a page has
 * named). Immutable.
 *
 * @param path names and {@code -1} for the last of an array; for {@code json:} only
 */
record FeedLast(Kind kind, String source, List<String> path) {
    enum Kind {
        JSON,
        HEADER,
        NEXT
    }

    private static final ObjectMapper JSON = new ObjectMapper();
    /** Exchange property of an answer's headers, as {@code api:} leaves them. */
    private static final String ANSWER = "DromedarAnswer";

    /** @throws IllegalArgumentException if it cannot be read */
    static FeedLast of(String written) {
        int colon = written.indexOf(':');
        String source = written.substring(colon + 1).strip();
        Kind kind =
                switch (colon < 0 || source.isEmpty() ? "" : written.substring(0, colon)) {
                    case "json" -> Kind.JSON;
                    case "header" -> Kind.HEADER;
                    case "next" -> Kind.NEXT;
                    default -> throw unreadable();
                };
        return new FeedLast(kind, source, kind == Kind.JSON ? path(source) : List.of());
    }

    private static List<String> path(String written) {
        if (!written.matches("\\$(\\[-1]|\\.[^.\\[\\]]+)*")) {
            throw unreadable();
        }
        return Arrays.stream(written.substring(1).replace("[-1]", ".-1").split("\\."))
                .filter(step -> !step.isEmpty())
                .toList();
    }

    private static IllegalArgumentException unreadable() {
        return new IllegalArgumentException(
                "last must be json:$.id (of the last item, or $[-1].id of the body), header:NAME or next:PARAMETER.");
    }

    /**
     * The value, not yet checked; null if the page was empty.
     *
     * @throws StoreFailure if there were items, and the place holds no text or number
     */
    @Nullable
    Object of(Exchange exchange, String feed) {
        ReadPages pages = exchange.getProperty(ReadPages.PROPERTY, ReadPages.class);
        if (pages != null && pages.items() == 0 && kind != Kind.NEXT) {
            return null;
        }
        Object found =
                switch (kind) {
                    case NEXT -> pages == null ? null : pages.next(source);
                    case HEADER -> pages == null ? header(exchange) : pages.header(source);
                    case JSON -> json(exchange, pages, feed);
                };
        if (found == null && (kind == Kind.NEXT ? pages == null : pages != null)) {
            throw missing(feed);
        }
        return found;
    }

    private @Nullable Object header(Exchange exchange) {
        Object answer = exchange.getProperty(ANSWER);
        Object found = answer instanceof Map<?, ?> headers ? headers.get(source) : null;
        return found == null ? exchange.getMessage().getHeader(source) : found;
    }

    private @Nullable Object json(Exchange exchange, @Nullable ReadPages pages, String feed) {
        JsonNode node = pages == null ? body(exchange, feed) : JSON.valueToTree(pages.last());
        for (String step : path) {
            if (step.equals("-1") && node.isArray() && node.isEmpty()) {
                return null;
            }
            node = step.equals("-1") && node.isArray() ? node.path(node.size() - 1) : node.path(step);
        }
        if (!node.isTextual() && !node.isNumber()) {
            throw missing(feed);
        }
        return node.isTextual() ? node.textValue() : node.numberValue();
    }

    private JsonNode body(Exchange exchange, String feed) {
        Object body = exchange.getMessage().getBody();
        try {
            if (body instanceof Map<?, ?> || body instanceof List<?>) {
                return JSON.valueToTree(body);
            }
            String text = exchange.getMessage().getBody(String.class);
            JsonNode read = text == null ? null : JSON.readTree(text);
            if (read != null) {
                return read;
            }
        } catch (JsonProcessingException e) {
            // reported below; the library's words quote the body
        }
        throw new StoreFailure(
                "Feed " + feed + ": last=json:" + source + " needs the page's JSON as the body, and it is"
                        + " not there any more. The position stays. Put advance where the body still is the page, or read it by"
                        + " pages.");
    }

    private StoreFailure missing(String feed) {
        return new StoreFailure(
                "Feed " + feed + ": last=" + kind.name().toLowerCase(java.util.Locale.ROOT) + ":" + source
                        + " finds no text or number after the page. The position stays. Correct last, or look at what the API"
                        + " answers.");
    }
}
