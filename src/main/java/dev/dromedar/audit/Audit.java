package dev.dromedar.audit;

import dev.dromedar.oauth.ApiListener;
import dev.dromedar.oauth.ApiSettings;
import dev.dromedar.oauth.CallRecord;
import dev.dromedar.oauth.FailureKind;
import dev.dromedar.oauth.ForeignText;
import dev.dromedar.oauth.InvalidSettings;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The audit of one worker or command: a record for each outbound call and each act of an operator. While records cannot be
 * written, calls are refused, or go on and are counted as lost, as the settings say; both are logged once, and recorded when
 * writing works again. Never holds a header, body, query or credential. Thread-safe.
 */
public final class Audit implements ApiListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Audit.class);
    private static final String KEY = "dromedar.audit";
    /** Records of calls that were under way when writing failed. */
    private static final int MOST_WAITING = 10_000;

    private final AuditSettings settings;
    private final AuditFile file;
    private final Deque<Map<String, Object>> waiting = new ArrayDeque<>();
    private long lost;
    private @Nullable String fault;

    private Audit(AuditSettings settings, AuditFile file) {
        this.settings = settings;
        this.file = file;
    }

    /**
     * Opens a worker's audit file, and records the start.
     *
     * @throws InvalidSettings if it cannot be written, or another worker writes it
     */
    public static Audit begin(AuditSettings settings) {
        try {
            return begin(settings, Clock.systemUTC());
        } catch (IOException | IllegalArgumentException e) {
            throw new InvalidSettings(KEY + ": " + why(e) + ". Correct that, or name another file.");
        }
    }

    static Audit begin(AuditSettings settings, Clock clock) throws IOException {
        var audit = new Audit(settings, AuditFile.open(settings, Duration.ZERO, clock));
        audit.event("started");
        LOG.info("Audit: records go to {}; head {}", settings.file(), audit.file.head());
        return audit;
    }

    /**
     * Opens the audit file of the commands for one act; waits for another command that is acting.
     *
     * @throws InvalidSettings if it cannot be written
     */
    public static Audit ofCommand(AuditSettings settings) {
        AuditSettings own = settings.ofCommands();
        try {
            return new Audit(own, AuditFile.open(own, Duration.ofSeconds(10), Clock.systemUTC()));
        } catch (IOException | IllegalArgumentException e) {
            throw new InvalidSettings(KEY + ": " + why(e) + ". Nothing was done.");
        }
    }

    private static String why(Exception e) {
        return ForeignText.line(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage(), 500);
    }

    @Override
    public boolean needsOrigin() {
        return true;
    }

    /** Why no call may be made now, or null. Tries to write what is waiting. */
    @Override
    public @Nullable String refusal() {
        if (!settings.stops()) {
            return null;
        }
        synchronized (this) {
            if (fault != null) {
                flush();
            }
            return fault == null
                    ? null
                    : "its audit record could not be written (" + fault
                            + "). Make room, or set dromedar.audit.on-failure = continue";
        }
    }

    @Override
    public void called(ApiSettings api, CallRecord call) {
        Map<String, Object> fields = new LinkedHashMap<>();
        CallRecord.Origin origin = call.origin();
        fields.put("time", file.now().minus(call.took()).toString());
        fields.put("event", "call");
        put(fields, "route", origin.route(), 200);
        put(fields, "exchange", origin.exchange(), 200);
        fields.put("api", api.name());
        put(fields, "method", call.method(), 40);
        put(fields, "address", call.address(), 2000);
        fields.put("status", call.status());
        fields.put("millis", call.took().toMillis());
        put(fields, "failure", call.failure() == null ? null : call.failure().label(), 40);
        put(fields, "client", api.client().id(), 300);
        Object details = call.request().assertionDetails();
        put(fields, "organisation", details == null ? call.request().organisation() : details.toString(), 2000);
        put(fields, "purpose", origin.purpose(), 200);
        put(fields, "subject", origin.subject() == null ? null : file.subject(origin.subject()), 50);
        put(fields, "user", origin.user(), 200);
        put(fields, "trace", call.trace(), 100);
        put(fields, "correlation", call.correlation(), 200);
        boolean sent = call.failure() != FailureKind.REFUSED_HERE && call.failure() != FailureKind.NO_TOKEN;
        write(fields, sent);
    }

    private static void put(Map<String, Object> fields, String name, @Nullable String value, int most) {
        if (value != null && !value.isEmpty()) {
            fields.put(name, ForeignText.line(value, most));
        }
    }

    @Override
    public void keyRotation(ApiSettings api, String words) {
        acted("worker", "keys rotate", api.name(), words);
    }

    /**
     * Records what an operator did.
     *
     * @param user who did it, as far as that is known
     * @param act such as {@code dead-letters replay}
     * @param on what it was done to
     * @param outcome what came of it; null where that is not known yet
     * @return whether it may be done: false if it is not recorded, and acts that are not are refused
     */
    public boolean acted(String user, String act, String on, @Nullable String outcome) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("event", "act");
        put(fields, "act", act, 200);
        put(fields, "on", on, 2000);
        put(fields, "outcome", outcome, 500);
        put(fields, "user", user, 200);
        write(fields, true);
        return !settings.stops() || fault() == null;
    }

    private void event(String event) {
        write(new LinkedHashMap<>(Map.of("event", event)), false);
    }

    private synchronized void write(Map<String, Object> fields, boolean happened) {
        fields.putIfAbsent("time", file.now().toString());
        if (fault != null && !flush()) {
            keep(fields, happened);
            return;
        }
        try {
            file.append(fields);
        } catch (IOException e) {
            fault = why(e);
            LOG.error(
                    "Audit: records cannot be written to {}: {}. {}",
                    settings.file(),
                    fault,
                    settings.stops()
                            ? "Calls are refused until they can."
                            : "Calls go on without a record until they can.");
            keep(fields, happened);
        }
    }

    private void keep(Map<String, Object> fields, boolean happened) {
        if (settings.stops() && happened && waiting.size() < MOST_WAITING) {
            waiting.add(fields);
        } else {
            lost++;
        }
    }

    /** Writes what has been waiting, and how many records were not kept. */
    private boolean flush() {
        try {
            if (lost > 0) {
                file.append(AuditFile.event("lost", "records", lost));
            }
            long before = lost;
            lost = 0;
            int late = waiting.size();
            while (!waiting.isEmpty()) {
                file.append(waiting.element());
                waiting.remove();
            }
            fault = null;
            LOG.warn("Audit: records can be written again; {} were late, {} were not kept", late, before);
            return true;
        } catch (IOException e) {
            fault = why(e);
            return false;
        }
    }

    /** Why records cannot be written, or null. */
    public synchronized @Nullable String fault() {
        return fault;
    }

    @Override
    public void close() {
        file.close();
    }

    /** As {@link #close}, for a worker: the stop is recorded. */
    public void end() {
        event("stopped");
        LOG.info("Audit: stopped; head {}", file.head());
        close();
    }
}
