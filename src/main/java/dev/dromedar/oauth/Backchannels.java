package dev.dromedar.oauth;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/** The connections to servers, shared by those that reach them in the same way. Thread-safe. */
final class Backchannels implements AutoCloseable {
    /** Longer than the longest time limit (5 min): then no call under way uses any more what it began with. */
    private static final Duration LONGEST_CALL = Duration.ofMinutes(6);

    private final Map<Transport, Backchannel> open = new ConcurrentHashMap<>();
    private final Set<Backchannel> leaving = ConcurrentHashMap.newKeySet();
    private final SSLContext tls;
    private final Duration connectLimit;
    private final ScheduledThreadPoolExecutor deadlines;

    /**
     * @param tls whom to trust
     * @param connectLimit of {@link Transport#USUAL}
     * @param threads for what cuts requests that take too long
     */
    Backchannels(SSLContext tls, Duration connectLimit, ThreadFactory threads) {
        this.tls = tls;
        this.connectLimit = connectLimit;
        this.deadlines = new ScheduledThreadPoolExecutor(1, threads);
        deadlines.setRemoveOnCancelPolicy(true);
    }

    Backchannel to(Transport transport) {
        return open.computeIfAbsent(transport, this::connect);
    }

    private Backchannel connect(Transport transport) {
        Duration limit = transport.equals(Transport.USUAL) ? connectLimit : transport.connectLimit();
        return new Backchannel(transport.tls(tls), transport.legacy(), transport.proxy(), limit, deadlines);
    }

    /** Closes the others, when no call uses them any more. */
    void retain(Set<Transport> used) {
        open.entrySet().removeIf(one -> {
            if (used.contains(one.getKey())) {
                return false;
            }
            closeLater(one.getValue());
            return true;
        });
    }

    private void closeLater(Backchannel backchannel) {
        leaving.add(backchannel);
        deadlines.schedule(
                () -> {
                    leaving.remove(backchannel);
                    backchannel.close();
                },
                LONGEST_CALL.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        deadlines.shutdownNow();
        open.values().forEach(Backchannel::close);
        leaving.forEach(Backchannel::close);
    }
}
