package dev.dromedar.letters;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads letters as the first version kept them, in files and in the cluster's database: one line of JSON, then headers and
 * body. Its seal covered the cause and what followed the line, and not the line itself. Thread-safe.
 */
public final class FormerFormat {
    private static final int VERSION = 1;
    private static final JsonMapper JSON = new JsonMapper();

    private final @Nullable Seal seal;

    /**
     * A letter of the first version.
     *
     * @param sealed whether it was
     */
    public record Former(Letter letter, KeptMessage message, boolean sealed) {}

    FormerFormat(@Nullable Seal seal) {
        this.seal = seal;
    }

    /** @throws StoreFailure if the bytes are no letter, of a newer version, or sealed with another key */
    Former read(byte[] bytes, Letter.State state, String where) {
        int end = lineEnd(bytes, where);
        Map<String, Object> line = line(bytes, end, where);
        String id = text(line, "id", where);
        Object keyId = line.get("key");
        String cause = text(line, "cause", where);
        byte[] content = Arrays.copyOfRange(bytes, end + 1, bytes.length);
        try {
            if (keyId != null) {
                Seal opens = seal(keyId, where);
                byte[] words = Base64.getDecoder().decode(cause);
                cause = new String(opens.open(words, place(id, "cause"), where), StandardCharsets.UTF_8);
                content = opens.open(content, place(id, "input"), where);
            }
            var letter = new Letter(
                    id,
                    text(line, "route", where),
                    (String) line.get("api"),
                    Instant.parse(text(line, "firstFailed", where)),
                    Instant.parse(text(line, "failed", where)),
                    line.get("attempts") instanceof Integer attempts ? attempts : 1,
                    state,
                    cause);
            return new Former(letter, LetterFormat.message(content), keyId != null);
        } catch (IOException | IllegalArgumentException | DateTimeException | ClassCastException e) {
            throw unreadable(where);
        }
    }

    private static byte[] place(String id, String part) {
        return (id + "/" + part).getBytes(StandardCharsets.UTF_8);
    }

    private Seal seal(Object keyId, String where) {
        Seal opens = seal == null ? null : seal.ofKey(String.valueOf(keyId));
        if (opens == null) {
            throw new StoreFailure(where + ": is sealed with the key " + keyId
                    + ", and dromedar.dead-letters.secret-key is "
                    + (seal == null ? "not set" : "the key " + seal.keyId())
                    + " (the first 8 hex digits of the SHA-256 of its 32 bytes)");
        }
        return opens;
    }

    private static Map<String, Object> line(byte[] bytes, int end, String where) {
        Map<String, Object> line;
        try {
            line = JSON.readValue(bytes, 0, end, new TypeReference<>() {});
        } catch (IOException e) {
            throw unreadable(where);
        }
        if (line == null || !(line.get("version") instanceof Integer version)) {
            throw unreadable(where);
        }
        if (version != VERSION) {
            throw new StoreFailure(where + ": has format " + version + ", which this version does not know");
        }
        return line;
    }

    private static int lineEnd(byte[] bytes, String where) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        throw unreadable(where);
    }

    private static String text(Map<String, Object> line, String name, String where) {
        if (line.get(name) instanceof String text) {
            return text;
        }
        throw unreadable(where);
    }

    private static StoreFailure unreadable(String where) {
        return new StoreFailure(where + ": is not a dead letter, or is damaged");
    }
}
