package dev.dromedar.letters;

import dev.dromedar.keys.MadeKey;
import dev.dromedar.keys.Secret;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Seals what is at rest with AES-256 in GCM: unreadable without the key, and a changed or moved piece does not open. A new
 * random nonce each time; at 2^32 letters under one key it would be time for a new key (NIST SP 800-38D section 8.3).
 * Thread-safe.
 */
final class Seal {
    private static final String CURE =
            "must be base64 of 32 random bytes; keys before it may follow. Make one: openssl rand -base64 32 > secrets/dead-letters.key";
    private static final int NONCE = 12;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final SecretKeySpec key;
    private final String keyId;
    /** Of the keys before this one, by their ids: they open what they have sealed, and seal nothing. */
    private final Map<String, Seal> former;

    /** @param keys base64 of a key; those before it may follow, separated by spaces or line ends */
    Seal(Secret keys) {
        this(keys(keys).get(0), formerOf(keys(keys)));
    }

    private Seal(byte[] bytes, Map<String, Seal> former) {
        this.former = former;
        key = new SecretKeySpec(bytes, "AES");
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            keyId = HexFormat.of().formatHex(digest, 0, 4);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }

    /** @throws IllegalArgumentException if one is no key; the message does not quote it */
    static void check(Secret secret) {
        keys(secret);
    }

    private static List<byte[]> keys(Secret secret) {
        return Stream.of(secret.reveal().strip().split("\\s+"))
                .map(key -> MadeKey.bytes(Secret.of(key), CURE))
                .toList();
    }

    private static Map<String, Seal> formerOf(List<byte[]> keys) {
        Map<String, Seal> former = new LinkedHashMap<>();
        keys.stream().skip(1).map(key -> new Seal(key, Map.of())).forEach(seal -> former.put(seal.keyId, seal));
        return Map.copyOf(former);
    }

    /** What opens with the key of that id, or null if it is none of these. */
    @Nullable
    Seal ofKey(@Nullable String id) {
        return keyId.equals(id) ? this : id == null ? null : former.get(id);
    }

    /** The ids of all keys, the one that seals first. */
    List<String> keyIds() {
        return Stream.concat(Stream.of(keyId), former.keySet().stream()).toList();
    }

    /** Distinguishes keys without showing the key: the first 4 bytes of its SHA-256 in hex. */
    String keyId() {
        return keyId;
    }

    /** @param bound what is beside these bytes; they open only with the same */
    byte[] seal(byte[] open, byte[] bound) {
        byte[] nonce = new byte[NONCE];
        RANDOM.nextBytes(nonce);
        byte[] closed = run(Cipher.ENCRYPT_MODE, nonce, open, 0, bound, "");
        byte[] sealed = Arrays.copyOf(nonce, NONCE + closed.length);
        System.arraycopy(closed, 0, sealed, NONCE, closed.length);
        return sealed;
    }

    /**
     * Opens what {@link #seal} has sealed.
     *
     * @param what for the message
     * @throws StoreFailure if the bytes, or what is beside them, were changed
     */
    byte[] open(byte[] sealed, byte[] bound, String what) {
        if (sealed.length < NONCE) {
            throw changed(what);
        }
        return run(Cipher.DECRYPT_MODE, Arrays.copyOf(sealed, NONCE), sealed, NONCE, bound, what);
    }

    private byte[] run(int mode, byte[] nonce, byte[] input, int from, byte[] bound, String what) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, key, new GCMParameterSpec(128, nonce));
            cipher.updateAAD(bound);
            return cipher.doFinal(input, from, input.length - from);
        } catch (javax.crypto.AEADBadTagException e) {
            throw changed(what);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JDK has AES-GCM", e);
        }
    }

    private static StoreFailure changed(String what) {
        return new StoreFailure(
                what + " does not open: something of it was changed after it was sealed. It is not replayed."
                        + " Restore it from a backup, or discard it.");
    }
}
