package dev.dromedar.oauth;

import dev.dromedar.keys.Secret;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An access token as the authority gave it (RFC 6749 section 5.1).
 *
 * @param value kept as the {@code Authorization} header is sent, which each call takes as it is
 * @param proof whether it is bound to our DPoP key (RFC 9449 section 5); otherwise it is a Bearer token
 * @param hash {@code ath}: the base64url SHA-256 of the value (RFC 9449 section 4.2)
 * @param scope what was granted, as far as the authority says
 * @param rejectedScope HelseID's {@code rejected_scope}: asked for, not granted
 * @param mintedAt on this machine's clock
 * @param lifetime how long it is good for, from {@code mintedAt}
 * @param signer signs the proofs for it, with the key that it is bound to; null for a Bearer token
 */
public record AccessToken(
        Secret value,
        boolean proof,
        String hash,
        Set<String> scope,
        Set<String> rejectedScope,
        Instant mintedAt,
        Duration lifetime,
        @Nullable ProofSigner signer) {

    public AccessToken {
        scope = Set.copyOf(scope);
        rejectedScope = Set.copyOf(rejectedScope);
        value = Secret.of(scheme(proof) + value.reveal());
    }

    private static String scheme(boolean proof) {
        return proof ? "DPoP " : "Bearer ";
    }

    /** What the authority gave as {@code access_token}. */
    @Override
    public Secret value() {
        return Secret.of(value.reveal().substring(scheme(proof).length()));
    }

    static String hashOf(String value) {
        return Secret.sha256(value.getBytes(StandardCharsets.US_ASCII));
    }

    /** The value of the {@code Authorization} header (RFC 6750 section 2.1, RFC 9449 section 7.1). */
    String authorization() {
        return value.reveal();
    }

    public Instant expiresAt() {
        return mintedAt.plus(lifetime);
    }

    @Override
    public String toString() {
        return "AccessToken(***, " + (proof ? "DPoP" : "Bearer") + ", expires " + expiresAt() + ")";
    }
}
