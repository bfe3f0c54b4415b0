package dev.dromedar.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * Where a sandbox writes: a folder that only its owner can read. It is made when something is written; a temporary one goes
 * with the sandbox.
 */
final class SandboxFolder implements AutoCloseable {
    private final @Nullable Path wanted;
    private @Nullable Path path;

    /** @param wanted null for a temporary one */
    SandboxFolder(@Nullable Path wanted) {
        this.wanted = wanted;
    }

    boolean isTemporary() {
        return wanted == null;
    }

    Path resolve(String name) {
        return folder().resolve(name);
    }

    private synchronized Path folder() {
        Path made = path;
        try {
            if (made == null) {
                made = wanted == null
                        ? Files.createTempDirectory("dromedar-sandbox")
                        : Files.createDirectories(wanted.toAbsolutePath());
                ownerOnly(made, "rwx------");
                path = made;
            }
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The text of a file; null if it is not there. */
    @Nullable
    String read(String name) {
        if (wanted == null || !Files.exists(wanted.resolve(name))) {
            return null;
        }
        try {
            return Files.readString(wanted.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes a file that only its owner can read. */
    Path write(String name, String text) {
        Path file = resolve(name);
        try {
            Path next = folder().resolve(name + ".new");
            Files.deleteIfExists(next);
            Files.createFile(next);
            ownerOnly(next, "rw-------");
            Files.writeString(next, text);
            return Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void ownerOnly(Path file, String rights) throws IOException {
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(rights));
        }
    }

    /** Removes a temporary folder and what is in it. */
    @Override
    public synchronized void close() {
        Path made = path;
        if (wanted != null || made == null) {
            return;
        }
        try (var files = Files.list(made)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(made);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
