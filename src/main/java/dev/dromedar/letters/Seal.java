package dev.dromedar.letters;

import dev.dromedar.keys.Secret;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals what is at rest with AES-256 in GCM: unreadable without the key, and a changed or moved piece does not open. A new
 * random nonce each time; at 2^32 letters under one key it would be time for a new key (NIST SP 800-38D section 8.3).
 * Thread-safe.
 */
final class Seal {
    private static final String CURE =
            "must be base64 of 32 random bytes. Make one: openssl rand -base64 32 > secrets/dead-letters.key";
    private static final int NONCE = 12;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final SecretKeySpec key;
    private final String keyId;

    Seal(Secret secret) {
        byte[] bytes = bytes(secret);
        key = new SecretKeySpec(bytes, "AES");
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            keyId = HexFormat.of().formatHex(digest, 0, 4);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }

    /** @throws IllegalArgumentException if it is no key; the message does not quote it */
    static void check(Secret secret) {
        bytes(secret);
    }

    private static byte[] bytes(Secret secret) {
        try {
            byte[] bytes = Base64.getDecoder().decode(secret.reveal().strip());
            if (bytes.length == 32) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            // reported below, without its words: they would quote the key
        }
        throw new IllegalArgumentException(CURE);
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
