package dev.dromedar.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A record as a line of JSON. Its number comes first, then what it says, then the hash of the record before it, then its own,
 * which is over everything that stands before it in the line.
 *
 * @param number from 1, of the chain
 * @param time as it is written; empty where it cannot be read
 * @param previous hash of the record before, empty for the first
 * @param hash as it is written
 * @param fits whether the hash is the line's
 */
record AuditLine(long number, String time, String previous, String hash, boolean fits) {
    /** Longer than any record: what is longer was not written here. */
    static final int LONGEST = 64 * 1024;

    private static final int HASH = 43;
    private static final byte[] BEFORE_HASH = ",\"hash\":\"".getBytes(StandardCharsets.US_ASCII);
    private static final JsonFactory JSON = new JsonFactory();

    /** A new line, with its end. */
    record Written(byte[] bytes, String hash) {}

    static Written write(AuditKey key, long number, Map<String, Object> fields, String previous) {
        var out = new ByteArrayOutputStream(768);
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeNumberField("n", number);
            for (Map.Entry<String, Object> field : fields.entrySet()) {
                if (field.getValue() instanceof Number whole) {
                    json.writeNumberField(field.getKey(), whole.longValue());
                } else {
                    json.writeStringField(field.getKey(), field.getValue().toString());
                }
            }
            json.writeStringField("prev", previous);
            json.flush();
            String hash = key.ofRecord(out.toByteArray(), out.size());
            json.writeStringField("hash", hash);
            json.writeEndObject();
            json.flush();
            out.write('\n');
            return new Written(out.toByteArray(), hash);
        } catch (IOException e) {
            throw new IllegalStateException("Memory can be written", e);
        }
    }

    /** @param line without its end */
    static AuditLine read(AuditKey key, byte[] line) {
        int end = line.length - 2 - HASH;
        int start = end - BEFORE_HASH.length;
        boolean formed = start > 0 && line[line.length - 1] == '}' && line[line.length - 2] == '"';
        for (int i = 0; formed && i < BEFORE_HASH.length; i++) {
            formed = line[start + i] == BEFORE_HASH[i];
        }
        String hash = formed ? new String(line, end, HASH, StandardCharsets.ISO_8859_1) : "";
        boolean fits = formed && AuditKey.same(key.ofRecord(line, start), hash);
        long number = -1;
        String time = "";
        String previous = "";
        try (JsonParser json = JSON.createParser(line)) {
            while (json.nextToken() != null) {
                if (json.currentToken() == JsonToken.FIELD_NAME) {
                    String name = json.currentName();
                    JsonToken value = json.nextToken();
                    if (name.equals("n") && value == JsonToken.VALUE_NUMBER_INT && number < 0) {
                        number = json.getLongValue();
                    } else if (name.equals("time") && value == JsonToken.VALUE_STRING && time.isEmpty()) {
                        time = json.getText();
                    } else if (name.equals("prev") && value == JsonToken.VALUE_STRING) {
                        previous = json.getText();
                    } else {
                        json.skipChildren();
                    }
                }
            }
        } catch (IOException e) {
            fits = false;
        }
        return new AuditLine(number, time, previous, hash, fits);
    }

    /** The date that it was written on (UTC), as {@code 20261129}; null if it cannot be read. */
    @Nullable
    String day() {
        return time.length() >= 10 && time.charAt(4) == '-' && time.charAt(7) == '-'
                ? time.substring(0, 4) + time.substring(5, 7) + time.substring(8, 10)
                : null;
    }
}
