package dev.dromedar.oauth;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;

/** Whether certificates are valid, and for how long. */
final class CertificateDates {
    private static final Duration SOON = Duration.ofDays(30);

    private final CheckReport report;
    private final Time time;

    CertificateDates(CheckReport report, Time time) {
        this.report = report;
        this.time = time;
    }

    /** @param cure what to do about one that has expired or soon will */
    void check(String what, String name, X509Certificate certificate, String cure) {
        Instant end = certificate.getNotAfter().toInstant();
        Duration left = Duration.between(time.now(), end);
        if (left.isNegative()) {
            report.tell(CheckStep.failed(what, name + " expired " + end + ". " + cure));
        } else if (time.now().isBefore(certificate.getNotBefore().toInstant())) {
            report.tell(CheckStep.failed(
                    what,
                    name + " is not valid before " + certificate.getNotBefore().toInstant()
                            + ". Check this machine's clock."));
        } else if (left.compareTo(SOON) < 0) {
            report.tell(
                    CheckStep.warning(what, name + " expires in " + left.toDays() + " days (" + end + "). " + cure));
        } else {
            report.tell(CheckStep.ok(what, name + " valid until " + end));
        }
    }

    static String named(X509Certificate certificate) {
        return subject(certificate) + " by "
                + ForeignText.line(certificate.getIssuerX500Principal().getName(), 1000);
    }

    static String subject(X509Certificate certificate) {
        return ForeignText.line(certificate.getSubjectX500Principal().getName(), 1000);
    }
}
