package dev.dromedar.camel;

import dev.dromedar.oauth.AnswerLimitExceeded;
import dev.dromedar.oauth.InvalidSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where bodies go that are too large for memory: Camel's stream caching, in a folder of this process alone that only its user
 * may enter. Their room is bounded, and some of the disk is left for others. Camel deletes each file with its exchange; what a killed process has left is deleted at the next start.
 */
final class Spool extends ServiceSupport {
    private static final long MEGABYTE = 1_000_000;
    /** More than the store of dead letters leaves. */
    private static final long MOST_RESERVE = 64 * MEGABYTE;

    private static final Logger LOG = LoggerFactory.getLogger(Spool.class);

    private final Path folder;
    private final FileChannel held;
    private final long most;

    private Spool(Path folder, FileChannel held, long most) {
        this.folder = folder;
        this.held = held;
        this.most = most;
    }

    /**
     * Turns spooling on, unless the context's owner has settings of their own for it.
     *
     * @param all the folder for the folders of all processes
     * @param most bytes of all bodies of this process together
     */
    static void install(CamelContext context, Path all, long most) throws Exception {
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
            var spool = new Spool(folder, lock, most);
            caching.addSpoolRule(new Room(caching, spool));
            context.addService(spool);
        } catch (IOException e) {
            throw new InvalidSettings(
                    "dromedar.dead-letters.folder: the folder '" + all + "' for large bodies cannot be made: " + e
                            + ". Make it writable for the user of this worker, or name another folder.");
        }
    }

    /** Looks for room when a body begins to be spooled; when that is, is Camel's own rule. */
    private record Room(StreamCachingStrategy caching, Spool spool) implements StreamCachingStrategy.SpoolRule {
        @Override
        public boolean shouldSpoolCache(long length) {
            if (length > caching.getSpoolThreshold()) {
                spool.makeSureOfRoom();
            }
            return true;
        }

        /** Camel logs it at the start. */
        @Override
        public String toString() {
            return "at most " + spool.most / MEGABYTE + " MB of all bodies";
        }
    }

    /** The spool of a context, or null if its owner has settings of their own. */
    static @Nullable Spool of(CamelContext context) {
        return context.hasService(Spool.class);
    }

    /**
     * Called when a body begins to be spooled, and for answers of APIs again and again while they come in.
     *
     * @throws UncheckedIOException if the bodies have the room that they may have, or the disk is nearly full
     */
    void makeSureOfRoom() {
        try {
            long used = used();
            if (used >= most) {
                throw full("Large bodies of running calls take " + used / MEGABYTE + " MB in " + folder.getParent()
                        + ", and may take " + most / MEGABYTE + " MB. Let fewer of these calls run at once, ask for"
                        + " smaller answers, or raise dromedar.spool.megabytes.");
            }
            FileStore disk = Files.getFileStore(folder);
            long reserve = Math.min(MOST_RESERVE, disk.getTotalSpace() / 10);
            if (disk.getUsableSpace() < reserve) {
                throw full("The disk of " + folder.getParent() + " is full but for "
                        + disk.getUsableSpace() / MEGABYTE
                        + " MB, which are left for dead letters. Make room, or have large bodies elsewhere"
                        + " (camel.main.stream-caching-spool-directory).");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The folder " + folder + " for large bodies cannot be read.", e);
        }
    }

    private static UncheckedIOException full(String words) {
        return new UncheckedIOException(words, new AnswerLimitExceeded(words));
    }

    private long used() throws IOException {
        long used = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                try {
                    used += Files.size(file);
                } catch (NoSuchFileException e) {
                    // its message is done
                }
            }
        }
        return used;
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
