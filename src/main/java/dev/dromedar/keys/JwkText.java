package dev.dromedar.keys;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A private key from a JWK or a JWK set (RFC 7517). Pure functions. */
final class JwkText {
    static final String UNREADABLE = "is not a key that can be read: it must be a private JWK, a JSON object like"
            + " {\"kty\":\"RSA\",\"kid\":\"...\",\"alg\":\"PS256\",\"d\":\"...\", ...}, a JWK set, or PEM"
            + " (-----BEGIN PRIVATE KEY-----)";

    private JwkText() {}

    /**
     * @param keyId chooses from a set, and names a key that has no name
     * @throws UnusableCredential if there is no one private key; quotes nothing
     */
    static FoundKey read(String text, @Nullable String keyId) {
        return found(jwk(text, keyId), keyId);
    }

    private static JWK jwk(String text, @Nullable String keyId) {
        Map<String, @Nullable Object> json;
        try {
            json = Json.object(text.getBytes(StandardCharsets.UTF_8));
            if (!json.containsKey("keys")) {
                JWK key = JWK.parse(Json.write(json));
                if (keyId != null && key.getKeyID() != null && !keyId.equals(key.getKeyID())) {
                    throw new UnusableCredential("has kid '" + shown(key.getKeyID()) + "', but key-id says '" + keyId
                            + "': correct one of them");
                }
                return key;
            }
        } catch (IOException | java.text.ParseException | IllegalStateException | IllegalArgumentException e) {
            throw new UnusableCredential(UNREADABLE);
        }
        try {
            return chosen(JWKSet.parse(Json.write(json)).getKeys(), keyId);
        } catch (java.text.ParseException | IllegalStateException | IllegalArgumentException e) {
            throw new UnusableCredential("is a JWK set that cannot be read: 'keys' must be an array of JWKs");
        }
    }

    private static JWK chosen(List<JWK> keys, @Nullable String keyId) {
        List<JWK> candidates = keys.stream()
                .filter(key -> keyId == null ? key.isPrivate() : keyId.equals(key.getKeyID()))
                .toList();
        if (candidates.size() == 1) {
            return candidates.get(0);
        }
        List<String> kids =
                keys.stream().limit(10).map(key -> shown(key.getKeyID())).toList();
        throw new UnusableCredential(
                keyId == null
                        ? "is a JWK set with " + candidates.size() + " private keys (kid " + String.join(", ", kids)
                                + "): set key-id to the kid of the one to use"
                        : candidates.isEmpty()
                                ? "is a JWK set without a key of kid '" + keyId + "': it has " + String.join(", ", kids)
                                : "is a JWK set with " + candidates.size() + " keys of kid '" + keyId
                                        + "': remove all but one");
    }

    private static FoundKey found(JWK key, @Nullable String keyId) {
        String type = String.valueOf(key.getKeyType());
        if (!type.equals("RSA") && !type.equals("EC")) {
            throw new UnusableCredential("has kty '" + shown(type) + "': an RSA or EC key is needed");
        }
        if (!key.isPrivate()) {
            throw new UnusableCredential("is a public key: the private key is needed (a JWK with the member 'd')");
        }
        try {
            PrivateKey privateKey =
                    key instanceof ECKey ec ? ec.toPrivateKey() : key.toRSAKey().toPrivateKey();
            PublicKey publicKey =
                    key instanceof ECKey ec ? ec.toPublicKey() : key.toRSAKey().toPublicKey();
            List<X509Certificate> own = key.getParsedX509CertChain();
            return new FoundKey(
                    privateKey,
                    null,
                    publicKey,
                    key.getKeyID() == null ? keyId : key.getKeyID(),
                    key.getAlgorithm() == null ? null : key.getAlgorithm().getName(),
                    own == null ? List.of() : own);
        } catch (Exception e) {
            throw new UnusableCredential("cannot be used: the key's numbers do not fit together");
        }
    }

    /** A key's own word in a message: short, and nothing that breaks a line. */
    private static String shown(@Nullable String word) {
        return word == null ? "(none)" : word.matches("[\\w+/=.:~-]{1,100}") ? word : "?";
    }
}
