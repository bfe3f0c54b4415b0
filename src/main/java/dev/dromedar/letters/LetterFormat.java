package dev.dromedar.store;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A letter as bytes: one line of JSON with what may be read without the key, then headers and body. With a key, the cause in
 * the line and all that follows it are sealed. The same bytes in a file and in the database. Thread-safe.
 */
final class LetterFormat {
    /** Raise it when older workers could not read what is written. */
    static final int VERSION = 1;

    private static final JsonMapper JSON = new JsonMapper();
    /** Texts, numbers and flags are JSON's own; a date is an object with this one name. */
    private static final String DATE = "date";

    private final @Nullable Seal seal;

    LetterFormat(@Nullable Seal seal) {
        this.seal = seal;
    }

    byte[] write(Letter letter, Input input) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("version", VERSION);
        line.put("id", letter.id());
        line.put("route", letter.route());
        line.put("api", letter.api());
        line.put("firstFailed", letter.firstFailed().toString());
        line.put("failed", letter.failed().toString());
        line.put("attempts", letter.attempts());
        line.put("key", seal == null ? null : seal.keyId());
        byte[] cause = letter.cause().getBytes(StandardCharsets.UTF_8);
        line.put(
                "cause",
                seal == null
                        ? letter.cause()
                        : Base64.getEncoder().encodeToString(seal.seal(cause, letter.id() + "/cause")));
        try {
            byte[] content = content(input);
            var bytes = new ByteArrayOutputStream();
            bytes.write(JSON.writeValueAsBytes(line));
            bytes.write('\n');
            bytes.write(seal == null ? content : seal.seal(content, letter.id() + "/input"));
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new IllegalStateException("A letter is plain data", e);
        }
    }

    private static byte[] content(Input input) throws IOException {
        var bytes = new ByteArrayOutputStream();
        var out = new DataOutputStream(bytes);
        Map<String, Object> plain = new TreeMap<>(input.headers());
        plain.replaceAll((name, value) ->
                value instanceof Date date ? Map.of(DATE, date.toInstant().toString()) : value);
        byte[] headers = JSON.writeValueAsBytes(plain);
        out.writeInt(headers.length);
        out.write(headers);
        out.writeUTF(input.kind().name());
        out.write(input.body());
        return bytes.toByteArray();
    }

    /**
     * @param start the bytes, or as many as hold the line
     * @throws StoreFailure if they are no letter, or one of a newer version
     */
    Letter letter(byte[] start, Letter.State state, String where) {
        Map<String, Object> line = line(start, where);
        return new Letter(
                text(line, "id", where),
                text(line, "route", where),
                (String) line.get("api"),
                Instant.parse(text(line, "firstFailed", where)),
                Instant.parse(text(line, "failed", where)),
                ((Number) line.getOrDefault("attempts", 1)).intValue(),
                state,
                cause(line, where));
    }

    Input input(byte[] bytes, String where) {
        Map<String, Object> line = line(bytes, where);
        byte[] content = Arrays.copyOfRange(bytes, lineEnd(bytes, where) + 1, bytes.length);
        Object keyId = line.get("key");
        if (keyId != null) {
            content = seal(keyId, where).open(content, text(line, "id", where) + "/input");
        }
        try (var in = new DataInputStream(new ByteArrayInputStream(content))) {
            Map<String, Object> headers =
                    JSON.readValue(in.readNBytes(in.readInt()), new TypeReference<Map<String, Object>>() {});
            headers.replaceAll((name, value) ->
                    value instanceof Map<?, ?> date ? Date.from(Instant.parse(String.valueOf(date.get(DATE)))) : value);
            Input.Kind kind = Input.Kind.valueOf(in.readUTF());
            return new Input(headers, kind, in.readAllBytes());
        } catch (IOException | IllegalArgumentException | DateTimeException e) {
            throw unreadable(where, e);
        }
    }

    private String cause(Map<String, Object> line, String where) {
        Object keyId = line.get("key");
        String cause = text(line, "cause", where);
        if (keyId == null) {
            return cause;
        }
        if (seal == null || !seal.keyId().equals(keyId)) {
            return "(sealed with the key " + keyId + ", which is not in dromedar.dead-letters.secret-key)";
        }
        return new String(
                seal.open(Base64.getDecoder().decode(cause), text(line, "id", where) + "/cause"),
                StandardCharsets.UTF_8);
    }

    private Seal seal(Object keyId, String where) {
        if (seal == null || !seal.keyId().equals(keyId)) {
            throw new StoreFailure(
                    where + ": sealed with the key " + keyId + ", and dromedar.dead-letters.secret-key is "
                            + (seal == null ? "not set" : "the key " + seal.keyId()) + ". Set it to the key " + keyId
                            + " (the first 8 hex digits of the SHA-256 of its 32 bytes).");
        }
        return seal;
    }

    private static Map<String, Object> line(byte[] bytes, String where) {
        Map<String, Object> line;
        try {
            line = JSON.readValue(bytes, 0, lineEnd(bytes, where), new TypeReference<>() {});
        } catch (IOException e) {
            throw unreadable(where, null);
        }
        if (!(line.get("version") instanceof Integer version)) {
            throw unreadable(where, null);
        }
        if (version > VERSION) {
            throw new StoreFailure(where + ": written by a newer version (format " + version + "; this one knows "
                    + VERSION + "). Use the newer Dromedar.");
        }
        return line;
    }

    private static int lineEnd(byte[] bytes, String where) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        throw unreadable(where, null);
    }

    private static String text(Map<String, Object> line, String name, String where) {
        if (line.get(name) instanceof String text) {
            return text;
        }
        throw unreadable(where, null);
    }

    private static StoreFailure unreadable(String where, @Nullable Throwable cause) {
        return new StoreFailure(
                where + ": is no dead letter, or was damaged. Restore it from a backup, or move it away.", cause);
    }
}
