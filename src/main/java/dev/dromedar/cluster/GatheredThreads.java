package dev.dromedar.cluster;

import java.util.concurrent.locks.LockSupport;
import org.quartz.simpl.SimpleThreadPool;

/**
 * Quartz's threads. Under load it would acquire a firing for each thread that gets free, by a transaction each that all nodes wait
 * for; here, while fewer than half of them are free, it waits 2 ms for more, and acquires for all of those at once. Quartz makes
 * the instance, by the class's name.
 */
public final class GatheredThreads extends SimpleThreadPool {
    private static final long NANOS = 2_000_000;

    @Override
    public int blockForAvailableThreads() {
        int free = super.blockForAvailableThreads();
        if (free > 0 && free < (getPoolSize() + 1) / 2) {
            LockSupport.parkNanos(NANOS);
            free = super.blockForAvailableThreads();
        }
        return free;
    }
}
