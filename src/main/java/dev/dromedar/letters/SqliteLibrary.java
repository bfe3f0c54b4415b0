package dev.dromedar.letters;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * Makes SQLite unpack its native part below the store: {@code /tmp} may be mounted so that nothing there is executed. A folder
 * for each process; what one that was killed has left is removed by the next.
 */
final class SqliteLibrary {
    private static final String FOLDER = "org.sqlite.tmpdir";

    private SqliteLibrary() {}

    /** Before the first connection of this process. What the operator or the application has set wins. */
    static synchronized void unpackBelow(Path libraries) throws IOException {
        if (System.getProperty(FOLDER) != null || System.getProperty("org.sqlite.lib.path") != null) {
            return;
        }
        if (!Files.isDirectory(libraries)) {
            Files.createDirectories(libraries);
        }
        if (Files.getFileStore(libraries).supportsFileAttributeView("posix")) {
            Files.setPosixFilePermissions(libraries, PosixFilePermissions.fromString("rwx------"));
        }
        try (Stream<Path> left = Files.list(libraries)) {
            left.filter(SqliteLibrary::isLeft).toList().forEach(SqliteLibrary::remove);
        }
        Path own = libraries.resolve(String.valueOf(ProcessHandle.current().pid()));
        Files.createDirectories(own);
        System.setProperty(FOLDER, own.toString());
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
