package dev.dromedar.keys;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A symmetric key of 256 bits that this worker makes for itself: base64 in a file that only its user can read. */
public final class MadeKey {
    private static final Logger LOG = LoggerFactory.getLogger(MadeKey.class);
    private static final int BYTES = 32;

    private MadeKey() {}

    /**
     * Reads the key of a file; where there is none, makes one and logs that it is to be backed up. Processes that come at once
     * get the same key.
     *
     * @param purpose what cannot be read or checked without the key, for the log
     * @throws IOException if the file cannot be read or made
     * @throws IllegalArgumentException if the file holds no such key; the message does not quote it
     */
    public static Secret in(Path file, String purpose) throws IOException {
        if (!Files.exists(file)) {
            make(file, purpose);
        }
        return read(file);
    }

    /** As {@link #in}, and makes none: null where there is no file. */
    public static @org.jspecify.annotations.Nullable Secret find(Path file) throws IOException {
        try {
            return read(file);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private static Secret read(Path file) throws IOException {
        String text = Files.readString(file, StandardCharsets.US_ASCII).strip();
        bytes(text, file + " must hold base64 of 32 bytes. Restore it from a backup");
        return Secret.of(text);
    }

    /** The bytes of such a key. */
    public static byte[] bytes(Secret key, String otherwise) {
        return bytes(key.reveal(), otherwise);
    }

    private static byte[] bytes(String text, String otherwise) {
        try {
            byte[] bytes = Base64.getDecoder().decode(text.strip());
            if (bytes.length == BYTES) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            // reported below, without its words: they would quote the key
        }
        throw new IllegalArgumentException(otherwise);
    }

    private static void make(Path file, String purpose) throws IOException {
        Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
        OwnerOnly.makeFolder(folder);
        byte[] random = new byte[BYTES];
        new SecureRandom().nextBytes(random);
        Path beside = folder.resolve(
                file.getFileName() + "." + ProcessHandle.current().pid() + ".new");
        OwnerOnly.makeFile(beside);
        try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.WRITE)) {
            channel.write(StandardCharsets.US_ASCII.encode(Base64.getEncoder().encodeToString(random) + "\n"));
            channel.force(true);
        }
        try {
            Files.createLink(file, beside); // whole at once, and never over another's
            LOG.warn("A key was made in {}. Back it up, apart from what it protects: without it {}.", file, purpose);
        } catch (java.nio.file.FileAlreadyExistsException e) {
            // another process was first: its key is the key
        } catch (UnsupportedOperationException | java.nio.file.FileSystemException e) {
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE); // a file system without links
            LOG.warn("A key was made in {}. Back it up, apart from what it protects: without it {}.", file, purpose);
        } finally {
            Files.deleteIfExists(beside);
        }
    }
}
