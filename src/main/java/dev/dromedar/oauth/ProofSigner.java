package dev.dromedar.oauth;

import dev.dromedar.keys.Followed;
import dev.dromedar.keys.Json;
import dev.dromedar.keys.SigningKey;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Signs DPoP proofs with one key (RFC 9449 section 4.2). The header is encoded once and the claims are written once,
 * because beside a native signature a general JWT builder is the larger half of the cost. Thread-safe; does no I/O.
 */
final class ProofSigner {
    private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

    /** Of ES256 in base64url; longer ones get another array. */
    private static final int LONGEST_SIGNATURE = 86;

    private final SigningKey key;
    private final byte[] header;

    ProofSigner(SigningKey key) {
        this.key = key;
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("typ", "dpop+jwt");
        members.put("alg", key.algorithm().name());
        members.put("jwk", key.publicJwk());
        this.header = BASE64URL.encode(Json.write(members).getBytes(StandardCharsets.UTF_8));
    }

    /** The signer of each moment, as a key changes. */
    static Supplier<ProofSigner> following(Followed<SigningKey> key) {
        var last = new AtomicReference<>(new ProofSigner(key.current()));
        return () -> {
            SigningKey now = key.current();
            return last.updateAndGet(signer -> signer.key().thumbprint().equals(now.thumbprint())
                            && signer.key().algorithm() == now.algorithm()
                    ? signer
                    : new ProofSigner(now));
        };
    }

    SigningKey key() {
        return key;
    }

    /**
     * A proof for one request; each has a new {@code jti}. Query and fragment of the target are dropped (section 4.2,
     * {@code htu}).
     *
     * @param method the HTTP method as it will be sent
     * @param target the absolute URI as it will be sent
     * @param tokenHash {@code ath}, the {@link AccessToken#hash()} of the token beside it; null at the token endpoint
     * @param nonce the newest nonce from that server, or null if it has sent none (sections 8 and 9)
     * @param issuedAt {@code iat}, in seconds since 1970 on the clock of that server
     */
    String sign(String method, URI target, @Nullable String tokenHash, @Nullable String nonce, long issuedAt) {
        byte[] claims = BASE64URL.encode(claims(method, target, tokenHash, nonce, issuedAt));
        // What is signed (RFC 7515 section 5.1), in an array that the signature then fits into (section 7.1)
        int length = header.length + 1 + claims.length;
        byte[] proof = Arrays.copyOf(header, length + 1 + LONGEST_SIGNATURE);
        proof[header.length] = '.';
        System.arraycopy(claims, 0, proof, header.length + 1, claims.length);
        byte[] signature = BASE64URL.encode(key.sign(proof, length));
        if (signature.length > LONGEST_SIGNATURE) {
            proof = Arrays.copyOf(proof, length + 1 + signature.length);
        }
        proof[length] = '.';
        System.arraycopy(signature, 0, proof, length + 1, signature.length);
        return new String(proof, 0, length + 1 + signature.length, StandardCharsets.ISO_8859_1);
    }

    byte[] claims(String method, URI target, @Nullable String tokenHash, @Nullable String nonce, long issuedAt) {
        var claims = new StringBuilder(320);
        claims.append("{\"jti\":\"").append(new String(Ids.next(), StandardCharsets.ISO_8859_1));
        claims.append("\",\"htm\":\"").append(escaped(method));
        claims.append("\",\"htu\":\"").append(escaped(withoutQuery(target)));
        claims.append("\",\"iat\":").append(issuedAt);
        if (tokenHash != null) {
            claims.append(",\"ath\":\"").append(tokenHash).append('"');
        }
        if (nonce != null) {
            claims.append(",\"nonce\":\"").append(escaped(nonce)).append('"');
        }
        return claims.append('}').toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String withoutQuery(URI target) {
        String uri = target.toASCIIString();
        for (int i = 0; i < uri.length(); i++) {
            if (uri.charAt(i) == '?' || uri.charAt(i) == '#') {
                return uri.substring(0, i);
            }
        }
        return uri;
    }

    /** A JSON string's inside. What comes here is nearly always plain, so the plain case costs one look. */
    private static String escaped(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~' || c == '"' || c == '\\') {
                String quoted = Json.write(text);
                return quoted.substring(1, quoted.length() - 1);
            }
        }
        return text;
    }
}
