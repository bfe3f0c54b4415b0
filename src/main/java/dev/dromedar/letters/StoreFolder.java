package dev.dromedar.letters;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of a store: its database, a lock for its one worker, and a file that states the version, to older workers too. Only
 * the owner may read what is in it. Thread-safe.
 */
final class StoreFolder {
    /** What a folder is for. */
    enum Use {
        LETTERS("dromedar.dead-letters.folder"),
        FEEDS("dromedar.feed.folder");

        final String key;

        Use(String key) {
            this.key = key;
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(StoreFolder.class);
    /** Of the folder. 1 is that of letters in files, whose workers read this file too. */
    private static final int VERSION = 2;

    /** Of this process, whatever the context: a second look at a lock file through the file system would free the first. */
    private static final Set<Path> LOCKED = ConcurrentHashMap.newKeySet();

    private static final Object SETUP = new Object();

    private final Path folder;
    private final Use use;
    private final FolderRights rights;
    private @Nullable FileChannel lock;

    StoreFolder(Path folder, Use use) {
        this.folder = folder.toAbsolutePath().normalize();
        this.use = use;
        this.rights = new FolderRights(this.folder, use.key);
    }

    Path database() {
        return folder.resolve("dromedar.sqlite");
    }

    /** Where SQLite's native part goes. */
    Path libraries() {
        return folder.resolve("native");
    }

    /** Makes the folder if it is not there. */
    void make() {
        try {
            if (!Files.isDirectory(folder)) {
                Path parent = folder.getParent();
                if (parent != null) {
                    Files.createDirectories(parent);
                }
                try {
                    Files.createDirectory(folder, rights.ofFolder());
                } catch (FileAlreadyExistsException e) {
                    if (!Files.isDirectory(folder)) {
                        throw e;
                    }
                }
            }
            checkVersion();
            closeToOthers();
        } catch (IOException e) {
            throw failure("cannot be made", e);
        }
    }

    /**
     * Finds the store of a worker.
     *
     * @throws StoreFailure if there is none, or an older one
     */
    void find() {
        if (!isComplete()) {
            boolean older = Files.isDirectory(folder.resolve("kept")) || hasPointers();
            throw new StoreFailure(use.key + ": "
                    + (older
                            ? "the store in " + folder + " is of an older version. Start the worker: it takes it over."
                            : "there is no store in " + folder
                                    + ". No worker has made one there; run this where the worker runs, or correct"
                                    + " the key."));
        }
        checkVersion();
    }

    /** Whether a store of this version is here. */
    boolean isComplete() {
        return Files.exists(database()) && version().equals(String.valueOf(VERSION));
    }

    private boolean hasPointers() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch(file -> file.toString().endsWith(".pointer"));
        } catch (IOException e) {
            return false;
        }
    }

    private String version() {
        try {
            return Files.readString(folder.resolve("format")).strip();
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw failure("cannot be read", e);
        }
    }

    private void checkVersion() {
        String version = version();
        if (!version.matches("\\d{0,6}") || !version.isEmpty() && Integer.parseInt(version) > VERSION) {
            throw new StoreFailure(use.key + ": the store in " + folder + " has format '"
                    + (version.matches("\\d{1,18}") ? version : "?")
                    + "', which a newer version has made; this one knows " + VERSION
                    + ". Nothing was changed. Use the newer Dromedar, or another folder.");
        }
        if (version.equals(String.valueOf(VERSION)) && isEmpty(database())) {
            throw new StoreFailure(use.key + ": a store was in " + folder + ", and its file " + database()
                    + " is " + (Files.exists(database()) ? "empty" : "missing")
                    + ". Restore it from a backup. To begin with an empty store, remove the file 'format' there.");
        }
    }

    private static boolean isEmpty(Path file) {
        try {
            return Files.size(file) == 0;
        } catch (IOException e) {
            return !Files.exists(file);
        }
    }

