package dev.dromedar.sandbox;

import java.net.URI;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One origin (scheme, host and port) on loopback: listens, keeps the last requests, and goes wrong when instructed to. A thread
 * for each connection, so that callers do not wait for one another. Thread-safe.
 */
public final class Origin implements AutoCloseable {
    private static final int KEPT_REQUESTS = 10_000;
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private final Map<String, Fault.Server> paths = new ConcurrentHashMap<>();
    private final List<Switch> faults = new CopyOnWriteArrayList<>();
    private final Deque<Request> received = new ArrayDeque<>();
    private final OffsetClock clock;
    private final Listener listener;

    Origin(String name, int port, @Nullable Certificates certificates, Clock clock) {
        this.clock = new OffsetClock(clock);
        this.listener =
                new Listener(name, port, certificates, this::answer, () -> HTTP_DATE.format(this.clock.instant()));
    }

    /** For example {@code http://localhost:8080}, without a slash at the end. */
    public URI uri() {
        return listener.uri();
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
        listener.wantCertificates();
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
        return listener.accepted();
    }

    /** Connections that are open now. */
    public int openConnections() {
        return listener.open();
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
        listener.tlsFault(fault);
    }

    /** Connection refused: nobody listens on the port, and connections that stand are cut. */
    public void refuseConnections() {
        listener.stop();
    }

    /** Listens again after {@link #refuseConnections()}. */
    public void acceptConnections() {
        listener.start();
    }

    /** Ends everything that is wrong with this server. */
    public void heal() {
        faults.clear();
        listener.mendTls();
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

    @Override
    public void close() {
        listener.close();
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
