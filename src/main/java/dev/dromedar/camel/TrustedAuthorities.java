package dev.dromedar.camel;

import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.TlsIdentity;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import java.util.Map;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.apache.camel.support.jsse.TrustManagersParameters;
import org.jspecify.annotations.Nullable;

/**
 * Whom to trust in TLS: the JDK's certificate authorities, and those of {@code dromedar.tls.ca-file}.
 *
 * @param trust null for the JDK's own alone, which it reads once for all, Camel's endpoints among them
 */
record TrustedAuthorities(@Nullable X509TrustManager trust) {

    static TrustedAuthorities with(@Nullable Path caFile) {
        return with(caFile == null ? Map.of() : Map.of("dromedar.tls.ca-file", caFile));
    }

    /** @param caFiles by the property key that names each */
    static TrustedAuthorities with(Map<String, Path> caFiles) {
        if (caFiles.isEmpty()) {
            return new TrustedAuthorities(null);
        }
        try {
            KeyStore all = KeyStore.getInstance(KeyStore.getDefaultType());
            all.load(null, null);
            for (var authority : trustManager(null).getAcceptedIssuers()) {
                all.setCertificateEntry("jdk-" + all.size(), authority);
            }
            for (var caFile : caFiles.entrySet()) {
                for (Certificate authority : read(caFile.getKey(), caFile.getValue())) {
                    all.setCertificateEntry("file-" + all.size(), authority);
                }
            }
            return new TrustedAuthorities(trustManager(all));
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("This JDK's certificate authorities cannot be read", e);
        }
    }

    private static Collection<? extends Certificate> read(String key, Path file) {
        try (InputStream content = Files.newInputStream(file)) {
            var certificates = CertificateFactory.getInstance("X.509").generateCertificates(content);
            if (!certificates.isEmpty()) {
                return certificates;
            }
        } catch (IOException | GeneralSecurityException e) {
            throw new InvalidSettings(key + ": '" + file + "' cannot be read as PEM certificates ("
                    + e.getClass().getSimpleName() + "). It must hold -----BEGIN CERTIFICATE----- blocks.");
        }
        throw new InvalidSettings(
                key + ": '" + file + "' holds no certificate. It must hold -----BEGIN CERTIFICATE----- blocks.");
    }

    private static X509TrustManager trustManager(@Nullable KeyStore store) throws GeneralSecurityException {
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return (X509TrustManager) factory.getTrustManagers()[0];
    }

    SSLContext context() {
        return context(null);
    }

    /** @param certificate to show to servers that ask for one, or null */
    SSLContext context(@Nullable TlsIdentity certificate) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    certificate == null ? null : new KeyManager[] {certificate},
                    trust == null ? null : new X509TrustManager[] {trust},
                    null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JDK has TLS", e);
        }
    }

    SSLContextParameters parameters() {
        var managers = new TrustManagersParameters();
        managers.setTrustManager(trust);
        var parameters = new SSLContextParameters();
        parameters.setTrustManagers(managers);
        return parameters;
    }
}
