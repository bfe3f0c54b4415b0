package dev.dromedar.oauth;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentLengthStrategy;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.MalformedChunkCodingException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.TruncatedChunkException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.ChunkedInputStream;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.impl.io.DefaultHttpResponseParser;
import org.apache.hc.core5.http.impl.io.SocketHolder;
import org.apache.hc.core5.http.io.HttpMessageParser;
import org.apache.hc.core5.http.io.HttpMessageParserFactory;
import org.apache.hc.core5.http.io.SessionInputBuffer;
import org.apache.hc.core5.http.message.MessageSupport;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose bytes nobody can log, and that reads no more of an answer than its limits allow. HttpClient's own
 * writes secrets, assertions and tokens in full to its wire and header logs as soon as somebody sets the whole worker to
 * DEBUG.
 */
public final class UnloggedConnection extends DefaultBHttpClientConnection implements ManagedHttpClientConnection {
    private static final int LARGE = 65_536;

    private final AtomicBoolean closed = new AtomicBoolean();
    /** The intake's own limit holds for lines too, and says so in our words. */
    private static final Http1Config WITHOUT_LINE_LIMIT =
            Http1Config.custom().setMaxLineLength(-1).build();

    private volatile Timeout socketTimeout = Timeout.DISABLED;
    private final Intake intake;
    /** Whether the request has a body that the buffers of sockets do not hold. */
    private boolean large;

    /**
     * A connection that is not open yet.
     *
     * @param limits of the answers that it reads, until {@link #limit} says otherwise; the body's size is not watched here
     */
    public UnloggedConnection(AnswerLimits limits) {
        this(new Intake(limits));
    }

    private UnloggedConnection(Intake intake) {
        super(WITHOUT_LINE_LIMIT, null, null, null, null, null, intake);
        this.intake = intake;
    }

    /** Before each request: what its answer may take. */
    public void limit(AnswerLimits limits) {
        intake.begin(limits);
    }

    @Override
    public void sendRequestHeader(ClassicHttpRequest request) throws HttpException, IOException {
        intake.begin(intake.limits);
        large = false;
        super.sendRequestHeader(request);
    }

    @Override
    public void sendRequestEntity(ClassicHttpRequest request) throws HttpException, IOException {
        HttpEntity entity = request.getEntity();
        large = entity != null && (entity.getContentLength() < 0 || entity.getContentLength() > LARGE);
        try {
            super.sendRequestEntity(request);
        } catch (IOException e) {
            throw whileLarge(e);
        }
    }

    @Override
    public void flush() throws IOException {
        try {
            super.flush();
        } catch (IOException e) {
            throw whileLarge(e);
        }
    }

    private IOException whileLarge(IOException failure) {
        return large ? NetworkFailure.ofLargeBody(failure) : failure;
    }

    @Override
    public ClassicHttpResponse receiveResponseHeader() throws HttpException, IOException {
        ClassicHttpResponse response;
        try {
            response = super.receiveResponseHeader();
        } catch (SocketException e) { // what it has not read makes the close a reset
            throw whileLarge(e);
        }
        if (response.getCode() >= 200) {
            intake.checkEncodings(response);
            intake.refill();
        }
        return response;
    }

    @Override
    protected InputStream createContentInputStream(long length, SessionInputBuffer buffer, InputStream in) {
        return length == 0
                ? super.createContentInputStream(length, buffer, in)
                : new Body(
                        length == ContentLengthStrategy.CHUNKED
                                ? new ChunkedInputStream(buffer, in, intake.config)
                                : super.createContentInputStream(length, buffer, in),
                        intake);
    }

    /** Each byte of the body that comes through makes room for what surrounds the next. */
    private static final class Body extends FilterInputStream {
        private final Intake intake;

