package dev.dromedar.oauth;

import com.nimbusds.jose.Algorithm;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import dev.dromedar.keys.ClientFile;
import dev.dromedar.keys.CredentialText;
import dev.dromedar.keys.Json;
import dev.dromedar.keys.KeySource;
import dev.dromedar.keys.Pem;
import dev.dromedar.keys.Secret;
import dev.dromedar.keys.SignatureAlgorithm;
import dev.dromedar.keys.SigningKey;
import dev.dromedar.keys.UnusableCredential;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.AclEntry;
import java.nio.file.attribute.AclEntryPermission;
import java.nio.file.attribute.AclEntryType;
import java.nio.file.attribute.AclFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A file with a private key: makes one for a new client, and describes what a file holds, without its private part. */
public final class KeyFile {
    private KeyFile() {}

    /**
     * Makes a private key in a new file that its owner alone may read, as a JWK with the thumbprint of RFC 7638 as its
     * {@code kid}.
     *
     * @param bits of an RSA key, from 2048 to 8192; a curve's algorithm says its size
     * @return the public JWK, to register with the authority
     * @throws InvalidSettings if the file exists: it may be in use, and is never overwritten
     * @throws IOException if the file cannot be written; then it is not there
     */
    public static String make(Path file, SignatureAlgorithm algorithm, int bits) throws IOException {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw exists(file); // before a large key is computed for nothing
        }
        JWK key = jwk(SigningKey.generatePair(algorithm, bits), algorithm);
        try {
            writeForOwnerOnly(file, key.toJSONString());
        } catch (FileAlreadyExistsException e) {
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                throw exists(file);
            }
            throw e; // a file stands where its folder should be
        }
        return key.toPublicJWK().toJSONString();
    }

    private static InvalidSettings exists(Path file) {
        return new InvalidSettings(file + " already exists and may be in use. Name another file");
    }

    /** A new JWK, with the thumbprint of RFC 7638 as its {@code kid}. */
    static JWK jwk(KeyPair pair, SignatureAlgorithm algorithm) {
        try {
            Algorithm alg = JWSAlgorithm.parse(algorithm.name());
            return algorithm.keyType().equals("EC")
                    ? new ECKey.Builder(Curve.parse(algorithm.curve()), (ECPublicKey) pair.getPublic())
                            .privateKey(pair.getPrivate())
                            .algorithm(alg)
                            .keyUse(KeyUse.SIGNATURE)
                            .keyIDFromThumbprint()
                            .build()
                    : new RSAKey.Builder((RSAPublicKey) pair.getPublic())
                            .privateKey(pair.getPrivate())
                            .algorithm(alg)
                            .keyUse(KeyUse.SIGNATURE)
                            .keyIDFromThumbprint()
                            .build();
        } catch (JOSEException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }

    /**
     * Writes a new file that its owner alone may read. The rights are there before the content is.
     *
     * @throws FileAlreadyExistsException if it is there already, and is left as it is
     * @throws IOException if it cannot be written; then it is not there
     */
    public static void writeForOwnerOnly(Path file, String content) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null && !Files.isDirectory(parent)) {
            Files.createDirectories(parent);
        }
        boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        if (posix) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } else {
            Files.createFile(file);
            var acl = Files.getFileAttributeView(file, AclFileAttributeView.class);
            if (acl != null) {
                acl.setAcl(List.of(AclEntry.newBuilder()
                        .setType(AclEntryType.ALLOW)
                        .setPrincipal(acl.getOwner())
                        .setPermissions(EnumSet.allOf(AclEntryPermission.class))
                        .build()));
            }
        }
        try {
            Files.writeString(file, content + "\n", StandardOpenOption.WRITE);
        } catch (IOException e) {
            Files.deleteIfExists(file); // half a key is none
            throw e;
        }
    }

    /** The RSA and EC keys of a JWK or a JWK set; none if it is neither. */
    private static List<JWK> jwks(String text) {
        try {
            return (text.contains("\"keys\"") ? JWKSet.parse(text).getKeys() : List.of(JWK.parse(text)))
                    .stream()
                            .filter(key -> key instanceof RSAKey || key instanceof ECKey)
                            .toList();
        } catch (java.text.ParseException | IllegalStateException | IllegalArgumentException e) {
            return List.of(); // what is wrong is reported when it is read as a private key
        }
    }

    /** The RSA and EC keys of a PEM text that are public (RFC 7468 section 13); none if it holds another kind. */
    private static List<JWK> publicKeys(String text) {
        List<JWK> keys = new ArrayList<>();
        for (Pem.Block block : Pem.blocks(text)) {
            for (String type : block.label().equals("PUBLIC KEY") ? List.of("RSA", "EC") : List.<String>of()) {
                try {
                    PublicKey key = KeyFactory.getInstance(type).generatePublic(new X509EncodedKeySpec(block.bytes()));
                    keys.add(
                            key instanceof ECPublicKey ec
                                    ? new ECKey.Builder(Curve.forECParameterSpec(ec.getParams()), ec).build()
                                    : new RSAKey.Builder((RSAPublicKey) key).build());
                } catch (GeneralSecurityException e) {
                    // not of that type; the next one may be
                }
            }
        }
        return keys;
    }

    /**
     * Describes what a file holds: private and public keys, sets of keys, key stores, certificates.
     *
     * @param alias of the key in a key store or set that has several, or null
     * @param passwordVariable the environment variable with the password, or null
     * @param out gets one line of text at a time
     * @throws InvalidSettings if there is no such file, or nothing in it that could be a key or certificate
     */
    public static void describe(
            Path file, @Nullable String alias, @Nullable String passwordVariable, Consumer<String> out) {
        try {
            show(file, alias, passwordVariable, out);
        } catch (JOSEException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }

    private static void show(Path file, @Nullable String alias, @Nullable String passwordVariable, Consumer<String> out)
            throws JOSEException {
        byte[] content;
        try {
            content = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new InvalidSettings("There is no file '" + file + "' that can be read");
        }
        String read = CredentialText.of(content); // as the worker does
        ClientFile client = read == null ? null : ClientFile.of(KeySource.plain(read));
        String text = read == null
                ? ""
                : client == null ? KeySource.plain(read) : client.key().reveal();
        Secret password = password(passwordVariable);
        boolean isText = read != null;
        List<X509Certificate> alone = isText ? Pem.certificates(Pem.blocks(text)) : List.of();
        if (isText && !alone.isEmpty() && !text.contains("PRIVATE KEY-----")) {
            out.accept(file + ": " + (alone.size() == 1 ? "a certificate" : alone.size() + " certificates")
                    + ", no private key");
            alone.forEach(certificate -> describe(certificate, out));
            return;
        }
        List<JWK> keys = text.startsWith("{")
                ? jwks(text)
                : isText && !text.contains("PRIVATE KEY-----") ? publicKeys(text) : List.of();
        if (alias == null && !keys.isEmpty() && (keys.size() > 1 || !keys.get(0).isPrivate())) {
            out.accept(file + ": " + (keys.size() == 1 ? "a public key" : keys.size() + " keys"));
            for (JWK key : keys) {
                out.accept("  " + (key.isPrivate() ? "private" : "public ") + "      " + key.getKeyType() + " of "
                        + key.size() + " bits" + (key.getKeyID() == null ? "" : ", kid " + key.getKeyID()));
                out.accept("  thumbprint   " + key.computeThumbprint() + " (RFC 7638)");
            }
            return;
        }
        var source = isText
                ? new KeySource(Secret.of(text), null, password, null, alias)
                : new KeySource(null, null, null, new KeySource.Store(null, file, password, alias), null);
        SigningKey key;
        try {
            key = SigningKey.read(source, null, SignatureAlgorithm.PS256);
        } catch (UnusableCredential e) {
            throw new InvalidSettings(file + " "
                    + e.getMessage()
                            .replace("private-key-password", "--password-env")
                            .replace("key-store-password", "--password-env")
                            .replace("key-alias", "--alias")
                            .replace("key-id", "--alias"));
        }
        String kind = key.algorithm().keyType().equals("EC") ? "EC" : "RSA";
        out.accept(file + ": a private key, " + kind + " of " + key.size() + " bits");
        out.accept("  kid          "
                + (key.keyId() == null ? "(none: set key-id to what it is registered under)" : key.keyId()));
        out.accept("  thumbprint   " + key.thumbprint() + " (RFC 7638)");
        key.certificates().forEach(certificate -> describe(certificate, out));
        Map<String, Object> half = new TreeMap<>(key.publicJwk());
        if (key.keyId() != null) {
            half.put("kid", key.keyId());
        }
        out.accept("  public half  " + Json.write(half));
        if (client != null) {
            settings(file, client, out);
        }
    }

    /** The properties that the file of HelseID Selvbetjening is good for. */
    private static void settings(Path file, ClientFile client, Consumer<String> out) {
        String prefix = "    dromedar.api.NAME.";
        out.accept("  The file names a client. For application.properties:");
        if (client.authority() != null) {
            out.accept(prefix + "authority = " + client.authority());
        }
        if (client.clientId() != null) {
            out.accept(prefix + "client-id = " + client.clientId());
        }
        if (!client.scopes().isEmpty()) {
            out.accept(prefix + "scope = " + String.join(" ", client.scopes()));
        }
        out.accept(prefix + "private-key = {{secretfile:" + file.toString().replace('\\', '/') + "}}");
    }

    private static @Nullable Secret password(@Nullable String variable) {
        if (variable == null) {
            return null;
        }
        String password = System.getenv(variable);
        if (password == null) {
            throw new InvalidSettings("--password-env=" + variable + ": there is no such environment variable");
        }
        return Secret.of(password);
    }

    private static void describe(X509Certificate certificate, Consumer<String> out) {
        Instant end = certificate.getNotAfter().toInstant();
        long days =
                Duration.between(Instant.now(java.time.Clock.systemUTC()), end).toDays();
        out.accept("  certificate  " + certificate.getSubjectX500Principal().getName());
        out.accept("  x5t#S256     " + SigningKey.thumbprint(certificate));
        out.accept("  valid until  " + end + (days < 0 ? ", EXPIRED" : " (" + days + " days)"));
    }
}
