package dev.dromedar.cluster;

import dev.dromedar.letters.KeptMessage;
import dev.dromedar.letters.StoreFailure;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.quartz.JobDetail;
import org.quartz.JobPersistenceException;
import org.quartz.SchedulerConfigException;
import org.quartz.Trigger;
import org.quartz.Trigger.CompletedExecutionInstruction;
import org.quartz.impl.jdbcjobstore.JobStoreTX;
import org.quartz.impl.jdbcjobstore.SchedulerStateRecord;
import org.quartz.spi.ClassLoadHelper;
import org.quartz.spi.OperableTrigger;
import org.quartz.spi.SchedulerSignaler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.NOPLogger;

/**
 * Quartz's clustered store, with another way to see that a node is dead: by the database's clock and our own signs of life.
 * Quartz compares the nodes' clocks, and would repeat the runs of a living node whose clock is some seconds behind. And a node
 * that others consider dead and that comes back writes nothing that is no longer its own ({@link Firings}).
 */
@SuppressWarnings("unchecked") // JobStoreTX overrides a generic method without its types
abstract class FencedJobs extends JobStoreTX {
    /** Looks which nodes are dead. That this one was considered dead, {@link Firings} reports; Quartz warns of what it prevents. */
    private volatile @Nullable Thread looking;

    private boolean checkedIn;
    private boolean wasClockFit = true;
    private int clockSteps;

    /** Quartz's words are Quartz's, whatever the class that it logs by. That the database is away, our cluster reports once. */
    @Override
    protected Logger getLog() {
        return isAway() || Thread.currentThread().equals(looking)
                ? NOPLogger.NOP_LOGGER
                : LoggerFactory.getLogger(JobStoreTX.class);
    }

    @Override
    public void initialize(ClassLoadHelper loader, SchedulerSignaler scheduler) throws SchedulerConfigException {
        super.initialize(
                new KnownClasses(loader, this::cluster), new QuietSignaler(scheduler, this::isAway, this::missed));
    }

    final @Nullable Cluster cluster() {
        return Cluster.ofNode(getInstanceId());
    }

    private void missed(Trigger trigger) {
        Cluster cluster = cluster();
        if (cluster != null) {
            cluster.firings().missed(trigger);
        }
    }

    private boolean isAway() {
        Cluster cluster = cluster();
        return cluster != null && cluster.isAway();
    }

    /** Whether firings may start by this machine's clock. */
    final boolean isClockFit() {
        Cluster cluster = cluster();
        return cluster == null || cluster.membership().machineClock().isFit();
    }

    /** By a clock that is an hour ahead all firings are missed. Asked while the lock is held: it may have been set meanwhile. */
    @Override
    protected RecoverMisfiredJobsResult recoverMisfiredJobs(Connection connection, boolean recovering)
            throws JobPersistenceException, SQLException {
        return isClockFit() ? super.recoverMisfiredJobs(connection, recovering) : RecoverMisfiredJobsResult.NO_OP;
    }

    /**
     * Looks for missed firings as often as Quartz looks for dead nodes. Quartz itself does so once a minute: that long the
     * work that waited for the database, or for a long run of its own route, would wait on. A node that comes back checks in
     * once it has signalled that it lives: before, the others would consider it dead still, and take over its work once more.
     * (As they do if its own timer stood still meanwhile, so that it does not know that it was away; it then reports it twice.)
     */
    @Override
    protected boolean doCheckin() throws JobPersistenceException {
        Cluster cluster = cluster();
        if (checkedIn && cluster != null && cluster.membership().wasAway()) {
            checkInAtOnce();
            return false;
        }
        boolean fit = isClockFit();
        int steps = cluster == null ? 0 : cluster.membership().machineClock().steps();
        if (fit != wasClockFit || steps != clockSteps) {
            // The scheduler releases what it waits for by the wrong time, and looks anew
            wasClockFit = fit;
            clockSteps = steps;
            signalSchedulingChangeImmediately(0L);
        }
        try {
            boolean recovered = super.doCheckin();
            checkedIn = true;
            if (cluster != null && !cluster.firings().checkedIn()) {
                checkInAtOnce();
            }
            RecoverMisfiredJobsResult missed;
            do {
                missed = doRecoverMisfires();
                if (missed.getProcessedMisfiredTriggerCount() > 0) {
                    signalSchedulingChangeImmediately(missed.getEarliestNewTime());
                }
            } while (missed.hasMoreMisfiredTriggers());
            tell(null);
            return recovered;
        } catch (JobPersistenceException | StoreFailure e) {
            // Quartz compares it with the time now, and would sleep for an hour after the clock was set back by one
            lastCheckin = System.currentTimeMillis();
            tell("Quartz cannot work on its tables in the database: "
                    + KeptMessage.clean(String.valueOf(e.getMessage())));
            throw e;
        }
    }

