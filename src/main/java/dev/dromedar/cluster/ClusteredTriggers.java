package dev.dromedar.cluster;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Date;
import java.util.Objects;
import java.util.Properties;
import java.util.regex.Pattern;
import org.apache.camel.component.quartz.QuartzConstants;
import org.jspecify.annotations.Nullable;
import org.quartz.Calendar;
import org.quartz.JobDataMap;
import org.quartz.JobKey;
import org.quartz.JobPersistenceException;
import org.quartz.Scheduler;
import org.quartz.TriggerBuilder;
import org.quartz.TriggerKey;
import org.quartz.impl.calendar.BaseCalendar;
import org.quartz.impl.jdbcjobstore.PostgreSQLDelegate;
import org.quartz.impl.jdbcjobstore.TriggerPersistenceDelegate.TriggerPropertyBundle;
import org.quartz.impl.triggers.SimpleTriggerImpl;
import org.quartz.spi.OperableTrigger;

/**
 * Quartz's statements, but what the rows hold is data ({@link QuartzRows}): no class is loaded and no address taken from them.
 * Quartz makes the instance, by the class's name.
 */
public final class ClusteredTriggers extends PostgreSQLDelegate {
    /** As Quartz names the trigger of a run that it repeats: recover_NODE_TIME. */
    private static final Pattern RECOVERY = Pattern.compile("recover_[A-Za-z0-9._-]{1,120}_\\d{1,19}");

    /** Quartz checks in: for the first time, or because another node has taken over the work of this one. */
    @Override
    public int insertSchedulerState(Connection connection, String node, long time, long interval) throws SQLException {
        int inserted = super.insertSchedulerState(connection, node, time, interval);
        Cluster cluster = Cluster.ofNode(instanceId);
        if (cluster != null) {
            cluster.firings().checksIn();
        }
        return inserted;
    }

    /** Whether Quartz has made it, so that a run is repeated. */
    static boolean isRecovery(TriggerKey key) {
        return key.getGroup().equals(Scheduler.DEFAULT_RECOVERY_GROUP)
                && RECOVERY.matcher(key.getName()).matches();
    }

    /**
     * A schedule that cannot be read would stop all others: it is removed, and made again by a node with its route. But not one
     * that another node made or replaced between two of the statements that read it: so it is read twice.
     */
    @Override
    public @Nullable OperableTrigger selectTrigger(Connection connection, TriggerKey key) throws SQLException {
        Exception failure = new IOException("no schedule of a known kind");
        for (int look = 0; look < 2; look++) {
            try {
                OperableTrigger trigger = super.selectTrigger(connection, key);
                if (trigger != null) {
                    return trigger;
                }
            } catch (JobPersistenceException | ClassNotFoundException | IOException | RuntimeException e) {
                if (isAway(e)) {
                    throw new SQLException(e.getMessage(), e);
                }
                failure = e;
            }
            if (!triggerExists(connection, key)) {
                return null;
            }
        }
        remove(connection, key);
        Cluster cluster = Cluster.ofNode(instanceId);
        if (cluster != null) {
            cluster.damaged(key, failure);
        }
        return null;
    }

