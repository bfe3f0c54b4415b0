package dev.dromedar.cluster;

import dev.dromedar.letters.KeptMessage;
import java.io.InputStream;
import java.net.URL;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.camel.component.quartz.CamelJob;
import org.apache.camel.component.quartz.StatefulCamelJob;
import org.jspecify.annotations.Nullable;
import org.quartz.Job;
import org.quartz.JobDetail;
import org.quartz.JobKey;
import org.quartz.JobPersistenceException;
import org.quartz.SchedulerConfigException;
import org.quartz.SchedulerException;
import org.quartz.Trigger;
import org.quartz.Trigger.CompletedExecutionInstruction;
import org.quartz.impl.jdbcjobstore.JobStoreTX;
import org.quartz.impl.jdbcjobstore.SchedulerStateRecord;
import org.quartz.spi.ClassLoadHelper;
import org.quartz.spi.OperableTrigger;
import org.quartz.spi.SchedulerSignaler;
import org.quartz.spi.TriggerFiredBundle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.NOPLogger;

/**
 * Quartz's clustered store, with another way to see that a node is dead: by the database's clock and our own signs of life.
 * Quartz compares the nodes' clocks, and would repeat the runs of a living node whose clock is some seconds behind. And a node
 * that others consider dead and that comes back writes nothing that is no longer its own ({@link Firings}). Quartz makes
 * the instance, by the class's name.
 */
@SuppressWarnings("unchecked") // JobStoreTX overrides a generic method without its types
public final class ClusteredJobs extends JobStoreTX {
    /** Looks which nodes are dead. That this one was considered dead, {@link Firings} reports; Quartz warns of what it prevents. */
    private volatile @Nullable Thread looking;

    /** Quartz's words are Quartz's, whatever the class that it logs by. That the database is away, our cluster reports once. */
    @Override
    protected Logger getLog() {
        return isAway() || Thread.currentThread().equals(looking)
                ? NOPLogger.NOP_LOGGER
                : LoggerFactory.getLogger(JobStoreTX.class);
    }

    @Override
    public void initialize(ClassLoadHelper loader, SchedulerSignaler scheduler) throws SchedulerConfigException {
        super.initialize(new KnownClasses(loader), new QuietSignaler(scheduler));
    }

    /**
     * The classes of Camel's two jobs, and our own. A row names the class of its job, and anyone who may write to the database
     * writes that name: another one is reported, and stands for Camel's job that never runs twice at a time.
     */
    private final class KnownClasses implements ClassLoadHelper {
        private static final Set<Class<?>> KNOWN =
                Set.of(CamelJob.class, StatefulCamelJob.class, ClusteredTriggers.class);

        private final ClassLoadHelper loader;

        KnownClasses(ClassLoadHelper loader) {
            this.loader = loader;
        }

        @Override
        public void initialize() {
            // Quartz has initialized the loader
        }

        @Override
        public Class<?> loadClass(String name) throws ClassNotFoundException {
            for (Class<?> known : KNOWN) {
                if (known.getName().equals(name)) {
                    return known;
                }
            }
            throw new ClassNotFoundException("not a class of this worker's schedules");
        }

        @Override
        public <T> Class<? extends T> loadClass(String name, Class<T> type) throws ClassNotFoundException {
            try {
                return loadClass(name).asSubclass(type);
            } catch (ClassNotFoundException | ClassCastException e) {
                if (type != Job.class) {
                    throw e;
                }
                Cluster cluster = Cluster.ofNode(getInstanceId());
                if (cluster != null) {
                    cluster.distrust("The database names the class " + name + " for a job, which is not loaded");
                }
                return StatefulCamelJob.class.asSubclass(type);
            }
        }

        @Override
        public @Nullable URL getResource(String name) {
            return loader.getResource(name);
        }

        @Override
        public @Nullable InputStream getResourceAsStream(String name) {
            return loader.getResourceAsStream(name);
        }

        @Override
        public ClassLoader getClassLoader() {
            return loader.getClassLoader();
        }
    }

    private boolean isAway() {
        Cluster cluster = Cluster.ofNode(getInstanceId());
        return cluster != null && cluster.isAway();
    }

