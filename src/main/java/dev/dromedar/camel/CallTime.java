package dev.dromedar.camel;

import dev.dromedar.oauth.AnswerLimitExceeded;
import dev.dromedar.oauth.FailureKind;
import dev.dromedar.settings.Durations;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hc.core5.concurrent.Cancellable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time that one call may take, from its beginning to the last byte of its answer's body, repeats and redirects
 * included. When it is over, the connection is cut: a limit for each read would let a byte an hour go on for ever.
 * Thread-safe.
 */
final class CallTime {
    private static final Logger LOG = LoggerFactory.getLogger(CallTime.class);

    private final Duration limit;
    private final Watch watch;
    /** By {@link System#nanoTime}. */
    final long end;

    private volatile @Nullable Cancellable lease;
    private volatile @Nullable Runnable whenCut;
    private volatile boolean over;

    /** Its neighbours among the calls in progress; of {@link #watch}. */
    CallTime before = this;

    CallTime after = this;

    CallTime(Duration limit, Watch watch) {
        this.limit = limit;
        this.watch = watch;
        this.end = System.nanoTime() + limit.toNanos();
    }

    void putBefore(CallTime other) {
        before = other.before;
        after = other;
        other.before.after = this;
        other.before = this;
    }

    void takeOut() {
        before.after = after;
        after.before = before;
        before = this;
        after = this;
    }

    void watch(Cancellable lease) {
        this.lease = lease;
        if (over) {
            lease.cancel();
        }
    }

    /** Is done when the time is over, after the connection has been cut. */
    void whenCut(Runnable end) {
        whenCut = end;
        if (over) {
            end.run();
        }
    }

    void cut() {
        over = true;
        cutNow();
        Runnable then = whenCut;
        if (then != null) {
            then.run();
        }
    }

    boolean isOver() {
        return over;
    }

    IOException exceeded() {
        return new AnswerLimitExceeded(
                "the call was not complete within " + Durations.shown(limit) + ", and was cut off (call-time-limit)",
                FailureKind.NETWORK);
    }

    /** Cuts the connection before its time. */
    void cutNow() {
        Cancellable now = lease;
        if (now != null) {
            now.cancel();
        }
    }

    /** The call has ended. */
    void stop() {
        watch.end(this);
    }

    /**
     * Cuts the calls whose time is over. It looks when the first of them may be, instead of having a task for each: nearly all
     * end long before. Thread-safe.
     */
    static final class Watch {
        private final ScheduledExecutorService clock;
        /** Of a ring of all calls in progress; is none itself. */
        private final CallTime ends = new CallTime(Duration.ZERO, this);

        private boolean looks;
        /** By {@link System#nanoTime}. */
        private long nextLook;

        Watch(ScheduledExecutorService clock) {
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
            for (CallTime each : over(planned)) {
                try {
                    each.cut();
                } catch (RuntimeException e) {
                    LOG.warn("A call whose time was over could not be cut", e); // the others are
                }
            }
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
}
