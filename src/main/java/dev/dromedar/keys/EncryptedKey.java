package dev.dromedar.keys;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/** Decrypts a private key that is encrypted with a password. Pure functions. */
final class EncryptedKey {
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

    private EncryptedKey() {}

    /** EncryptedPrivateKeyInfo (RFC 5958 section 3). The older PBES1 (RFC 8018 section 6.1) is left to the JDK. */
    static byte[] decrypted(byte[] encrypted, char[] password) throws GeneralSecurityException, IOException {
        var whole = new Der(encrypted).inside(Der.SEQUENCE);
        var algorithm = whole.inside(Der.SEQUENCE);
        if (!algorithm.identifier().equals(PBES2)) {
            var info = new EncryptedPrivateKeyInfo(encrypted);
            var key = SecretKeyFactory.getInstance(info.getAlgName()).generateSecret(new PBEKeySpec(password));
            var cipher = Cipher.getInstance(info.getAlgName());
            cipher.init(Cipher.DECRYPT_MODE, key, info.getAlgParameters());
            return cipher.doFinal(info.getEncryptedData());
        }
        // By hand, because the JDK's own takes neither DES-EDE3 nor a password beyond ASCII
        var parameters = algorithm.inside(Der.SEQUENCE);
        var derivation = parameters.inside(Der.SEQUENCE);
        var scheme = parameters.inside(Der.SEQUENCE);
        if (!derivation.identifier().equals(PBKDF2)) {
            throw new NoSuchAlgorithmException();
        }
        var of = derivation.inside(Der.SEQUENCE);
        byte[] salt = of.take(Der.OCTETS);
        int rounds = new BigInteger(of.take(Der.INTEGER)).intValueExact();
        if (of.next() == Der.INTEGER) {
            of.take(Der.INTEGER); // the key's length, which the cipher says too
        }
        String hash = of.next() < 0
                ? HASHES.get(HMAC_SHA1)
                : HASHES.get(of.inside(Der.SEQUENCE).identifier());
        String[] way = CIPHERS.getOrDefault(scheme.identifier(), "").split(" ");
        if (hash == null || way.length != 3 || rounds < 1 || rounds > 10_000_000) {
            throw new NoSuchAlgorithmException();
        }
        byte[] key = SecretKeyFactory.getInstance("PBKDF2WithHmac" + hash)
                .generateSecret(new PBEKeySpec(password, salt, rounds, Integer.parseInt(way[2])))
                .getEncoded();
        var cipher = Cipher.getInstance(way[0]);
        cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, way[1]), new IvParameterSpec(scheme.take(Der.OCTETS)));
        return cipher.doFinal(whole.take(Der.OCTETS));
    }
}
