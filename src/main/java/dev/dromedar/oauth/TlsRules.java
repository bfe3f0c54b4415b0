package dev.dromedar.oauth;

import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PublicKey;
import java.security.cert.CertPathValidatorException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.EdECKey;
import java.security.interfaces.RSAKey;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.DefaultHostnameVerifier;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.client5.http.ssl.HttpClientHostnameVerifier;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.net.InetAddressUtils;
import org.apache.hc.core5.reactor.ssl.SSLBufferMode;
import org.jspecify.annotations.Nullable;

/**
 * What TLS must be like to an authority or an API: TLS 1.3, or 1.2 with the four suites of FAPI 2.0 (section 5.2.1) and BCP
 * 195; a server certificate for the name in the address by its subjectAltName (RFC 9525); and no weak key or signature in its
 * chain, the trust anchor's own signature aside. With {@code tls-legacy} instead what the JDK still accepts: other suites of
 * TLS 1.2, RSA keys from 1024 bits, SHA-1 signatures, and names in the common name alone. Certificates are checked either way.
 */
public final class TlsRules {
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
    private static final List<String> SUITES = List.of(
            "TLS_AES_256_GCM_SHA384",
            "TLS_AES_128_GCM_SHA256",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    private static final int LEAST_RSA = 2048;
    private static final int LEAST_EC = 224;
    private static final String CURE =
            " Have its operator replace it. Until then, tls-legacy = true of this API accepts it.";

    private TlsRules() {}

    /**
     * What makes TLS connections by these rules, with {@link #strategy}.
     *
     * @param besides trusted besides the JDK's certificate authorities
     * @param identity shown to servers that ask for a certificate, or null
     */
    public static SSLContext context(
            Collection<X509Certificate> besides, @Nullable TlsIdentity identity, boolean legacy) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    identity == null ? null : new KeyManager[] {identity}, managers(parameters(besides, legacy)), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This JDK's certificate authorities cannot be read", e);
        }
    }

    /** Trusts the JDK's certificate authorities and some besides, by the JDK's own rules. */
    public static X509TrustManager trust(Collection<X509Certificate> besides) {
        try {
            return (X509TrustManager) managers(parameters(besides, true))[0];
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This JDK's certificate authorities cannot be read", e);
        }
    }

    private static PKIXBuilderParameters parameters(Collection<X509Certificate> besides, boolean legacy)
            throws GeneralSecurityException {
        Set<TrustAnchor> anchors = new HashSet<>();
        for (X509Certificate authority : ((X509TrustManager) managers(null)[0]).getAcceptedIssuers()) {
            anchors.add(new TrustAnchor(authority, null));
        }
        besides.forEach(authority -> anchors.add(new TrustAnchor(authority, null)));
        var parameters = new PKIXBuilderParameters(anchors, null);
        parameters.setRevocationEnabled(Boolean.getBoolean("com.sun.net.ssl.checkRevocation")); // as the JDK's own
        if (!legacy) {
            parameters.addCertPathChecker(new StrongChain());
        }
        return parameters;
    }

    private static TrustManager[] managers(@Nullable PKIXBuilderParameters parameters) throws GeneralSecurityException {
        var factory = TrustManagerFactory.getInstance("PKIX");
        if (parameters == null) {
            factory.init((KeyStore) null);
        } else {
            factory.init(new CertPathTrustManagerParameters(parameters));
        }
        return factory.getTrustManagers();
    }

    /** Makes TLS connections by these rules. The server's name is always checked: by the JDK, and by RFC 9525 on top. */
    public static TlsSocketStrategy strategy(SSLContext context, boolean legacy) {
        String[] suites = legacy
                ? context.getDefaultSSLParameters().getCipherSuites()
                : Arrays.stream(context.getSupportedSSLParameters().getCipherSuites())
                        .filter(SUITES::contains)
                        .toArray(String[]::new);
        return new DefaultClientTlsStrategy(
                context,
                PROTOCOLS,
                suites,
                SSLBufferMode.STATIC,
                HostnameVerificationPolicy.BOTH,
                legacy ? new DefaultHostnameVerifier() : new Names());
    }

    /** Sentences about a certificate that these rules refuse; not about its trust. */
    interface Refusal {
        String getMessage();
    }

    private static final class WeakChain extends CertPathValidatorException implements Refusal {
        private static final long serialVersionUID = 1;

        WeakChain(String message) {
            super(message);
        }
    }

    private static final class RefusedName extends SSLPeerUnverifiedException implements Refusal {
        private static final long serialVersionUID = 1;

        RefusedName(String message) {
            super(message);
        }
    }

    /** Sees each certificate of the path but the trust anchor (RFC 5280 section 6.1). */
    private static final class StrongChain extends PKIXCertPathChecker {
        @Override
        public void init(boolean forward) {}

        @Override
        public boolean isForwardCheckingSupported() {
            return false;
        }

        @Override
        public @Nullable Set<String> getSupportedExtensions() {
            return null;
        }

        @Override
        public void check(Certificate certificate, Collection<String> unresolved) throws CertPathValidatorException {
            var x509 = (X509Certificate) certificate;
            String weak = weakKey(x509.getPublicKey());
            if (weak == null && weakSignature(x509)) {
                weak = "is signed with " + x509.getSigAlgName();
            }
            if (weak != null) {
                throw new WeakChain("a certificate in its chain " + weak + ", which is too weak (BCP 195)." + CURE);
            }
        }
    }

    private static @Nullable String weakKey(PublicKey key) {
        if (key instanceof RSAKey rsa) {
            int bits = rsa.getModulus().bitLength();
            return bits < LEAST_RSA ? "has an RSA key of " + bits + " bits" : null;
        }
        if (key instanceof ECKey ec) {
            int bits = ec.getParams().getOrder().bitLength();
            return bits < LEAST_EC ? "has an EC key of " + bits + " bits" : null;
        }
        return key instanceof EdECKey ? null : "has a key of the kind " + key.getAlgorithm();
    }

    private static boolean weakSignature(X509Certificate certificate) {
        String name = certificate.getSigAlgName().toUpperCase(Locale.ROOT).replace("-", "");
        if (name.startsWith("RSASSAPSS")) {
            try {
                var parameters = AlgorithmParameters.getInstance("RSASSA-PSS");
                parameters.init(certificate.getSigAlgParams());
                name = parameters
                        .getParameterSpec(PSSParameterSpec.class)
                        .getDigestAlgorithm()
                        .toUpperCase(Locale.ROOT)
                        .replace("-", "");
            } catch (GeneralSecurityException | java.io.IOException | NullPointerException e) {
                return true; // no parameters stand for SHA-1 (RFC 4055 section 3.1)
            }
        }
        return name.matches("(SHA1|MD2|MD4|MD5).*");
    }

    /** Names by RFC 9525 section 6: the subjectAltName alone, a wildcard only as the whole left-most label. */
    private static final class Names implements HttpClientHostnameVerifier {
        @Override
        public boolean verify(String host, SSLSession session) {
            try {
                verify(host, (X509Certificate) session.getPeerCertificates()[0]);
                return true;
            } catch (SSLException e) {
                return false;
            }
        }

        @Override
        public void verify(String host, X509Certificate certificate) throws SSLException {
            String weak = weakKey(certificate.getPublicKey()); // one that is its own trust anchor has no chain
            if (weak != null) {
                throw new RefusedName("its certificate " + weak + ", which is too weak (BCP 195)." + CURE);
            }
            boolean number = InetAddressUtils.isIPv4(host) || InetAddressUtils.isIPv6(host.replaceAll("^\\[|]$", ""));
            if (!number && !isNamed(host, certificate)) {
                throw new RefusedName("its certificate does not name " + host
                        + " as a subjectAltName; the common name and partial wildcards do not count (RFC 9525)."
                        + CURE);
            }
        }

        private static boolean isNamed(String host, X509Certificate certificate) {
            try {
                Collection<List<?>> names = certificate.getSubjectAlternativeNames();
                return names != null
                        && names.stream()
                                .filter(name -> Integer.valueOf(2).equals(name.get(0)))
                                .anyMatch(name -> matches(host, String.valueOf(name.get(1))));
            } catch (CertificateException e) {
                return false;
            }
        }
    }

    /** Pure. */
    static boolean matches(String host, String name) {
        String wanted = host.toLowerCase(Locale.ROOT).replaceFirst("\\.$", "");
        String offered = name.toLowerCase(Locale.ROOT).replaceFirst("\\.$", "");
        if (!offered.startsWith("*.")) {
            return offered.equals(wanted) && offered.indexOf('*') < 0;
        }
        String parent = offered.substring(1);
        int dot = wanted.indexOf('.');
        return parent.indexOf('*') < 0
                && parent.indexOf('.', 1) > 0
                && dot > 0
                && wanted.substring(dot).equals(parent);
    }
}
