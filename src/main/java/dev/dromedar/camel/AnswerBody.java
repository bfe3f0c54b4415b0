package dev.dromedar.camel;

import dev.dromedar.oauth.AnswerLimitExceeded;
import dev.dromedar.oauth.AnswerLimits;
import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.CallRecord;
import dev.dromedar.oauth.FailureKind;
import dev.dromedar.oauth.NetworkFailure;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.GZIPInputStream;
import org.apache.camel.Exchange;
import org.apache.camel.support.GZIPHelper;
import org.apache.hc.client5.http.ClientProtocolException;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/**
 * Watches over the answer of a call until the last byte of its body is read: its size after decoding, and its time. A call
 * whose body fails is a failed call. Stands above everything else of HttpClient. Thread-safe.
 */
final class AnswerBody implements ExecChainHandler {
    private static final String ENDED = "dromedar.ended";

    private final ScheduledExecutorService clock;

    AnswerBody(ScheduledExecutorService clock) {
        this.clock = clock;
    }

    /** A request whose head was answered. */
    private record Ended(ApiClient client, CallRecord record) {
        void tell() {
            client.called(record);
        }

        void tell(Exchange exchange, IOException failure) {
            failed(exchange, FailureKind.NETWORK, ", but " + NetworkFailure.of(failure))
                    .tell();
        }

        /** The same, as a failure; one that is a failure already stays as it is. */
        Ended failed(Exchange exchange, FailureKind kind, String why) {
            if (record.failure() != null) {
                return this;
            }
            String words = record.method() + " " + record.address() + ": HTTP " + record.status() + why;
            exchange.setProperty(Call.FAILURE, client.name() + ": " + words);
            return new Ended(
                    client,
                    new CallRecord(
                            record.method(),
                            record.address(),
                            record.status(),
                            record.took(),
                            kind,
                            words,
                            record.request(),
                            record.trace(),
                            record.correlation(),
                            record.origin()));
        }
    }

    /** How a request ended as far as its head; it is reported when its body has been read, or another request follows it. */
    static void ended(HttpContext context, ApiClient client, CallRecord record) {
        tell(context);
        context.setAttribute(ENDED, new Ended(client, record));
    }

    private static void tell(HttpContext context) {
        if (context.removeAttribute(ENDED) instanceof Ended before) {
            before.tell();
        }
    }

    private static void failed(HttpContext context, Exchange exchange, IOException failure) {
        if (context.removeAttribute(ENDED) instanceof Ended ended) {
            ended.tell(exchange, failure);
        }
    }

    /** A redirect that nobody follows. Camel makes an exception of it. */
    private static void moved(HttpContext context, Exchange exchange) {
        if (context.getAttribute(ENDED) instanceof Ended ended) {
            context.setAttribute(
                    ENDED,
                    ended.failed(
                            exchange,
                            FailureKind.CLIENT_ERROR,
                            ". The API redirects elsewhere: correct the address, or set followRedirects=true."));
        }
    }

    @Override
    public ClassicHttpResponse execute(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        HttpContext context = scope.clientContext;
        var exchange = (Exchange) context.getAttribute("org.apache.camel.Exchange");
        Call call = Call.of(exchange);
        if (call == null) {
            return chain.proceed(request, scope);
        }
        AnswerLimits limits = call.client().settings().answerLimits();
        var time = CallTime.begin(call.terms().within(limits.time()), clock, context);
        boolean followed = false;
        try {
            ClassicHttpResponse response = chain.proceed(request, scope);
            if (response.getCode() / 100 == 3 && response.getCode() != 304) {
                moved(context, exchange);
            }
            HttpEntity entity = unzipped(response, exchange);
            if (entity != null) {
                long most = limits.size(response.getCode());
                var body = new Followed(entity, most, time, exchange, context.removeAttribute(ENDED));
                response.setEntity(body);
                followed = true;
                if (entity.getContentLength() > most) {
                    throw body.tooLarge();
                }
            }
            return response;
        } catch (IOException e) {
            failed(context, exchange, e);
            throw e;
        } catch (HttpException e) {
            // The library's words quote the answer, which may quote what was sent
            var failure = new ClientProtocolException(
                    "the API's answer is not as HTTP has it (" + e.getClass().getSimpleName() + ")");
            failed(context, exchange, failure);
            throw failure;
        } finally {
            if (!followed) {
                time.stop();
                tell(context);
            }
        }
    }

    /**
     * Where HttpClient does not decode ({@code contentCompressionDisabled=true}), Camel unzips what the limit would no longer
     * see: it is done here, below the limit.
     */
    private static @Nullable HttpEntity unzipped(ClassicHttpResponse response, Exchange exchange) {
        HttpEntity entity = response.getEntity();
        Header encoding = response.getFirstHeader(HttpHeaders.CONTENT_ENCODING);
        if (entity == null
                || encoding == null
                || !GZIPHelper.isGzip(encoding.getValue())
                || exchange.getProperty(Exchange.SKIP_GZIP_ENCODING, false, Boolean.class)) {
            return entity;
        }
        response.removeHeaders(HttpHeaders.CONTENT_ENCODING);
        response.removeHeaders(HttpHeaders.CONTENT_LENGTH);
        return new Unzipped(entity);
    }

    private static final class Unzipped extends HttpEntityWrapper {
        private @Nullable InputStream content;

        Unzipped(HttpEntity packed) {
            super(packed);
        }

        @Override
        public InputStream getContent() throws IOException {
            if (content == null) {
                content = new GZIPInputStream(super.getContent());
            }
            return content;
        }

        @Override
        public long getContentLength() {
            return -1;
        }

        @Override
        public @Nullable String getContentEncoding() {
            return null;
        }
    }

    /** A body with a limit, whose end is the end of the call. */
    private static final class Followed extends HttpEntityWrapper {
        private final long most;
        private final CallTime time;
        private final Exchange exchange;
        private final @Nullable Object ended;
        private final AtomicBoolean told = new AtomicBoolean();
        private @Nullable InputStream content;

        Followed(HttpEntity entity, long most, CallTime time, Exchange exchange, @Nullable Object ended) {
            super(entity);
            this.most = most;
            this.time = time;
            this.exchange = exchange;
            this.ended = ended;
        }

        IOException tooLarge() {
            var failure = new AnswerLimitExceeded("its body is larger than " + most + " bytes (answer-size)");
            end(failure);
            time.cutNow();
            return failure;
        }

        /** Of what is read, all but a little is spooled, unless the endpoint says otherwise. */
        void makeSureOfRoom() throws IOException {
            Spool spool = Spool.of(exchange.getContext());
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

        private void end(@Nullable IOException failure) {
            if (told.compareAndSet(false, true)) {
                time.stop();
                if (ended instanceof Ended record) {
                    if (failure == null) {
                        record.tell();
                    } else {
                        record.tell(exchange, failure);
                    }
                }
            }
        }

        @Override
        public InputStream getContent() throws IOException {
            if (content == null) {
                content = new Bounded(super.getContent(), this);
            }
            return content;
        }

        @Override
        public void writeTo(java.io.OutputStream out) throws IOException {
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
    }

    private static final class Bounded extends FilterInputStream {
        /** Bytes; Camel writes some of them later than they are read. */
        private static final long LOOK_EVERY = 1_000_000;

        private final Followed body;
        private long left;
        private long unseen;

        Bounded(InputStream in, Followed body) {
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
