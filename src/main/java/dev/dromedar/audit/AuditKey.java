package dev.dromedar.audit;

import dev.dromedar.keys.MadeKey;
import dev.dromedar.keys.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The key of an audit file: HMAC-SHA-256 (RFC 2104) over records, the head and the subjects of calls, each under a key of its
 * own that is derived from it. Without it nobody can write a record that fits, or find out a subject by trying. Not
 * thread-safe.
 */
final class AuditKey {
    private static final String ALGORITHM = "HmacSHA256";
    private static final String NO_KEY =
            "must be base64 of 32 random bytes. Make one: openssl rand -base64 32 > audit.key";

    private final Mac records;
    private final Mac heads;
    private final Mac subjects;

    private AuditKey(byte[] key) {
        records = derived(key, "record");
        heads = derived(key, "head");
        subjects = derived(key, "subject");
    }

    /** @throws IllegalArgumentException if it is no key; the message does not quote it */
    static AuditKey of(Secret secret) {
        return new AuditKey(MadeKey.bytes(secret, NO_KEY));
    }

    /** The key of these settings; made if there is none. */
    static AuditKey made(AuditSettings settings) throws IOException {
        return of(
                settings.secretKey() != null
                        ? settings.secretKey()
                        : MadeKey.in(settings.keyFile(), "the audit's records cannot be verified"));
    }

    /** The key of these settings, or null if none has been made. */
    static @Nullable AuditKey found(AuditSettings settings) throws IOException {
        Secret secret = settings.secretKey() != null ? settings.secretKey() : MadeKey.find(settings.keyFile());
        return secret == null ? null : of(secret);
    }

    private static Mac derived(byte[] key, String purpose) {
        try {
            return mac(mac(key).doFinal(("dromedar audit " + purpose).getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JDK has HmacSHA256", e);
        }
    }

    private static Mac mac(byte[] key) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(ALGORITHM);
        mac.init(new SecretKeySpec(key, ALGORITHM));
        return mac;
    }

    /** @param record all of a record that stands before its hash */
    String ofRecord(byte[] record, int length) {
        records.update(record, 0, length);
        return text(records.doFinal());
    }

    String ofHead(String head) {
        return text(heads.doFinal(head.getBytes(StandardCharsets.UTF_8)));
    }

    /** The first half: 128 bits tell people apart. */
    String ofSubject(String subject) {
        return text(Arrays.copyOf(subjects.doFinal(subject.strip().getBytes(StandardCharsets.UTF_8)), 16));
    }

    private static String text(byte[] hash) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    }

    static boolean same(String one, String other) {
        return MessageDigest.isEqual(
                one.getBytes(StandardCharsets.US_ASCII), other.getBytes(StandardCharsets.US_ASCII));
    }
}
