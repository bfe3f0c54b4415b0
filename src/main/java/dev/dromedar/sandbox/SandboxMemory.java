package dev.dromedar.sandbox;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.jwk.JWK;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.util.Base64;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a sandbox with a folder of its own is to be again when it starts anew: its ports, its clients with their keys and
 * secrets, and the key that signs its certificates. In one file that only its owner can read; nothing is kept of a sandbox in a
 * temporary folder. Not thread-safe.
 */
final class SandboxMemory {
    private static final String FILE = "sandbox.json";

    private final SandboxFolder folder;
    private final ObjectNode kept;

    SandboxMemory(SandboxFolder folder) {
        this.folder = folder;
        String text = folder.read(FILE);
        ObjectNode read = text == null ? null : Json.readObject(text);
        if (text != null && read == null) {
            throw new IllegalArgumentException(folder.resolve(FILE)
                    + " is not what a sandbox has written. Delete it: the sandbox then makes new keys.");
        }
        this.kept = read == null ? Json.object() : read;
    }

    /** The port that an origin had; otherwise the one given. */
    int port(String origin, int wanted) {
        return wanted != 0 ? wanted : kept.path("ports").path(origin).asInt(0);
    }

    void keepPort(String origin, int port) {
        kept.withObject("/ports").put(origin, port);
    }

    /** The client of an API, registered with its authority: with the id, and the key or secret, that it had. */
    Client client(Registration registration, Authority authority) {
        String name = registration.name();
        Client client = authority.register(
                clientId(name, registration.clientId()),
                Set.of(registration.scope().split(" ", -1)),
                registration.dpop());
        String algorithm = registration.algorithm();
        String secret = registration.secret();
        if (algorithm != null) {
            client.addKey(key(name, () -> Client.newKey(algorithm)));
        } else {
            client.secret(secret != null ? secret : secret(name));
        }
        return client;
    }

    private String clientId(String api, String otherwise) {
        String id = kept.path("clients").path(api).path("id").asText(otherwise);
        kept.withObject("/clients").withObject("/" + api).put("id", id);
        return id;
    }

    private String secret(String api) {
        String secret = kept.path("clients").path(api).path("secret").asText("");
        if (secret.isEmpty()) {
            secret = newSecret();
            kept.withObject("/clients").withObject("/" + api).put("secret", secret);
        }
        return secret;
    }

    /** Random, with the characters that go wrong when a secret is not encoded (RFC 6749 section 2.3.1). */
    private static String newSecret() {
        byte[] random = new byte[18];
        new SecureRandom().nextBytes(random);
        return "s:%2B+& " + Base64.getUrlEncoder().encodeToString(random);
    }

    private JWK key(String api, Supplier<JWK> made) {
        String text = kept.path("clients").path(api).path("key").asText("");
        try {
            if (!text.isEmpty()) {
                return JWK.parse(text);
            }
        } catch (ParseException e) {
            throw new IllegalArgumentException(
                    folder.resolve(FILE) + " holds no key for " + api + ". Delete it: the sandbox then makes new keys.",
                    e);
        }
        JWK key = made.get();
        kept.withObject("/clients").withObject("/" + api).put("key", key.toJSONString());
        return key;
    }

    /** The key of the certificate authority; null if there is none yet. */
    @Nullable
    KeyPair certificateKey() {
        var key = kept.path("certificates");
        try {
            if (key.isMissingNode()) {
                return null;
            }
            var factory = KeyFactory.getInstance("EC");
            return new KeyPair(
                    factory.generatePublic(
                            new X509EncodedKeySpec(decoded(key.path("public").asText()))),
                    factory.generatePrivate(
                            new PKCS8EncodedKeySpec(decoded(key.path("private").asText()))));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    folder.resolve(FILE)
                            + " holds no key for certificates. Delete it: the sandbox then makes new keys.",
                    e);
        }
    }

    void keepCertificateKey(KeyPair key) {
        kept.withObject("/certificates")
                .put(
                        "public",
                        Base64.getEncoder().encodeToString(key.getPublic().getEncoded()))
                .put(
                        "private",
                        Base64.getEncoder().encodeToString(key.getPrivate().getEncoded()));
    }

    private static byte[] decoded(String text) {
        return Base64.getDecoder().decode(text);
    }

    /** Writes the file, unless the folder is temporary. */
    void save() {
        if (!folder.isTemporary()) {
            folder.write(FILE, Json.write(kept));
        }
    }
}
