package dev.dromedar.cluster;

import dev.dromedar.letters.SqlDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.camel.component.quartz.CamelJob;
import org.jspecify.annotations.Nullable;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobDataMap;
import org.quartz.JobDetail;
import org.quartz.JobKey;
import org.quartz.SimpleTrigger;
import org.quartz.TriggerKey;
import org.quartz.spi.OperableTrigger;

/**
 * The rows of many firings, read and written at once: what Quartz does for each of them by some twenty statements. Each method
 * is one statement, and all that write are called while Quartz's lock is held. Immutable.
 */
@SuppressWarnings("JavaUtilDate") // Quartz speaks in these
final class FiringRows {
    private static final String DUE =
            "SELECT t.*, cron_expression, time_zone_id, repeat_count, repeat_interval, times_triggered, job_class_name"
                    + " FROM (SELECT * FROM dromedar_qrtz_triggers WHERE sched_name = ? AND trigger_state = 'WAITING'"
                    + " AND next_fire_time > 0 AND next_fire_time <= ? AND (misfire_instr = -1 OR next_fire_time >= ?) AND "
                    + Firings.MEMBER
                    + " ORDER BY next_fire_time, priority DESC LIMIT ?) t"
                    + " JOIN dromedar_qrtz_job_details USING (sched_name, job_name, job_group)"
                    + " LEFT JOIN dromedar_qrtz_cron_triggers USING (sched_name, trigger_name, trigger_group)"
                    + " LEFT JOIN dromedar_qrtz_simple_triggers USING (sched_name, trigger_name, trigger_group)"
                    + " ORDER BY next_fire_time, priority DESC";

    private static final String ACQUIRE =
            "WITH taken AS (UPDATE dromedar_qrtz_triggers t SET trigger_state = 'ACQUIRED'"
                    + " FROM unnest(?::text[], ?::text[], ?::text[], ?::bigint[], ?::int[])"
                    + " AS w (name, grp, entry, due, weight) WHERE t.sched_name = ? AND t.trigger_name = w.name"
                    + " AND t.trigger_group = w.grp AND t.trigger_state = 'WAITING' RETURNING w.*)"
                    + " INSERT INTO dromedar_qrtz_fired_triggers (sched_name, entry_id, trigger_name, trigger_group,"
                    + " instance_name, fired_time, sched_time, priority, state, is_nonconcurrent, requests_recovery)"
                    + " SELECT ?, entry, name, grp, ?, ?, due, weight, 'ACQUIRED', false, false FROM taken"
                    + " RETURNING entry_id";

    /**
     * The state counts for the firing that was acquired alone: a schedule that was replaced since may be acquired too, for its own
     * next firing.
     */
    private static final String HELD =
            "SELECT entry_id, CASE WHEN t.next_fire_time = f.sched_time THEN t.trigger_state END AS trigger_state,"
                    + " job_class_name, is_durable, j.requests_recovery, j.job_data"
                    + " FROM dromedar_qrtz_fired_triggers f"
                    + " LEFT JOIN dromedar_qrtz_triggers t USING (sched_name, trigger_name, trigger_group)"
                    + " LEFT JOIN dromedar_qrtz_job_details j ON j.sched_name = t.sched_name"
                    + " AND j.job_name = t.job_name AND j.job_group = t.job_group"
                    + " WHERE f.sched_name = ? AND f.instance_name = ? AND entry_id = ANY (?)";

