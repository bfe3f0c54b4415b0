package dev.dromedar.oauth;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Signs DPoP proofs with one key (RFC 9449 section 4.2). The header is encoded once and the claims are written once,
 * because beside a native signature a general JWT builder is the larger half of the cost. Thread-safe; does no I/O.
 */
final class ProofSigner {
    private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

    private final SigningKey key;
    private final SecureRandom random = new SecureRandom();
    private final String encodedHeader;

    ProofSigner(SigningKey key) {
        this.key = key;
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("typ", "dpop+jwt");
        header.put("alg", key.algorithm().name());
        header.put("jwk", key.publicJwk());
        this.encodedHeader = base64url(Json.write(header)) + '.';
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
        var claims = new StringBuilder(320);
        claims.append("{\"jti\":\"").append(newId());
        claims.append("\",\"htm\":\"").append(escaped(method));
        claims.append("\",\"htu\":\"").append(escaped(withoutQuery(target)));
        claims.append("\",\"iat\":").append(issuedAt);
        if (tokenHash != null) {
            claims.append(",\"ath\":\"").append(tokenHash).append('"');
        }
        if (nonce != null) {
            claims.append(",\"nonce\":\"").append(escaped(nonce)).append('"');
        }
        claims.append('}');
        String input = encodedHeader + base64url(claims.toString());
        return input + '.' + BASE64URL.encodeToString(key.sign(input.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** 128 random bits, in base64url (section 4.2 asks for 96 or more). */
    private String newId() {
        byte[] id = new byte[16];
        random.nextBytes(id);
        return BASE64URL.encodeToString(id);
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

    private static String base64url(String text) {
        return BASE64URL.encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
