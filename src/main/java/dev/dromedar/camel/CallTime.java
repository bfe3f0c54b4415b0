package dev.dromedar.camel;

import dev.dromedar.oauth.AnswerLimitExceeded;
import dev.dromedar.oauth.FailureKind;
import dev.dromedar.settings.Durations;
import java.io.IOException;
import java.time.Duration;
import org.apache.hc.core5.concurrent.Cancellable;
import org.jspecify.annotations.Nullable;

/**
 * The time that one call may take, from its beginning to the last byte of its answer's body, repeats and redirects
 * included. When it is over, the connection is cut: a limit for each read would let a byte an hour go on for ever.
 * Thread-safe.
 */
final class CallTime {
    private final Duration limit;
    private final CallTimes times;
    /** By {@link System#nanoTime}. */
    final long end;

    private volatile @Nullable Cancellable lease;
    private volatile @Nullable Runnable whenCut;
    private volatile boolean over;

    /** Its neighbours among the calls in progress; of {@link #times}. */
    CallTime before = this;

    CallTime after = this;

    CallTime(Duration limit, CallTimes times) {
        this.limit = limit;
        this.times = times;
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
        times.end(this);
    }
}
