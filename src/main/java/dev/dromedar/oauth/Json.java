package dev.dromedar.oauth;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON from strangers: no duplicate names, no deep nesting, no endless numbers, and errors that do not quote it. */
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(32)
                            .maxNumberLength(30)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}

    /**
     * Reads one JSON object.
     *
     * @throws IOException if the bytes are anything else; its message names the place, not the content
     */
    static Map<String, @Nullable Object> object(byte[] json) throws IOException {
        try {
            Map<String, @Nullable Object> object = MAPPER.readValue(json, new TypeReference<>() {});
            if (object == null) {
                throw new IOException("not a JSON object");
            }
            return object;
        } catch (JsonProcessingException e) {
            var at = e.getLocation();
            throw new IOException(
                    "not a JSON object with each name once"
                            + (at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")"),
                    null);
        }
    }

    /** A copy that nobody else holds. */
    static Object copy(Object value) {
        return MAPPER.convertValue(value, Object.class);
    }

    static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON", e);
        }
    }
}
