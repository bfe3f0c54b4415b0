package dev.dromedar.camel;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Cuts the calls whose time is over. It looks when the first of them may be, instead of having a task for each: nearly all
 * end long before. Thread-safe.
 */
final class CallTimes {
    private final ScheduledExecutorService clock;
    /** Of a ring of all calls in progress; is none itself. */
    private final CallTime ends = new CallTime(Duration.ZERO, this);

    private boolean looks;
    /** By {@link System#nanoTime}. */
    private long nextLook;

    CallTimes(ScheduledExecutorService clock) {
        this.clock = clock;
    }

    /** @throws IOException if the worker is stopping */
    CallTime begin(Duration limit) throws IOException {
        var time = new CallTime(limit, this);
        synchronized (this) {
            try {
                if (clock.isShutdown()) {
                    throw new RejectedExecutionException();
                }
                look(time.end);
            } catch (RejectedExecutionException e) {
                throw new IOException("this worker is stopping", e);
            }
            time.putBefore(ends);
        }
        return time;
    }

    synchronized void end(CallTime time) {
        time.takeOut();
    }

    private void look(long at) {
        if (!looks || at - nextLook < 0) {
            clock.schedule(() -> lookNow(at), at - System.nanoTime(), TimeUnit.NANOSECONDS);
            looks = true;
            nextLook = at;
        }
    }

    private void lookNow(long planned) {
        over(planned).forEach(CallTime::cut);
    }

    private synchronized List<CallTime> over(long planned) {
        if (planned != nextLook) {
            return List.of(); // an earlier look was planned meanwhile, and it has planned the next
        }
        looks = false;
        long now = System.nanoTime();
        List<CallTime> over = new ArrayList<>();
        CallTime first = null;
        for (CallTime each = ends.after; each != ends; ) {
            CallTime next = each.after;
            if (each.end - now <= 0) {
                each.takeOut();
                over.add(each);
            } else if (first == null || each.end - first.end < 0) {
                first = each;
            }
            each = next;
        }
        if (first != null && !clock.isShutdown()) {
            look(first.end);
        }
        return over;
    }
}
