package dev.dromedar.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A port on loopback and the connections to it, plain or by TLS; a thread for each. Thread-safe. */
final class Listener implements AutoCloseable {
    private static final int BACKLOG = 1024;

    private final ExecutorService threads;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicInteger accepted = new AtomicInteger();
    private final @Nullable Certificates certificates;
    private final Connection.Server server;
    private final int port;
    private volatile boolean wantsCertificates;
    private volatile TlsFault tlsFault = TlsFault.NONE;
    private volatile @Nullable Bound bound;

    /** What listens. The port is free once the thread that accepts has ended, not when the socket is closed. */
    private record Bound(ServerSocket socket, CountDownLatch ended) {}

    Listener(String name, int port, @Nullable Certificates certificates, Fault.Server answers, Supplier<String> date) {
        this.certificates = certificates;
        this.server = new Connection.Server(answers, this::calledAs, date, closed);
        this.threads = Executors.newCachedThreadPool(task -> {
            var thread = new Thread(task, "sandbox-" + name);
            thread.setDaemon(true);
            return thread;
        });
        this.port = listen(port);
    }

    URI uri() {
        return URI.create(scheme() + "://localhost:" + port);
    }

    private String scheme() {
        return certificates == null ? "http" : "https";
    }

    /** The origin by the name the caller used, if it is one of ours. */
    private String calledAs(@Nullable String host) {
        return scheme() + "://" + (("127.0.0.1:" + port).equals(host) ? host : "localhost:" + port);
    }

    int accepted() {
        return accepted.get();
    }

    int open() {
        return open.size();
    }

    void wantCertificates() {
        wantsCertificates = true;
    }

    /** From the next connection on. Connections that stand are cut. */
    void tlsFault(TlsFault fault) {
        tlsFault = fault;
        cut();
    }

    void mendTls() {
        tlsFault = TlsFault.NONE;
    }

    void start() {
        if (bound == null) {
            listen(port);
        }
    }

    void stop() {
        stopListening();
        cut();
    }

    @Override
    public void close() {
        closed.countDown();
        stop();
        threads.shutdownNow();
    }

    private int listen(int wanted) {
        try {
            var socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), wanted), BACKLOG);
            var started = new Bound(socket, new CountDownLatch(1));
            bound = started;
            threads.execute(() -> accept(started));
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot listen on port " + wanted + ": " + e.getMessage(), e);
        }
    }

    private void accept(Bound from) {
        while (!from.socket().isClosed()) {
            try {
                Socket raw = from.socket().accept();
                if (from.socket().isClosed()) {
                    raw.close();
                    break;
                }
                raw.setTcpNoDelay(true);
                accepted.incrementAndGet();
                open.add(raw);
                threads.execute(() -> serve(raw));
            } catch (IOException | RejectedExecutionException e) {
                // Closed, or a caller that has gone again; the loop's condition shows which
            }
        }
        from.ended().countDown();
    }

    private void serve(Socket raw) {
        try {
            if (certificates != null && tlsFault == TlsFault.BROKEN_HANDSHAKE) {
                raw.getOutputStream().write("this is no TLS\r\n".getBytes(StandardCharsets.US_ASCII));
                raw.close();
                return;
            }
            Socket socket = raw;
            if (certificates != null) {
                var tls = (SSLSocket)
                        certificates.context(tlsFault).getSocketFactory().createSocket(raw, null, true);
                tls.setUseClientMode(false);
                tls.setWantClientAuth(wantsCertificates);
                socket = tls;
            }
            new Connection(server, raw, socket).run();
        } catch (IOException e) {
            // A caller that has gone again
        } finally {
            open.remove(raw);
        }
    }

    private void stopListening() {
        Bound old = bound;
        bound = null;
        if (old == null) {
            return;
        }
        try {
            old.socket().close();
            old.ended().await();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void cut() {
        for (Socket socket : open) {
            try {
                socket.close();
            } catch (IOException e) {
                // It is closed all the same
            }
        }
        open.clear();
    }
}
