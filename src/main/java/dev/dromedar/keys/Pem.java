package dev.dromedar.keys;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Private keys and certificates in text form (RFC 7468), with what OpenSSL wrote before it. The JDK reads PKCS#8 alone, so
 * that PKCS#1 (RFC 8017 appendix A.1.2) and SEC1 (RFC 5915) are wrapped into it here. Pure functions.
 */
public final class Pem {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);
    private static final String PBES2 = "2a864886f70d01050d";
    private static final String PBKDF2 = "2a864886f70d01050c";
    private static final String HMAC_SHA1 = "2a864886f70d0207";
    /** Pseudo-random functions of PBKDF2 (RFC 8018 appendix B.1.2). */
    private static final Map<String, String> HASHES = Map.of(
            HMAC_SHA1,
            "SHA1",
            "2a864886f70d0208",
            "SHA224",
            "2a864886f70d0209",
            "SHA256",
            "2a864886f70d020a",
            "SHA384",
            "2a864886f70d020b",
            "SHA512");
    /** Ciphers of PBES2 (RFC 8018 appendix B.2): transformation, kind of key, bits of the key. */
    private static final Map<String, String> CIPHERS = Map.of(
            "60864801650304012a", "AES/CBC/PKCS5Padding AES 256",
            "608648016503040116", "AES/CBC/PKCS5Padding AES 192",
            "608648016503040102", "AES/CBC/PKCS5Padding AES 128",
            "2a864886f70d0307", "DESede/CBC/PKCS5Padding DESede 192");

    private static final String RSA = "06092a864886f70d0101010500"; // rsaEncryption, NULL
    private static final String EC = "06072a8648ce3d0201"; // id-ecPublicKey
    private static final int SEQUENCE = 0x30;
    private static final int INTEGER = 0x02;
    private static final int OCTETS = 0x04;
    private static final int IDENTIFIER = 0x06;

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
            if (block.label().equals("CERTIFICATE")) {
                certificates.add(certificate(block.bytes()));
            }
        }
        return certificates;
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
            decrypted = decrypted(encrypted, password.reveal().toCharArray());
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

    /** EncryptedPrivateKeyInfo (RFC 5958 section 3). The older PBES1 (RFC 8018 section 6.1) is left to the JDK. */
    private static byte[] decrypted(byte[] encrypted, char[] password) throws GeneralSecurityException, IOException {
        var whole = new Der(encrypted).inside(SEQUENCE);
        var algorithm = whole.inside(SEQUENCE);
        if (!algorithm.identifier().equals(PBES2)) {
            var info = new EncryptedPrivateKeyInfo(encrypted);
            var key = SecretKeyFactory.getInstance(info.getAlgName()).generateSecret(new PBEKeySpec(password));
            var cipher = Cipher.getInstance(info.getAlgName());
            cipher.init(Cipher.DECRYPT_MODE, key, info.getAlgParameters());
            return cipher.doFinal(info.getEncryptedData());
        }
        // By hand, because the JDK's own takes neither DES-EDE3 nor a password beyond ASCII
        var parameters = algorithm.inside(SEQUENCE);
        var derivation = parameters.inside(SEQUENCE);
        var scheme = parameters.inside(SEQUENCE);
        if (!derivation.identifier().equals(PBKDF2)) {
            throw new NoSuchAlgorithmException();
        }
        var of = derivation.inside(SEQUENCE);
        byte[] salt = of.take(OCTETS);
        int rounds = new BigInteger(of.take(INTEGER)).intValueExact();
        if (of.next() == INTEGER) {
            of.take(INTEGER); // the key's length, which the cipher says too
        }
        String hash = of.next() < 0
                ? HASHES.get(HMAC_SHA1)
                : HASHES.get(of.inside(SEQUENCE).identifier());
        String[] way = CIPHERS.getOrDefault(scheme.identifier(), "").split(" ");
        if (hash == null || way.length != 3 || rounds < 1 || rounds > 10_000_000) {
            throw new NoSuchAlgorithmException();
        }
        byte[] key = SecretKeyFactory.getInstance("PBKDF2WithHmac" + hash)
                .generateSecret(new PBEKeySpec(password, salt, rounds, Integer.parseInt(way[2])))
                .getEncoded();
        var cipher = Cipher.getInstance(way[0]);
        cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, way[1]), new IvParameterSpec(scheme.take(OCTETS)));
        return cipher.doFinal(whole.take(OCTETS));
    }

    /** Reads values one after the other (X.690); what does not fit is an exception. */
    private static final class Der {
        private final ByteBuffer rest;

        Der(byte[] bytes) {
            rest = ByteBuffer.wrap(bytes);
        }

        /** The tag of the next value, or -1 at the end. */
        int next() {
            return rest.hasRemaining() ? rest.get(rest.position()) & 0xff : -1;
        }

        byte[] take(int tag) throws IOException {
            if (next() != tag) {
                throw new IOException();
            }
            rest.get();
            int length = rest.get() & 0xff;
            if (length > 0x82) {
                throw new IOException(); // no key is longer than 64 KiB
            }
            if (length >= 0x80) {
                int bytes = length - 0x80;
                length = 0;
                while (bytes-- > 0) {
                    length = length << 8 | rest.get() & 0xff;
                }
            }
            byte[] value = new byte[Math.min(length, rest.remaining() + 1)];
            rest.get(value);
            return value;
        }

        Der inside(int tag) throws IOException {
            return new Der(take(tag));
        }

        String identifier() throws IOException {
            return HexFormat.of().formatHex(take(IDENTIFIER));
        }
    }

    /** PrivateKeyInfo (RFC 5208 section 5) around a key in its algorithm's own form. */
    private static byte[] wrapped(String algorithm, byte[] key) {
        return der(
                SEQUENCE,
                HexFormat.of().parseHex("020100"),
                der(SEQUENCE, HexFormat.of().parseHex(algorithm)),
                der(OCTETS, key));
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

    private static byte[] der(int tag, byte[]... contents) {
        int length = Arrays.stream(contents).mapToInt(content -> content.length).sum();
        var out = new ByteArrayOutputStream();
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else {
            int bytes = length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
            out.write(0x80 | bytes);
            for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
                out.write(length >> shift);
            }
        }
        for (byte[] content : contents) {
            out.writeBytes(content);
        }
        return out.toByteArray();
    }
}
