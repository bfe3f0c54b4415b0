package dev.dromedar.cluster;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.apache.camel.component.quartz.QuartzConstants;
import org.jspecify.annotations.Nullable;
import org.quartz.Calendar;
import org.quartz.JobKey;
import org.quartz.JobPersistenceException;
import org.quartz.Scheduler;
import org.quartz.TriggerKey;
import org.quartz.impl.calendar.BaseCalendar;
import org.quartz.impl.jdbcjobstore.PostgreSQLDelegate;
import org.quartz.spi.OperableTrigger;

/**
 * Quartz's statements, with two differences. A node takes only firings of routes that run on it, and only while the others do
 * not consider it dead: without this a node that does not have a route yet, or has it stopped, would take its firing and do
 * nothing with it. And what the rows hold is data
 * ({@link QuartzRows}): no class is loaded and no address taken from them. Quartz makes the instance, by the class's name.
 */
public final class ClusteredTriggers extends PostgreSQLDelegate {
    /** As Quartz names the trigger of a run that it repeats: recover_NODE_TIME. */
    private static final Pattern RECOVERY = Pattern.compile("recover_[A-Za-z0-9._-]{1,120}_\\d{1,19}");

    private static final String JOB = "SELECT job_name, job_group FROM dromedar_qrtz_triggers"
            + " WHERE sched_name = ? AND trigger_name = ? AND trigger_group = ?";

    private final AtomicBoolean joined = new AtomicBoolean();

    @Override
    public List<TriggerKey> selectTriggerToAcquire(
            Connection connection, long noLaterThan, long noEarlierThan, int maxCount) throws SQLException {
        Cluster cluster = Cluster.ofNode(instanceId);
        if (cluster == null) {
            return super.selectTriggerToAcquire(connection, noLaterThan, noEarlierThan, maxCount);
        }
        if (!cluster.firings().mayAcquire(connection)) {
            return List.of();
        }
        for (int look = maxCount; ; look *= 8) {
            List<TriggerKey> found = super.selectTriggerToAcquire(connection, noLaterThan, noEarlierThan, look);
            List<TriggerKey> own = new ArrayList<>();
            for (TriggerKey key : found) {
                if (own.size() < maxCount && cluster.runs(isRecovery(key) ? routeOf(connection, key) : key)) {
                    own.add(key);
                }
            }
            if (!own.isEmpty() || found.size() < look) {
                return own;
            }
        }
    }

    /** Quartz checks in: for the first time, or because another node has taken over the work of this one. */
    @Override
    public int insertSchedulerState(Connection connection, String node, long time, long interval) throws SQLException {
        int inserted = super.insertSchedulerState(connection, node, time, interval);
        Cluster cluster = Cluster.ofNode(instanceId);
        if (joined.getAndSet(true) && cluster != null) {
            cluster.firings().rejoined();
        }
        return inserted;
    }

    /** The trigger of the route whose run is repeated; its job is named like it. */
    private TriggerKey routeOf(Connection connection, TriggerKey recovery) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(JOB)) {
            query.setString(1, schedName);
            query.setString(2, recovery.getName());
            query.setString(3, recovery.getGroup());
            try (ResultSet row = query.executeQuery()) {
                return row.next() ? TriggerKey.triggerKey(row.getString(1), row.getString(2)) : recovery;
            }
        }
    }

    private static boolean isRecovery(TriggerKey key) {
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
    @Override
    protected Object getJobDataFromBlob(ResultSet row, String column) throws SQLException {
        Cluster cluster = Cluster.ofNode(instanceId);
        Properties data;
        try {
            data = QuartzRows.jobData(row.getBytes(column));
        } catch (IOException e) {
            data = new Properties();
            if (cluster != null) {
                cluster.distrust("The job data of a schedule in the database is not used, since " + e.getMessage());
            }
        }
        if (cluster != null) {
            data.setProperty(QuartzConstants.QUARTZ_CAMEL_CONTEXT_NAME, cluster.contextName());
        }
        return QuartzRows.stream(data);
    }

    /** The route's own calendar if it has one, whatever the database holds. */
    @Override
    public @Nullable Calendar selectCalendar(Connection connection, String name)
            throws ClassNotFoundException, IOException, SQLException {
        Cluster cluster = Cluster.ofNode(instanceId);
        Calendar own = cluster == null ? null : cluster.customCalendar(name);
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
