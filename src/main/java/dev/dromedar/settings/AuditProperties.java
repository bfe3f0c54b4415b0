package dev.dromedar.settings;

import dev.dromedar.audit.AuditSettings;
import dev.dromedar.cluster.ClusterSettings;
import dev.dromedar.keys.MadeKey;
import dev.dromedar.keys.Secret;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@code dromedar.audit} and the keys below it. */
final class AuditProperties {
    private static final String AUDIT = "audit";
    private static final String FILE = "file:";

    private AuditProperties() {}

    /**
     * Reads them.
     *
     * @param group with the prefix {@code dromedar.}
     * @return null where the audit is off, or in the log
     */
    static @Nullable AuditSettings read(PropertyGroup group, @Nullable ClusterSettings cluster) {
        String value = group.text(AUDIT);
        Boolean stops = group.choice(AUDIT + ".on-failure", Map.of("stop", true, "continue", false));
        long size = group.size(AUDIT + ".roll-size", 100L << 20, 1L << 10, 100L << 30);
        Duration keep = group.has(AUDIT + ".keep")
                ? group.time(AUDIT + ".keep", Duration.ofDays(36_600), Duration.ofDays(1), Duration.ofDays(36_600))
                : null;
        Secret key = group.secret(AUDIT + ".secret-key");
        if (key != null) {
            try {
                MadeKey.bytes(
                        key,
                        "must be base64 of 32 random bytes. Make one: openssl rand -base64 32 > secrets/audit.key");
            } catch (IllegalArgumentException e) {
                group.fault(AUDIT + ".secret-key", String.valueOf(e.getMessage()));
            }
        }
        if (value == null || value.equalsIgnoreCase("true") || value.equalsIgnoreCase("false")) {
            return null;
        }
        Path file = file(group, value);
        return file == null
                ? null
                : new AuditSettings(
                        file,
                        file.resolveSibling(file.getFileName() + ".key"),
                        cluster == null ? StoreProperties.thisHost() : cluster.node(),
                        size,
                        keep,
                        stops == null || stops,
                        key);
    }

    private static @Nullable Path file(PropertyGroup group, String value) {
        try {
            Path file = value.startsWith(FILE) ? Path.of(value.substring(FILE.length())) : null;
            if (file != null && !file.toString().isBlank() && !value.endsWith("/")) {
                return file;
            }
        } catch (InvalidPathException e) {
            // reported below
        }
        group.fault(
                AUDIT, "'" + value + "' is neither true, false nor a file. Write it like file:data/audit/audit.jsonl.");
        return null;
    }
}
