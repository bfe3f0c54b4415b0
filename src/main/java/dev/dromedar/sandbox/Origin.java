package dev.dromedar.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * One origin (scheme, host and port) on loopback: listens, keeps the last requests, and goes wrong when told to. A thread
 * for each connection, so that callers do not wait for one another. Thread-safe.
 */
public final class Origin implements AutoCloseable {
    private static final int KEPT_REQUESTS = 10_000;
    private static final int BACKLOG = 1024;
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private final ExecutorService threads;
    private final Map<String, Fault.Server> paths = new ConcurrentHashMap<>();
    private final List<Switch> faults = new CopyOnWriteArrayList<>();
    private final Deque<Request> received = new ArrayDeque<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final @Nullable Certificates certificates;
    private final OffsetClock clock;
    private final int port;
    private final AtomicInteger accepted = new AtomicInteger();
    private volatile boolean wantsCertificates;
    private volatile TlsFault tlsFault = TlsFault.NONE;
    private volatile @Nullable Listener listener;

    Origin(String name, int port, @Nullable Certificates certificates, Clock clock) {
        this.certificates = certificates;
        this.clock = new OffsetClock(clock);
        this.threads = Executors.newCachedThreadPool(task -> {
            var thread = new Thread(task, "sandbox-" + name);
            thread.setDaemon(true);
            return thread;
        });
        this.port = listen(port);
    }

    /** For example {@code http://localhost:8080}, without a slash at the end. */
    public URI uri() {
        return URI.create(scheme() + "://localhost:" + port);
    }

    /** The clock of this server, with the offset it was given. */
    public Clock clock() {
        return clock;
    }

    /** Sets this server's clock wrong: its {@code Date} header, and all that it checks and signs. */
    public void clockOffset(Duration offset) {
        clock.offset = offset;
    }

    /** Asks callers for a client certificate from the next connection on. Any is taken; who it is of is the path's to say. */
    public void wantCertificates() {
        wantsCertificates = true;
    }

    /** The last requests, oldest first; at most 10 000 are kept. */
    public List<Request> received() {
        synchronized (received) {
            return List.copyOf(received);
        }
    }

    public void forgetReceived() {
        synchronized (received) {
            received.clear();
        }
    }

    /** Connections taken since the start. */
    public int connections() {
        return accepted.get();
    }

    /** Connections that are open now. */
    public int openConnections() {
        return open.size();
    }

    /** Goes wrong in this way until it is switched off. */
    public Switch fault(Fault fault) {
        return fault(Integer.MAX_VALUE, fault);
    }

    /** Goes wrong in this way for the next n requests that the fault concerns. */
    public Switch fault(int requests, Fault fault) {
        var added = new Switch(fault, requests);
        faults.add(added);
        return added;
    }

    /** What is wrong with TLS from the next connection on. Connections that stand are cut. */
    public void tlsFault(TlsFault fault) {
        tlsFault = fault;
        cut();
    }

    /** Connection refused: nobody listens on the port, and connections that stand are cut. */
    public void refuseConnections() {
        stopListening();
        cut();
    }

    /** Listens again after {@link #refuseConnections()}. */
    public void acceptConnections() {
        if (listener == null) {
            listen(port);
        }
    }

    /** Ends everything that is wrong with this server. */
    public void heal() {
        faults.clear();
        tlsFault = TlsFault.NONE;
        clock.offset = Duration.ZERO;
        acceptConnections();
    }

    /** A fault that is on. */
    public final class Switch {
        private final Fault fault;
        private final AtomicInteger left;

        private Switch(Fault fault, int requests) {
            this.fault = fault;
            this.left = new AtomicInteger(requests);
        }

        public void off() {
            faults.remove(this);
        }

        private boolean takes(Request request) {
            if (!fault.concerns(request)) {
                return false;
            }
            int before = left.getAndUpdate(n -> n == Integer.MAX_VALUE || n == 0 ? n : n - 1);
            if (before == 1) {
                off();
            }
            return before > 0;
        }
    }

    /** Answers all paths at and below the prefix. The longest prefix wins. */
    void mount(String prefix, Fault.Server server) {
        paths.put(prefix, server);
    }

    Answer answer(Request request) {
        synchronized (received) {
            if (received.size() >= KEPT_REQUESTS) {
                received.removeFirst();
            }
            received.addLast(request);
        }
        Fault.Server server = this::dispatch;
        if (!faults.isEmpty()) {
            var on = new ArrayList<Switch>(faults);
            on.removeIf(fault -> !fault.takes(request));
            for (Switch fault : on) {
                Fault.Server inner = server;
                server = r -> fault.fault.answer(r, inner);
            }
        }
        try {
            return server.answer(request);
        } catch (RuntimeException e) {
            return Answer.of(500, "text/plain", "a fault of the sandbox itself: " + e);
        }
    }

    private Answer dispatch(Request request) {
        String path = HttpTarget.path(request.path());
        for (String at = path; ; at = at.substring(0, at.lastIndexOf('/'))) {
            Fault.Server server = paths.get(at.isEmpty() ? "/" : at);
            if (server != null) {
                return server.answer(request);
            }
            if (at.indexOf('/') < 0) {
                return Answer.of(404, "text/plain", "nothing here");
            }
        }
    }

    /** The origin by the name the caller used, if it is one of ours. */
    String calledAs(@Nullable String host) {
        return scheme() + "://" + (("127.0.0.1:" + port).equals(host) ? host : "localhost:" + port);
    }

    String date() {
        return HTTP_DATE.format(clock.instant());
    }

    /** Waits in real time, until the origin is closed at most. */
    void pause(Duration time) throws IOException {
        try {
            if (!time.isZero() && closed.await(time.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IOException("closed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    void forget(Socket socket) {
        open.remove(socket);
    }

    @Override
    public void close() {
        closed.countDown();
        stopListening();
        cut();
        threads.shutdownNow();
    }

    private String scheme() {
        return certificates == null ? "http" : "https";
    }

    private int listen(int wanted) {
        try {
            var socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), wanted), BACKLOG);
            var started = new Listener(socket, new CountDownLatch(1));
            listener = started;
            threads.execute(() -> accept(started));
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot listen on port " + wanted + ": " + e.getMessage(), e);
        }
    }

    /** What listens. The port is free once the thread that accepts has ended, not when the socket is closed. */
    private record Listener(ServerSocket socket, CountDownLatch ended) {}

    private void accept(Listener from) {
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
                // Closed, or a caller that has gone again; the loop's condition tells
            }
        }
        from.ended().countDown();
    }

    private void serve(Socket raw) {
        try {
            if (certificates != null && tlsFault == TlsFault.BROKEN_HANDSHAKE) {
                raw.getOutputStream().write("this is no TLS\r\n".getBytes(StandardCharsets.US_ASCII));
                raw.close();
                forget(raw);
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
            new Connection(this, raw, socket).run();
        } catch (IOException e) {
            forget(raw);
        }
    }

    private void stopListening() {
        Listener old = listener;
        listener = null;
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

    private static final class OffsetClock extends Clock {
        private final Clock base;
        private volatile Duration offset = Duration.ZERO;

        private OffsetClock(Clock base) {
            this.base = base;
        }

        @Override
        public ZoneId getZone() {
            return base.getZone();
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return base.withZone(zone);
        }

        @Override
        public Instant instant() {
            return base.instant().plus(offset);
        }
    }
}
