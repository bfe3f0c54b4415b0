package dev.dromedar.audit;

import dev.dromedar.keys.OwnerOnly;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One chain of records, opened for writing: by one process at a time. What the last process left is taken up, torn or not, and
 * the chain goes on from there. A record is handed to the operating system before {@link #append} returns, so that it outlives
 * the process; it is forced to the disk when a file is closed or rolled. Thread-safe.
 *
 * <p>Not by {@link FileChannel}, which an interrupted thread would close for all others.
 */
final class AuditFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AuditFile.class);
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("uuuuMMdd");
    private final AuditSettings settings;
    private final AuditFiles files;
    private final AuditKey key;
    private final Clock clock;
    private final AuditLock lock;
    private AuditHead head = AuditHead.NONE;
    private @Nullable RandomAccessFile out;
    private @Nullable RandomAccessFile headOut;
    private long length;
    private String day = "";
    /** Number of the current file's first record. */
    private long first = 1;

    private @Nullable Object fileKey;
    private long looked;

    private AuditFile(AuditSettings settings, AuditKey key, Clock clock, AuditLock lock) {
        this.settings = settings;
        this.files = new AuditFiles(settings.file());
        this.key = key;
        this.clock = clock;
        this.lock = lock;
    }

    /**
     * Opens a chain, or begins one.
     *
     * @param wait how long to wait for another process to let go
     * @throws AuditLock.InUse if it does not
     * @throws IllegalArgumentException if the key file holds no key
     */
    static AuditFile open(AuditSettings settings, Duration wait, Clock clock) throws IOException {
        Path file = settings.file().toAbsolutePath().normalize();
        OwnerOnly.makeFolder(Objects.requireNonNull(file.getParent()));
        AuditLock lock = AuditLock.of(file, wait);
        try {
            var opened = new AuditFile(settings, AuditKey.made(settings), clock, lock);
            opened.takeUp();
            return opened;
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /** Goes on where the chain ends, and records it if that is not where it should. */
    private void takeUp() throws IOException {
        AuditEnd end = AuditEnd.find(settings.file(), files, key);
        head = end.head();
        openCurrent();
        if (!end.found().isEmpty()) {
            LOG.warn(
                    "Audit: {} did not end as it should: {}. It goes on; './run audit verify' has the details.",
                    settings.file(),
                    end.found());
            append(event("recovered", "found", end.found()));
        }
        removeOld();
    }

    private void openCurrent() throws IOException {
        OwnerOnly.makeFile(settings.file());
        closeQuietly(out);
        var opened = new RandomAccessFile(settings.file().toFile(), "rw");
        out = opened;
        length = opened.length();
        fileKey = fileKey();
        first = head.number() + 1;
        day = today();
        if (length > 0) {
            byte[] start = new byte[(int) Math.min(length, AuditLine.LONGEST)];
            opened.readFully(start);
            int end = 0;
            while (end < start.length && start[end] != '\n') {
                end++;
            }
            AuditLine line = AuditLine.read(key, java.util.Arrays.copyOf(start, end));
            first = line.number() > 0 ? line.number() : first;
            day = line.day() == null ? day : line.day();
        }
        if (headOut == null) {
            OwnerOnly.makeFile(AuditHead.file(settings.file()));
            headOut = new RandomAccessFile(AuditHead.file(settings.file()).toFile(), "rw");
        }
        head.write(headOut, key);
    }

    /**
     * Writes one record; {@code n}, {@code time}, {@code node}, {@code prev} and {@code hash} are added.
     *
     * @throws IOException if it cannot be written; then nothing of it is in the file
     */
    synchronized void append(Map<String, Object> fields) throws IOException {
        if (out == null) {
            openCurrent();
        }
        look();
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("time", Objects.requireNonNullElseGet(fields.get("time"), () -> clock.instant()
                .toString()));
        all.put("node", settings.node());
        fields.forEach(all::putIfAbsent);
        boolean rolled = length > 0 && (length >= settings.rollSize() || !day.equals(today()));
        if (rolled) {
            roll();
        }
        AuditLine.Written line = AuditLine.write(key, head.number() + 1, all, head.hash());
        RandomAccessFile current = Objects.requireNonNull(out);
        try {
            current.seek(length);
            current.write(line.bytes());
            var next = new AuditHead(head.from(), head.number() + 1, line.hash());
            next.write(Objects.requireNonNull(headOut), key);
            head = next;
            length += line.bytes().length;
        } catch (IOException e) {
            current.setLength(length); // a part of a record may be there
            throw e;
        }
        if (rolled) {
            removeOld();
        }
    }

    /** A record of this file's own. */
    static Map<String, Object> event(String event, String name, Object value) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("event", event);
        fields.put(name, value);
        return fields;
    }

    /** A file that was moved away or removed would take records, and nobody would find them. */
    private void look() throws IOException {
        long now = System.nanoTime();
        if (now - looked > LOOK_NANOS) {
            if (!Objects.equals(fileKey, fileKey())) {
                throw new IOException(
                        settings.file() + " was moved, removed or replaced while it was open: put it back,"
                                + " and restart the worker");
            }
            looked = now;
        }
    }

    private @Nullable Object fileKey() {
        try {
            return Files.readAttributes(settings.file(), BasicFileAttributes.class)
                    .fileKey();
        } catch (IOException e) {
            return "missing";
        }
    }

    private void roll() throws IOException {
        RandomAccessFile full = Objects.requireNonNull(out);
        full.getFD().sync();
        Files.move(settings.file(), files.rolledName(day, first));
        closeQuietly(full);
        out = null;
        openCurrent();
        LOG.info("Audit: {} was rolled; head {}", settings.file(), head());
    }

    /** Removes files that were rolled, all of whose records are older than {@code keep}. */
    private void removeOld() throws IOException {
        Duration keep = settings.keep();
        if (keep == null) {
            return;
        }
        String oldest = DAY.format(LocalDate.ofInstant(clock.instant().minus(keep), ZoneOffset.UTC));
        List<AuditFiles.Rolled> rolled = files.rolled();
        int remove = 0;
        while (remove < rolled.size() && rolled.get(remove).day().compareTo(oldest) < 0) {
            remove++;
        }
        if (remove == 0) {
            return;
        }
        long from = remove < rolled.size() ? rolled.get(remove).first() : first;
        head = new AuditHead(from, head.number(), head.hash());
        head.write(Objects.requireNonNull(headOut), key);
        for (AuditFiles.Rolled gone : rolled.subList(0, remove)) {
            Files.deleteIfExists(gone.file());
        }
        append(event("removed", "through", from - 1));
        LOG.info("Audit: {} file(s) removed, older than dromedar.audit.keep", remove);
    }

    private String today() {
        return DAY.format(LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC));
    }

    /** Number and hash of the newest record, {@code 12:...}: kept elsewhere, it proves what was there. */
    synchronized String head() {
        return head.number() + ":" + head.hash();
    }

    synchronized String subject(String subject) {
        return key.ofSubject(subject);
    }

    Instant now() {
        return clock.instant();
    }

    @Override
    public synchronized void close() {
        RandomAccessFile current = out;
        if (current != null) {
            try {
                current.getFD().sync();
            } catch (IOException e) {
                LOG.warn("Audit: {} could not be forced to the disk: {}", settings.file(), e.getMessage());
            }
        }
        closeQuietly(current);
        closeQuietly(headOut);
        out = null;
        headOut = null;
        closeQuietly(lock);
    }

    private static void closeQuietly(@Nullable AutoCloseable part) {
        if (part != null) {
            try {
                part.close();
            } catch (Exception e) {
                LOG.debug("It was of no use any more", e);
            }
        }
    }
}
