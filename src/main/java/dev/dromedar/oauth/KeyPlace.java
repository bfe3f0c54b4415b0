package dev.dromedar.oauth;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * A key's file and those beside it while it is replaced: {@code .next}, {@code .previous} and the journal {@code .rotation}.
 * Each is written whole or not at all, on disk before the call returns, and for whom the key's file is. Not thread-safe.
 */
record KeyPlace(Path key) {
    private static final int LARGEST = 65_536;

    Path next() {
        return key.resolveSibling(key.getFileName() + ".next");
    }

    Path previous() {
        return key.resolveSibling(key.getFileName() + ".previous");
    }

    Path journal() {
        return key.resolveSibling(key.getFileName() + ".rotation");
    }

    /** @throws InvalidSettings if the file cannot be replaced by a new one that the same users read */
    void check() throws IOException {
        if (!Files.isRegularFile(key)) {
            throw new InvalidSettings("there is no file " + key);
        }
        if (Files.isSymbolicLink(key)) {
            throw new InvalidSettings(key
                    + " is a symbolic link, such as of a mounted secret: replace the key where that comes" + " from");
        }
        if (!Files.isWritable(key.toAbsolutePath().getParent())) {
            throw new InvalidSettings(
                    "the folder of " + key + " may not be written here: a new key has to stand beside it");
        }
    }

    /**
     * Reads one of these files.
     *
     * @throws InvalidSettings if it is no file of the size that a key or a journal has: a pipe would never end
     */
    String read(Path file) throws IOException {
        if (Files.isRegularFile(file)) {
            try (InputStream content = Files.newInputStream(file)) {
                byte[] bytes = content.readNBytes(LARGEST + 1);
                if (bytes.length <= LARGEST) {
                    return new String(bytes, StandardCharsets.UTF_8);
                }
            }
        }
        throw new InvalidSettings(file + " is no file of at most " + LARGEST
                + " bytes, as a key and the journal of a rotation are. Look who wrote it, and move it away");
    }

    /** Writes a file whole. */
    void write(Path file, String content) throws IOException {
        Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
        Files.deleteIfExists(unfinished);
        KeyFile.writeForOwnerOnly(unfinished, content);
        forTheSame(unfinished);
        sync(unfinished);
        move(unfinished, file);
    }

    /** Puts the next key in the place of the key, which stays beside it as the previous one. */
    void turn() throws IOException {
        write(previous(), read(key).stripTrailing());
        move(next(), key);
    }

    private static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try {
            sync(to.toAbsolutePath().getParent());
        } catch (IOException e) {
            // a file system that has no such thing as a folder on disk: Windows
        }
    }

    private static void sync(@Nullable Path file) throws IOException {
        if (file != null) {
            try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    /** A command of another user must not leave a key that the worker cannot read. */
    private void forTheSame(Path file) throws IOException {
        var like = Files.getFileAttributeView(key, PosixFileAttributeView.class);
        var made = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        if (like == null || made == null) {
            return;
        }
        PosixFileAttributes wanted = like.readAttributes();
        if (!made.readAttributes().owner().equals(wanted.owner())) {
            made.setOwner(wanted.owner());
        }
        if (!made.readAttributes().group().equals(wanted.group())) {
            made.setGroup(wanted.group());
        }
        made.setPermissions(wanted.permissions());
    }
}
