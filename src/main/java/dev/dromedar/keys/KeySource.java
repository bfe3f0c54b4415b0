package dev.dromedar.keys;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a private key is, as an integration team has it: as text (a JWK, a JWK set, PEM in any of its forms, or one of these
 * in base64), or in a key store (PKCS#12, JKS, or by the JCA a PKCS#11 token or the Windows store, which never give the key
 * out). Immutable; a record of what the properties say, read again at each {@link #read}.
 *
 * @param text the key itself; null if it is in a store
 * @param certificates PEM certificates beside the key, the key's own first; null if there are none or the source has them
 * @param password of an encrypted PEM key
 * @param store where a key store is; null for a key as text
 * @param keyId the {@code kid}: chooses from a JWK set, and names a key that has none of its own
 */
public record KeySource(
        @Nullable Secret text,
        @Nullable String certificates,
        @Nullable Secret password,
        @Nullable Store store,
        @Nullable String keyId) {

    /**
     * A key store of the JCA.
     *
     * @param type such as {@code PKCS12}; null: seen from the file
     * @param file null for a store without one, such as {@code Windows-MY}
     * @param alias null if it holds one key only
     */
    public record Store(
            @Nullable String type,
            @Nullable Path file,
            @Nullable Secret password,
            @Nullable String alias) {}

    public static KeySource of(Secret text) {
        return new KeySource(text, null, null, null, null);
    }

    /**
     * Reads the key.
     *
     * @throws UnusableCredential if there is none that can be used; its words follow the property key, and quote nothing
     */
    FoundKey read() {
        FoundKey found = store != null ? stored(store).read(keyId) : ofText(plain(text == null ? "" : text.reveal()));
        if (certificates == null) {
            return found;
        }
        String chain = plain(certificates);
        List<X509Certificate> own = Pem.certificates(Pem.blocks(chain));
        if (own.isEmpty()) {
            throw new UnusableCredential("has a certificate property without a -----BEGIN CERTIFICATE----- block in it"
                    + (isPath(chain) ? ": it looks like a path. Write {{secretfile:path}}" : ""));
        }
        return new FoundKey(
                found.privateKey(), found.provider(), found.publicKey(), found.keyId(), found.algorithm(), own);
    }

    /** Equal as long as the key is the same, also where it is in a file that is named here. */
    Object mark() {
        if (store == null || store.file() == null || "PKCS11".equals(store.type())) {
            return this;
        }
        return List.of(this, Secret.sha256(StoredKey.content(store.file())));
    }

    /**
     * The text of a key or of certificates without what variables and editors do to it: a byte order mark, line ends written
     * as \\n, a JSON text around it, or all of it in base64.
     */
    public static String plain(String written) {
        String text = written.startsWith("\ufeff") ? written.substring(1).strip() : written.strip();
        if (text.startsWith("\"") && text.endsWith("\"") && text.length() > 2) {
            text = unquoted(text).strip();
        }
        if (text.contains("-----BEGIN") && text.contains("\\n")) {
            return text.replace("\\r", "").replace("\\n", "\n");
        }
        if (text.matches("[A-Za-z0-9+/_=\\s-]{40,}") && !text.contains("-----")) {
            try {
                String decoded = CredentialText.of(
                        Base64.getMimeDecoder().decode(text.replace('-', '+').replace('_', '/')));
                String inside = decoded == null ? "" : decoded.strip();
                return inside.startsWith("{") || inside.contains("-----BEGIN") ? inside : text;
            } catch (IllegalArgumentException e) {
                return text;
            }
        }
        return text;
    }

    /** A text as JSON writes it, as a variable holds it that was copied from a JSON file. */
    private static String unquoted(String text) {
        try {
            return String.valueOf(Json.object(("{\"text\":" + text + "}").getBytes(StandardCharsets.UTF_8))
                    .get("text"));
        } catch (IOException e) {
            return text;
        }
    }

    /** Whether the text says where the key is instead of the key. */
    private static boolean isPath(String text) {
        return text.matches("[^\\n]{1,300}\\.(?i:pem|key|json|jwk|jwks|txt|der|crt|cer|cert|p7b|p12|pfx|jks)");
    }

    private static StoredKey stored(Store place) {
        return new StoredKey(place.type(), place.file(), place.password(), place.alias());
    }

    private FoundKey ofText(String text) {
        ClientFile file = ClientFile.of(text);
        if (file != null) {
            return ofText(file.key().reveal());
        }
        if (text.startsWith("{")) {
            return JwkText.read(text, keyId);
        }
        if (text.contains("-----BEGIN")) {
            List<Pem.Block> blocks = Pem.blocks(text);
            List<X509Certificate> own = Pem.certificates(blocks);
            return new FoundKey(Pem.privateKey(blocks, password), null, null, keyId, null, own);
        }
        throw new UnusableCredential(
                isPath(text)
                        ? "is the path of a file, not the key itself: write {{secretfile:path}} for a key in text, and"
                                + " key-store = path for PKCS#12 and JKS"
                        : text.startsWith("[")
                                ? "is a JSON array: a JWK set is an object, {\"keys\": [...]}"
                                : JwkText.UNREADABLE);
    }
}
