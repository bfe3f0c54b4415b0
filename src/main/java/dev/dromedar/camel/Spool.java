package dev.dromedar.camel;

import dev.dromedar.oauth.InvalidSettings;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.StreamCachingStrategy;
import org.apache.camel.support.service.ServiceSupport;
import org.apache.camel.util.FileUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where bodies go that are too large for memory: Camel's stream caching, in a folder of this process alone that only its user
 * may enter. Camel deletes each file with its exchange; what a killed process has left is deleted at the next start.
 */
final class Spool extends ServiceSupport {
    private static final Logger LOG = LoggerFactory.getLogger(Spool.class);

    private final Path folder;
    private final FileChannel held;

    private Spool(Path folder, FileChannel held) {
        this.folder = folder;
        this.held = held;
    }

    /**
     * Turns spooling on, unless the context's owner has settings of their own for it.
     *
     * @param all the folder for the folders of all processes
     */
    static void install(CamelContext context, Path all) throws Exception {
        StreamCachingStrategy caching = context.getStreamCachingStrategy();
        if (caching.isSpoolEnabled() || caching.getSpoolDirectory() != null) {
            return;
        }
        FileAttribute<?>[] ownerOnly = FileUtil.isWindows()
                ? new FileAttribute<?>[0]
                : new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                };
        try {
            Files.createDirectories(all);
            clear(all);
            Path folder = all.resolve(UUID.randomUUID().toString());
            FileChannel lock = FileChannel.open(lock(folder), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            if (lock.tryLock() == null) {
                throw new IOException("its lock is taken");
            }
            Files.createDirectory(folder, ownerOnly);
            caching.setSpoolDirectory(folder.toFile());
            caching.setSpoolEnabled(true);
            context.addService(new Spool(folder, lock));
        } catch (IOException e) {
            throw new InvalidSettings(
                    "dromedar.dead-letters.folder: the folder '" + all + "' for large bodies cannot be made: " + e
                            + ". Make it writable for the user of this worker, or name another folder.");
        }
    }

    private static Path lock(Path folder) {
        return folder.resolveSibling(folder.getFileName() + ".lock");
    }

    /** Deletes the folders whose process is no more: nobody holds their lock. */
    private static void clear(Path all) throws IOException {
        try (DirectoryStream<Path> locks = Files.newDirectoryStream(all, "*.lock")) {
            for (Path left : locks) {
                String name = left.getFileName().toString();
                try (FileChannel channel = FileChannel.open(left, StandardOpenOption.WRITE);
                        FileLock held = channel.tryLock()) {
                    if (held != null) {
                        delete(all.resolve(name.substring(0, name.length() - ".lock".length())));
                        Files.deleteIfExists(left);
                    }
                } catch (OverlappingFileLockException | NoSuchFileException e) {
                    // of another context in this process, or gone meanwhile
                }
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    @Override
    protected void doStop() {
        try {
            delete(folder);
            held.close();
            Files.deleteIfExists(lock(folder));
        } catch (IOException e) {
            LOG.warn("Large bodies are left in {} ({}). They are deleted at the next start.", folder, e.toString());
        }
    }
}