    /**
     * A schedule from a row that holds its part of the kind, too; or null if it must be read alone, since it is of another kind
     * or cannot be read.
     */
    @SuppressWarnings("JavaUtilDate") // Quartz speaks in these
    @Nullable
    OperableTrigger read(ResultSet row, TriggerKey key, JobKey job) throws SQLException {
        String kind = row.getString(COL_TRIGGER_TYPE);
        if (!kind.equals(TTYPE_SIMPLE) && !kind.equals(TTYPE_CRON)) {
            return null;
        }
        if (kind.equals(TTYPE_SIMPLE) && row.getObject(COL_REPEAT_INTERVAL) == null) {
            return null; // without its other row
        }
        try {
            TriggerPropertyBundle part =
                    findTriggerPersistenceDelegate(kind).loadExtendedTriggerPropertiesFromResultSet(row, key);
            var trigger = (OperableTrigger) TriggerBuilder.newTrigger()
                    .withIdentity(key)
                    .forJob(job)
                    .withDescription(row.getString(COL_DESCRIPTION))
                    .withPriority(row.getInt(COL_PRIORITY))
                    .startAt(new Date(row.getLong(COL_START_TIME)))
                    .endAt(date(row, COL_END_TIME))
                    .modifiedByCalendar(row.getString(COL_CALENDAR_NAME))
                    .withSchedule(part.getScheduleBuilder())
                    .usingJobData(new JobDataMap(jobData(row.getBytes(COL_JOB_DATAMAP))))
                    .build();
            trigger.setMisfireInstruction(row.getInt(COL_MISFIRE_INSTRUCTION));
            trigger.setNextFireTime(date(row, COL_NEXT_FIRE_TIME));
            trigger.setPreviousFireTime(date(row, COL_PREV_FIRE_TIME));
            if (trigger instanceof SimpleTriggerImpl simple) {
                simple.setTimesTriggered(row.getInt(COL_TIMES_TRIGGERED));
            }
            return trigger;
        } catch (RuntimeException e) {
            return null;
        }
    }

    /** Quartz writes none as 0 or -1. */
    @SuppressWarnings("JavaUtilDate")
    private static @Nullable Date date(ResultSet row, String column) throws SQLException {
        long time = row.getLong(column);
        return time > 0 ? new Date(time) : null;
    }

    /** With its job, which Camel names like it. */
    private void remove(Connection connection, TriggerKey key) throws SQLException {
        deleteBlobTrigger(connection, key);
        for (int kind = 0; kind < triggerPersistenceDelegates.size(); kind++) {
            deleteTriggerExtension(connection, key);
        }
        deleteTrigger(connection, key);
        JobKey job = JobKey.jobKey(key.getName(), key.getGroup());
        if (selectNumTriggersForJob(connection, job) == 0) {
            deleteJobDetail(connection, job);
        }
    }

    private static boolean isAway(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException) {
                return true;
            }
        }
        return false;
    }

    /**
     * Job data: what is known of the column, and the name of this node's own context. The endpoint's address is never taken
     * from it: Camel finds the endpoint by the trigger's key.
     */
    Properties jobData(byte @Nullable [] column) {
        Cluster cluster = Cluster.ofNode(instanceId);
        Properties data;
        try {
            data = QuartzRows.jobData(column);
        } catch (IOException e) {
            data = new Properties();
            if (cluster != null) {
                cluster.distrust("The job data of a schedule in the database is not used, since " + e.getMessage());
            }
        }
        if (cluster != null) {
            data.setProperty(
                    QuartzConstants.QUARTZ_CAMEL_CONTEXT_NAME, cluster.routes().contextName());
        }
        return data;
    }

    /** Job data as Quartz writes it. */
    byte[] written(JobDataMap data) throws IOException {
        return serializeJobData(data).toByteArray();
    }

    @Override
    protected Object getJobDataFromBlob(ResultSet row, String column) throws SQLException {
        return QuartzRows.stream(jobData(row.getBytes(column)));
    }

    /** The route's own calendar if it has one, whatever the database holds. */
    @Override
    public @Nullable Calendar selectCalendar(Connection connection, String name)
            throws ClassNotFoundException, IOException, SQLException {
        Cluster cluster = Cluster.ofNode(instanceId);
        Calendar own = cluster == null ? null : cluster.routes().customCalendar(name);
        return own != null ? own : super.selectCalendar(connection, name);
    }

    /** Calendars only: schedules and job data are never stored as objects. */
    @Override
    protected Object getObjectFromBlob(ResultSet row, String column) throws IOException, SQLException {
        if (!column.equals(COL_CALENDAR)) {
            throw new IOException("objects are not read from " + column);
        }
        try {
            return QuartzRows.calendar(row.getBytes(column));
        } catch (IOException e) {
            Cluster cluster = Cluster.ofNode(instanceId);
            if (cluster != null) {
                cluster.distrust("A calendar in the database is not used, since "
                        + Objects.requireNonNullElse(e.getMessage(), "it is cut off")
                        + "; its routes run as without a calendar");
            }
            return new BaseCalendar();
        }
    }
}
