package dev.dromedar.cluster;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.quartz.JobDetail;
import org.quartz.spi.OperableTrigger;

/**
 * The rows of firings that end, as {@link FiringRows} of those that begin. One that its route has not taken in, since the route
 * stopped at that moment, is due again: for another node, or for this one when the route has started again. Immutable.
 */
@SuppressWarnings("JavaUtilDate") // Quartz speaks in these
final class FiringEnds {
    /** The row of the firing, and if it was this node's still, the triggers that waited for its job. */
    private static final String END =
            "WITH gone AS (DELETE FROM dromedar_qrtz_fired_triggers WHERE sched_name = ? AND instance_name = ?"
                    + " AND entry_id = ANY (?) RETURNING entry_id), freed AS (UPDATE dromedar_qrtz_triggers t"
                    + " SET trigger_state = CASE t.trigger_state WHEN 'BLOCKED' THEN 'WAITING' ELSE 'PAUSED' END"
                    + " FROM gone JOIN unnest(?::text[], ?::text[], ?::text[]) AS w (entry_id, job, job_grp)"
                    + " USING (entry_id) WHERE t.sched_name = ? AND t.job_name = w.job AND t.job_group = w.job_grp"
                    + " AND t.trigger_state IN ('BLOCKED', 'PAUSED_BLOCKED') RETURNING t.next_fire_time)"
                    + " SELECT entry_id, NULL AS next FROM gone UNION ALL SELECT NULL, next_fire_time FROM freed";

    /**
     * Unless its next firing is another one by now. If another node has acquired that next firing, it does not begin there
     * ({@link FiringRows}, HELD).
     */
    private static final String GIVE_BACK =
            "WITH given AS (UPDATE dromedar_qrtz_triggers SET next_fire_time = ?, prev_fire_time = ?,"
                    + " trigger_state = CASE trigger_state WHEN 'PAUSED' THEN 'PAUSED' ELSE 'WAITING' END"
                    + " WHERE sched_name = ? AND trigger_name = ? AND trigger_group = ? AND next_fire_time = ?"
                    + " AND trigger_state IN ('WAITING', 'ACQUIRED', 'PAUSED', 'COMPLETE')"
                    + " RETURNING sched_name, trigger_name, trigger_group),"
                    + " counted AS (UPDATE dromedar_qrtz_simple_triggers s SET times_triggered = times_triggered - 1"
                    + " FROM given g WHERE s.sched_name = g.sched_name AND s.trigger_name = g.trigger_name"
                    + " AND s.trigger_group = g.trigger_group) SELECT trigger_name FROM given";

    private final String cluster;
    private final String node;

    FiringEnds(String cluster, String node) {
        this.cluster = cluster;
        this.node = node;
    }

    /**
     * A firing that has ended.
     *
     * @param dropped if its route has not taken it in, since it stopped; otherwise null
     */
    record End(OperableTrigger trigger, JobDetail job, Firings.@Nullable Coming dropped) {
        String id() {
            return trigger.getFireInstanceId();
        }
    }

    /**
     * What became of them.
     *
     * @param held the ids of those that were this node's still
     * @param lost the ids of those that are not due again, since their schedule has gone on
     * @param next when the next of the freed triggers is due, or null if none was freed
     */
    record Ended(
            Set<String> held, Set<String> lost, @Nullable Long next) {}

    /** Does not unblock a trigger whose job runs on another node now. */
    Ended end(Connection connection, List<End> ends) throws SQLException {
        List<End> alone = ends.stream()
                .filter(end -> end.job().isConcurrentExecutionDisallowed())
                .toList();
        Set<String> held = new HashSet<>();
        List<Long> next = new ArrayList<>();
        FiringRows.read(
                connection,
                END,
                row -> row.getString(1) != null ? held.add(row.getString(1)) : next.add(row.getLong(2)),
                cluster,
                node,
                FiringRows.texts(ends, End::id),
                FiringRows.texts(alone, End::id),
                FiringRows.texts(alone, end -> end.job().getKey().getName()),
                FiringRows.texts(alone, end -> end.job().getKey().getGroup()),
                cluster);
        Set<String> lost = new HashSet<>();
        for (End end : ends) {
            if (end.dropped() != null
                    && held.contains(end.id())
                    && !giveBack(connection, end.trigger(), end.dropped().before())) {
                lost.add(end.id());
            }
        }
        return new Ended(held, lost, next.stream().min(Long::compare).orElse(null));
    }

    /**
     * A firing that has ended without a run is due again.
     *
     * @param before when the schedule fired before it, or null
     * @return false if its schedule has gone on meanwhile
     */
    private boolean giveBack(Connection connection, OperableTrigger trigger, @Nullable Date before)
            throws SQLException {
        return !FiringRows.read(
                        connection,
                        GIVE_BACK,
                        row -> row.getString(1),
                        FiringRows.time(trigger.getPreviousFireTime()),
                        FiringRows.time(before),
                        cluster,
                        trigger.getKey().getName(),
                        trigger.getKey().getGroup(),
                        FiringRows.time(trigger.getNextFireTime()))
                .isEmpty();
    }
}