    /**
     * Looks for missed firings as often as Quartz looks for dead nodes. Quartz itself does so once a minute: that long the
     * work that waited for the database, or for a long run of its own route, would wait on.
     */
    @Override
    protected boolean doCheckin() throws JobPersistenceException {
        try {
            boolean recovered = super.doCheckin();
            RecoverMisfiredJobsResult missed;
            do {
                missed = doRecoverMisfires();
                if (missed.getProcessedMisfiredTriggerCount() > 0) {
                    signalSchedulingChangeImmediately(missed.getEarliestNewTime());
                }
            } while (missed.hasMoreMisfiredTriggers());
            tell(null);
            return recovered;
        } catch (JobPersistenceException e) {
            tell("Quartz cannot work on its tables in the database: "
                    + KeptMessage.clean(String.valueOf(e.getMessage())));
            throw e;
        }
    }

    private void tell(@Nullable String failure) {
        Cluster cluster = Cluster.ofNode(getInstanceId());
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
        Cluster cluster = Cluster.ofNode(getInstanceId());
        if (cluster == null || suspects.isEmpty()) {
            return suspects;
        }
        try {
            Set<String> alive = cluster.alive(connection);
            return suspects.stream()
                    .filter(suspect -> Cluster.isName(suspect.getSchedulerInstanceId()))
                    .filter(suspect -> !alive.contains(suspect.getSchedulerInstanceId()))
                    .toList();
        } catch (SQLException e) {
            throw new JobPersistenceException("The database does not report which nodes are alive", e);
        }
    }

    /**
     * Fires what is still this node's. Quartz looks at the trigger's state alone, which another node that has taken over may
     * have set; it would fire what that node fires too, and put the trigger back to the time after its own old firing. And only
     * while its route takes it in: otherwise Quartz releases it, for a node whose route does.
     */
    @Override
    protected @Nullable TriggerFiredBundle triggerFired(Connection connection, OperableTrigger trigger)
            throws JobPersistenceException {
        Cluster cluster = Cluster.ofNode(getInstanceId());
        if (isHeld(connection, trigger)) {
            return cluster == null || cluster.runs(Firings.own(trigger))
                    ? super.triggerFired(connection, trigger)
                    : null;
        }
        if (cluster != null) {
            cluster.firings().discarded(trigger, trigger.getNextFireTime());
        }
        return null;
    }

    /** Does not release what another node has acquired since. */
    @Override
    protected void releaseAcquiredTrigger(Connection connection, OperableTrigger trigger)
            throws JobPersistenceException {
        if (isHeld(connection, trigger)) {
            super.releaseAcquiredTrigger(connection, trigger);
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
        Cluster cluster = Cluster.ofNode(getInstanceId());
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
        for (long left = 0; ; left--) {
            if (left <= 0) {
                try {
                    return executeInNonManagedTXLock(lockName, work, null);
                } catch (JobPersistenceException e) {
                    left = Math.max(1, getDbRetryInterval() / 1000);
                }
            }
            Cluster cluster = Cluster.ofNode(getInstanceId());
            if (cluster == null || cluster.isWorkerStopping()) {
                throw new IllegalStateException(
                        "The worker stops while the database is away: another node completes this firing");
            }
            try {
                TimeUnit.SECONDS.sleep(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Interrupted while the database is away", e);
            }
        }
    }

    private boolean isHeld(Connection connection, OperableTrigger trigger) throws JobPersistenceException {
        Cluster cluster = Cluster.ofNode(getInstanceId());
        try {
            return cluster == null || cluster.firings().isHeld(connection, trigger);
        } catch (SQLException e) {
            throw new JobPersistenceException("The database does not report whether a firing is still this node's", e);
        }
    }

    /** Passes on what Quartz's store reports to the scheduler, but for failures while the database is away. */
    private final class QuietSignaler implements SchedulerSignaler {
        private final SchedulerSignaler scheduler;

        QuietSignaler(SchedulerSignaler scheduler) {
            this.scheduler = scheduler;
        }

        @Override
        public void notifySchedulerListenersError(String words, SchedulerException e) {
            if (!isAway()) {
                scheduler.notifySchedulerListenersError(words, e);
            }
        }

        @Override
        public void notifyTriggerListenersMisfired(Trigger trigger) {
            Firings firings = Firings.ofNode(getInstanceId());
            if (firings != null) {
                firings.missed(trigger);
            }
            scheduler.notifyTriggerListenersMisfired(trigger);
        }

        @Override
        public void notifySchedulerListenersFinalized(Trigger trigger) {
            scheduler.notifySchedulerListenersFinalized(trigger);
        }

        @Override
        public void notifySchedulerListenersJobDeleted(JobKey job) {
            scheduler.notifySchedulerListenersJobDeleted(job);
        }

        @Override
        public void signalSchedulingChange(long nextTime) {
            scheduler.signalSchedulingChange(nextTime);
        }
    }
}
