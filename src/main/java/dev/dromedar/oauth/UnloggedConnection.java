package dev.dromedar.oauth;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentLengthStrategy;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.impl.io.ChunkedInputStream;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.impl.io.SocketHolder;
import org.apache.hc.core5.http.io.SessionInputBuffer;
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
    /** Null until it is set: when a connection is opened, HttpClient sets others on the socket itself. */
    private volatile @Nullable Timeout socketTimeout;

    private final AnswerIntake intake;
    /** Whether the request has a body that the buffers of sockets do not hold. */
    private boolean large;

    /**
     * A connection that is not open yet.
     *
     * @param limits of the answers that it reads, until {@link #limit} says otherwise; the body's size is not watched here
     */
    public UnloggedConnection(AnswerLimits limits) {
        this(new AnswerIntake(limits));
    }

    private UnloggedConnection(AnswerIntake intake) {
        super(AnswerIntake.WITHOUT_LINE_LIMIT, null, null, null, null, RequestHeadWriter::new, intake);
        this.intake = intake;
    }

    /** Before each request: what its answer may take. */
    public void limit(AnswerLimits limits) {
        intake.begin(limits);
    }

    @Override
    public void sendRequestHeader(ClassicHttpRequest request) throws HttpException, IOException {
        intake.refill();
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
                : intake.ofBody(
                        length == ContentLengthStrategy.CHUNKED
                                ? new ChunkedInputStream(buffer, in, intake.config())
                                : super.createContentInputStream(length, buffer, in));
    }

    /** Whether not a byte of the answer to the last request has come. */
    public boolean isUnanswered() {
        return intake.isFull();
    }

    /** One with bytes on it that nobody asked for is not used again: they would be taken for the next answer. */
    @Override
    public boolean isStale() throws IOException {
        return super.isStale() || hasLeftovers();
    }

    /** Whether there are bytes after the last answer. Does not block. */
    public boolean hasLeftovers() throws IOException {
        SocketHolder holder = getSocketHolder();
        return intake.hasBuffered() || holder != null && holder.getInputStream().available() > 0;
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
        socketTimeout = null;
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
        if (!timeout.equals(socketTimeout)) { // the JDK takes a lock for it
            super.setSocketTimeout(timeout);
            socketTimeout = timeout;
        }
    }

    /** Keeps its timeout: no one reads from a connection in the pool, except to see whether it is stale, which sets its own. */
    @Override
    public void passivate() {}

    @Override
    public void activate() {}

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
