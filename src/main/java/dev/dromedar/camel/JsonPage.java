package dev.dromedar.camel;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** One page in JSON, read as a stream: one item is in memory at a time, however large the page. Of one thread. */
final class JsonPage implements Closeable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final JsonParser parser;
    private final Pages rules;
    /** Of the objects and arrays that are open, as {@code /a/b}. */
    private final Deque<String> open = new ArrayDeque<>();

    private boolean inItems;
    private boolean hadItems;
    private @Nullable String next;

    JsonPage(InputStream body, Pages rules) throws IOException {
        this.parser = JSON.createParser(body);
        this.rules = rules;
    }

    /** The next item: a map, a list, a text, a number or a flag; null after the last, or where the page has a null. */
    @Nullable
    Object item() throws IOException {
        for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
            if (token == JsonToken.END_OBJECT || token == JsonToken.END_ARRAY) {
                open.pop();
                inItems = false;
            } else if (inItems) {
                if (token != JsonToken.VALUE_NULL) {
                    return JSON.readValue(parser, Object.class);
                }
            } else if (token != JsonToken.FIELD_NAME) {
                value(token);
            }
        }
        return null;
    }

    private void value(JsonToken token) throws IOException {
        String parent = open.peek();
        String path = parent == null
                ? ""
                : parser.currentName() == null ? parent + "/*" : parent + "/" + parser.currentName();
        if (token == JsonToken.START_ARRAY && path.equals(rules.items())) {
            inItems = true;
            hadItems = true;
        } else if (rules.kind() == Pages.Kind.FHIR && path.equals("/link")) {
            for (JsonNode link : JSON.<JsonNode>readTree(parser)) {
                next = link.path("relation").asText().equals("next")
                        ? link.path("url").asText(null)
                        : next;
            }
            return;
        } else if (rules.kind() == Pages.Kind.JSON && path.equals(rules.source()) && token.isScalarValue()) {
            next = token == JsonToken.VALUE_NULL ? null : parser.getText();
        }
        if (token.isStructStart()) {
            open.push(path);
        }
    }

    /** What the page names as the next, once all items have been read; null if nothing. */
    @Nullable
    String next() {
        return next;
    }

    /** Whether the array was there, empty or not. A FHIR bundle without entries has none. */
    boolean hadItems() {
        return hadItems || rules.kind() == Pages.Kind.FHIR;
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }
}
