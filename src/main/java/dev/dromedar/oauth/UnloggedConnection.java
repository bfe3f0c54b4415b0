package dev.dromedar.oauth;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.impl.io.DefaultHttpResponseParserFactory;
import org.apache.hc.core5.http.impl.io.SocketHolder;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose bytes nobody can log. HttpClient's own writes secrets, assertions and tokens in full to its wire and
 * header logs as soon as somebody sets the whole worker to DEBUG.
 */
public final class UnloggedConnection extends DefaultBHttpClientConnection implements ManagedHttpClientConnection {
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile Timeout socketTimeout = Timeout.DISABLED;

    UnloggedConnection(Http1Config config, DefaultHttpResponseParserFactory heads) {
        super(config, null, null, null, null, null, heads);
    }

    /** One with bytes on it that nobody asked for is not used again: they would be taken for the next answer. */
    @Override
    public boolean isStale() throws IOException {
        return super.isStale() || isDataAvailable(Timeout.ofMilliseconds(1));
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
        var connection = new UnloggedConnection(Http1Config.DEFAULT, DefaultHttpResponseParserFactory.INSTANCE);
        connection.bind(socket);
        return connection;
    }

    @Override
    public void bind(Socket socket) throws IOException {
        bind(new SocketHolder(socket));
    }

    @Override
    public void bind(@Nullable SSLSocket sslSocket, Socket socket) throws IOException {
        bind(new SocketHolder(sslSocket, socket));
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
