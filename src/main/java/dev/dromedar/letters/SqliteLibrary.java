package dev.dromedar.letters;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes SQLite unpack its native part below the store: {@code /tmp} may be mounted so that nothing there is executed. A folder
 * for each process; what one that was killed has left is removed by the next.
 */
final class SqliteLibrary {
    private static final Logger LOG = LoggerFactory.getLogger(SqliteLibrary.class);
    private static final String FOLDER = "org.sqlite.tmpdir";
    private static final long ROOM = 4_000_000;

    private SqliteLibrary() {}

    /**
     * Before the first connection of this process. What the operator or the application has set wins. Where there is no room,
     * or nothing may be written, Java's own folder for temporary files stays: a command is to make room.
     */
    static synchronized void unpackBelow(Path libraries) {
        if (System.getProperty(FOLDER) != null || System.getProperty("org.sqlite.lib.path") != null) {
            return;
        }
        try {
            if (!Files.isDirectory(libraries)) {
                Files.createDirectories(libraries);
            }
            FileStore disk = Files.getFileStore(libraries);
            if (disk.supportsFileAttributeView("posix")) {
                Files.setPosixFilePermissions(libraries, PosixFilePermissions.fromString("rwx------"));
            }
            try (Stream<Path> left = Files.list(libraries)) {
                left.filter(SqliteLibrary::isLeft).toList().forEach(SqliteLibrary::remove);
            }
            if (disk.getUsableSpace() > ROOM) {
                Path own =
                        libraries.resolve(String.valueOf(ProcessHandle.current().pid()));
                Files.createDirectories(own);
                System.setProperty(FOLDER, own.toString());
            }
        } catch (IOException e) {
            LOG.debug("SQLite's native part is not unpacked in {}", libraries, e);
        }
    }

    /** Of this process's number too: its first holder is gone, since none was unpacked by this process yet. */
    private static boolean isLeft(Path folder) {
        String pid = String.valueOf(folder.getFileName());
        return pid.matches("\\d{1,18}")
                && (Long.parseLong(pid) == ProcessHandle.current().pid()
                        || ProcessHandle.of(Long.parseLong(pid)).isEmpty());
    }

    private static void remove(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(one);
            }
        } catch (IOException e) {
            // another process removes it too, or still has it open: the next start looks again
        }
    }
}
