package dev.dromedar.camel;

import dev.dromedar.oauth.AnswerLimitExceeded;
import dev.dromedar.oauth.CallRecord;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;
import org.jspecify.annotations.Nullable;

/** A body with a limit of size and time, whose end is the end of the call. Of one thread, but for {@link #cut}. */
final class FollowedBody extends HttpEntityWrapper {
    private final long most;
    private final CallState state;
    private final CallTime time;
    private final @Nullable CallRecord ended;
    private boolean told;
    private @Nullable InputStream content;

    /** Of the last request of a call, which it takes. */
    FollowedBody(HttpEntity entity, long most, CallState state) {
        super(entity);
        this.most = most;
        this.state = state;
        this.time = state.time;
        this.ended = state.take();
    }

    IOException tooLarge() {
        var failure = new AnswerLimitExceeded("its body is larger than " + most + " bytes (answer-size)");
        end(failure);
        time.cutNow();
        return failure;
    }

    /** Of what is read, all but a little is spooled, unless the endpoint says otherwise. */
    private void makeSureOfRoom() throws IOException {
        Spool spool = Spool.of(state.exchange.getContext());
        if (spool != null) {
            try {
                spool.makeSureOfRoom();
            } catch (UncheckedIOException e) {
                end(e.getCause());
                time.cutNow();
                throw e.getCause();
            }
        }
    }

    IOException failed(IOException e) {
        IOException failure = time.isOver() ? time.exceeded() : e;
        end(failure);
        return failure;
    }

    /** Its time is over, and perhaps the route does not read it. */
    void cut() {
        end(time.exceeded());
    }

    private void end(@Nullable IOException failure) {
        synchronized (this) {
            if (told) {
                return;
            }
            told = true;
        }
        time.stop();
        CallRecord last = ended == null || failure == null ? ended : state.failed(ended, failure);
        if (last != null) {
            state.call.client().called(last);
        }
        state.pass.leave(last);
    }

    @Override
    public InputStream getContent() throws IOException {
        if (content == null) {
            content = new Bounded(super.getContent(), this);
        }
        return content;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        try (InputStream in = getContent()) {
            in.transferTo(out);
        }
    }

    @Override
    public void close() throws IOException {
        closed(super::close);
    }

    /** Closing reads on to the body's end, so that the connection can be used again; if that is far, it is cut. */
    void closed(Closeable rest) throws IOException {
        try {
            rest.close();
        } catch (AnswerLimitExceeded e) {
            time.cutNow();
        } finally {
            end(null);
        }
    }

    private static final class Bounded extends FilterInputStream {
        /** Bytes; Camel writes some of them later than they are read. */
        private static final long LOOK_EVERY = 1_000_000;

        private final FollowedBody body;
        private long left;
        private long unseen;

        Bounded(InputStream in, FollowedBody body) {
            super(in);
            this.body = body;
            this.left = body.most;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read;
            try {
                read = super.read(bytes, offset, length);
            } catch (IOException e) {
                throw body.failed(e);
            }
            if (read < 0) {
                body.end(null);
            } else {
                left -= read;
                if (left < 0) {
                    throw body.tooLarge();
                }
                unseen += read;
                if (unseen > LOOK_EVERY) {
                    unseen = 0;
                    body.makeSureOfRoom();
                }
            }
            return read;
        }

        @Override
        public long skip(long bytes) throws IOException {
            return read(new byte[(int) Math.max(0, Math.min(bytes, 8192))]);
        }

        @Override
        public boolean markSupported() {
            return false;
        }

        @Override
        public void close() throws IOException {
            body.closed(super::close);
        }
    }
}
