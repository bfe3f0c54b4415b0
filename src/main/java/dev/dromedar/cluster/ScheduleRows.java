package dev.dromedar.cluster;

import dev.dromedar.letters.SqlDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.quartz.CronTrigger;
import org.quartz.JobKey;
import org.quartz.SimpleTrigger;
import org.quartz.TriggerKey;
import org.quartz.spi.OperableTrigger;

/** The rows of many schedules, read and written at once. Each method is one statement. Immutable. */
@SuppressWarnings("JavaUtilDate") // Quartz speaks in these
final class ScheduleRows {
    private static final String ALL =
            "SELECT t.*, cron_expression, time_zone_id, repeat_count, repeat_interval, times_triggered"
                    + " FROM dromedar_qrtz_triggers t"
                    + " LEFT JOIN dromedar_qrtz_cron_triggers USING (sched_name, trigger_name, trigger_group)"
                    + " LEFT JOIN dromedar_qrtz_simple_triggers USING (sched_name, trigger_name, trigger_group)"
                    + " WHERE sched_name = ?";

    /** Without the triggers of this transaction it would be a job of which a run was interrupted. */
    private static final String BUSY = "SELECT DISTINCT job_name, job_group FROM dromedar_qrtz_fired_triggers"
            + " WHERE sched_name = ? AND job_name IS NOT NULL";

    private static final String INSERT = "WITH w AS (SELECT ?::text AS cluster, v.* FROM unnest(?::text[], ?::text[],"
            + " ?::text[], ?::text[], ?::bool[], ?::bool[], ?::bool[], ?::bool[], ?::bytea[], ?::text[], ?::bigint[],"
            + " ?::int[], ?::bigint[], ?::bigint[], ?::text[], ?::int[], ?::text[], ?::text[], ?::bigint[],"
            + " ?::bigint[]) AS v (name, grp, job_about, class, durable, alone, keeps, recovers, data, about, next,"
            + " weight, begin, stop, calendar, missed, cron, zone, times, every)),"
            + " jobs AS (INSERT INTO dromedar_qrtz_job_details (sched_name, job_name, job_group, description,"
            + " job_class_name, is_durable, is_nonconcurrent, is_update_data, requests_recovery, job_data)"
            + " SELECT cluster, name, grp, job_about, class, durable, alone, keeps, recovers, data FROM w),"
            + " triggers AS (INSERT INTO dromedar_qrtz_triggers (sched_name, trigger_name, trigger_group, job_name,"
            + " job_group, description, next_fire_time, prev_fire_time, priority, trigger_state, trigger_type,"
            + " start_time, end_time, calendar_name, misfire_instr, job_data) SELECT cluster, name, grp, name, grp, about, next,"
            + " -1, weight, 'WAITING', CASE WHEN cron IS NULL THEN 'SIMPLE' ELSE 'CRON' END, begin, stop, calendar,"
            + " missed, '' FROM w),"
            + " crons AS (INSERT INTO dromedar_qrtz_cron_triggers (sched_name, trigger_name, trigger_group,"
            + " cron_expression, time_zone_id) SELECT cluster, name, grp, cron, zone FROM w WHERE cron IS NOT NULL)"
            + " INSERT INTO dromedar_qrtz_simple_triggers (sched_name, trigger_name, trigger_group, repeat_count,"
            + " repeat_interval, times_triggered) SELECT cluster, name, grp, times, every, 0 FROM w WHERE cron IS NULL";

    private final ClusteredTriggers triggers;
    private final String cluster;

    ScheduleRows(ClusteredTriggers triggers, String cluster) {
        this.triggers = triggers;
        this.cluster = cluster;
    }

    /** All schedules; null for one that must be read alone. */
    Map<TriggerKey, @Nullable OperableTrigger> all(Connection connection) throws SQLException {
        Map<TriggerKey, @Nullable OperableTrigger> all = new HashMap<>();
        try (PreparedStatement query = connection.prepareStatement(ALL)) {
            query.setString(1, cluster);
            SqlDatabase.read(query, row -> {
                TriggerKey key = TriggerKey.triggerKey(row.getString("trigger_name"), row.getString("trigger_group"));
                JobKey job = JobKey.jobKey(row.getString("job_name"), row.getString("job_group"));
                return all.put(key, triggers.read(row, key, job));
            });
        }
        return all;
    }

