package dev.dromedar.cluster;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for what another thread, process or database does: looks often, and not for ever. */
public final class Await {
    private Await() {}

    public static void until(String what, Duration most, Callable<Boolean> condition) {
        long end = System.nanoTime() + most.toNanos();
        Exception last = null;
        do {
            try {
                if (condition.call()) {
                    return;
                }
                last = null;
            } catch (Exception e) {
                last = e;
            }
            LockSupport.parkNanos(20_000_000);
        } while (System.nanoTime() < end);
        throw new AssertionError("Not within " + most.toSeconds() + " s: " + what, last);
    }
}
