package dev.dromedar.cluster;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.quartz.Calendar;
import org.quartz.Job;
import org.quartz.JobDetail;
import org.quartz.JobKey;
import org.quartz.JobPersistenceException;
import org.quartz.Scheduler;
import org.quartz.Trigger.CompletedExecutionInstruction;
import org.quartz.impl.jdbcjobstore.FiredTriggerRecord;
import org.quartz.spi.OperableTrigger;
import org.quartz.spi.TriggerFiredBundle;
import org.quartz.spi.TriggerFiredResult;

/**
 * Acquires, fires and completes many firings in one transaction each. Quartz can acquire and fire several at once, but by some
 * twenty statements for each; while they pass to and fro it holds the lock that all nodes want. What is safe for one is safe for
 * many: whether a firing is this node's is asked of each row. Quartz makes the instance, by the class's name.
 */
@SuppressWarnings({"JavaUtilDate", "unchecked"}) // Quartz speaks in these; and see FencedJobs
public final class ClusteredJobs extends StartingJobs {
    private static final int LOOKS = 3;

    private final Together<FiringEnds.End, Boolean> ends = new Together<>(this::end);
    private @Nullable FiringRows rows;
    /** When the firing is due that the scheduler has acquired and waits for; if there is none, later than any. */
    private volatile long waitsFor = Long.MAX_VALUE;

    private synchronized FiringRows rows() throws JobPersistenceException {
        if (rows == null) {
            rows = new FiringRows(
                    (ClusteredTriggers) getDelegate(), this::jobClass, getInstanceName(), getInstanceId());
        }
        return rows;
    }

    private Class<? extends Job> jobClass(String name) {
        try {
            return getClassLoadHelper().loadClass(name, Job.class);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("KnownClasses gives another class instead", e);
        }
    }

    @Override
    public List<OperableTrigger> acquireNextTriggers(long noLaterThan, int maxCount, long timeWindow)
            throws JobPersistenceException {
        waitsFor = Long.MAX_VALUE;
        List<OperableTrigger> acquired = super.acquireNextTriggers(noLaterThan, maxCount, timeWindow);
        if (!acquired.isEmpty()) {
            waitsFor = acquired.get(0).getNextFireTime().getTime();
        }
        return acquired;
    }

    /**
     * Only firings of routes that run on this node, and only while the others do not consider it dead: a node that does not have
     * a route yet, or has it stopped, would take its firing and do nothing with it. Of what is due at once no more than this
     * node's share, so that nodes which are as free as this one have work too.
     */
    @Override
    protected List<OperableTrigger> acquireNextTrigger(
            Connection connection, long noLaterThan, int maxCount, long timeWindow) throws JobPersistenceException {
        Cluster cluster = cluster();
        if (cluster == null) {
            return super.acquireNextTrigger(connection, noLaterThan, maxCount, timeWindow);
        }
        if (!isClockFit()) {
            return List.of();
        }
        try {
            for (int look = 0; look < LOOKS; look++) {
                List<FiringRows.Due> due = due(connection, cluster, noLaterThan + timeWindow, maxCount, timeWindow);
                List<OperableTrigger> wanted = read(connection, due);
                Set<String> taken = wanted.isEmpty() ? Set.of() : rows().acquire(connection, wanted);
                wanted.removeIf(trigger -> !taken.contains(trigger.getFireInstanceId()));
                if (due.isEmpty() || !wanted.isEmpty()) {
                    return wanted;
                }
            }
            return List.of();
        } catch (SQLException e) {
            throw new JobPersistenceException("Couldn't acquire next trigger: " + e.getMessage(), e);
        }
    }

    private List<FiringRows.Due> due(Connection connection, Cluster cluster, long latest, int maxCount, long timeWindow)
            throws SQLException, JobPersistenceException {
        int nodes =
                Math.max(1, (int) cluster.nodes().stream().filter(Node::alive).count());
        for (int most = maxCount * nodes; ; most *= 8) {
            List<FiringRows.Due> all = rows().due(
                            connection,
                            latest,
                            getMisfireTime(),
                            cluster.firings().member(),
                            most,
                            cluster.routes()::runs);
            List<FiringRows.Due> own = new ArrayList<>();
            Set<JobKey> jobs = new HashSet<>();
            long end = latest;
            int together = 0;
            for (FiringRows.Due one : all) {
                if (one.time() > end) {
                    break;
                }
                together++;
                if (one.own() && own.size() < maxCount && (!one.alone() || jobs.add(one.job()))) {
                    if (own.isEmpty()) {
                        end = Math.max(one.time(), System.currentTimeMillis()) + timeWindow;
                    }
                    own.add(one);
                }
            }
            if (!own.isEmpty() || all.size() < most) {
                int share = Math.max(1, (together + nodes - 1) / nodes);
                return own.subList(0, Math.min(own.size(), share));
            }
        }
    }

    private List<OperableTrigger> read(Connection connection, List<FiringRows.Due> due) throws JobPersistenceException {
        List<OperableTrigger> triggers = new ArrayList<>();
        for (FiringRows.Due one : due) {
            OperableTrigger trigger = one.trigger() != null ? one.trigger() : retrieveTrigger(connection, one.key());
            if (trigger != null && trigger.getNextFireTime() != null) {
                trigger.setFireInstanceId(getFiredTriggerRecordId());
                triggers.add(trigger);
            }
        }
        return triggers;
    }

    @Override
    public List<TriggerFiredResult> triggersFired(List<OperableTrigger> triggers) throws JobPersistenceException {
        waitsFor = Long.MAX_VALUE;
        Cluster cluster = cluster();
        return cluster == null
                ? super.triggersFired(triggers)
                : executeInNonManagedTXLock(
                        LOCK_TRIGGER_ACCESS,
                        connection -> fire(connection, cluster, triggers),
                        (connection, results) -> areFired(connection, results));
    }