    /** Makes the database's file, empty, so that it and what SQLite puts beside it are the owner's alone from the beginning. */
    void makeFile() {
        try {
            Files.createFile(database(), rights.ofFile());
        } catch (FileAlreadyExistsException e) {
            // it stays as it is
        } catch (IOException e) {
            throw failure("cannot be made", e);
        }
    }

    /** From now on the store is whole, and no worker of an older version begins beside it. */
    void complete() {
        if (isComplete()) {
            return;
        }
        Path beside = folder.resolve("format.unfinished");
        try {
            try (FileChannel channel = FileChannel.open(
                    beside,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                channel.write(StandardCharsets.US_ASCII.encode(VERSION + "\n"));
                channel.force(true);
            }
            Files.move(beside, folder.resolve("format"), StandardCopyOption.ATOMIC_MOVE);
            closeToOthers();
        } catch (IOException e) {
            throw failure("cannot be written", e);
        }
    }

    /** Runs what makes or upgrades the store: one process at a time, whether it is the worker or not. */
    void setUp(Runnable work) {
        synchronized (SETUP) {
            try (FileChannel channel = FileChannel.open(
                            folder.resolve("setup.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock held = channel.lock()) {
                if (held.isValid()) {
                    work.run();
                }
            } catch (IOException e) {
                throw failure("cannot be written", e);
            }
        }
    }

    /**
     * Locks the folder for its one worker, until it is unlocked or the process ends.
     *
     * @throws StoreFailure if another worker has it
     */
    synchronized void lock() {
        try {
            Path real = folder.toRealPath();
            if (!LOCKED.add(real)) {
                throw new StoreFailure(use.key + ": another Camel context of this process uses " + folder
                        + ". Give each context a folder of its own.");
            }
            try {
                lock = lockFile();
            } finally {
                if (lock == null) {
                    LOCKED.remove(real);
                }
            }
            if (lock == null) {
                throw new StoreFailure(use.key + ": another worker uses " + folder
                        + ". Stop it, give this one a folder of its own, or make them a cluster (dromedar.cluster.*).");
            }
        } catch (IOException e) {
            throw failure("cannot be locked", e);
        }
    }

    @SuppressWarnings("resource") // its lock is what it is for
    private @Nullable FileChannel lockFile() throws IOException {
        FileChannel channel =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return channel;
            }
            channel.close();
        } catch (OverlappingFileLockException e) {
            // Of this process, by another class loader: to close the channel would free that lock. It stays open
        }
        return null;
    }

    /** Whether a worker has the folder. */
    boolean isLocked() {
        try {
            if (LOCKED.contains(folder.toRealPath())) {
                return true;
            }
            FileChannel mine = Files.exists(folder.resolve("lock")) ? lockFile() : null;
            if (mine == null) {
                return Files.exists(folder.resolve("lock"));
            }
            mine.close();
            return false;
        } catch (IOException e) {
            return false;
        }
    }

    synchronized void unlock() {
        if (lock != null) {
            try {
                lock.close();
                LOCKED.remove(folder.toRealPath());
            } catch (IOException e) {
                LOG.warn("{}: the lock of {} could not be released: {}", use.key, folder, e.getMessage());
            }
            lock = null;
        }
    }

    /** Takes the rights of all but the owner away, where a folder or a file had more. */
    void closeToOthers() throws IOException {
        rights.closeToOthers();
    }

    StoreFailure failure(String what, Exception e) {
        String why = e instanceof AccessDeniedException
                ? "the user that runs this may not write or read there. Give it that right"
                : e instanceof ReadOnlyFileSystemException || reason(e).contains("Read-only file system")
                        ? "the file system is read-only. Mount it for writing"
                        : reason(e) + ". Make room, or correct what is wrong there";
        return new StoreFailure(
                use.key + ": the store " + folder + " " + what + ": " + why + ", or name another folder.", e);
    }

    private static String reason(Exception e) {
        if (e instanceof FileSystemException failed && failed.getReason() != null) {
            return failed.getReason();
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    @Override
    public String toString() {
        return folder.toString();
    }
}
