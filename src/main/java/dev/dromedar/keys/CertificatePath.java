package dev.dromedar.keys;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds a key's certificate and those above it among certificates in any order: tools write them root first too. */
final class CertificatePath {
    private CertificatePath() {}

    /** The certificate of the key, then its issuer and so on; empty if no certificate is of this key. */
    static List<X509Certificate> of(PublicKey key, List<X509Certificate> certificates) {
        List<X509Certificate> path = new ArrayList<>();
        X509Certificate next = certificates.stream()
                .filter(one -> one.getPublicKey().equals(key))
                .max(Comparator.comparing(one -> one.getNotAfter().toInstant())) // renewed, and the old one kept
                .orElse(null);
        while (next != null) {
            path.add(next);
            next = issuer(next, path, certificates);
        }
        return path;
    }

    /** The certificate that has issued none of the others, for a key that does not say its public half. */
    static X509Certificate endEntity(List<X509Certificate> certificates) {
        return certificates.stream()
                .filter(one -> certificates.stream()
                        .noneMatch(other ->
                                other != one && other.getIssuerX500Principal().equals(one.getSubjectX500Principal())))
                .findFirst()
                .orElse(certificates.get(0));
    }

    private static @Nullable X509Certificate issuer(
            X509Certificate certificate, List<X509Certificate> path, List<X509Certificate> certificates) {
        for (X509Certificate candidate : certificates) {
            if (!path.contains(candidate)
                    && candidate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())
                    && hasSigned(candidate, certificate)) {
                return candidate;
            }
        }
        return null;
    }

    private static boolean hasSigned(X509Certificate issuer, X509Certificate certificate) {
        try {
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
