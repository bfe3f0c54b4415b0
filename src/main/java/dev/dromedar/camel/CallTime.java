package dev.dromedar.camel;

import dev.dromedar.oauth.AnswerLimitExceeded;
import dev.dromedar.oauth.FailureKind;
import dev.dromedar.settings.Durations;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/**
 * The time that one call may take, from its beginning to the last byte of its answer's body, repeats and redirects
 * included. When it is over, the connection is cut: a limit for each read would let a byte an hour go on for ever.
 * Thread-safe.
 */
final class CallTime {
    private static final String ATTRIBUTE = "dromedar.time";

    private final Duration limit;
    private final ScheduledFuture<?> end;
    private volatile @Nullable Cancellable lease;
    private volatile @Nullable Runnable whenCut;
    private volatile boolean over;

    private CallTime(Duration limit, ScheduledExecutorService clock) {
        this.limit = limit;
        this.end = clock.schedule(this::cut, limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** @throws IOException if the worker is stopping */
    static CallTime begin(Duration limit, ScheduledExecutorService clock, HttpContext context) throws IOException {
        try {
            var time = new CallTime(limit, clock);
            context.setAttribute(ATTRIBUTE, time);
            return time;
        } catch (RejectedExecutionException e) {
            throw new IOException("this worker is stopping", e);
        }
    }

    static @Nullable CallTime of(HttpContext context) {
        return context.getAttribute(ATTRIBUTE) instanceof CallTime time ? time : null;
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

    private void cut() {
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
        end.cancel(false);
    }
}
