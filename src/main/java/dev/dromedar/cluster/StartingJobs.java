package dev.dromedar.cluster;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.quartz.JobDetail;
import org.quartz.JobKey;
import org.quartz.JobPersistenceException;
import org.quartz.SchedulerConfigException;
import org.quartz.TriggerKey;
import org.quartz.impl.matchers.GroupMatcher;
import org.quartz.spi.ClassLoadHelper;
import org.quartz.spi.OperableTrigger;
import org.quartz.spi.SchedulerSignaler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads and stores the schedules of a worker that starts together: see {@link StartingSchedules}. */
@SuppressWarnings("unchecked") // see FencedJobs
abstract class StartingJobs extends FencedJobs implements StartingSchedules.Tables {
    private static final Logger LOG = LoggerFactory.getLogger(StartingJobs.class);

    /** In one transaction: the lock that all nodes want is not held for long. */
    private static final int AT_ONCE = 500;

    private static final int MANY = 100;

    private @Nullable ScheduleRows rows;

    @Override
    public void initialize(ClassLoadHelper loader, SchedulerSignaler scheduler) throws SchedulerConfigException {
        super.initialize(loader, scheduler);
        Cluster cluster = cluster();
        if (cluster != null) {
            cluster.starting().in(this);
        }
    }

    private synchronized ScheduleRows rows() throws JobPersistenceException {
        if (rows == null) {
            rows = new ScheduleRows((ClusteredTriggers) getDelegate(), getInstanceName());
        }
        return rows;
    }

    @Override
    public @Nullable OperableTrigger retrieveTrigger(TriggerKey key) throws JobPersistenceException {
        Cluster cluster = cluster();
        return cluster != null && cluster.starting().knows(key)
                ? cluster.starting().find(key)
                : super.retrieveTrigger(key);
    }

    @Override
    public void storeJobAndTrigger(JobDetail job, OperableTrigger trigger) throws JobPersistenceException {
        Cluster cluster = cluster();
        if (cluster == null || !cluster.starting().add(job, trigger)) {
            super.storeJobAndTrigger(job, trigger);
        }
    }

    /** Quartz refuses a job that is there already, as a durable one is whose schedule was removed. */
    @Override
    protected void storeJob(Connection connection, JobDetail job, boolean replace) throws JobPersistenceException {
        JobKey key = job.getKey();
        TriggerKey schedule = TriggerKey.triggerKey(key.getName(), key.getGroup()); // as Camel names it
        super.storeJob(connection, job, replace || !triggerExists(connection, schedule));
    }

    @Override
    public boolean replaceTrigger(TriggerKey key, OperableTrigger trigger) throws JobPersistenceException {
        Cluster cluster = cluster();
        return cluster != null && cluster.starting().replace(key, trigger) || super.replaceTrigger(key, trigger);
    }

    @Override
    public Map<TriggerKey, @Nullable OperableTrigger> all() throws JobPersistenceException {
        return this.<Map<TriggerKey, @Nullable OperableTrigger>>executeInNonManagedTXLock(
                null,
                connection -> {
                    try {
                        return rows().all(connection);
                    } catch (SQLException e) {
                        throw new JobPersistenceException("Couldn't read the schedules: " + e.getMessage(), e);
                    }
                },
                null);
    }

    @Override
    public Set<TriggerKey> store(List<StartingSchedules.New> all) throws JobPersistenceException {
        Set<TriggerKey> there = new HashSet<>();
        for (int from = 0; from == 0 || from < all.size(); from += AT_ONCE) {
            List<StartingSchedules.New> part = all.subList(from, Math.min(all.size(), from + AT_ONCE));
            there.addAll(executeInNonManagedTXLock(LOCK_TRIGGER_ACCESS, connection -> store(connection, part), null));
        }
        if (all.size() >= MANY) {
            analyze();
        }
        return there;
    }

    /**
     * PostgreSQL does it by itself within a minute; until then it reads whole tables for each firing. Without effect if the
     * database's user does not own the tables.
     */
    private void analyze() {
        try {
            executeInNonManagedTXLock(
                    null,
                    connection -> {
                        try (Statement statement = connection.createStatement()) {
                            return statement.execute("ANALYZE dromedar_qrtz_job_details, dromedar_qrtz_triggers,"
                                    + " dromedar_qrtz_cron_triggers, dromedar_qrtz_simple_triggers");
                        } catch (SQLException e) {
                            throw new JobPersistenceException("Couldn't analyze the tables: " + e.getMessage(), e);
                        }
                    },
                    null);
        } catch (JobPersistenceException e) {
            LOG.debug("Another node, or the server itself, does it", e);
        }
    }

    private Set<TriggerKey> store(Connection connection, List<StartingSchedules.New> all)
            throws JobPersistenceException {
        try {
            Set<TriggerKey> there =
                    new HashSet<>(getDelegate().selectTriggersInGroup(connection, GroupMatcher.anyTriggerGroup()));
            Set<JobKey> jobs = getDelegate().selectJobsInGroup(connection, GroupMatcher.anyJobGroup());
            Set<JobKey> busy = rows().busy(connection);
            boolean paused =
                    !getDelegate().selectPausedTriggerGroups(connection).isEmpty();
            List<StartingSchedules.New> plain = new ArrayList<>();
            for (StartingSchedules.New one : all) {
                JobKey job = one.job().getKey();
                if (!there.add(one.trigger().getKey())) {
                    continue; // another node has stored it meanwhile
                }
                if (paused || busy.contains(job) || jobs.contains(job) || !ScheduleRows.isPlain(one)) {
                    storeJob(connection, one.job(), true);
                    storeTrigger(connection, one.trigger(), one.job(), false, STATE_WAITING, false, false);
                } else {
                    plain.add(one);
                }
            }
            if (!plain.isEmpty()) {
                rows().insert(connection, plain);
            }
            return there;
        } catch (SQLException | IOException e) {
            throw new JobPersistenceException("Couldn't store the schedules: " + e.getMessage(), e);
        }
    }
}
