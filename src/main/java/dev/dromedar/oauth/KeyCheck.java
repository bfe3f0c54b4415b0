package dev.dromedar.oauth;

import dev.dromedar.keys.SigningKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Looks at what an API's client proves itself with, before anything is sent. */
final class KeyCheck {
    private final ApiSettings api;
    private final CheckReport report;
    private final Time time;
    private final CertificateDates dates;

    KeyCheck(ApiSettings api, CheckReport report, CertificateDates dates, Time time) {
        this.time = time;
        this.api = api;
        this.report = report;
        this.dates = dates;
    }

    void run() {
        List<String> faults = api.credentials().stream()
                .filter(credential -> credential.fault() != null)
                .map(credential -> credential.name() + " " + credential.fault())
                .toList();
        if (!faults.isEmpty()) {
            report.tell(CheckStep.warning(
                    "files",
                    "the new content is not used; the previous one stays in use: " + String.join("; ", faults)));
        }
        SigningKey key = api.client().authentication().key();
        if (api.client().authentication() instanceof ClientAuthentication.TlsCertificate tls) {
            key = tls.certificate().credential().current();
        }
        if (api.client().authentication() instanceof ClientAuthentication.PlatformAssertion platform) {
            assertion(platform.file());
        } else if (key == null) {
            report.tell(CheckStep.ok(
                    "secret", api.client().authentication().method().registeredName() + ", a client secret is set"));
        } else {
            report.tell(CheckStep.ok(
                    "key",
                    key.algorithm() + " of " + key.size() + " bits, "
                            + (key.keyId() == null ? "" : "kid " + key.keyId() + ", ") + "thumbprint "
                            + key.thumbprint()));
            certificate("certificate", key, !byKeyId());
        }
        TlsIdentity shown = api.authority().transport().identity() != null
                ? api.authority().transport().identity()
                : api.calls().transport().identity();
        if (shown != null && !(api.client().authentication() instanceof ClientAuthentication.TlsCertificate)) {
            certificate("tls certificate", shown.credential().current(), true);
        }
    }

    private void assertion(AssertionFile file) {
        try {
            AssertionFile.Content content = file.read();
            String words = "client-assertion-file " + file.path() + ": iss "
                    + AssertionFile.shown(content.claims().get("iss"))
                    + ", sub " + AssertionFile.shown(content.claims().get("sub"))
                    + ", aud " + AssertionFile.shown(content.claims().get("aud"));
            Instant expires = content.expires();
            if (expires == null) {
                report.tell(CheckStep.failed(
                        "assertion", words + ". It has no expiry (exp), which RFC 7523 section 3 requires."));
            } else if (!time.now().isBefore(expires)) {
                report.tell(CheckStep.failed(
                        "assertion",
                        words + ". It expired at " + expires
                                + ", and the platform has not renewed it. Check what writes it."));
            } else {
                report.tell(CheckStep.ok(
                        "assertion",
                        words + ", valid for "
                                + Duration.between(time.now(), expires).toSeconds() + " s"));
            }
        } catch (AssertionFile.Unusable e) {
            report.tell(
                    CheckStep.failed("assertion", "client-assertion-file " + file.path() + " " + e.getMessage() + "."));
        }
    }

    /** Whether the authority knows the key by its {@code kid}, so that the dates of a certificate beside it do not count. */
    private boolean byKeyId() {
        return api.client().authentication() instanceof ClientAuthentication.PrivateKeyJwt jwt
                        && jwt.assertion().keyName() == KeyName.KID
                || api.client().authentication() instanceof ClientAuthentication.JwtBearerGrant grant
                        && grant.assertion().keyName() == KeyName.KID;
    }

    private void certificate(String what, SigningKey key, boolean counts) {
        if (!key.certificates().isEmpty()) {
            X509Certificate certificate = key.certificates().get(0);
            String name = CertificateDates.subject(certificate) + ", x5t#S256 " + SigningKey.thumbprint(certificate);
            if (counts) {
                dates.check(
                        what,
                        name,
                        certificate,
                        "Have it renewed, register the new one, and put it into the same file.");
            } else {
                report.tell(CheckStep.ok(
                        what,
                        name + " ends " + certificate.getNotAfter().toInstant()
                                + ", which does not matter: the authority knows the key by its kid"));
            }
        }
    }
}
