package dev.dromedar.letters;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What of a letter is kept as bytes: its cause, and its message. With a key both are sealed, and each opens only with all that
 * stands beside it: a letter of which anything was changed does not open. Only the state and the node that replays it are not
 * bound; they change without the key. Thread-safe.
 */
final class LetterFormat {
    /** Raise it when older workers could not read what is written. */
    private static final int VERSION = 2;

    private static final JsonMapper JSON = new JsonMapper();
    /** Texts, numbers and flags are JSON's own; a date is an object with this one name. */
    private static final String DATE = "date";
    /** An API's answer is kept among the headers: under a name that leaves no worker by HTTP, an older one neither. */
    private static final String ANSWER = "CamelDromedarAnswer";

    private static final String NOT_SEALED =
            "not sealed, and not replayed until it is: ./run dead-letters seal. It failed because: ";

    private final String cluster;
    private final @Nullable Seal seal;

    /**
     * The bytes of one letter.
     *
     * @param keyId of the key that has sealed them, or null
     */
    record Parts(@Nullable String keyId, byte[] cause, byte[] content) {
        long length() {
            return (long) cause.length + content.length;
        }
    }

    LetterFormat(String cluster, @Nullable Seal seal) {
        this.cluster = cluster;
        this.seal = seal;
    }

    /** Whether letters are sealed, and those that are not are refused. */
    boolean seals() {
        return seal != null;
    }

    Parts write(Letter letter, KeptMessage message) {
        byte[] cause = letter.cause().getBytes(StandardCharsets.UTF_8);
        byte[] content = content(message);
        if (seal == null) {
            return new Parts(null, cause, content);
        }
        byte[] sealed = seal.seal(cause, bound(letter, seal.keyId(), null));
        return new Parts(seal.keyId(), sealed, seal.seal(content, bound(letter, seal.keyId(), sealed)));
    }

    /** As {@link #write}, and never sealed: for a letter that was not, until a person decides. */
    Parts writeOpen(Letter letter, KeptMessage message) {
        return new Parts(null, letter.cause().getBytes(StandardCharsets.UTF_8), content(message));
    }

    /**
     * The cause, in words for a person: where it cannot be read for want of the key, and where the letter is refused, they say
     * so.
     *
     * @param letter with all but its cause
     * @throws StoreFailure if anything of the letter was changed
     */
    String cause(Letter letter, @Nullable String keyId, byte[] cause) {
        if (keyId == null) {
            String words = new String(cause, StandardCharsets.UTF_8);
            return seal == null ? words : NOT_SEALED + words;
        }
        Seal opens = seal == null ? null : seal.ofKey(keyId);
        if (opens == null) {
            return "(sealed with the key " + keyId + ", which is not in dromedar.dead-letters.secret-key)";
        }
        return new String(opens.open(cause, bound(letter, keyId, null), what(letter)), StandardCharsets.UTF_8);
    }

    /**
     * The message.
     *
     * @param letter as it was read
     * @throws StoreFailure if it cannot be opened, or anything of the letter was changed
     */
    KeptMessage message(Letter letter, Parts parts) {
        byte[] content = parts.content();
        if (parts.keyId() != null) {
            content = seal(parts.keyId(), letter)
                    .open(content, bound(letter, parts.keyId(), parts.cause()), what(letter));
        }
        try {
            return message(content);
        } catch (IOException | IllegalArgumentException | DateTimeException e) {
            throw new StoreFailure(what(letter) + " is damaged. Restore it from a backup, or discard it.", e);
        }
    }

    /** @throws StoreFailure if a key is set and the letter is not sealed: anybody could have written it */
    void refuseUnsealed(Letter letter, @Nullable String keyId) {
        if (seal != null && keyId == null) {
            throw new StoreFailure(what(letter)
                    + " is not sealed, and dromedar.dead-letters.secret-key is set: it is not replayed. If you know where it"
                    + " comes from, seal it: ./run dead-letters seal " + letter.id());
        }
    }

    private Seal seal(String keyId, Letter letter) {
        Seal opens = seal == null ? null : seal.ofKey(keyId);
        if (opens == null) {
            throw new StoreFailure(what(letter) + " is sealed with the key " + keyId
                    + ", and dromedar.dead-letters.secret-key is "
                    + (seal == null ? "not set" : "the key " + String.join(" and ", seal.keyIds()))
                    + ". Add the key " + keyId + " (the first 8 hex digits of the SHA-256 of its 32 bytes) after it.");
        }
        return opens;
    }

    private static String what(Letter letter) {
        return "Dead letter " + letter.id();
    }

    /**
     * All that stands beside the sealed bytes, each with its length, so that no two letters have the same.
     *
     * @param cause the sealed cause, where the message is bound to it too
     */
    private byte[] bound(Letter letter, String keyId, byte @Nullable [] cause) {
        var bytes = new ByteArrayOutputStream();
        var out = new DataOutputStream(bytes);
        try {
            out.writeInt(VERSION);
            for (String text : new String[] {cluster, letter.id(), letter.route(), keyId}) {
                text(out, text);
            }
            out.writeBoolean(letter.api() != null);
            text(out, letter.api() == null ? "" : letter.api());
            out.writeLong(letter.firstFailed().toEpochMilli());
            out.writeLong(letter.failed().toEpochMilli());
            out.writeInt(letter.attempts());
            out.writeBoolean(cause != null);
            if (cause != null) {
                out.write(MessageDigest.getInstance("SHA-256").digest(cause));
            }
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new IllegalStateException("Memory takes bytes, and every JDK has SHA-256", e);
        }
        return bytes.toByteArray();
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static byte[] content(KeptMessage message) {
        var bytes = new ByteArrayOutputStream();
        var out = new DataOutputStream(bytes);
        Map<String, Object> plain = new TreeMap<>(message.headers());
        plain.replaceAll((name, value) ->
                value instanceof Date date ? Map.of(DATE, date.toInstant().toString()) : value);
        plain.remove(ANSWER); // from elsewhere
        if (message.answer() != null) {
            plain.put(ANSWER, message.answer());
        }
        try {
            byte[] headers = JSON.writeValueAsBytes(plain);
            out.writeInt(headers.length);
            out.write(headers);
            out.writeUTF(message.kind().name());
            out.write(message.body());
        } catch (IOException e) {
            throw new IllegalStateException("A message is plain data", e);
        }
        return bytes.toByteArray();
    }

    /** Headers and body as the first version wrote them too. */
    static KeptMessage message(byte[] content) throws IOException {
        try (var in = new DataInputStream(new ByteArrayInputStream(content))) {
            Map<String, Object> headers =
                    JSON.readValue(in.readNBytes(in.readInt()), new TypeReference<Map<String, Object>>() {});
            if (headers == null) {
                throw new IOException("no headers");
            }
            headers.replaceAll((name, value) ->
                    value instanceof Map<?, ?> date ? Date.from(Instant.parse(String.valueOf(date.get(DATE)))) : value);
            KeptMessage.Kind kind = KeptMessage.Kind.valueOf(in.readUTF());
            String answer = headers.remove(ANSWER) instanceof String text ? text : null;
            return new KeptMessage(headers, kind, in.readAllBytes(), answer);
        }
    }
}
