package dev.dromedar.keys;

import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A private key with what is known of its public half.
 *
 * @param provider the JCA provider that alone can use it; null for a key that any can
 * @param publicKey null if the key itself and its certificate must contain it
 * @param keyId {@code kid}, where a JWK or a store says it
 * @param algorithm {@code alg}, where a JWK says it
 * @param certificates the key's own first; empty if there is none
 */
record FoundKey(
        PrivateKey privateKey,
        @Nullable Provider provider,
        @Nullable PublicKey publicKey,
        @Nullable String keyId,
        @Nullable String algorithm,
        List<X509Certificate> certificates) {
    @Override
    public String toString() {
        return "FoundKey(***)";
    }
}
