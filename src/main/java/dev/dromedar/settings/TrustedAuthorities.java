package dev.dromedar.settings;

import dev.dromedar.keys.CredentialText;
import dev.dromedar.keys.KeySource;
import dev.dromedar.keys.Pem;
import dev.dromedar.keys.UnusableCredential;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.TlsRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.apache.camel.support.jsse.TrustManagersParameters;
import org.jspecify.annotations.Nullable;

/**
 * Whom to trust in TLS: the JDK's certificate authorities, and those of {@code dromedar.tls.ca-file}.
 *
 * @param besides those of the file
 */
public record TrustedAuthorities(List<X509Certificate> besides) {

    /**
     * The authorities of the JDK, and those of a file.
     *
     * @throws InvalidSettings if the file holds none
     */
    public static TrustedAuthorities with(@Nullable Path caFile) {
        return new TrustedAuthorities(caFile == null ? List.of() : read("dromedar.tls.ca-file", caFile));
    }

    /**
     * The certificates of a PEM file.
     *
     * @param key the property that names it, for messages
     * @throws InvalidSettings if it holds none
     */
    static List<X509Certificate> read(String key, Path file) {
        try {
            String text = CredentialText.of(Files.readAllBytes(file));
            List<X509Certificate> certificates =
                    text == null ? List.of() : Pem.certificates(Pem.blocks(KeySource.plain(text)));
            if (!certificates.isEmpty()) {
                return certificates;
            }
        } catch (IOException | UnusableCredential e) {
            throw new InvalidSettings(key + ": '" + file + "' cannot be read as PEM certificates ("
                    + e.getClass().getSimpleName() + "). It must hold -----BEGIN CERTIFICATE----- blocks.");
        }
        throw new InvalidSettings(
                key + ": '" + file + "' holds no certificate. It must hold -----BEGIN CERTIFICATE----- blocks.");
    }

    public SSLContext context() {
        return TlsRules.context(besides, null, false);
    }

    /** For Camel's own use, where no API is called. */
    public SSLContextParameters parameters() {
        var managers = new TrustManagersParameters();
        managers.setTrustManager(TlsRules.trust(besides));
        var parameters = new SSLContextParameters();
        parameters.setTrustManagers(managers);
        return parameters;
    }
}
