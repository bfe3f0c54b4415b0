package dev.dromedar.oauth;

import dev.dromedar.keys.NativeProvider;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Ids for {@code jti}: 128 random bits in base64url, where RFC 9449 section 4.2 asks for 96 or more. Drawn many at a time,
 * because for one the generator costs as much as all else of a proof but its signature. Thread-safe.
 */
final class Ids {
    private static final int BYTES = 16;
    private static final int BATCH = 64;
    private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();
    private static final SecureRandom RANDOM = generator();
    private static final ReentrantLock LOCK = new ReentrantLock();
    private static final byte[] DRAWN = new byte[BYTES * BATCH];
    private static int next = DRAWN.length;

    private Ids() {}

    static byte[] next() {
        byte[] id;
        LOCK.lock();
        try {
            if (next == DRAWN.length) {
                RANDOM.nextBytes(DRAWN);
                next = 0;
            }
            id = Arrays.copyOfRange(DRAWN, next, next + BYTES);
            next += BYTES;
        } finally {
            LOCK.unlock();
        }
        return BASE64URL.encode(id);
    }

    /** The JDK's DRBG gives many bytes at a fifth of the price of its default, which reads the operating system's for each. */
    private static SecureRandom generator() {
        try {
            return NativeProvider.found() != null
                    ? SecureRandom.getInstance("LibCryptoRng", NativeProvider.found())
                    : SecureRandom.getInstance("DRBG");
        } catch (NoSuchAlgorithmException e) {
            return new SecureRandom();
        }
    }
}
