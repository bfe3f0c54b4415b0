package dev.dromedar.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/** Where a sandbox writes: a folder that only its owner can read; a temporary one goes with the sandbox. */
final class SandboxFolder implements AutoCloseable {
    private final Path path;
    private final boolean temporary;

    /** @param wanted null for a temporary one */
    SandboxFolder(@Nullable Path wanted) {
        temporary = wanted == null;
        try {
            if (wanted == null) {
                path = Files.createTempDirectory("dromedar-sandbox");
            } else {
                path = Files.createDirectories(wanted.toAbsolutePath());
                ownerOnly(path, "rwx------");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path resolve(String name) {
        return path.resolve(name);
    }

    /** Writes a file that only its owner can read. */
    Path write(String name, String text) {
        Path file = path.resolve(name);
        try {
            Files.deleteIfExists(file);
            Files.createFile(file);
            ownerOnly(file, "rw-------");
            return Files.writeString(file, text);
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
    public void close() {
        if (!temporary) {
            return;
        }
        try (var files = Files.list(path)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
