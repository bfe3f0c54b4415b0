package dev.dromedar;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** An https server on loopback with a certificate of the test's choosing, that says who has called it. */
public final class TlsServer implements AutoCloseable {
    private static final AtomicInteger SERIAL = new AtomicInteger(1);

    private static final BouncyCastleProvider PROVIDER = new BouncyCastleProvider();
    private static final Pattern LENGTH = Pattern.compile("(?i)content-length: (\\d+)");

    private final SSLServerSocket socket;
    private final List<String> callers = new CopyOnWriteArrayList<>();
    private final List<String> targets = new CopyOnWriteArrayList<>();
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final String answer;

    /** A key with its certificate, and those of whoever signed it. */
    public record Issued(
            KeyPair keys,
            X509Certificate certificate,
            @Nullable Issued by) {
        /**
         * A certificate signed by this one.
         *
         * @param names of the subjectAltName; none for a certificate without
         */
        public Issued issue(String keys, String signature, String commonName, String... names) {
            return signed(pair(keys), signature, commonName, false, this, names);
        }

        public Issued intermediate(String keys, String signature) {
            return signed(pair(keys), signature, "Intermediate " + SERIAL.get(), true, this);
        }

        public String pem() {
            return pem("CERTIFICATE", encoded());
        }

        public String keyPem() {
            return pem("PRIVATE KEY", keys.getPrivate().getEncoded());
        }

        private byte[] encoded() {
            try {
                return certificate.getEncoded();
            } catch (GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        }

        private static String pem(String label, byte[] der) {
            return "-----BEGIN " + label + "-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label
                    + "-----\n";
        }
    }

    /** A certificate authority. */
    public static Issued authority(String keys) {
        return signed(
                pair(keys),
                keys.startsWith("EC") ? "SHA256withECDSA" : "SHA256withRSA",
                "Test CA " + SERIAL.get(),
                true,
                null);
    }

    private static KeyPair pair(String algorithmAndSize) {
        try {
            String[] parts = algorithmAndSize.split(" ");
            var generator = KeyPairGenerator.getInstance(parts[0]);
            generator.initialize(Integer.parseInt(parts[1]));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static Issued signed(
            KeyPair keys, String signature, String name, boolean authority, @Nullable Issued by, String... names) {
        try {
            var subject = new X500Name("CN=" + name);
            X500Name issuer = by == null
                    ? subject
                    : X500Name.getInstance(
                            by.certificate().getSubjectX500Principal().getEncoded());
            Instant now = Instant.parse("2026-01-01T00:00:00Z");
            var builder = new X509v3CertificateBuilder(
                    issuer,
                    BigInteger.valueOf(SERIAL.getAndIncrement()),
                    Date.from(now),
                    Date.from(now.plus(9000, ChronoUnit.DAYS)),
                    subject,
                    SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded()));
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (names.length > 0) {
                List<GeneralName> all = new ArrayList<>();
                for (String one : names) {
                    all.add(new GeneralName(one.matches("[\\d.]+") ? GeneralName.iPAddress : GeneralName.dNSName, one));
                }
                builder.addExtension(
                        Extension.subjectAlternativeName, false, new GeneralNames(all.toArray(new GeneralName[0])));
            }
            var signer = new JcaContentSignerBuilder(signature)
                    .setProvider(PROVIDER)
                    .build(by == null ? keys.getPrivate() : by.keys().getPrivate());
            var certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(
                            new ByteArrayInputStream(builder.build(signer).getEncoded()));
            return new Issued(keys, certificate, by);
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * A server that runs.
     *
     * @param shown the server's certificate; those that signed it are sent along, but for the root
     * @param suites all that it can do with TLS 1.2; none for the JDK's usual
     */
    public TlsServer(Issued shown, String answer, String... suites) {
        this.answer = answer;
        try {
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            List<Certificate> chain = new ArrayList<>();
            for (Issued one = shown; one != null && (one.by() != null || chain.isEmpty()); one = one.by()) {
                chain.add(one.certificate());
            }
            store.setKeyEntry("server", shown.keys().getPrivate(), new char[0], chain.toArray(new Certificate[0]));
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, new char[0]);
            var context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), new TrustManager[] {new AnyClient()}, null);
            socket = (SSLServerSocket) context.getServerSocketFactory()
                    .createServerSocket(0, 50, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
            socket.setWantClientAuth(true);
            if (suites.length > 0) {
                socket.setEnabledProtocols(new String[] {"TLSv1.2"});
                socket.setEnabledCipherSuites(suites);
            }
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError(e);
        }
        daemon(this::accept);
    }

    private static final class AnyClient implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    public URI uri() {
        return URI.create("https://localhost:" + socket.getLocalPort());
    }

    /** The subject of each request's client certificate, or {@code nobody}. */
    public List<String> callers() {
        return callers;
    }

    /** What each request asked for: method, path and query. */
    public List<String> targets() {
        return targets;
    }

    public int connections() {
        return connections.get();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket connection = socket.accept();
                open.add(connection);
                daemon(() -> serve((SSLSocket) connection));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(SSLSocket connection) {
        try (connection) {
            InputStream in = connection.getInputStream();
            String caller = caller(connection.getSession());
            for (String head = head(in); !head.isEmpty(); head = head(in)) {
                callers.add(caller);
                targets.add(head.substring(0, head.indexOf(" HTTP/")));
                Matcher length = LENGTH.matcher(head);
                in.readNBytes(length.find() ? Integer.parseInt(length.group(1)) : 0);
                connection
                        .getOutputStream()
                        .write(("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                                        + answer.length() + "\r\n\r\n" + answer)
                                .getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException e) {
            // the other side has had enough
        }
    }

    private String caller(SSLSession session) {
        connections.incrementAndGet();
        try {
            return ((X509Certificate) session.getPeerCertificates()[0])
                    .getSubjectX500Principal()
                    .getName();
        } catch (SSLPeerUnverifiedException e) {
            return "nobody";
        }
    }

    private static String head(InputStream in) throws IOException {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return "";
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private static void daemon(Runnable work) {
        var thread = new Thread(work, "tls-server");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            socket.close();
            for (Socket connection : open) {
                connection.close();
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
