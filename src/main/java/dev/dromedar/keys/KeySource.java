package dev.dromedar.keys;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a private key is, as an integration team has it: as text (a JWK, a JWK set, PEM in any of its forms, or one of these
 * in base64), or in a key store (PKCS#12, JKS, or by the JCA a PKCS#11 token or the Windows store, which never give the key
 * out). Immutable; a record of what the properties say, read anew at each {@link #read}.
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
        FoundKey found = store != null ? stored(store).read(keyId) : ofText(text(text));
        if (certificates == null) {
            return found;
        }
        List<X509Certificate> own = Pem.certificates(Pem.blocks(unfolded(certificates)));
        if (own.isEmpty()) {
            throw new UnusableCredential(
                    "has a certificate property without a -----BEGIN CERTIFICATE----- block in it");
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

    private static String text(@Nullable Secret text) {
        String read = text == null ? "" : text.reveal().strip();
        return unfolded(
                read.startsWith("\ufeff") ? read.substring(1).strip() : read); // as Windows' editors begin a file
    }

    /** A variable cannot hold lines everywhere: line ends written as \n, and a whole text in base64, are undone. */
    private static String unfolded(String text) {
        if (text.contains("-----BEGIN") && text.contains("\\n")) {
            return text.replace("\\r", "").replace("\\n", "\n");
        }
        if (text.matches("[A-Za-z0-9+/_=\\s-]{40,}") && !text.contains("-----")) {
            try {
                String decoded = new String(
                        Base64.getMimeDecoder().decode(text.replace('-', '+').replace('_', '/')),
                        StandardCharsets.UTF_8);
                return decoded.startsWith("{") || decoded.startsWith("-----BEGIN") ? decoded.strip() : text;
            } catch (IllegalArgumentException e) {
                return text;
            }
        }
        return text;
    }

    private static StoredKey stored(Store place) {
        return new StoredKey(place.type(), place.file(), place.password(), place.alias());
    }

    private FoundKey ofText(String text) {
        if (text.startsWith("{")) {
            return JwkText.read(text, keyId);
        }
        if (text.contains("-----BEGIN")) {
            List<Pem.Block> blocks = Pem.blocks(text);
            List<X509Certificate> own = Pem.certificates(blocks);
            return new FoundKey(Pem.privateKey(blocks, password), null, null, keyId, null, own);
        }
        throw new UnusableCredential(JwkText.UNREADABLE);
    }
}