    /** By Quartz's clock it is due then. */
    private void checkInAtOnce() {
        lastCheckin = System.currentTimeMillis() - getClusterCheckinInterval();
    }

    private void tell(@Nullable String failure) {
        Cluster cluster = cluster();
        if (cluster != null) {
            cluster.scheduling(failure);
        }
    }

    /** Of a connection that is closed nothing is left to be rolled back, and what broke it is reported. */
    @Override
    protected void rollbackConnection(@Nullable Connection connection) {
        try {
            if (connection != null && !connection.isClosed()) {
                super.rollbackConnection(connection);
            }
        } catch (SQLException e) {
            super.rollbackConnection(connection);
        }
    }

    /** Every other node is suspected; {@link #findFailedInstances} asks the database. */
    @Override
    protected long calcFailedIfAfter(SchedulerStateRecord record) {
        return 0;
    }

    @Override
    protected List<SchedulerStateRecord> findFailedInstances(Connection connection) throws JobPersistenceException {
        looking = Thread.currentThread();
        try {
            return dead(connection, super.findFailedInstances(connection));
        } finally {
            looking = null;
        }
    }

    /**
     * Looks again, now that Quartz's lock is held: a node that was found dead may have come back while this one waited for the
     * lock, and have acquired firings since.
     */
    @Override
    protected void clusterRecover(Connection connection, List<SchedulerStateRecord> suspects)
            throws JobPersistenceException {
        super.clusterRecover(connection, dead(connection, suspects));
    }

    private List<SchedulerStateRecord> dead(Connection connection, List<SchedulerStateRecord> suspects)
            throws JobPersistenceException {
        Cluster cluster = cluster();
        if (cluster == null || suspects.isEmpty()) {
            return suspects;
        }
        try {
            Set<String> alive = cluster.membership().alive(connection);
            return suspects.stream()
                    .filter(suspect -> Membership.isName(suspect.getSchedulerInstanceId()))
                    .filter(suspect -> !alive.contains(suspect.getSchedulerInstanceId()))
                    .toList();
        } catch (SQLException e) {
            throw new JobPersistenceException("The database does not report which nodes are alive", e);
        }
    }

    /** Does not release what another node has acquired since. */
    @Override
    protected void releaseAcquiredTrigger(Connection connection, OperableTrigger trigger)
            throws JobPersistenceException {
        if (!isHeld(connection, trigger)) {
            return;
        }
        try {
            // Not from BLOCKED, as Quartz does too: then its job runs, and the end of that run frees it
            getDelegate().updateTriggerStateFromOtherState(connection, trigger.getKey(), STATE_WAITING, STATE_ACQUIRED);
            getDelegate().deleteFiredTrigger(connection, trigger.getFireInstanceId());
        } catch (SQLException e) {
            throw new JobPersistenceException("Couldn't release acquired trigger: " + e.getMessage(), e);
        }
    }

    /** Does not unblock a trigger whose job runs on another node now. */
    @Override
    protected void triggeredJobComplete(
            Connection connection, OperableTrigger trigger, JobDetail job, CompletedExecutionInstruction instruction)
            throws JobPersistenceException {
        boolean held = isHeld(connection, trigger);
        if (held) {
            super.triggeredJobComplete(connection, trigger, job, instruction);
        }
        Cluster cluster = cluster();
        if (cluster != null) {
            try {
                cluster.firings().ended(connection, trigger, held);
            } catch (SQLException e) {
                throw new JobPersistenceException("The database does not report the state of this node", e);
            }
        }
    }

    /**
     * As Quartz, but a worker that stops does not wait for a database that is away: the row of the firing stays, and another
     * node completes it.
     */
    @Override
    protected <T> T retryExecuteInNonManagedTXLock(String lockName, TransactionCallback<T> work) {
        boolean interrupted = false;
        try {
            for (long left = 0; ; left--) {
                if (left <= 0) {
                    try {
                        return executeInNonManagedTXLock(lockName, work, null);
                    } catch (JobPersistenceException e) {
                        left = Math.max(1, getDbRetryInterval() / 1000);
                    }
                }
                Cluster cluster = cluster();
                if (cluster == null || cluster.isWorkerStopping()) {
                    throw new IllegalStateException(
                            "The worker stops while the database is away: another node completes this firing");
                }
                try {
                    TimeUnit.SECONDS.sleep(1);
                } catch (InterruptedException e) {
                    interrupted = true; // the end of the run must be written all the same
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private boolean isHeld(Connection connection, OperableTrigger trigger) throws JobPersistenceException {
        Cluster cluster = cluster();
        try {
            return cluster == null || cluster.firings().isHeld(connection, trigger);
        } catch (SQLException e) {
            throw new JobPersistenceException("The database does not report whether a firing is still this node's", e);
        }
    }
}