        Body(InputStream in, Intake intake) {
            super(in);
            this.intake = intake;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                int read = super.read(bytes, offset, length);
                if (read > 0) {
                    intake.refill();
                }
                return read;
            } catch (MessageConstraintException e) { // of trailers
                throw intake.tooManyHeaders();
            } catch (TruncatedChunkException e) {
                throw e;
            } catch (MalformedChunkCodingException e) { // its words quote the answer, which may quote what was sent
                throw new IOException("the chunks of its answer are malformed");
            }
        }
    }

    /**
     * Counts what is read that is no body: a head of any kind, chunk sizes with their extensions, and trailers. With that,
     * no line and no flood of small answers (1xx) can be longer than the limit either. A buffer of 8 KiB may come on top.
     */
    @SuppressWarnings("deprecation") // the one method that must be there is
    private static final class Intake implements HttpMessageParserFactory<ClassicHttpResponse> {
        private AnswerLimits limits;
        private Http1Config config;
        private long left;
        private @Nullable SessionInputBuffer buffer;

        Intake(AnswerLimits limits) {
            this.limits = limits;
            this.config = config(limits);
            this.left = limits.headerSize();
        }

        private static Http1Config config(AnswerLimits limits) {
            return Http1Config.copy(WITHOUT_LINE_LIMIT)
                    .setMaxHeaderCount(limits.headerCount())
                    .build();
        }

        void begin(AnswerLimits limits) {
            if (!limits.equals(this.limits)) {
                this.limits = limits;
                this.config = config(limits);
            }
            refill();
        }

        void refill() {
            left = limits.headerSize();
        }

        InputStream counted(InputStream in) {
            return new FilterInputStream(in) {
                @Override
                public int read() throws IOException {
                    return count(super.read() < 0 ? -1 : 1);
                }

                @Override
                public int read(byte[] bytes, int offset, int length) throws IOException {
                    return count(super.read(bytes, offset, length));
                }
            };
        }

        private int count(int read) throws AnswerLimitExceeded {
            if (left <= 0) {
                throw new AnswerLimitExceeded("the head of its answer, or what surrounds its body, is longer than "
                        + limits.headerSize() + " bytes" + limits.key("answer-header-size"));
            }
            left -= Math.max(0, read);
            return read;
        }

        void checkEncodings(ClassicHttpResponse response) throws AnswerLimitExceeded {
            Iterator<String> encodings = MessageSupport.iterateTokens(response, "Content-Encoding");
            for (int i = 0; encodings.hasNext(); i++) {
                encodings.next();
                if (i == limits.encodings()) {
                    throw new AnswerLimitExceeded("its answer is encoded more than " + limits.encodings() + " times"
                            + limits.key("answer-encodings"));
                }
            }
        }

        AnswerLimitExceeded tooManyHeaders() {
            return new AnswerLimitExceeded("its answer has more than " + limits.headerCount() + " header lines"
                    + limits.key("answer-header-count"));
        }

        @Override
        public HttpMessageParser<ClassicHttpResponse> create(Http1Config none) {
            return create();
        }

        @Override
        public HttpMessageParser<ClassicHttpResponse> create() {
            return (buffer, in) -> {
                this.buffer = buffer;
                try {
                    return new DefaultHttpResponseParser(config).parse(buffer, in);
                } catch (MessageConstraintException e) {
                    throw tooManyHeaders();
                }
            };
        }
    }

    /** Whether not a byte of the answer to the last request has come. */
    public boolean isUnanswered() {
        return intake.left == intake.limits.headerSize();
    }

    /** One with bytes on it that nobody asked for is not used again: they would be taken for the next answer. */
    @Override
    public boolean isStale() throws IOException {
        return super.isStale() || hasLeftovers();
    }

    /** Whether there are bytes after the last answer. Does not block. */
    public boolean hasLeftovers() throws IOException {
        SocketHolder holder = getSocketHolder();
        return intake.buffer != null && intake.buffer.length() > 0
                || holder != null && holder.getInputStream().available() > 0;
    }

    /**
     * Another connection over the socket of one that logs. For one request and its answer, which leave nothing behind in
     * its buffers (HTTP/1.1 without pipelining); the connection that logs keeps the socket for the next.
     *
     * @throws IOException if the socket is gone
     */
    public static UnloggedConnection over(ManagedHttpClientConnection logging) throws IOException {
        Socket socket = logging.getSocket();
        if (socket == null) {
            throw new InterruptedIOException("the connection is closed");
        }
        var connection = new UnloggedConnection(AnswerLimits.USUAL);
        connection.bind(socket);
        return connection;
    }

    @Override
    public void bind(Socket socket) throws IOException {
        bind(new SocketHolder(socket) {
            @Override
            protected InputStream getInputStream(Socket socket) throws IOException {
                return intake.counted(super.getInputStream(socket));
            }
        });
    }

    @Override
    public void bind(@Nullable SSLSocket sslSocket, Socket socket) throws IOException {
        bind(new SocketHolder(sslSocket, socket) {
            @Override
            protected InputStream getInputStream(Socket socket) throws IOException {
                return intake.counted(super.getInputStream(socket));
            }
        });
    }

    /** A connection that was cut while it was being opened stays cut. */
    @Override
    protected void bind(SocketHolder holder) throws IOException {
        if (closed.get()) {
            holder.getSocket().close();
            throw new InterruptedIOException("the connection is closed");
        }
        super.bind(holder);
        socketTimeout = Timeout.ofMilliseconds(holder.getSocket().getSoTimeout());
    }

    @Override
    public @Nullable Socket getSocket() {
        SocketHolder holder = getSocketHolder();
        return holder == null ? null : holder.getSocket();
    }

    @Override
    public @Nullable SSLSession getSSLSession() {
        return getSocket() instanceof SSLSocket tls ? tls.getSession() : null;
    }

    @Override
    public void setSocketTimeout(Timeout timeout) {
        super.setSocketTimeout(timeout);
        socketTimeout = timeout;
    }

    @Override
    public void passivate() {
        super.setSocketTimeout(Timeout.ZERO_MILLISECONDS);
    }

    @Override
    public void activate() {
        super.setSocketTimeout(socketTimeout);
    }

    @Override
    public void close() throws IOException {
        if (closed.compareAndSet(false, true)) {
            super.close();
        }
    }

    @Override
    public void close(CloseMode mode) {
        if (closed.compareAndSet(false, true)) {
            super.close(mode);
        }
    }
}
