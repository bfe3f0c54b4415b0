package dev.dromedar.keys;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Private keys and certificates in text form (RFC 7468), with what OpenSSL wrote before it. The JDK reads PKCS#8 alone, so
 * that PKCS#1 (RFC 8017 appendix A.1.2) and SEC1 (RFC 5915) are wrapped into it here. Pure functions.
 */
public final class Pem {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);

    private static final String RSA = "06092a864886f70d0101010500"; // rsaEncryption, NULL
    private static final String EC = "06072a8648ce3d0201"; // id-ecPublicKey

    private Pem() {}

    /** One block of a text. */
    public record Block(String label, String body) {
        public byte[] bytes() {
            try {
                return Base64.getMimeDecoder().decode(body.strip());
            } catch (IllegalArgumentException e) {
                throw new UnusableCredential("has a block '" + label + "' that is no base64: the file is damaged");
            }
        }

        @Override
        public String toString() {
            return "Block(" + label + ")";
        }
    }

    public static List<Block> blocks(String text) {
        List<Block> blocks = new ArrayList<>();
        Matcher found = BLOCK.matcher(text);
        while (found.find()) {
            blocks.add(new Block(found.group(1), found.group(2)));
        }
        return blocks;
    }

    /**
     * The one private key of some blocks.
     *
     * @throws UnusableCredential if there is none, more than one, or one that cannot be read
     */
    static PrivateKey privateKey(List<Block> blocks, @Nullable Secret password) {
        List<Block> keys = blocks.stream()
                .filter(block -> block.label().endsWith("PRIVATE KEY"))
                .toList();
        if (keys.size() > 1) {
            throw new UnusableCredential("holds " + keys.size() + " private keys: exactly one is needed");
        }
        if (keys.isEmpty()) {
            throw new UnusableCredential(
                    blocks.stream().anyMatch(block -> block.label().endsWith("PUBLIC KEY"))
                            ? "is a public key: the private key is needed (-----BEGIN PRIVATE KEY-----)"
                            : blocks.stream().anyMatch(block -> block.label().equals("CERTIFICATE"))
                                    ? "is a certificate without its private key: add the -----BEGIN PRIVATE KEY----- block"
                                    : "holds no whole -----BEGIN PRIVATE KEY----- block: another block, or a file that"
                                            + " was cut off before its -----END line");
        }
        Block key = keys.get(0);
        return switch (key.label()) {
            case "PRIVATE KEY" -> pkcs8(key.bytes());
            case "RSA PRIVATE KEY" -> pkcs8(wrapped(RSA, plain(key).bytes()));
            case "EC PRIVATE KEY" ->
                pkcs8(wrapped(EC + curve(blocks, key), plain(key).bytes()));
            case "ENCRYPTED PRIVATE KEY" -> decrypted(key.bytes(), password);
            case "OPENSSH PRIVATE KEY" ->
                throw new UnusableCredential("is an OpenSSH key: make a PEM key of it with ssh-keygen -p -m PKCS8");
            default -> throw new UnusableCredential("is a '" + key.label() + "': an RSA or EC key is needed");
        };
    }

    private static Block plain(Block key) {
        if (key.body().contains("ENCRYPTED")) {
            throw new UnusableCredential("is encrypted in OpenSSL's old way, which is too weak to be read here: make an"
                    + " encrypted PKCS#8 key of it with openssl pkcs8 -topk8");
        }
        return key;
    }

    public static List<X509Certificate> certificates(List<Block> blocks) {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Block block : blocks) {
            switch (block.label()) {
                case "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE" ->
                    certificates.add(certificate(block.bytes()));
                case "PKCS7", "CMS" -> certificates.addAll(certificates(block.bytes()));
                default -> {} // not ours
            }
        }
        return certificates;
    }

    private static List<X509Certificate> certificates(byte[] bundle) {
        try {
            return CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(bundle))
                    .stream()
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (GeneralSecurityException e) {
            throw new UnusableCredential("has certificates that cannot be read: the file is damaged");
        }
    }

    static X509Certificate certificate(byte[] der) {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (GeneralSecurityException e) {
            throw new UnusableCredential("has a certificate that cannot be read: the file is damaged");
        }
    }

    private static PrivateKey pkcs8(byte[] encoded) {
        for (String type : new String[] {"RSA", "EC", "RSASSA-PSS"}) {
            try {
                return KeyFactory.getInstance(type).generatePrivate(new PKCS8EncodedKeySpec(encoded));
            } catch (GeneralSecurityException e) {
                // not of that type; the next one may be
            }
        }
        throw new UnusableCredential(
                "is no RSA or EC private key that can be read: another kind of key, or a damaged file");
    }

    private static PrivateKey decrypted(byte[] encrypted, @Nullable Secret password) {
        if (password == null) {
            throw new UnusableCredential("is encrypted: set private-key-password");
        }
        byte[] decrypted;
        try {
            decrypted = EncryptedKey.decrypted(encrypted, password.reveal().toCharArray());
        } catch (javax.crypto.BadPaddingException e) {
            throw new UnusableCredential("cannot be decrypted: private-key-password is wrong");
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            throw new UnusableCredential(
                    "is encrypted in a way that is not known here: use PBES2 with AES, as openssl pkcs8 -topk8 does");
        }
        try {
            return pkcs8(decrypted);
        } catch (UnusableCredential e) {
            throw new UnusableCredential("cannot be decrypted: private-key-password is wrong");
        }
    }

    /** PrivateKeyInfo (RFC 5208 section 5) around a key in its algorithm's own form. */
    private static byte[] wrapped(String algorithm, byte[] key) {
        return Der.written(
                Der.SEQUENCE,
                HexFormat.of().parseHex("020100"),
                Der.written(Der.SEQUENCE, HexFormat.of().parseHex(algorithm)),
                Der.written(Der.OCTETS, key));
    }

    /** The curve's identifier: it stands in the key, or in a block before it. */
    private static String curve(List<Block> blocks, Block key) {
        String der = HexFormat.of().formatHex(key.bytes());
        for (Block block : blocks) {
            if (block.label().equals("EC PARAMETERS")) {
                der = HexFormat.of().formatHex(block.bytes()) + der;
            }
        }
        for (String curve : new String[] {"06082a8648ce3d030107", "06052b81040022", "06052b81040023"}) {
            if (der.contains(curve)) {
                return curve;
            }
        }
        throw new UnusableCredential("is an EC key on a curve that is not known here: P-256, P-384 or P-521 is needed");
    }
}