    /** The trigger itself, those of the same job that must wait for it, its count, and the row of the firing. */
    private static final String FIRE =
            "WITH w AS (SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[],"
                    + " ?::bigint[], ?::bigint[], ?::text[], ?::int[], ?::bool[], ?::bool[])"
                    + " AS w (name, grp, job, job_grp, entry, due, next, previous, state, times, alone, recovers)),"
                    + " own AS (UPDATE dromedar_qrtz_triggers t SET trigger_state = w.state, next_fire_time = w.next,"
                    + " prev_fire_time = w.previous FROM w WHERE t.sched_name = ? AND t.trigger_name = w.name"
                    + " AND t.trigger_group = w.grp),"
                    + " others AS (UPDATE dromedar_qrtz_triggers t SET trigger_state = CASE t.trigger_state"
                    + " WHEN 'PAUSED' THEN 'PAUSED_BLOCKED' ELSE 'BLOCKED' END FROM w WHERE w.alone"
                    + " AND t.sched_name = ? AND t.job_name = w.job AND t.job_group = w.job_grp"
                    + " AND (t.trigger_name, t.trigger_group) <> (w.name, w.grp)"
                    + " AND t.trigger_state IN ('WAITING', 'ACQUIRED', 'PAUSED')),"
                    + " counted AS (UPDATE dromedar_qrtz_simple_triggers s SET times_triggered = w.times FROM w"
                    + " WHERE w.times IS NOT NULL AND s.sched_name = ? AND s.trigger_name = w.name"
                    + " AND s.trigger_group = w.grp)"
                    + " UPDATE dromedar_qrtz_fired_triggers f SET state = 'EXECUTING', fired_time = ?,"
                    + " sched_time = w.due, job_name = w.job, job_group = w.job_grp, is_nonconcurrent = w.alone,"
                    + " requests_recovery = w.recovers FROM w WHERE f.sched_name = ? AND f.entry_id = w.entry";

    private final ClusteredTriggers triggers;
    private final Function<String, Class<? extends Job>> jobClass;
    private final String cluster;
    private final String node;

    /**
     * A firing that may be acquired.
     *
     * @param own whether this node runs its route
     * @param alone whether its job never runs twice at a time
     * @param trigger null if it is not this node's, or cannot be read together with others
     */
    record Due(
            TriggerKey key,
            JobKey job,
            long time,
            boolean own,
            boolean alone,
            @Nullable OperableTrigger trigger) {}

    /** A firing that this node has acquired still; the job is null if its trigger is no longer acquired. */
    record Held(@Nullable JobDetail job) {}

    /** A firing that is to begin. */
    record Firing(OperableTrigger trigger, JobDetail job, Date due) {}

    /** @param jobClass loads the class of a job that a row names */
    FiringRows(
            ClusteredTriggers triggers, Function<String, Class<? extends Job>> jobClass, String cluster, String node) {
        this.triggers = triggers;
        this.jobClass = jobClass;
        this.cluster = cluster;
        this.node = node;
    }

    /**
     * What is due, earliest first; nothing if this node is no member.
     *
     * @param member values of {@link Firings#MEMBER}
     * @param runs whether this node runs the route of a schedule
     */
    List<Due> due(
            Connection connection, long latest, long earliest, Object[] member, int most, Predicate<TriggerKey> runs)
            throws SQLException {
        Object[] values = Stream.of(new Object[] {cluster, latest, earliest}, member, new Object[] {most})
                .flatMap(Stream::of)
                .toArray();
        return read(
                connection,
                DUE,
                row -> {
                    TriggerKey key =
                            TriggerKey.triggerKey(row.getString("trigger_name"), row.getString("trigger_group"));
                    JobKey job = JobKey.jobKey(row.getString("job_name"), row.getString("job_group"));
                    boolean own = runs.test(
                            ClusteredTriggers.isRecovery(key)
                                    ? TriggerKey.triggerKey(job.getName(), job.getGroup())
                                    : key);
                    return new Due(
                            key,
                            job,
                            row.getLong("next_fire_time"),
                            own,
                            !CamelJob.class.getName().equals(row.getString("job_class_name")),
                            own ? triggers.read(row, key, job) : null);
                },
                values);
    }

    /** Which of them this node has now, by the ids that the triggers bear. */
    Set<String> acquire(Connection connection, List<OperableTrigger> wanted) throws SQLException {
        return new HashSet<>(read(
                connection,
                ACQUIRE,
                row -> row.getString(1),
                texts(wanted, trigger -> trigger.getKey().getName()),
                texts(wanted, trigger -> trigger.getKey().getGroup()),
                texts(wanted, OperableTrigger::getFireInstanceId),
                times(wanted, OperableTrigger::getNextFireTime),
                wanted.stream().map(OperableTrigger::getPriority).toArray(Integer[]::new),
                cluster,
                cluster,
                node,
                System.currentTimeMillis()));
    }