    /** Jobs that run now, or ran on a node that died: their triggers may have to wait. */
    Set<JobKey> busy(Connection connection) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(BUSY)) {
            query.setString(1, cluster);
            return new HashSet<>(SqlDatabase.read(query, row -> JobKey.jobKey(row.getString(1), row.getString(2))));
        }
    }

    /** Whether {@link #insert} writes all that there is to it: as Camel makes it, the job is named like its trigger. */
    static boolean isPlain(StartingSchedules.New one) {
        TriggerKey key = one.trigger().getKey();
        return (one.trigger() instanceof CronTrigger || one.trigger() instanceof SimpleTrigger)
                && one.job().getKey().equals(JobKey.jobKey(key.getName(), key.getGroup()))
                && one.trigger().getJobDataMap().isEmpty()
                && one.trigger().getPreviousFireTime() == null;
    }

    /** Schedules that are not there. */
    void insert(Connection connection, List<StartingSchedules.New> all) throws SQLException, IOException {
        byte[][] data = new byte[all.size()][];
        for (int i = 0; i < data.length; i++) {
            data[i] = triggers.written(all.get(i).job().getJobDataMap());
        }
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            SqlDatabase.set(
                    insert,
                    cluster,
                    texts(all, one -> one.trigger().getKey().getName()),
                    texts(all, one -> one.trigger().getKey().getGroup()),
                    texts(all, one -> one.job().getDescription()),
                    texts(all, one -> one.job().getJobClass().getName()),
                    flags(all, one -> one.job().isDurable()),
                    flags(all, one -> one.job().isConcurrentExecutionDisallowed()),
                    flags(all, one -> one.job().isPersistJobDataAfterExecution()),
                    flags(all, one -> one.job().requestsRecovery()),
                    data,
                    texts(all, one -> one.trigger().getDescription()),
                    numbers(all, one -> millis(one.trigger().getNextFireTime(), null)),
                    all.stream().map(one -> one.trigger().getPriority()).toArray(Integer[]::new),
                    numbers(all, one -> one.trigger().getStartTime().getTime()),
                    numbers(all, one -> millis(one.trigger().getEndTime(), 0L)),
                    texts(all, one -> one.trigger().getCalendarName()),
                    all.stream()
                            .map(one -> one.trigger().getMisfireInstruction())
                            .toArray(Integer[]::new),
                    texts(all, one -> one.trigger() instanceof CronTrigger cron ? cron.getCronExpression() : null),
                    texts(
                            all,
                            one -> one.trigger() instanceof CronTrigger cron
                                    ? cron.getTimeZone().getID()
                                    : null),
                    numbers(
                            all,
                            one -> one.trigger() instanceof SimpleTrigger simple
                                    ? (Long) (long) simple.getRepeatCount()
                                    : null),
                    numbers(
                            all,
                            one -> one.trigger() instanceof SimpleTrigger simple
                                    ? (Long) simple.getRepeatInterval()
                                    : null));
            insert.executeUpdate();
        }
    }

    private static @Nullable Long millis(@Nullable Date time, @Nullable Long none) {
        return time == null ? none : (Long) time.getTime();
    }

    private static String[] texts(
            List<StartingSchedules.New> all, Function<StartingSchedules.New, @Nullable String> text) {
        return all.stream().map(text).toArray(String[]::new);
    }

    private static Boolean[] flags(List<StartingSchedules.New> all, Function<StartingSchedules.New, Boolean> flag) {
        return all.stream().map(flag).toArray(Boolean[]::new);
    }

    private static Long[] numbers(
            List<StartingSchedules.New> all, Function<StartingSchedules.New, @Nullable Long> number) {
        return all.stream().map(number).toArray(Long[]::new);
    }
}
