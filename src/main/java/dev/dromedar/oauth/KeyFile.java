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
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
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
import org.jspecify.annotations.Nullable;

/** {@code keys make} and {@code keys show}: a new key with its public half ready to register, and what a file holds. */
public final class KeysCommand {
    private static final String USAGE = """
            Usage: keys make FILE [--algorithm=PS256] [--bits=4096]   makes a private JWK in FILE, prints the public one
                   keys show FILE [--alias=A] [--password-env=NAME]    shows what FILE holds, without the private part""";

    private KeysCommand() {}

    /**
     * Runs the command.
     *
     * @param args what follows {@code keys}
     * @return the process's status: 0 if it was done, 1 if it could not be, 2 if the command cannot be understood
     */
    public static int run(List<String> args, PrintStream out) {
        Map<String, String> options = new TreeMap<>();
        List<String> words = new ArrayList<>();
        for (String arg : args) {
            if (arg.startsWith("--")) {
                options.put(
                        arg.replaceFirst("=.*", "").substring(2),
                        arg.contains("=") ? arg.replaceFirst("^[^=]*=", "") : "");
            } else {
                words.add(arg);
            }
        }
        try {
            if (words.size() == 2
                    && words.get(0).equals("make")
                    && List.of("algorithm", "bits").containsAll(options.keySet())) {
                return make(Path.of(words.get(1)), options, out);
            }
            if (words.size() == 2
                    && words.get(0).equals("show")
                    && List.of("alias", "password-env").containsAll(options.keySet())) {
                return show(Path.of(words.get(1)), options, out);
            }
        } catch (InvalidSettings e) {
            out.println(e.getMessage() + ".");
            return 1;
        } catch (JOSEException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        } catch (IOException e) {
            out.println(words.get(1) + ": cannot be written (" + e.getClass().getSimpleName()
                    + "). Check that its folder is there, and may be written to by you.");
            return 1;
        }
        out.println(USAGE);
        return 2;
    }

    private static int make(Path file, Map<String, String> options, PrintStream out) throws IOException {
        String name = options.getOrDefault("algorithm", "PS256");
        SignatureAlgorithm algorithm = SignatureAlgorithm.ofName(name);
        if (algorithm == null) {
            throw new InvalidSettings("--algorithm=" + name + " is not known: use RS, PS or ES with 256, 384 or 512");
        }
        String bits = options.getOrDefault("bits", "4096"); // as NHN's own rotation makes them
        if (!bits.matches("\\d{4}") || Integer.parseInt(bits) < 2048 || Integer.parseInt(bits) > 8192) {
            throw new InvalidSettings("--bits=" + bits + " is not from 2048 to 8192");
        }
        if (algorithm.keyType().equals("EC") && options.containsKey("bits")) {
            throw new InvalidSettings("--bits is for RSA keys: " + algorithm + " says the curve");
        }
        JWK key = jwk(SigningKey.generatePair(algorithm, Integer.parseInt(bits)), algorithm);
        try {
            writeForOwnerOnly(file, key.toJSONString());
        } catch (FileAlreadyExistsException e) {
            throw new InvalidSettings(file + " is there already, and may be in use: name another file");
        }
        out.println("The private key is in " + file + ", readable by you alone. Name it in application.properties:");
        out.println("  dromedar.api.NAME.private-key = {{secretfile:" + file + "}}");
        out.println("Register this public key with the authority:");
        out.println(key.toPublicJWK().toJSONString());
        return 0;
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

    /** The rights are there before the content is. */
    static void writeForOwnerOnly(Path file, String content) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
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
        Files.writeString(file, content + "\n", StandardOpenOption.WRITE);
    }

    /** The RSA and EC keys of a JWK or a JWK set; none if it is neither. */
    private static List<JWK> jwks(String text) {
        try {
            return (text.contains("\"keys\"") ? JWKSet.parse(text).getKeys() : List.of(JWK.parse(text)))
                    .stream()
                            .filter(key -> key instanceof RSAKey || key instanceof ECKey)
                            .toList();
        } catch (java.text.ParseException | IllegalStateException | IllegalArgumentException e) {
            return List.of(); // what is wrong is told by whoever reads it as a private key
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

    private static int show(Path file, Map<String, String> options, PrintStream out) throws IOException, JOSEException {
        byte[] content;
        try {
            content = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new InvalidSettings("there is no file '" + file + "' that can be read");
        }
        String text = new String(content, StandardCharsets.UTF_8).strip();
        Secret password = password(options.get("password-env"));
        boolean isText = text.startsWith("{") || text.contains("-----BEGIN");
        List<X509Certificate> alone = isText ? Pem.certificates(Pem.blocks(text)) : List.of();
        if (isText && !alone.isEmpty() && !text.contains("PRIVATE KEY-----")) {
            out.println(file + ": " + (alone.size() == 1 ? "a certificate" : alone.size() + " certificates")
                    + ", no private key");
            alone.forEach(certificate -> tell(certificate, out));
            return 0;
        }
        List<JWK> keys = text.startsWith("{")
                ? jwks(text)
                : isText && !text.contains("PRIVATE KEY-----") ? publicKeys(text) : List.of();
        if (options.get("alias") == null
                && !keys.isEmpty()
                && (keys.size() > 1 || !keys.get(0).isPrivate())) {
            out.println(file + ": " + (keys.size() == 1 ? "a public key" : keys.size() + " keys"));
            for (JWK key : keys) {
                out.println("  " + (key.isPrivate() ? "private" : "public ") + "      " + key.getKeyType() + " of "
                        + key.size() + " bits" + (key.getKeyID() == null ? "" : ", kid " + key.getKeyID()));
                out.println("  thumbprint   " + key.computeThumbprint() + " (RFC 7638)");
            }
            return 0;
        }
        var source = isText
                ? new KeySource(Secret.of(text), null, password, null, options.get("alias"))
                : new KeySource(
                        null, null, null, new KeySource.Store(null, file, password, options.get("alias")), null);
        SigningKey key;
        try {
            key = SigningKey.read(source, null, SignatureAlgorithm.PS256);
        } catch (InvalidSettings e) {
            throw new InvalidSettings(file + " "
                    + e.getMessage()
                            .replace("private-key-password", "--password-env")
                            .replace("key-store-password", "--password-env")
                            .replace("key-alias", "--alias")
                            .replace("key-id", "--alias"));
        }
        String kind = key.algorithm().keyType().equals("EC") ? "EC" : "RSA";
        out.println(file + ": a private key, " + kind + " of " + key.size() + " bits");
        out.println("  kid          "
                + (key.keyId() == null ? "(none: set key-id to what it is registered under)" : key.keyId()));
        out.println("  thumbprint   " + key.thumbprint() + " (RFC 7638)");
        key.certificates().forEach(certificate -> tell(certificate, out));
        Map<String, Object> half = new TreeMap<>(key.publicJwk());
        if (key.keyId() != null) {
            half.put("kid", key.keyId());
        }
        out.println("  public half  " + Json.write(half));
        return 0;
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

    private static void tell(X509Certificate certificate, PrintStream out) {
        Instant end = certificate.getNotAfter().toInstant();
        long days =
                Duration.between(Instant.now(java.time.Clock.systemUTC()), end).toDays();
        out.println("  certificate  " + certificate.getSubjectX500Principal().getName());
        out.println("  x5t#S256     " + SigningKey.thumbprint(certificate));
        out.println("  good until   " + end + (days < 0 ? ", EXPIRED" : " (" + days + " days)"));
    }
}