    /**
     * Fires what is still this node's. Quartz looks at the trigger's state alone, which another node that has taken over may
     * have set; it would fire what that node fires too, and put the trigger back to the time after its own old firing. And only
     * while its route takes it in: otherwise Quartz releases it, for a node whose route does.
     */
    private List<TriggerFiredResult> fire(Connection connection, Cluster cluster, List<OperableTrigger> triggers)
            throws JobPersistenceException {
        try {
            Map<String, FiringRows.Held> held = rows().held(connection, triggers);
            List<FiringRows.Firing> firings = new ArrayList<>();
            List<TriggerFiredResult> results = new ArrayList<>();
            Set<JobKey> alone = new HashSet<>();
            for (OperableTrigger trigger : triggers) {
                FiringRows.Held own = held.get(trigger.getFireInstanceId());
                JobDetail job = own == null ? null : own.job();
                if (own == null) {
                    cluster.firings().discarded(trigger, trigger.getNextFireTime());
                }
                // Another node may have made the job one that never runs twice at a time since
                if (job != null
                        && isClockFit()
                        && cluster.routes().runs(Firings.own(trigger))
                        && (!job.isConcurrentExecutionDisallowed() || alone.add(job.getKey()))) {
                    results.add(fire(connection, trigger, job, firings));
                } else {
                    results.add(notFired());
                }
            }
            if (!firings.isEmpty()) {
                rows().fire(connection, firings);
            }
            return results;
        } catch (SQLException e) {
            throw new JobPersistenceException("Couldn't fire triggers: " + e.getMessage(), e);
        }
    }

    private TriggerFiredResult fire(
            Connection connection, OperableTrigger trigger, JobDetail job, List<FiringRows.Firing> firings) {
        try {
            Calendar calendar = null;
            if (trigger.getCalendarName() != null) {
                calendar = retrieveCalendar(connection, trigger.getCalendarName());
                if (calendar == null) {
                    return notFired();
                }
            }
            Date due = trigger.getNextFireTime();
            Date previous = trigger.getPreviousFireTime();
            trigger.triggered(calendar);
            firings.add(new FiringRows.Firing(trigger, job, due));
            boolean recovers = trigger.getKey().getGroup().equals(Scheduler.DEFAULT_RECOVERY_GROUP);
            return new TriggerFiredResult(new TriggerFiredBundle(
                    job,
                    trigger,
                    calendar,
                    recovers,
                    new Date(),
                    trigger.getPreviousFireTime(),
                    previous,
                    trigger.getNextFireTime()));
        } catch (JobPersistenceException | RuntimeException e) {
            return new TriggerFiredResult(e);
        }
    }

    private static TriggerFiredResult notFired() {
        return new TriggerFiredResult((TriggerFiredBundle) null);
    }

    /** As Quartz: the commit's answer was lost, and what it wrote is there. */
    private boolean areFired(Connection connection, List<TriggerFiredResult> results) throws JobPersistenceException {
        try {
            Set<String> executing = new HashSet<>();
            for (FiredTriggerRecord one :
                    getDelegate().selectInstancesFiredTriggerRecords(connection, getInstanceId())) {
                if (STATE_EXECUTING.equals(one.getFireInstanceState())) {
                    executing.add(one.getFireInstanceId());
                }
            }
            return results.stream()
                    .map(TriggerFiredResult::getTriggerFiredBundle)
                    .anyMatch(fired -> fired != null
                            && executing.contains(fired.getTrigger().getFireInstanceId()));
        } catch (SQLException e) {
            throw new JobPersistenceException("error validating trigger acquisition", e);
        }
    }

    /** All runs that end while another transaction is under way are completed by the next. */
    @Override
    public void triggeredJobComplete(
            OperableTrigger trigger, JobDetail job, CompletedExecutionInstruction instruction) {
        Cluster cluster = cluster();
        if (cluster == null) {
            super.triggeredJobComplete(trigger, job, instruction);
            return;
        }
        Firings.Coming dropped = cluster.firings().dropped(trigger);
        // With something to write that this run alone has: if that fails it is tried again, and the others do not wait
        // for it
        boolean special = instruction != CompletedExecutionInstruction.NOOP
                || job.isPersistJobDataAfterExecution() && job.getJobDataMap().isDirty();
        if (special && dropped == null) {
            super.triggeredJobComplete(trigger, job, instruction);
        } else if (ends.call(new FiringEnds.End(trigger, job, dropped))) {
            cluster.firings().lost(trigger);
        }
    }

    /** Which of them are lost. */
    private List<Boolean> end(List<FiringEnds.End> ends) {
        return retryExecuteInNonManagedTXLock(LOCK_TRIGGER_ACCESS, connection -> end(connection, ends));
    }

    private List<Boolean> end(Connection connection, List<FiringEnds.End> ends) throws JobPersistenceException {
        try {
            FiringEnds.Ended ended = new FiringEnds(getInstanceName(), getInstanceId()).end(connection, ends);
            Cluster cluster = cluster();
            if (cluster != null) {
                for (FiringEnds.End end : ends) {
                    cluster.firings()
                            .ended(connection, end.trigger(), ended.held().contains(end.id()));
                }
            }
            // If it is not due before what the scheduler waits for: Quartz would release that, and acquire it again
            if (ended.next() != null && ended.next() < waitsFor) {
                signalSchedulingChangeOnTxCompletion(0L);
            }
            return ends.stream().map(end -> ended.lost().contains(end.id())).toList();
        } catch (SQLException e) {
            throw new JobPersistenceException("Couldn't complete runs: " + e.getMessage(), e);
        }
    }
}
