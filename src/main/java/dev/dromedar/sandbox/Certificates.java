package dev.dromedar.sandbox;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * A private certificate authority of one sandbox (RFC 5280). The JDK can sign but not write a certificate, and its keytool
 * takes seconds for a chain, so the few fields needed are encoded here.
 */
final class Certificates {
    private static final byte[] ECDSA_WITH_SHA256 = Der.of(Der.SEQUENCE, Der.oid("1.2.840.10045.4.3.2"));
    private static final String FROM = "200101000000Z";
    private static final String EXPIRED = "210101000000Z";
    private static final String TO = "491231235959Z";

    private final KeyPair key;
    private final Signer authority;
    private final Map<TlsFault, SSLContext> contexts = new ConcurrentHashMap<>();

    Certificates() {
        this(null);
    }

    /** @param known the key of the certificate authority; null for a new one */
    Certificates(@Nullable KeyPair known) {
        key = known == null ? keyPair() : known;
        authority = new Signer("Dromedar sandbox CA", key);
    }

    /** The key of the certificate authority. */
    KeyPair key() {
        return key;
    }

    /** The certificate that callers must trust. */
    String pem() {
        return pem("CERTIFICATE", encoded(authority.certificate));
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** RFC 7468. */
    static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(der)
                + "\n-----END " + label + "-----\n";
    }

    /** What a server shows its callers, right or wrong. */
    SSLContext context(TlsFault fault) {
        return contexts.computeIfAbsent(fault, this::newContext);
    }

    private SSLContext newContext(TlsFault fault) {
        Signer signer = fault == TlsFault.UNKNOWN_CA ? new Signer("Somebody else's CA", keyPair()) : authority;
        try {
            KeyPair pair = keyPair();
            byte[] names = fault == TlsFault.WRONG_HOST
                    ? Der.text(0x82, "other.example")
                    : join(Der.text(0x82, "localhost"), Der.of(0x87, new byte[] {127, 0, 0, 1}));
            X509Certificate certificate = signer.sign(
                    "localhost",
                    pair.getPublic(),
                    fault == TlsFault.EXPIRED ? EXPIRED : TO,
                    extension("2.5.29.17", false, Der.of(Der.SEQUENCE, names)));
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry(
                    "server", pair.getPrivate(), new char[0], new Certificate[] {certificate, signer.certificate});
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, new char[0]);
            var context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), new TrustManager[] {new AnyClient()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A certificate for a client's key. */
    byte[] sign(String subject, PublicKey key) {
        return encoded(authority.sign(subject, key, TO, new byte[0]));
    }

    /** {@code x5t#S256} (RFC 7515 section 4.1.8). */
    static String thumbprint(byte[] der) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(digest("SHA-256", der));
    }

    /** Lets in any client certificate: what it is worth is decided by those registered (RFC 8705 section 2.2). */
    private static final class AnyClient extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("this is a server");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            throw new CertificateException("this is a server");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("this is a server");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private static KeyPair keyPair() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A key that signs certificates, and its own certificate. */
    private static final class Signer {
        private final String name;
        private final PrivateKey key;
        private final byte[] keyId;
        private final X509Certificate certificate;

        private Signer(String name, KeyPair pair) {
            this.name = name;
            this.key = pair.getPrivate();
            this.keyId = digest("SHA-1", pair.getPublic().getEncoded());
            this.certificate = certificate(
                    name,
                    key,
                    keyId,
                    name,
                    pair.getPublic(),
                    TO,
                    join(
                            extension(
                                    "2.5.29.19", true, Der.of(Der.SEQUENCE, Der.of(Der.BOOLEAN, new byte[] {(byte) 0xff
                                    }))),
                            extension("2.5.29.15", true, Der.of(Der.BIT_STRING, new byte[] {1, 6}))));
        }

        private X509Certificate sign(String subject, PublicKey subjectKey, String until, byte[] extensions) {
            return certificate(name, key, keyId, subject, subjectKey, until, extensions);
        }
    }

    private static X509Certificate certificate(
            String issuer,
            PrivateKey issuerKey,
            byte[] issuerKeyId,
            String subject,
            PublicKey subjectKey,
            String until,
            byte[] extensions) {
        try {
            byte[] body = Der.of(
                    Der.SEQUENCE,
                    Der.of(0xa0, Der.of(Der.INTEGER, new byte[] {2})),
                    Der.of(Der.INTEGER, new BigInteger(100, new SecureRandom()).toByteArray()),
                    ECDSA_WITH_SHA256,
                    name(issuer),
                    Der.of(Der.SEQUENCE, Der.text(Der.UTC_TIME, FROM), Der.text(Der.UTC_TIME, until)),
                    name(subject),
                    subjectKey.getEncoded(),
                    Der.of(
                            0xa3,
                            Der.of(
                                    Der.SEQUENCE,
                                    extensions,
                                    extension(
                                            "2.5.29.14",
                                            false,
                                            Der.of(Der.OCTET_STRING, digest("SHA-1", subjectKey.getEncoded()))),
                                    extension("2.5.29.35", false, Der.of(Der.SEQUENCE, Der.of(0x80, issuerKeyId))))));
            var signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(issuerKey);
            signature.update(body);
            byte[] whole = Der.of(Der.SEQUENCE, body, ECDSA_WITH_SHA256, Der.bits(signature.sign()));
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(whole));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] name(String common) {
        return Der.of(
                Der.SEQUENCE, Der.of(Der.SET, Der.of(Der.SEQUENCE, Der.oid("2.5.4.3"), Der.text(Der.UTF8, common))));
    }

    private static byte[] extension(String oid, boolean critical, byte[] value) {
        return Der.of(
                Der.SEQUENCE,
                Der.oid(oid),
                critical ? Der.of(Der.BOOLEAN, new byte[] {(byte) 0xff}) : new byte[0],
                Der.of(Der.OCTET_STRING, value));
    }

    private static byte[] digest(String algorithm, byte[] content) {
        try {
            return MessageDigest.getInstance(algorithm).digest(content);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] join(byte[] one, byte[] other) {
        byte[] both = new byte[one.length + other.length];
        System.arraycopy(one, 0, both, 0, one.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    /** A certificate for the client's key, by which it is known from now on too. */
    String forClient(Client client) {
        try {
            JWK key = client.privateKey();
            var certificate = sign(
                    client.id(),
                    key instanceof RSAKey rsa
                            ? rsa.toPublicKey()
                            : key.toECKey().toPublicKey());
            client.certificate(thumbprint(certificate));
            return pem("CERTIFICATE", certificate);
        } catch (JOSEException e) {
            throw new IllegalStateException("The sandbox's own key is one", e);
        }
    }

    static String pem(JWK key) {
        try {
            return pem("PRIVATE KEY", key.toECKey().toPrivateKey().getEncoded());
        } catch (JOSEException e) {
            throw new IllegalStateException("The sandbox's own key is one", e);
        }
    }
}
