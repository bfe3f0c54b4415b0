package dev.dromedar.camel;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.jspecify.annotations.Nullable;

/**
 * Hands the body of an answer to a subscriber of {@code java.net.http}, as much as it wants and on threads of its own: a
 * reader of a stream gets what has come, and does not wait for what is to come after it. Thread-safe.
 */
final class AnswerFlow implements Flow.Subscription {
    private static final int PIECE = 16 * 1024;

    private final ClassicHttpResponse answer;
    private final Runnable cut;
    private final Executor executor;
    private @Nullable BodySubscriber<?> subscriber;
    private long wanted;
    private boolean busy;
    private boolean ended;

    /** @param cut ends the connection, in whatever it is doing */
    AnswerFlow(ClassicHttpResponse answer, Runnable cut, Executor executor) {
        this.answer = answer;
        this.cut = cut;
        this.executor = executor;
    }

    void to(BodySubscriber<?> to) {
        subscriber = to;
        to.onSubscribe(this);
        if (answer.getEntity() == null) {
            end(null);
        }
    }

    @Override
    public void request(long more) {
        if (more <= 0) {
            end(new IllegalArgumentException("a subscriber must request more than " + more));
            cut.run();
            return;
        }
        synchronized (this) {
            wanted = wanted + more < 0 ? Long.MAX_VALUE : wanted + more;
            if (busy || ended || answer.getEntity() == null) {
                return;
            }
            busy = true;
        }
        try {
            executor.execute(this::read);
        } catch (RejectedExecutionException e) {
            end(new IOException("this worker is stopping", e));
        }
    }

    @Override
    public void cancel() {
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
        }
        cut.run();
        close();
    }

    private void read() {
        try {
            HttpEntity entity = answer.getEntity();
            InputStream content = entity.getContent();
            byte[] piece = new byte[PIECE];
            while (isWanted()) {
                int length = content.read(piece);
                if (length < 0) {
                    end(null);
                } else if (length > 0) {
                    hand(ByteBuffer.wrap(piece, 0, length).asReadOnlyBuffer());
                    piece = new byte[PIECE];
                }
            }
        } catch (IOException | RuntimeException e) {
            end(e);
        }
    }

    private synchronized boolean isWanted() {
        if (ended || wanted == 0) {
            busy = false;
            return false;
        }
        return true;
    }

    private void hand(ByteBuffer piece) {
        synchronized (this) {
            wanted = wanted == Long.MAX_VALUE ? wanted : wanted - 1;
        }
        BodySubscriber<?> to = subscriber;
        if (to != null) {
            to.onNext(List.of(piece));
        }
    }

    private void end(@Nullable Exception failure) {
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
        }
        close();
        BodySubscriber<?> to = subscriber;
        if (to == null) {
            return;
        }
        if (failure == null) {
            to.onComplete();
        } else {
            to.onError(failure);
        }
    }

    private void close() {
        try {
            answer.close();
        } catch (IOException e) {
            cut.run(); // the connection is of no more use
        }
    }
}
