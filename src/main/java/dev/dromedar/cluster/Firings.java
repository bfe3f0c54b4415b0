package dev.dromedar.cluster;

import dev.dromedar.letters.StoreFailure;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.camel.Exchange;
import org.apache.camel.component.quartz.QuartzMessage;
import org.jspecify.annotations.Nullable;
import org.quartz.Trigger;
import org.quartz.TriggerKey;
import org.quartz.spi.OperableTrigger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The firings of this node, fenced. Quartz writes a row for each firing that a node acquires, and a node that takes over the
 * work of another deletes the rows of that one. So the row, whose id no two firings share, is the fence: a node that was frozen
 * or cut off and comes back finds its rows gone, and neither fires, nor releases, nor completes what is no longer its own.
 * Thread-safe.
 */
final class Firings {
    private static final Logger LOG = LoggerFactory.getLogger(Firings.class);
    private static final String HELD = "SELECT EXISTS (SELECT 1 FROM dromedar_qrtz_fired_triggers"
            + " WHERE sched_name = ? AND entry_id = ? AND instance_name = ?)";
    private static final String CHECKED_IN =
            "EXISTS (SELECT 1 FROM dromedar_qrtz_scheduler_state WHERE sched_name = ? AND instance_name = ?)";
    /**
     * Whether this node may acquire firings: it has checked in with Quartz and with us, and the others do not consider it dead.
     * To be asked within the transaction that acquires them, which holds Quartz's lock as a take-over does. By the time of the
     * statement, not of the transaction: it may have waited for the lock.
     */
    static final String MEMBER = CHECKED_IN + " AND EXISTS (SELECT 1 FROM dromedar_node"
            + " WHERE cluster = ? AND node = ? AND life = ? AND seen > clock_timestamp() - make_interval(secs => ?))";

    private static final Map<String, Firings> BY_NODE = new ConcurrentHashMap<>();

    private final ClusterSettings settings;
    private final Database database;
    private final Function<TriggerKey, String> route;
    private final Predicate<TriggerKey> runsHere;
    private final long life;
    /** Asks by one statement for all runs that are about to begin. */
    private final Together<String, Boolean> looks = new Together<>(this::areHeld);
    /** What runs here, in words, by the id of its row. */
    private final Map<String, String> running = new ConcurrentHashMap<>();
    /** Firings that have not come to their routes, by the id of their row. */
    private final Map<String, Coming> coming = new ConcurrentHashMap<>();
    /** What another node has taken over meanwhile, in words, until it is reported; null if nothing is to be reported. */
    private @Nullable Set<String> takenOver;

    private boolean joined;

    /**
     * A firing before its route.
     *
     * @param before when its schedule fired before, or null
     * @param stopped whether its route was found to be stopped here
     */
    record Coming(@Nullable Date before, boolean stopped) {}

    /**
     * Made once for each node.
     *
     * @param route the route of a trigger, in words
     * @param runsHere whether that route takes in firings
     */
    Firings(
            ClusterSettings settings,
            Database database,
            long life,
            Function<TriggerKey, String> route,
            Predicate<TriggerKey> runsHere) {
        this.settings = settings;
        this.database = database;
        this.life = life;
        this.route = route;
        this.runsHere = runsHere;
    }

    /** For the listener that Quartz makes by its class's name. */
    static @Nullable Firings ofNode(String node) {
        return BY_NODE.get(node);
    }

    void begin() {
        BY_NODE.put(settings.node(), this);
    }

    void end() {
        BY_NODE.remove(settings.node(), this);
    }

    /** The values of {@link #MEMBER}. */
    Object[] member() {
        return new Object[] {
            settings.name(), settings.node(), settings.name(), settings.node(), life, database.silentSeconds()
        };
    }

    /** Whether a firing is still this node's. In a transaction that holds Quartz's lock it stays so until the end of it. */
    boolean isHeld(Connection connection, OperableTrigger trigger) throws SQLException {
        return isTrue(connection, HELD, settings.name(), trigger.getFireInstanceId(), settings.node());
    }

    /** Whether no other node has taken over the run that an exchange is in. */
    boolean isHeld(Exchange exchange) {
        return !(exchange.getIn() instanceof QuartzMessage firing)
                || looks.call(firing.getJobExecutionContext().getFireInstanceId());
    }

    private List<Boolean> areHeld(List<String> firings) {
        Set<String> held = Set.copyOf(database.all(
                "SELECT entry_id FROM dromedar_qrtz_fired_triggers WHERE sched_name = ? AND instance_name = ?"
                        + " AND entry_id = ANY (?)",
                row -> row.getString(1),
                settings.name(),
                settings.node(),
                firings.toArray(String[]::new)));
        return firings.stream().map(held::contains).toList();
    }

