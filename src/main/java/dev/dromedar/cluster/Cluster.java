package dev.dromedar.cluster;

import dev.dromedar.letters.StoreFailure;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.camel.CamelContext;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.TriggerKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's part in a cluster: signals to the others that it lives, by the database's clock, and puts Quartz on the database.
 * Goes on by itself when the database was away. Thread-safe.
 */
public final class Cluster extends ServiceSupport {
    private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);
    /** Of a start with a database that is away: it may be starting too. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final int SCHEDULE_CHECK_EVERY = 10;
    private static final int MOST_REPORTS = 100;
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final SecureRandom RANDOM = new SecureRandom();
    /** Quartz makes some of our objects itself; they find their cluster by the node's name. */
    private static final Map<String, Cluster> BY_NODE = new ConcurrentHashMap<>();

    private final CamelContext context;
    private final ClusterSettings settings;
    private final Database database;
    private final Membership membership;
    private final RoutesHere routes;
    private final ScheduleUpkeep upkeep;
    private final SharedSchedules schedules;
    private final StartingSchedules starting = new StartingSchedules();
    private final Firings firings;
    private final DatabaseOutage outage;
    private final Set<String> distrusted = ConcurrentHashMap.newKeySet();
    private @Nullable ScheduledExecutorService beat;
    private int beats;
    private boolean schedulingTold;
    private volatile @Nullable String scheduling;

    /** @param clock this machine's */
    Cluster(CamelContext context, ClusterSettings settings, Database database, InstantSource clock) {
        this.context = context;
        this.settings = settings;
        this.database = database;
        long life = RANDOM.nextLong();
        this.membership = new Membership(settings, database, clock, life);
        this.routes = new RoutesHere(context, firing -> firings().entered(firing));
        this.upkeep = new ScheduleUpkeep(routes, database, clock, Cluster::cleaned);
        this.schedules = new SharedSchedules(context, routes, database);
        this.firings = new Firings(settings, database, life, routes::words, routes::runs);
        this.outage = new DatabaseOutage(settings);
    }

    /**
     * Takes the node's name and signals that it lives.
     *
     * @throws StoreFailure if another worker of this process or of the cluster has that name
     */
    void begin() {
        if (BY_NODE.putIfAbsent(settings.node(), this) != null) {
            throw new StoreFailure("dromedar.cluster.node: two workers of this process are named '" + settings.node()
                    + "'. Give each a name of its own.");
        }
        firings.begin();
        try {
            join();
        } catch (RuntimeException e) {
            giveUp();
            throw e;
        }
    }

    /** Leaves again, before anything runs. */
    void giveUp() {
        BY_NODE.remove(settings.node(), this);
        firings.end();
    }

    /** The first sign of life. A worker that was killed may have left its name: this one waits until that is dead to all. */
    private void join() {
        long begun = System.nanoTime();
        while (!isIn(begun)) {
            if (System.nanoTime() - begun > settings.deadAfter().plusSeconds(1).toNanos()) {
                throw new StoreFailure("dromedar.cluster.node: another worker of the cluster is named '"
                        + settings.node() + "', and lives. Give each node a name of its own, or leave the key out.");
            }
            LockSupport.parkNanos(RETRY_NANOS);
        }
        membership.joined();
    }

    /** As patient as the first connection: a machine on which several workers start answers slowly. */
    private boolean isIn(long begun) {
        while (true) {
            try {
                return membership.sayAlive(routes.claimed(), false);
            } catch (StoreFailure e) {
                if (!DatabaseFailures.mayPass(e) || System.nanoTime() - begun > PATIENCE.toNanos()) {
                    throw e;
                }
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    static @Nullable Cluster ofNode(String node) {
        return BY_NODE.get(node);
    }

    Database database() {
        return database;
    }

    ClusterSettings settings() {
        return settings;
    }

    Membership membership() {
        return membership;
    }

    RoutesHere routes() {
        return routes;
    }

    StartingSchedules starting() {
        return starting;
    }

    Firings firings() {
        return firings;
    }

    /** Reports once what the database holds and this worker does not use. */
    void distrust(String what) {
        String words = cleaned(what);
        if (distrusted.size() < MOST_REPORTS && distrusted.add(words)) {
            LOG.warn(
                    "Cluster: {}. Find out who wrote it: the database may be changed by this worker's nodes alone.",
                    words);
        }
    }

    /** A schedule that could not be read, and was removed. */
    void damaged(TriggerKey key, Exception failure) {
        distrust("Schedule " + RoutesHere.text(key)
                + " in the database could not be read, and is created again by a node with its route: "
                + failure.getMessage());
        routes.damaged(key);
    }

    /** Of a text that the database holds: one line, without control characters, 300 characters at most. */
    private static String cleaned(String text) {
        String line = text.length() > 300 ? text.substring(0, 300) : text;
        return line.replaceAll("[\\p{Cntrl}\\p{Cf}]", "?");
    }

    private void beat() {
        if (!outage.isTimeToTry()) {
            return;
        }
        try {
            if (!membership.sayAlive(routes.claimed(), context.isStarted() && scheduling == null)) {
                throw new StoreFailure("another worker has taken this node's name '" + settings.node()
                        + "', which was silent for too long. Restart this one, under a name of its own.");
            }
            membership.lives();
            if (outage.isReported()) {
                // On the connections of everybody else too
                database.one("SELECT 1", row -> row.getInt(1));
            }
            outage.worked();
            membership.machineClock().tell();
            tellScheduling();
            membership.tellNodes();
            keepSchedules();
        } catch (SchedulerException | RuntimeException e) {
            // What broke, as when another server has taken the database over, broke for all connections
            database.dropConnections();
            outage.failed(String.valueOf(e.getMessage()));
        }
    }

    /** What Quartz cannot do though the database answers; right after it was away its last failure says nothing new. */
    private void tellScheduling() {
        String failure = scheduling;
        if (failure != null && !schedulingTold && !membership.isPatient()) {
            LOG.warn("Cluster: {}. Firings may stop; it is retried every few seconds.", failure);
            schedulingTold = true;
        } else if (failure == null && schedulingTold) {
            LOG.info("Quartz works on its tables in the database again");
            schedulingTold = false;
        }
    }

    private void keepSchedules() throws SchedulerException {
        Scheduler scheduler = routes.scheduler();
        if (scheduler == null || scheduler.isShutdown()) {
            return;
        }
        if (membership.machineClock().isFit()) {
            upkeep.restore(scheduler); // by a wrong clock it would be stored with wrong times
        }
        if (++beats % SCHEDULE_CHECK_EVERY == 0
                && context.isStarted()
                && database.clock().isSteady()) {
            if (!upkeep.removeOrphans(scheduler)) {
                beats--; // the next beat continues
            }
            schedules.look();
        }
    }

    /** The routes are known, and start now. */
    void beginWork() throws SchedulerException {
        starting.store().forEach(routes::removed);
        upkeep.updateJobs();
    }

    /** All nodes that were seen within an hour, as of this node's last sign of life. Asks nobody. */
    public List<Node> nodes() {
        return membership.nodes();
    }

    /** This node, and how many live, in words. */
    public String words() {
        List<Node> all = nodes();
        long alive = all.stream().filter(Node::alive).count();
        return "This is node " + node() + "; " + alive + " of " + all.size() + " nodes of cluster " + name() + " live.";
    }

    /** The name that the nodes share. */
    public String name() {
        return settings.name();
    }

    /** This node's name. */
    public String node() {
        return settings.node();
    }

    /** Why the cluster does not work now, or null. */
    public @Nullable String fault() {
        Duration silence = Duration.ofNanos(membership.silence());
        String fault = outage.fault();
        if (fault == null && silence.compareTo(settings.deadAfter()) > 0) {
            return "This node has not reached the database for " + silence.toSeconds() + " s.";
        }
        return fault != null ? fault : scheduling;
    }

    /** Whether this node does not reach the database, or has only just reached it again. */
    boolean isAway() {
        return outage.isReported();
    }

    /** What Quartz could not do in the database that answers us, or null. */
    void scheduling(@Nullable String failure) {
        scheduling = failure;
    }

    /** By how much this machine's clock is behind the database's; negative if it is ahead. */
    public Duration clockOffset() {
        return membership.machineClock().offset();
    }

    /** What is wrong with this machine's clock, or null if it agrees with the database's within two seconds. */
    public @Nullable String clockFault() {
        return membership.machineClock().fault();
    }

    /** Which routes have another schedule on this node than the one by which the cluster fires, or null if none has. */
    public @Nullable String scheduleFault() {
        return schedules.fault();
    }

    /** Whether the worker stops: then nothing waits for the database. */
    boolean isWorkerStopping() {
        return context.isStopping() || context.isStopped();
    }

    @Override
    protected void doStart() throws Exception {
        long millis = Math.max(500, settings.checkIn().toMillis() / 3);
        beat = context.getExecutorServiceManager().newSingleThreadScheduledExecutor(this, "dromedar-cluster");
        beat.scheduleWithFixedDelay(this::beat, millis, millis, TimeUnit.MILLISECONDS);
    }

    @Override
    protected void doStop() {
        if (beat != null) {
            context.getExecutorServiceManager().shutdownGraceful(beat);
        }
        BY_NODE.remove(settings.node(), this);
        firings.end();
        try {
            membership.leave();
        } catch (StoreFailure e) {
            LOG.warn("Cluster: this node could not say that it stops; the others notice by themselves.");
        }
        database.close();
    }
}