    /** Which of the acquired firings are this node's still, with their jobs. */
    Map<String, Held> held(Connection connection, List<OperableTrigger> acquired) throws SQLException {
        Map<String, Held> held = new HashMap<>();
        Map<String, JobKey> jobs = new HashMap<>();
        acquired.forEach(trigger -> jobs.put(trigger.getFireInstanceId(), trigger.getJobKey()));
        read(
                connection,
                HELD,
                row -> {
                    String entry = row.getString("entry_id");
                    boolean acquiredStill = "ACQUIRED".equals(row.getString("trigger_state"))
                            && row.getString("job_class_name") != null;
                    return held.put(entry, new Held(acquiredStill ? job(row, jobs.get(entry)) : null));
                },
                cluster,
                node,
                texts(acquired, OperableTrigger::getFireInstanceId));
        return held;
    }

    private JobDetail job(ResultSet row, @Nullable JobKey key) throws SQLException {
        JobDetail job = JobBuilder.newJob(jobClass.apply(row.getString("job_class_name")))
                .withIdentity(key)
                .storeDurably(row.getBoolean("is_durable"))
                .requestRecovery(row.getBoolean("requests_recovery"))
                .usingJobData(new JobDataMap(triggers.jobData(row.getBytes("job_data"))))
                .build();
        job.getJobDataMap().clearDirtyFlag();
        return job;
    }

    /** They run now; the triggers know their next firing already. */
    void fire(Connection connection, List<Firing> firings) throws SQLException {
        List<OperableTrigger> fired = firings.stream().map(Firing::trigger).toList();
        try (PreparedStatement update = prepared(
                connection,
                FIRE,
                texts(fired, trigger -> trigger.getKey().getName()),
                texts(fired, trigger -> trigger.getKey().getGroup()),
                texts(fired, trigger -> trigger.getJobKey().getName()),
                texts(fired, trigger -> trigger.getJobKey().getGroup()),
                texts(fired, OperableTrigger::getFireInstanceId),
                times(firings, Firing::due),
                times(fired, OperableTrigger::getNextFireTime),
                times(fired, OperableTrigger::getPreviousFireTime),
                texts(firings, FiringRows::state),
                fired.stream()
                        .map(trigger -> trigger instanceof SimpleTrigger simple ? simple.getTimesTriggered() : null)
                        .toArray(Integer[]::new),
                flags(firings, JobDetail::isConcurrentExecutionDisallowed),
                flags(firings, JobDetail::requestsRecovery),
                cluster,
                cluster,
                cluster,
                System.currentTimeMillis(),
                cluster)) {
            update.executeUpdate();
        }
    }

    private static String state(Firing firing) {
        return firing.trigger().getNextFireTime() == null
                ? "COMPLETE"
                : firing.job().isConcurrentExecutionDisallowed() ? "BLOCKED" : "WAITING";
    }

    static <T> String[] texts(List<T> all, Function<T, String> text) {
        return all.stream().map(text).toArray(String[]::new);
    }

    /** As Quartz writes them: none is -1. */
    private static <T> Long[] times(List<T> all, Function<T, @Nullable Date> time) {
        return all.stream().map(time).map(FiringRows::time).toArray(Long[]::new);
    }

    /** As Quartz writes it. */
    static long time(@Nullable Date date) {
        return date == null ? -1 : date.getTime();
    }

    private static Boolean[] flags(List<Firing> all, Function<JobDetail, Boolean> flag) {
        return all.stream().map(firing -> flag.apply(firing.job())).toArray(Boolean[]::new);
    }

    private static PreparedStatement prepared(Connection connection, String sql, @Nullable Object... values)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        SqlDatabase.set(statement, values);
        return statement;
    }

    static <T> List<T> read(Connection connection, String sql, SqlDatabase.Row<T> reader, @Nullable Object... values)
            throws SQLException {
        try (PreparedStatement query = prepared(connection, sql, values)) {
            return SqlDatabase.read(query, reader);
        }
    }
}