    private static boolean isTrue(Connection connection, String sql, Object... values) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                query.setObject(i + 1, values[i]);
            }
            try (ResultSet row = query.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    /**
     * Whether a run may begin: asked last of all, on the thread of the run, since the node may have been frozen since it fired.
     * Waits while the database does not answer, for the others may be taking over meanwhile; then no firing starts. False too
     * if its route has just stopped here.
     *
     * @param before when the schedule fired before, or null
     * @param stopping whether to wait no longer, since the worker stops: then it answers true, and Camel runs or drops it
     */
    boolean mayBegin(OperableTrigger trigger, @Nullable Date due, @Nullable Date before, BooleanSupplier stopping) {
        coming.put(trigger.getFireInstanceId(), new Coming(before, false));
        while (true) {
            try {
                long asked = System.nanoTime();
                boolean held = looks.call(trigger.getFireInstanceId());
                boolean old = System.nanoTime() - asked > settings.checkIn().toNanos();
                if (held && old && !stopping.getAsBoolean()) {
                    continue; // what was true then is not now: this node was frozen, or waited for another look
                }
                if (!held) {
                    discarded(trigger, due);
                    return false;
                }
                if (!runsHere.test(own(trigger))) {
                    coming.put(trigger.getFireInstanceId(), new Coming(before, true));
                    return false;
                }
                running.put(trigger.getFireInstanceId(), words(trigger, due));
                return true;
            } catch (StoreFailure e) {
                if (stopping.getAsBoolean()) {
                    return true;
                }
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
            }
        }
    }

    /** A firing that this node has acquired, and another has taken over since. */
    void discarded(OperableTrigger trigger, @Nullable Date due) {
        LOG.info(
                "{} was taken over by another node while this one was frozen or cut off, and is not run here.",
                words(trigger, due));
    }

    /** A schedule whose firings no node has begun within the limit continues as its policy has it, without them. */
    @SuppressWarnings("JavaUtilDate") // Quartz speaks in these
    void missed(Trigger trigger) {
        LOG.warn(
                "{} and those due since were missed: no node began them in time. The schedule continues as"
                        + " trigger.misfireInstruction has it.",
                words(trigger, trigger.getNextFireTime()));
    }

    /** A run has come to its route. */
    void entered(String firing) {
        coming.remove(firing);
    }

    /**
     * A firing whose run has ended: null if it came to its route, or if its route runs here: then something else has kept it from
     * there, such as the end of its schedule or a user's listener, and may do so again. A route that was closed for less time than
     * this takes loses it.
     */
    @Nullable
    Coming dropped(OperableTrigger trigger) {
        Coming still = coming.remove(trigger.getFireInstanceId());
        return still != null && (still.stopped() || !runsHere.test(own(trigger))) ? still : null;
    }

    /** A firing that came as its route stopped here, too late to leave it to another node or to a later time. */
    @SuppressWarnings("JavaUtilDate") // Quartz speaks in these
    void lost(OperableTrigger trigger) {
        LOG.warn(
                "{} came as the route stopped on this node, and is lost.",
                words(trigger, trigger.getPreviousFireTime()));
    }

    /**
     * A run has ended.
     *
     * @param held whether it was still this node's; otherwise another has taken it over, or this end was reported before, and
     *     the answer was lost
     */
    void ended(Connection connection, OperableTrigger trigger, boolean held) throws SQLException {
        String words = running.remove(trigger.getFireInstanceId());
        if (words != null && !held && !isTrue(connection, "SELECT " + CHECKED_IN, settings.name(), settings.node())) {
            LOG.warn(
                    "This node was considered dead while it was frozen or cut off. Another node has taken over a run that"
                            + " ended here all the same, so that its work may have been done twice: {}",
                    words);
        }
    }

    /**
     * This node has no row of its own: for the first time, or another has taken over its work; nothing has been acquired since.
     * In a transaction, which may fail and be repeated.
     */
    synchronized void checksIn() {
        if (!joined) {
            return;
        }
        if (takenOver == null) {
            takenOver = new TreeSet<>();
        }
        takenOver.addAll(running.values());
        running.clear();
    }

    /**
     * Also where its row was left there by a process of before. False if there is none: while Quartz waited for its other lock,
     * its transaction was rolled back and begun anew.
     */
    synchronized boolean checkedIn() {
        joined = joined
                || database.one("SELECT " + CHECKED_IN, row -> row.getBoolean(1), settings.name(), settings.node());
        if (takenOver == null) {
            return joined;
        }
        LOG.warn(
                "This node was considered dead while it was frozen or cut off, and others have taken over its work. It has"
                        + " discarded what it had acquired, and joins again.{}{}",
                takenOver.isEmpty()
                        ? ""
                        : " Another node has taken over what runs here, so that its work may be done twice: ",
                String.join(", ", takenOver));
        takenOver = null;
        return joined;
    }

    /** The trigger of the route, also of one by which an interrupted run is repeated: Camel names the job like it. */
    static TriggerKey own(Trigger trigger) {
        return TriggerKey.triggerKey(
                trigger.getJobKey().getName(), trigger.getJobKey().getGroup());
    }

    @SuppressWarnings("JavaUtilDate") // Quartz speaks in these
    private String words(Trigger trigger, @Nullable Date due) {
        return route.apply(own(trigger)) + (due == null ? "" : ", firing of " + Instant.ofEpochMilli(due.getTime()));
    }
}
