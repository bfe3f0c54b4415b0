package dev.dromedar.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** JSON in and out, strict: trailing text and repeated members are no JSON here. */
final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(com.fasterxml.jackson.core.JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

    private Json() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static <T> ObjectNode tree(T value) {
        return MAPPER.valueToTree(value);
    }

    /** @throws JsonProcessingException if the text is no JSON */
    static JsonNode read(String text) throws JsonProcessingException {
        return MAPPER.readTree(text);
    }

    static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The JSON object in the text, or null if the text is anything else. */
    static @Nullable ObjectNode readObject(String text) {
        try {
            return MAPPER.readTree(text) instanceof ObjectNode object ? object : null;
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    /** The number of elements if the text is a JSON array, 1 for any other JSON, 0 for what is no JSON. */
    static int count(String text) {
        try {
            var tree = MAPPER.readTree(text);
            return tree.isArray() ? tree.size() : tree.isMissingNode() ? 0 : 1;
        } catch (JsonProcessingException e) {
            return 0;
        }
    }
}
