package dev.dromedar.keys;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.util.Base64;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
        Map<String, @Nullable Object> json;
        try {
            json = Json.object(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UnusableCredential("begins like a JWK and is no JSON, or has a name twice"
                    + String.valueOf(e.getMessage()).replaceFirst("^[^(]*", " ").stripTrailing()
                    + (text.contains("\"") ? "" : ": its quotes are lost, as a shell does. Put it into a file"));
        }
        if (json.containsKey("keys")) {
            return found(JwkMembers.checked(chosen(json.get("keys"), keyId)), keyId);
        }
        if (!json.containsKey("kty") && json.keySet().stream().noneMatch(List.of("n", "x", "d", "kid")::contains)) {
            throw new UnusableCredential(UNREADABLE);
        }
        Map<String, Object> members = JwkMembers.checked(json);
        Object kid = members.get("kid");
        if (keyId != null && kid != null && !keyId.equals(kid)) {
            throw new UnusableCredential("has kid '" + JwkMembers.shown(String.valueOf(kid)) + "', but key-id says '"
                    + keyId + "': correct one of them");
        }
        return found(members, keyId);
    }

    private static Map<String, @Nullable Object> chosen(@Nullable Object set, @Nullable String keyId) {
        List<Map<String, @Nullable Object>> keys = new ArrayList<>();
        for (Object one : set instanceof List<?> list ? list : List.of("none")) {
            if (!(one instanceof Map<?, ?>)) {
                throw new UnusableCredential("is a JWK set that cannot be read: 'keys' must be an array of JWKs");
            }
            @SuppressWarnings("unchecked") // JSON has no other names than texts
            var key = (Map<String, @Nullable Object>) one;
            keys.add(key);
        }
        List<Map<String, @Nullable Object>> candidates = keys.stream()
                .filter(key -> keyId == null ? key.get("d") != null : keyId.equals(key.get("kid")))
                .toList();
        if (candidates.size() == 1) {
            return candidates.get(0);
        }
        List<String> kids = keys.stream()
                .limit(10)
                .map(key -> JwkMembers.shown(Objects.toString(key.get("kid"), null)))
                .toList();
        throw new UnusableCredential(
                keyId == null
                        ? "is a JWK set with " + candidates.size() + " private keys (kid " + String.join(", ", kids)
                                + "): set key-id to the kid of the one to use"
                        : candidates.isEmpty()
                                ? "is a JWK set without a key of kid '" + keyId + "': it has " + String.join(", ", kids)
                                : "is a JWK set with " + candidates.size() + " keys of kid '" + keyId
                                        + "': remove all but one");
    }

    private static FoundKey found(Map<String, Object> members, @Nullable String keyId) {
        List<X509Certificate> own = new ArrayList<>();
        if (members.remove("x5c") instanceof List<?> chain) {
            chain.forEach(one -> own.add(Pem.certificate(new Base64(String.valueOf(one)).decode())));
        }
        try {
            JWK key = JWK.parse(members);
            PrivateKey privateKey =
                    key instanceof ECKey ec ? ec.toPrivateKey() : key.toRSAKey().toPrivateKey();
            PublicKey publicKey =
                    key instanceof ECKey ec ? ec.toPublicKey() : key.toRSAKey().toPublicKey();
            return new FoundKey(
                    privateKey,
                    null,
                    publicKey,
                    key.getKeyID() == null ? keyId : key.getKeyID(),
                    key.getAlgorithm() == null ? null : key.getAlgorithm().getName(),
                    own);
        } catch (Exception e) {
            throw new UnusableCredential("cannot be used: the key's numbers do not fit together");
        }
    }
}
