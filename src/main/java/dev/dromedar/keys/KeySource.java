package dev.dromedar.keys;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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

    private static final String UNREADABLE =
            "is not a key that can be read: it must be a private JWK, a JSON object like"
                    + " {\"kty\":\"RSA\",\"kid\":\"...\",\"alg\":\"PS256\",\"d\":\"...\", ...}, a JWK set, or PEM"
                    + " (-----BEGIN PRIVATE KEY-----)";
    private static final Map<String, Provider> TOKENS = new ConcurrentHashMap<>();

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

    /**
     * A private key with what is known of its public half.
     *
     * @param provider the JCA provider that alone can use it; null for a key that any can
     * @param publicKey null if the key itself and its certificate must tell it
     * @param keyId {@code kid}, where a JWK or a store says it
     * @param algorithm {@code alg}, where a JWK says it
     * @param certificates the key's own first; empty if there is none
     */
    record Found(
            PrivateKey privateKey,
            @Nullable Provider provider,
            @Nullable PublicKey publicKey,
            @Nullable String keyId,
            @Nullable String algorithm,
            List<X509Certificate> certificates) {
        @Override
        public String toString() {
            return "Found(***)";
        }
    }

    public static KeySource of(Secret text) {
        return new KeySource(text, null, null, null, null);
    }

    /**
     * Reads the key.
     *
     * @throws UnusableCredential if there is none that can be used; its words follow the property key, and quote nothing
     */
    Found read() {
        Found found = store != null ? ofStore(store) : ofText(text(text));
        if (certificates == null) {
            return found;
        }
        List<X509Certificate> own = Pem.certificates(Pem.blocks(unfolded(certificates)));
        if (own.isEmpty()) {
            throw new UnusableCredential(
                    "has a certificate property without a -----BEGIN CERTIFICATE----- block in it");
        }
        return new Found(
                found.privateKey(), found.provider(), found.publicKey(), found.keyId(), found.algorithm(), own);
    }

    /** Equal as long as the key is the same, also where it is in a file that is named here. */
    Object mark() {
        if (store == null || store.file() == null || "PKCS11".equals(store.type())) {
            return this;
        }
        return List.of(this, Secret.sha256(content(store.file())));
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

    private Found ofText(String text) {
        if (text.startsWith("{")) {
            return ofJwk(jwk(text));
        }
        if (text.contains("-----BEGIN")) {
            List<Pem.Block> blocks = Pem.blocks(text);
            List<X509Certificate> own = Pem.certificates(blocks);
            return new Found(Pem.privateKey(blocks, password), null, null, keyId, null, own);
        }
        throw new UnusableCredential(UNREADABLE);
    }

    private JWK jwk(String text) {
        Map<String, @Nullable Object> json;
        try {
            json = Json.object(text.getBytes(StandardCharsets.UTF_8));
            if (!json.containsKey("keys")) {
                JWK key = JWK.parse(Json.write(json));
                if (keyId != null && key.getKeyID() != null && !keyId.equals(key.getKeyID())) {
                    throw new UnusableCredential("has kid '" + Pieces.shown(key.getKeyID()) + "', but key-id says '"
                            + keyId + "': correct one of them");
                }
                return key;
            }
        } catch (IOException | java.text.ParseException | IllegalStateException | IllegalArgumentException e) {
            throw new UnusableCredential(UNREADABLE);
        }
        try {
            return chosen(JWKSet.parse(Json.write(json)).getKeys());
        } catch (java.text.ParseException | IllegalStateException | IllegalArgumentException e) {
            throw new UnusableCredential("is a JWK set that cannot be read: 'keys' must be an array of JWKs");
        }
    }

    private JWK chosen(List<JWK> keys) {
        List<JWK> candidates = keys.stream()
                .filter(key -> keyId == null ? key.isPrivate() : keyId.equals(key.getKeyID()))
                .toList();
        if (candidates.size() == 1) {
            return candidates.get(0);
        }
        List<String> kids =
                keys.stream().limit(10).map(key -> Pieces.shown(key.getKeyID())).toList();
        throw new UnusableCredential(
                keyId == null
                        ? "is a JWK set with " + candidates.size() + " private keys (kid " + String.join(", ", kids)
                                + "): set key-id to the kid of the one to use"
                        : candidates.isEmpty()
                                ? "is a JWK set without a key of kid '" + keyId + "': it has " + String.join(", ", kids)
                                : "is a JWK set with " + candidates.size() + " keys of kid '" + keyId
                                        + "': remove all but one");
    }

    private Found ofJwk(JWK key) {
        String type = String.valueOf(key.getKeyType());
        if (!type.equals("RSA") && !type.equals("EC")) {
            throw new UnusableCredential("has kty '" + Pieces.shown(type) + "': an RSA or EC key is needed");
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
            return new Found(
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

    private Found ofStore(Store place) {
        try {
            KeyStore loaded = loaded(place);
            String alias = alias(loaded, place);
            char[] password =
                    place.password() == null ? null : place.password().reveal().toCharArray();
            if (!(loaded.getKey(alias, password) instanceof PrivateKey key)) {
                throw new UnusableCredential("names the alias '" + alias + "', which holds no private key");
            }
            Certificate[] chain = loaded.getCertificateChain(alias);
            List<X509Certificate> own = new ArrayList<>();
            for (Certificate certificate : chain == null ? new Certificate[0] : chain) {
                own.add((X509Certificate) certificate);
            }
            return new Found(
                    key,
                    key.getEncoded() == null || "PKCS11".equals(place.type()) ? loaded.getProvider() : null,
                    null,
                    keyId,
                    null,
                    own);
        } catch (UnrecoverableKeyException e) {
            throw new UnusableCredential(
                    place.password() == null
                            ? "cannot be taken out of the key store without a password: set key-store-password"
                            : "cannot be taken out of the key store: its password is not the store's. Give both the same"
                                    + " password");
        } catch (GeneralSecurityException | ClassCastException e) {
            throw new UnusableCredential(
                    "cannot be used from the key store (" + e.getClass().getSimpleName() + ")");
        }
    }

    private static KeyStore loaded(Store place) throws GeneralSecurityException {
        char[] password =
                place.password() == null ? null : place.password().reveal().toCharArray();
        String type = place.type();
        try {
            if ("PKCS11".equals(type)) {
                KeyStore token = KeyStore.getInstance(type, token(place.file()));
                token.load(null, password);
                return token;
            }
            if (place.file() == null) {
                KeyStore system = KeyStore.getInstance(String.valueOf(type));
                system.load(null, password);
                return system;
            }
            byte[] content = content(place.file());
            if (type == null) {
                type = type(content);
            }
            KeyStore store = KeyStore.getInstance(type);
            try (InputStream in = new ByteArrayInputStream(content)) {
                store.load(in, password);
            }
            return store;
        } catch (java.security.KeyStoreException e) {
            throw new UnusableCredential(
                    "is in a key store of the type '" + type + "', which this JDK does not have on this"
                            + " system: use PKCS12, JKS, PKCS11, or Windows-MY on Windows");
        } catch (IOException e) {
            throw new UnusableCredential(
                    e.getCause() instanceof UnrecoverableKeyException
                                    || String.valueOf(e.getMessage())
                                            .toLowerCase(Locale.ROOT)
                                            .contains("password")
                                    || e.getCause() instanceof javax.security.auth.login.LoginException
                            ? "cannot be read: key-store-password is wrong"
                            : password == null
                                    ? "is in a key store that cannot be read: set key-store-password"
                                    : "is in a key store that cannot be read: it is damaged, or of another type (set"
                                            + " key-store-type)");
        }
    }

    /** By how its content begins: JKS and JCEKS have a mark, PKCS#12 its version 3 (RFC 7292 section 4). */
    private static String type(byte[] content) {
        String beginning = HexFormat.of().formatHex(content, 0, Math.min(8, content.length));
        if (beginning.startsWith("feedfeed")) {
            return "JKS";
        }
        if (beginning.startsWith("cececece")) {
            return "JCEKS";
        }
        if (beginning.startsWith("30") && beginning.contains("020103")) {
            return "PKCS12";
        }
        throw new UnusableCredential(
                "is in a file that is no key store (PKCS#12 or JKS): a key in text goes into private-key,"
                        + " and one in DER becomes text with openssl pkey -inform DER");
    }

    /** A PKCS#11 token by its configuration file; the provider is made once, since a library is loaded but once. */
    private static Provider token(@Nullable Path configuration) {
        if (configuration == null) {
            throw new UnusableCredential(
                    "needs key-store: the path of the PKCS#11 configuration (name = ..., library = ...)");
        }
        try {
            return TOKENS.computeIfAbsent(configuration.toString(), file -> {
                Provider general = Security.getProvider("SunPKCS11");
                if (general == null) {
                    throw new UnusableCredential("is on a PKCS#11 token, and this JDK has no SunPKCS11 provider");
                }
                return general.configure(file);
            });
        } catch (RuntimeException e) {
            if (e instanceof UnusableCredential) {
                throw e;
            }
            throw new UnusableCredential(
                    "is on a PKCS#11 token that cannot be opened: check 'library' and 'slot' in " + configuration);
        }
    }

    private static byte[] content(Path file) {
        try {
            if (Files.size(file) > 4 * 1024 * 1024) {
                throw new UnusableCredential(
                        "is in '" + file + "', which is larger than 4 MiB: it cannot be a key store");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new UnusableCredential("is in a key store that is not there: there is no file '" + file + "'");
        } catch (IOException e) {
            throw new UnusableCredential("is in a key store that cannot be read: '" + file + "' ("
                    + e.getClass().getSimpleName() + ")");
        }
    }

    private static String alias(KeyStore store, Store place) throws GeneralSecurityException {
        List<String> aliases = new ArrayList<>();
        for (String alias : Collections.list(store.aliases())) {
            if (store.isKeyEntry(alias)) {
                aliases.add(alias);
            }
        }
        String wanted = place.alias();
        if (wanted != null) {
            // As the store spells it: JKS and PKCS#12 pass over case, a token does not
            return aliases.stream()
                    .filter(wanted::equalsIgnoreCase)
                    .max(Comparator.comparing(wanted::equals))
                    .orElseThrow(
                            () -> new UnusableCredential("is not in the key store: there is no key with the alias '"
                                    + wanted + "', only "
                                    + (aliases.isEmpty() ? "none at all" : String.join(", ", aliases))));
        }
        if (aliases.size() != 1) {
            throw new UnusableCredential(
                    aliases.isEmpty()
                            ? "is not in the key store: it holds no private key, only certificates"
                            : "is one of several in the key store: set key-alias to one of "
                                    + String.join(", ", aliases));
        }
        return aliases.get(0);
    }

    /** Small words for messages. */
    private static final class Pieces {
        private Pieces() {}

        static String shown(@Nullable String word) {
            return word == null ? "(none)" : word.matches("[\\w+/=.:~-]{1,100}") ? word : "?";
        }
    }
}
