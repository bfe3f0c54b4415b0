package dev.dromedar.keys;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file with a secret, a key or certificates as text, however it was written: UTF-8, UTF-16 as PowerShell's {@code >}
 * writes it, PEM between lines of another encoding, and DER, which becomes PEM. Pure functions.
 */
public final class CredentialText {
    private static final int BITS = 0x03;

    private CredentialText() {}

    /**
     * The text of a file.
     *
     * @return null if it is none of these, for example a key store
     */
    public static @Nullable String of(byte[] content) {
        if (begins(content, 0xef, 0xbb, 0xbf)) {
            return decoded(content, 3, StandardCharsets.UTF_8);
        }
        if (begins(content, 0xff, 0xfe)) {
            return decoded(content, 2, StandardCharsets.UTF_16LE);
        }
        if (begins(content, 0xfe, 0xff)) {
            return decoded(content, 2, StandardCharsets.UTF_16BE);
        }
        if (begins(content, '-', 0, '-', 0) || begins(content, '{', 0)) {
            return decoded(content, 0, StandardCharsets.UTF_16LE);
        }
        if (begins(content, 0, '-', 0, '-') || begins(content, 0, '{')) {
            return decoded(content, 0, StandardCharsets.UTF_16BE);
        }
        String text = decoded(content, 0, StandardCharsets.UTF_8);
        if (text != null) {
            return text;
        }
        String bytes = new String(content, StandardCharsets.ISO_8859_1);
        return bytes.contains("-----BEGIN ") ? bytes : pem(content);
    }

    private static boolean begins(byte[] content, int... beginning) {
        for (int i = 0; i < beginning.length; i++) {
            if (content.length <= i || (content[i] & 0xff) != beginning[i]) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable String decoded(byte[] content, int from, Charset charset) {
        try {
            return charset.newDecoder()
                    .decode(ByteBuffer.wrap(content, from, content.length - from))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** The PEM form of a key or of certificates in DER, or null. */
    private static @Nullable String pem(byte[] content) {
        if (!begins(content, Der.SEQUENCE)) {
            return null;
        }
        String label = label(content);
        if (label != null) {
            return pem(label, content);
        }
        try {
            Collection<? extends Certificate> certificates =
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(content));
            StringBuilder text = new StringBuilder();
            for (Certificate certificate : certificates) {
                text.append(pem("CERTIFICATE", certificate.getEncoded()));
            }
            return text.isEmpty() ? null : text.toString();
        } catch (GeneralSecurityException e) {
            return null;
        }
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + label
                + "-----\n";
    }

    /** By the kinds of its first values: PKCS#8 and its encrypted form, PKCS#1, SEC1, a public key; null for others. */
    private static @Nullable String label(byte[] content) {
        List<Integer> tags = new ArrayList<>();
        int version = -1;
        try {
            Der inside = new Der(content).inside(Der.SEQUENCE);
            while (inside.next() >= 0 && tags.size() < 3) {
                int tag = inside.next();
                byte[] value = inside.take(tag);
                version = tags.isEmpty() && tag == Der.INTEGER && value.length == 1 ? value[0] : version;
                tags.add(tag);
            }
        } catch (IOException | BufferUnderflowException e) {
            return null;
        }
        if (tags.size() < 2) {
            return null;
        }
        int first = tags.get(0);
        int second = tags.get(1);
        if (first == Der.INTEGER && second == Der.SEQUENCE) {
            return version == 0 || version == 1 ? "PRIVATE KEY" : null; // 3 is PKCS#12
        }
        if (first == Der.INTEGER) {
            return second == Der.INTEGER ? "RSA PRIVATE KEY" : second == Der.OCTETS ? "EC PRIVATE KEY" : null;
        }
        return first != Der.SEQUENCE
                ? null
                : second == Der.OCTETS ? "ENCRYPTED PRIVATE KEY" : second == BITS ? "PUBLIC KEY" : null;
    }
}
