package dev.dromedar.ops;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.AclEntry;
import java.nio.file.attribute.AclEntryPermission;
import java.nio.file.attribute.AclEntryType;
import java.nio.file.attribute.AclFileAttributeView;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;

/**
 * What proves to the management port that a request comes from the worker's own user: 256 random bits, new at each start, in a
 * file that only that user can read. So long that guesses need not be counted. Thread-safe.
 */
final class ManagementToken {
    private static final String BEARER = "Bearer ";
    private static final String BASIC = "Basic ";

    /** How a request proves itself. */
    enum Proof {
        NONE,
        /** By a browser, which sends it again no matter who made it ask. */
        BASIC,
        BEARER
    }

    private final String token;

    ManagementToken() {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        token = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    /** Looks at an {@code Authorization} header (RFC 6750 section 2.1; RFC 7617, with any user name). */
    Proof proofIn(String header) {
        if (header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return isRight(header.substring(BEARER.length()).strip()) ? Proof.BEARER : Proof.NONE;
        }
        if (header.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
            try {
                byte[] decoded = Base64.getDecoder()
                        .decode(header.substring(BASIC.length()).strip());
                String userAndPassword = new String(decoded, StandardCharsets.UTF_8);
                int colon = userAndPassword.indexOf(':');
                return colon >= 0 && isRight(userAndPassword.substring(colon + 1)) ? Proof.BASIC : Proof.NONE;
            } catch (IllegalArgumentException e) {
                return Proof.NONE;
            }
        }
        return Proof.NONE;
    }

    /** In constant time: digests are compared. */
    private boolean isRight(String given) {
        return MessageDigest.isEqual(digest(given), digest(token));
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }

    /**
     * Writes the token for the worker's user alone, in the place of an earlier one.
     *
     * @throws UncheckedIOException if that cannot be done; then there is no file
     */
    void writeTo(Path file) {
        Path folder = Objects.requireNonNullElse(file.toAbsolutePath().getParent(), file);
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(folder, owners(folder, "rwx------"));
            }
            Path written = Files.createTempFile(folder, ".management", ".token", owners(folder, "rw-------"));
            try {
                restrict(written);
                Files.writeString(written, token + System.lineSeparator());
                Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(written);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileAttribute<?>[] owners(Path folder, String rights) {
        return folder.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(rights))}
                : new FileAttribute<?>[0];
    }

    /** Where rights are lists (Windows): the owner's alone. */
    private static void restrict(Path file) throws IOException {
        var view = Files.getFileAttributeView(file, AclFileAttributeView.class);
        if (view != null) {
            view.setAcl(List.of(AclEntry.newBuilder()
                    .setType(AclEntryType.ALLOW)
                    .setPrincipal(view.getOwner())
                    .setPermissions(EnumSet.allOf(AclEntryPermission.class))
                    .build()));
        }
    }

    /** Takes the file away if it is still this token's. */
    void removeFrom(Path file) throws IOException {
        if (Files.isRegularFile(file) && Files.readString(file).strip().equals(token)) {
            Files.deleteIfExists(file);
        }
    }
}
