package dev.dromedar.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Dead letters as files, one a letter, in a folder for each state. A letter is written beside, forced to disk and moved into
 * its place, and a move is how its state changes: after a crash each letter is there whole, in one state. A command works on
 * the same folders while a worker runs. The worker holds a lock, so that there is one.
 */
final class FileLetters implements Letters {
    private static final String SUFFIX = ".letter";
    private static final int LONGEST_LINE = 64 * 1024;

    private final Path folder;
    private final LetterFormat format;
    private final long mostBytes;
    private final @Nullable FileChannel lock;
    private final Queue<Path> found = new ArrayDeque<>();
    private final AtomicLong letters = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    /** Opens the store for a worker: makes it if it is not there, and marks what the last worker was replaying when it died. */
    static FileLetters forWorker(DeadLetterSettings settings) {
        return new FileLetters(settings, true);
    }

    /** Opens the store for a command. Does not make it. */
    static FileLetters forCommand(DeadLetterSettings settings) {
        return new FileLetters(settings, false);
    }

    private FileLetters(DeadLetterSettings settings, boolean worker) {
        this.folder = settings.folder().toAbsolutePath().normalize();
        this.format = new LetterFormat(settings.secretKey() == null ? null : new Seal(settings.secretKey()));
        this.mostBytes = settings.mostBytes();
        if (!worker) {
            checkVersion();
            this.lock = null;
            return;
        }
        if (Files.exists(folder.resolve("format"))) {
            // Before anything of this version's is made there
            checkVersion();
        }
        make();
        this.lock = lock();
        try {
            checkVersion();
            tidy();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void make() {
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(folder);
                if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
                    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
                }
            }
            for (Letter.State state : Letter.State.values()) {
                Files.createDirectories(folder(state));
            }
            Files.createDirectories(beside());
        } catch (IOException e) {
            throw failure("cannot be made", e);
        }
    }

    private FileChannel lock() {
        try {
            FileChannel channel =
                    FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock held = null;
            try {
                held = channel.tryLock();
            } catch (OverlappingFileLockException e) {
                // another Camel context of this process
            }
            if (held == null) {
                channel.close();
                throw new StoreFailure("dromedar.dead-letters.folder: another worker uses " + folder
                        + ". Stop it, give this one a folder of its own, or make them a cluster (dromedar.cluster.*).");
            }
            return channel;
        } catch (IOException e) {
            throw failure("cannot be locked", e);
        }
    }

    private void checkVersion() {
        Path file = folder.resolve("format");
        try {
            String version = Files.exists(file) ? Files.readString(file).strip() : "";
            if (version.isEmpty() && Files.isDirectory(folder(Letter.State.KEPT))) {
                place(file, (LetterFormat.VERSION + "\n").getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            } else if (version.isEmpty()) {
                throw new StoreFailure("dromedar.dead-letters.folder: there is no store in " + folder
                        + ". No worker has made one there; run this where the worker runs, or correct the key.");
            } else if (!version.matches("\\d{1,6}") || Integer.parseInt(version) > LetterFormat.VERSION) {
                throw new StoreFailure(
                        "dromedar.dead-letters.folder: the store in " + folder + " has format '" + version
                                + "', which a newer version has made; this one knows " + LetterFormat.VERSION
                                + ". Nothing was changed. Use the newer Dromedar, or another folder.");
            }
        } catch (IOException e) {
            throw failure("cannot be read", e);
        }
    }

    /** With the lock held nobody writes or replays: what is beside was never finished. */
    private void tidy() {
        try {
            try (Stream<Path> left = Files.list(beside())) {
                for (Path unfinished : left.toList()) {
                    Files.deleteIfExists(unfinished);
                }
            }
            recount();
        } catch (IOException e) {
            throw failure("cannot be read", e);
        }
    }

    @Override
    public List<Letter> findInterrupted() {
        List<Letter> found = new ArrayList<>();
        try {
            for (Path file : files(folder(Letter.State.RUNNING))) {
                Path to = folder(Letter.State.INTERRUPTED).resolve(name(file));
                Files.move(file, to, StandardCopyOption.ATOMIC_MOVE);
                found.add(read(to, Letter.State.INTERRUPTED));
            }
        } catch (IOException e) {
            throw failure("cannot be changed", e);
        }
        return found;
    }

    private void recount() throws IOException {
        long count = 0;
        long size = 0;
        for (Letter.State state : Letter.State.values()) {
            for (Path file : files(folder(state))) {
                try {
                    size += Files.size(file);
                    count++;
                } catch (NoSuchFileException e) {
                    // moved on or removed meanwhile
                }
            }
        }
        letters.set(count);
        bytes.set(size);
    }

    @Override
    public void add(Letter letter, Input input) {
        byte[] content = format.write(letter, input);
        if (bytes.get() + content.length > mostBytes) {
            usage(); // a command may have made room
        }
        if (bytes.addAndGet(content.length) > mostBytes) {
            bytes.addAndGet(-content.length);
            throw new StoreFailure("The dead letter store " + folder + " is full: " + bytes.get() / 1_000_000 + " of "
                    + mostBytes / 1_000_000
                    + " MB. Replay or discard letters, or raise dromedar.dead-letters.megabytes.");
        }
        try {
            place(file(letter.id(), letter.state()), content);
            letters.incrementAndGet();
        } catch (IOException e) {
            bytes.addAndGet(-content.length);
            throw failure("took no letter", e);
        }
    }

    /** All of it or nothing: written beside, forced to disk, moved into place, and the move forced too. */
    private void place(Path file, byte[] content) throws IOException {
        Path written =
                beside().resolve(name(file) + "." + ProcessHandle.current().pid());
        try {
            write(written, content);
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            Files.deleteIfExists(written);
            throw e;
        }
        force(file.getParent());
    }

    /** Writes a file whole, onto the disk. */
    static void write(Path file, byte[] content) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            var buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
    }

    /** Makes moves within a folder last through a power cut. Windows cannot open folders, and does not need it. */
    static void force(@Nullable Path changed) {
        if (changed == null) {
            return;
        }
        try (FileChannel channel = FileChannel.open(changed, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // not on this file system
        }
    }

    @Override
    public List<Letter> list(int most) {
        Map<Path, Letter.State> found = new TreeMap<>(Comparator.comparing(FileLetters::name));
        List<Letter> oldest = new ArrayList<>();
        try {
            for (Letter.State state : Letter.State.values()) {
                files(folder(state)).forEach(file -> found.put(file, state));
            }
            for (Map.Entry<Path, Letter.State> one : found.entrySet()) {
                if (oldest.size() == most) {
                    break;
                }
                try {
                    oldest.add(read(one.getKey(), one.getValue()));
                } catch (NoSuchFileException e) {
                    // moved on or removed meanwhile
                }
            }
        } catch (IOException e) {
            throw failure("cannot be read", e);
        }
        return oldest;
    }

    private Letter read(Path file, Letter.State state) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] start = in.readNBytes(1024);
            for (byte b : start) {
                if (b == '\n') {
                    return format.letter(start, state, file.toString());
                }
            }
            byte[] more = in.readNBytes(LONGEST_LINE);
            byte[] whole = java.util.Arrays.copyOf(start, start.length + more.length);
            System.arraycopy(more, 0, whole, start.length, more.length);
            return format.letter(whole, state, file.toString());
        } catch (StoreFailure e) {
            Instant written = Files.getLastModifiedTime(file).toInstant();
            return Letter.unreadable(id(file), state, written, String.valueOf(e.getMessage()));
        }
    }

    private static String id(Path file) {
        String name = name(file);
        return name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
    }

    @Override
    public @Nullable Letter find(String id) {
        // Twice: between two looks a letter can move to a folder that was looked into already
        for (int look = 0; look < 2; look++) {
            for (Letter.State state : Letter.State.values()) {
                try {
                    return read(file(id, state), state);
                } catch (NoSuchFileException e) {
                    // not in this state
                } catch (IOException e) {
                    throw failure("cannot be read", e);
                }
            }
        }
        return null;
    }

    @Override
    public Input input(Letter letter) {
        Path file = file(letter.id(), letter.state());
        try {
            return format.input(Files.readAllBytes(file), file.toString());
        } catch (IOException e) {
            throw failure("cannot be read", e);
        }
    }

    @Override
    public boolean ask(String id) {
        return move(id, Letter.State.KEPT, Letter.State.ASKED)
                || move(id, Letter.State.INTERRUPTED, Letter.State.ASKED);
    }

    @Override
    public boolean discard(String id) {
        for (Letter.State state : List.of(Letter.State.KEPT, Letter.State.INTERRUPTED, Letter.State.ASKED)) {
            if (remove(file(id, state))) {
                return true;
            }
        }
        return false;
    }

    /** Looks into the folder when what it found last is used up: with 10,000 letters a look for each would be slow. */
    @Override
    public synchronized @Nullable Letter claim() {
        try {
            if (found.isEmpty()) {
                found.addAll(files(folder(Letter.State.ASKED)));
            }
            for (Path file = found.poll(); file != null; file = found.poll()) {
                String id = id(file);
                if (move(id, Letter.State.ASKED, Letter.State.RUNNING)) {
                    return read(file(id, Letter.State.RUNNING), Letter.State.RUNNING);
                }
            }
            return null;
        } catch (IOException e) {
            throw failure("cannot be read", e);
        }
    }

    @Override
    public void done(Letter letter) {
        remove(file(letter.id(), Letter.State.RUNNING));
        force(folder(Letter.State.RUNNING));
    }

    @Override
    public void failed(Letter letter, Input input) {
        try {
            place(file(letter.id(), Letter.State.RUNNING), format.write(letter, input));
        } catch (IOException e) {
            throw failure("took no letter", e);
        } finally {
            move(letter.id(), Letter.State.RUNNING, Letter.State.KEPT);
        }
    }

    @Override
    public void release(Letter letter) {
        move(letter.id(), Letter.State.RUNNING, Letter.State.KEPT);
    }

    @Override
    public int removeBefore(Instant time) {
        int removed = 0;
        for (Letter letter : list()) {
            boolean idle = letter.state() == Letter.State.KEPT || letter.state() == Letter.State.INTERRUPTED;
            if (idle && letter.failed().isBefore(time) && remove(file(letter.id(), letter.state()))) {
                removed++;
            }
        }
        return removed;
    }

    @Override
    public Usage usage() {
        try {
            recount();
        } catch (IOException e) {
            throw failure("cannot be read", e);
        }
        return new Usage(letters.get(), bytes.get(), mostBytes);
    }

    @Override
    public void probe() {
        Path probe = beside().resolve("probe");
        try {
            write(probe, new byte[4096]);
            Files.delete(probe);
        } catch (IOException e) {
            throw failure("takes no letters", e);
        }
    }

    /** A worker holds the lock; to a command that gets it for a moment, there is none. */
    @Override
    public boolean workerRuns() {
        if (lock != null) {
            return true;
        }
        try (FileChannel channel = FileChannel.open(folder.resolve("lock"), StandardOpenOption.WRITE);
                FileLock held = channel.tryLock()) {
            return held == null;
        } catch (OverlappingFileLockException e) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private boolean move(String id, Letter.State from, Letter.State to) {
        try {
            Files.move(file(id, from), file(id, to), StandardCopyOption.ATOMIC_MOVE);
            force(folder(to));
            return true;
        } catch (NoSuchFileException | FileAlreadyExistsException e) {
            return false;
        } catch (IOException e) {
            throw failure("cannot be changed", e);
        }
    }

    private boolean remove(Path file) {
        try {
            long size = Files.size(file);
            Files.delete(file);
            bytes.addAndGet(-size);
            letters.decrementAndGet();
            return true;
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw failure("cannot be changed", e);
        }
    }

    private static List<Path> files(Path in) throws IOException {
        try (Stream<Path> files = Files.list(in)) {
            return files.filter(file -> name(file).endsWith(SUFFIX)).sorted().toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    private Path folder(Letter.State state) {
        return folder.resolve(state.word());
    }

    private Path beside() {
        return folder.resolve("unfinished");
    }

    /** Ids come from people: what is no id names no file. */
    private Path file(String id, Letter.State state) {
        if (!id.matches("[0-9a-z-]{1,40}")) {
            throw new StoreFailure("'" + id + "' is no id of a dead letter. The list shows the ids.");
        }
        return folder(state).resolve(id + SUFFIX);
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    private StoreFailure failure(String what, IOException e) {
        String why = e instanceof AccessDeniedException
                ? "the user that runs this may not write or read there. Give it that right"
                : e instanceof FileSystemException failed && failed.getReason() != null
                        ? failed.getReason() + ". Make room, or correct what is wrong there"
                        : (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage())
                                + ". Make room, or correct what is wrong there";
        return new StoreFailure(
                "dromedar.dead-letters.folder: the store " + folder + " " + what + ": " + why
                        + ", or name another folder.",
                e);
    }

    @Override
    public void close() {
        if (lock != null) {
            try {
                lock.close();
            } catch (IOException e) {
                // the process ends the lock
            }
        }
    }
}
