package dev.dromedar.keys;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON from strangers: no duplicate names, no deep nesting, no endless numbers, and errors that do not quote it. */
public final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
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
    public static Map<String, @Nullable Object> object(byte[] json) throws IOException {
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
        } catch (CharConversionException e) { // its own message quotes the bytes
            throw new IOException("not text in UTF-8", null);
        }
    }

    /** As {@link #object}, for an array. */
    public static List<@Nullable Object> array(byte[] json) throws IOException {
        Object array = object(("{\"array\":" + new String(json, StandardCharsets.UTF_8) + "}")
                        .getBytes(StandardCharsets.UTF_8))
                .get("array");
        if (array instanceof List<?> list) {
            return new ArrayList<>(list);
        }
        throw new IOException("not a JSON array");
    }

    /** A copy that nobody can change, as it reads on the other side: a number is the same however it was typed. */
    public static Object copy(Object value) {
        try {
            return frozen(MAPPER.readValue(MAPPER.writeValueAsBytes(value), Object.class));
        } catch (IOException e) {
            throw new IllegalArgumentException("not JSON", e);
        }
    }

    private static Object frozen(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<Object, @Nullable Object> copy = new LinkedHashMap<>();
            map.forEach((name, element) -> copy.put(name, element == null ? null : frozen(element)));
            return Collections.unmodifiableMap(copy);
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> copy = new ArrayList<>();
            list.forEach(element -> copy.add(element == null ? null : frozen(element)));
            return Collections.unmodifiableList(copy);
        }
        return value;
    }

    /** JSON without a character beyond ASCII: others are escaped. */
    public static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON", e);
        }
    }
}
