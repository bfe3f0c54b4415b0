package dev.dromedar.keys;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Security;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A private key in a key store of the JCA.
 *
 * @param type such as {@code PKCS12}; null: seen from the file
 * @param file null for a store without one, such as {@code Windows-MY}
 * @param alias null if it holds one key only
 */
record StoredKey(
        @Nullable String type,
        @Nullable Path file,
        @Nullable Secret password,
        @Nullable String alias) {

    private static final Map<String, Provider> TOKENS = new ConcurrentHashMap<>();

    /** @throws UnusableCredential if there is no one key that can be used */
    FoundKey read(@Nullable String keyId) {
        try {
            KeyStore loaded = loaded();
            String chosen = chosen(loaded);
            if (!(key(loaded, chosen) instanceof PrivateKey key)) {
                throw new UnusableCredential("names the alias '" + chosen + "', which holds no private key");
            }
            Certificate[] chain = loaded.getCertificateChain(chosen);
            List<X509Certificate> own = new ArrayList<>();
            for (Certificate certificate : chain == null ? new Certificate[0] : chain) {
                own.add((X509Certificate) certificate);
            }
            return new FoundKey(
                    key,
                    key.getEncoded() == null || "PKCS11".equals(type) ? loaded.getProvider() : null,
                    null,
                    keyId,
                    null,
                    own);
        } catch (UnrecoverableKeyException e) {
            throw new UnusableCredential(
                    password == null
                            ? "cannot be taken out of the key store without a password: set key-store-password"
                            : "cannot be taken out of the key store: its password is not the store's. Give both the same"
                                    + " password");
        } catch (GeneralSecurityException | ClassCastException e) {
            throw new UnusableCredential(
                    "cannot be used from the key store (" + e.getClass().getSimpleName() + ")");
        }
    }

    private KeyStore loaded() throws GeneralSecurityException {
        char[] letters = letters();
        try {
            if ("PKCS11".equals(type)) {
                KeyStore token = KeyStore.getInstance(type, token(file));
                token.load(null, letters);
                return token;
            }
            if (file == null) {
                KeyStore system = KeyStore.getInstance(String.valueOf(type));
                system.load(null, letters);
                return system;
            }
            byte[] content = content(file);
            String kind = type == null ? type(content) : type;
            if (letters == null && kind.equals("PKCS12")) {
                try {
                    return loaded(kind, content, new char[0]); // without a password is with an empty one, mostly
                } catch (IOException e) {
                    // then what is not encrypted at all can be read
                }
            }
            return loaded(kind, content, letters);
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

    private @Nullable Key key(KeyStore store, String chosen) throws GeneralSecurityException {
        char[] letters = letters();
        return letters == null && "PKCS12".equals(store.getType())
                ? store.getKey(chosen, new char[0])
                : store.getKey(chosen, letters);
    }

    private static KeyStore loaded(String type, byte[] content, char @Nullable [] letters)
            throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(type);
        try (InputStream in = new ByteArrayInputStream(content)) {
            store.load(in, letters);
        }
        return store;
    }

    private char @Nullable [] letters() {
        return password == null ? null : password.reveal().toCharArray();
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
                "is in a file that is no key store (PKCS#12 or JKS): a key in a file of PEM, JWK or DER"
                        + " is private-key = {{secretfile:path}}");
    }

    /** A PKCS#11 token by its configuration file; the provider is made once, since a library is loaded but once. */
    private static Provider token(@Nullable Path configuration) {
        if (configuration == null) {
            throw new UnusableCredential(
                    "needs key-store: the path of the PKCS#11 configuration (name = ..., library = ...)");
        }
        try {
            return TOKENS.computeIfAbsent(configuration.toString(), path -> {
                Provider general = Security.getProvider("SunPKCS11");
                if (general == null) {
                    throw new UnusableCredential("is on a PKCS#11 token, and this JDK has no SunPKCS11 provider");
                }
                return general.configure(path);
            });
        } catch (RuntimeException e) {
            if (e instanceof UnusableCredential) {
                throw e;
            }
            throw new UnusableCredential(
                    "is on a PKCS#11 token that cannot be opened: check 'library' and 'slot' in " + configuration);
        }
    }

    static byte[] content(Path file) {
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

    private String chosen(KeyStore store) throws GeneralSecurityException {
        List<String> aliases = new ArrayList<>();
        for (String one : Collections.list(store.aliases())) {
            if (store.isKeyEntry(one)) {
                aliases.add(one);
            }
        }
        String wanted = alias;
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
}
