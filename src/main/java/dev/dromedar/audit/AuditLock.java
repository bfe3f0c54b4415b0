package dev.dromedar.audit;

import dev.dromedar.keys.OwnerOnly;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The right of one process, and one context of it, to write an audit file. */
final class AuditLock implements AutoCloseable {
    private static final String BY = " (process %d)";
    /** Of this process, whatever the context. */
    private static final Set<Path> LOCKED = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;

    private AuditLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** Another process, or another context of this one, writes this file. */
    static final class InUse extends IOException {
        private static final long serialVersionUID = 1;

        InUse(Path file, String by) {
            super(file + " is written by another worker" + by + ". Each worker needs an audit file of its own");
        }
    }

    /**
     * Locks an audit file for this process.
     *
     * @param wait how long to wait for another process to let go
     * @throws InUse if it does not
     */
    static AuditLock of(Path file, Duration wait) throws IOException {
        Path lockFile = file.resolveSibling(file.getFileName() + ".lock");
        long until = System.nanoTime() + wait.toNanos();
        OwnerOnly.makeFile(lockFile);
        while (true) {
            if (LOCKED.add(lockFile)) {
                FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.READ, StandardOpenOption.WRITE);
                FileLock held = null;
                try {
                    held = channel.tryLock();
                } catch (OverlappingFileLockException e) {
                    // as if another process had it
                }
                if (held != null) {
                    // By this channel: to close another one would give the lock back
                    channel.truncate(0);
                    channel.write(StandardCharsets.US_ASCII.encode(
                            BY.formatted(ProcessHandle.current().pid())));
                    return new AuditLock(lockFile, channel);
                }
                LOCKED.remove(lockFile);
                channel.close();
            }
            if (System.nanoTime() > until) {
                boolean ours = LOCKED.contains(lockFile); // then it must not be read, see above
                String by = ours ? "" : Files.readString(lockFile, StandardCharsets.ISO_8859_1);
                throw new InUse(file, by.matches(" \\(process \\d{1,12}\\)") ? by : "");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    @Override
    public void close() throws IOException {
        LOCKED.remove(file);
        channel.close();
    }
}
