package dev.dromedar.cluster;

import dev.dromedar.letters.StoreFailure;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TimeZone;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.StatefulService;
import org.apache.camel.component.quartz.CamelJob;
import org.apache.camel.component.quartz.QuartzComponent;
import org.apache.camel.component.quartz.QuartzConstants;
import org.apache.camel.component.quartz.QuartzEndpoint;
import org.apache.camel.component.quartz.QuartzHelper;
import org.apache.camel.component.quartz.StatefulCamelJob;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.support.RoutePolicySupport;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;
import org.quartz.Calendar;
import org.quartz.CronScheduleBuilder;
import org.quartz.CronTrigger;
import org.quartz.Job;
import org.quartz.JobDetail;
import org.quartz.JobKey;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.Trigger;
import org.quartz.TriggerKey;
import org.quartz.impl.matchers.GroupMatcher;
import org.quartz.spi.OperableTrigger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's part in a cluster: signals to the others that it lives, by the database's clock, and puts Quartz on the database.
 * Goes on by itself when the database was away. Thread-safe.
 */
public final class Cluster extends ServiceSupport {
    private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);
    private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(2);
    private static final int SCHEDULE_CHECK_EVERY = 10;
    private static final int MOST_REPORTS = 100;
    private static final int MOST_NODES = 1000;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,120}");
    private static final SecureRandom RANDOM = new SecureRandom();
    /** Quartz makes some of our objects itself; they find their cluster by the node's name. */
    private static final Map<String, Cluster> BY_NODE = new ConcurrentHashMap<>();

    private final CamelContext context;
    private final ClusterSettings settings;
    private final Database database;
    private final InstantSource clock;
    /** Of this process: distinguishes it from another worker of the same node's name. */
    private final long life = RANDOM.nextLong();

    private final Map<TriggerKey, Route> routes = new ConcurrentHashMap<>();
    private final Map<TriggerKey, Map<String, Object>> parameters = new ConcurrentHashMap<>();
    private final Set<TriggerKey> suspects = new HashSet<>();
    private final Set<TriggerKey> damaged = ConcurrentHashMap.newKeySet();
    private final Set<String> distrusted = ConcurrentHashMap.newKeySet();
    private final DatabaseOutage outage;
    private final Firings firings;
    private final SharedSchedules schedules;
    private @Nullable ScheduledExecutorService beat;
    private int beats;
    private String told = "";
    private volatile long lastBeat = System.nanoTime();
    private volatile long patientUntil = System.nanoTime();
    private volatile Duration clockOffset = Duration.ZERO;
    private boolean clockTold;
    private boolean schedulingTold;
    private volatile List<Node> nodes = List.of();
    private volatile @Nullable String scheduling;

    /**
     * A node of the cluster.
     *
     * @param seen its last sign of life, by the database's clock
     * @param alive whether that is recent
     */
    public record Node(String name, Instant seen, boolean alive) {}

    Cluster(CamelContext context, ClusterSettings settings, Database database, InstantSource clock) {
        this.context = context;
        this.settings = settings;
        this.database = database;
        this.clock = clock;
        this.outage = new DatabaseOutage(settings);
        this.firings = new Firings(settings, database, life, this::route, this::runs);
        this.schedules = new SharedSchedules(context);
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
        long end = System.nanoTime() + settings.deadAfter().plusSeconds(1).toNanos();
        while (!sayAlive()) {
            if (System.nanoTime() > end) {
                throw new StoreFailure("dromedar.cluster.node: another worker of the cluster is named '"
                        + settings.node() + "', and lives. Give each node a name of its own, or leave the key out.");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
        }
        lastBeat = System.nanoTime();
        patientUntil = lastBeat + settings.deadAfter().toNanos();
        nodes = nodes(database, settings);
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

    Firings firings() {
        return firings;
    }

    RoutePolicy policy(CamelContext camel, String routeId, NamedNode node) {
        return new RoutePolicySupport() {
            @Override
            public void onInit(Route route) {
                if (route.getEndpoint() instanceof QuartzEndpoint quartz) {
                    // Always: what is not to be repeated becomes a dead letter, and for that somebody has to find it
                    quartz.setRecoverableJob(true);
                    // Now: Camel takes out what it has set on its own trigger
                    Map<String, Object> wanted = quartz.getTriggerParameters();
                    parameters.put(quartz.getTriggerKey(), wanted == null ? Map.of() : Map.copyOf(wanted));
                }
            }

            @Override
            public void onStart(Route route) {
                if (route.getEndpoint() instanceof QuartzEndpoint quartz) {
                    routes.put(quartz.getTriggerKey(), route);
                }
            }

            @Override
            public void onStop(Route route) {
                if (route.getEndpoint() instanceof QuartzEndpoint quartz) {
                    routes.remove(quartz.getTriggerKey());
                }
            }
        };
    }

    /** As Camel and Quartz know this node's context. */
    String contextName() {
        return QuartzHelper.getQuartzContextName(context);
    }

    /** The calendar that a route of this node brings by its {@code customCalendar}, or null. */
    @Nullable
    Calendar customCalendar(String name) {
        if (!name.equals(QuartzConstants.QUARTZ_CAMEL_CUSTOM_CALENDAR)) {
            return null;
        }
        return context.getRoutes().stream()
                .map(Route::getEndpoint)
                .filter(QuartzEndpoint.class::isInstance)
                .map(endpoint -> ((QuartzEndpoint) endpoint).getCustomCalendar())
                .filter(Objects::nonNull)
                .reduce((first, last) -> last) // Camel stores them all under one name
                .orElse(null);
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
        distrust("Schedule " + text(key) + " in the database could not be read, and is created again by a node with its"
                + " route: " + failure.getMessage());
        if (runs(key)) {
            damaged.add(key);
        }
    }

    private void restoreSchedules() throws Exception {
        for (Route route : context.getRoutes()) {
            if (route.getEndpoint() instanceof QuartzEndpoint quartz && damaged.remove(quartz.getTriggerKey())) {
                quartz.stop();
                quartz.start();
            }
        }
    }

    /** Of a text that the database holds: one line, without control characters, 300 characters at most. */
    private static String cleaned(String text) {
        String line = text.length() > 300 ? text.substring(0, 300) : text;
        return line.replaceAll("[\\p{Cntrl}\\p{Cf}]", "?");
    }

    /** Whether that can be the name of a node; names in the database may have been written by others. */
    static boolean isName(@Nullable String name) {
        return name != null && NAME.matcher(name).matches();
    }

    /** The id of the route of that trigger, or null if none runs on this node. */
    @Nullable
    String route(TriggerKey trigger) {
        Route route = routes.get(trigger);
        return route == null ? null : route.getRouteId();
    }

    /**
     * Whether a route of that trigger runs on this node. Not one that is about to stop, or suspended: Camel closes its consumer
     * first, and drops a firing that finds it closed.
     */
    boolean runs(TriggerKey trigger) {
        Route route = routes.get(trigger);
        return route != null && (!(route.getConsumer() instanceof StatefulService consumer) || consumer.isStarted());
    }

    /**
     * The nodes that are not to be considered dead: those seen lately, or all while this node itself cannot judge. It cannot
     * after a time without the database, which the others may have been without too: until it has said itself that it
     * lives, and then for as long as a node may be silent. Nor after the database's clock was set.
     */
    Set<String> alive(Connection connection) throws SQLException {
        // In this order: a beat in between makes the first false and the second true
        boolean patient = wasAway() || isPatient();
        try (PreparedStatement query =
                connection.prepareStatement("SELECT node FROM dromedar_node WHERE cluster = ? AND node <> ? AND (? OR "
                        + Database.SEEN_LATELY + ") LIMIT " + MOST_NODES)) {
            query.setString(1, settings.name());
            query.setString(2, settings.node());
            query.setBoolean(3, patient);
            query.setDouble(4, database.silentSeconds());
            query.setDouble(5, database.silentSeconds());
            query.setObject(6, database.clock().earliest());
            query.setObject(7, database.clock().latest());
            try (ResultSet rows = query.executeQuery()) {
                Set<String> alive = new HashSet<>();
                while (rows.next()) {
                    alive.add(rows.getString(1));
                }
                return alive;
            }
        }
    }

    /** Whether this node has not said for long that it lives. */
    boolean wasAway() {
        return System.nanoTime() - lastBeat > settings.deadAfter().toNanos() / 2;
    }

    private boolean isPatient() {
        return patientUntil - System.nanoTime() > 0 || !database.clock().isSteady();
    }

    /** False if another worker lives under this node's name. */
    private boolean sayAlive() {
        Set<TriggerKey> claimed = new HashSet<>(routes.keySet());
        if (!context.isStarted()) {
            claimed.addAll(parameters.keySet()); // of routes that are still to start: their schedules are there first
        }
        String triggers = claimed.stream().map(Cluster::text).sorted().collect(Collectors.joining("\n"));
        boolean news = !triggers.equals(told);
        Instant before = clock.instant();
        long asked = System.nanoTime();
        List<Instant> said = database.soon(
                settings.checkIn(),
                "INSERT INTO dromedar_node AS old (cluster, node, life, seen, triggers) VALUES (?, ?, ?,"
                        + " clock_timestamp(), ?) ON CONFLICT (cluster, node) DO UPDATE SET seen = clock_timestamp(),"
                        + " life = excluded.life"
                        + (news ? ", triggers = excluded.triggers" : "")
                        + " WHERE old.life = excluded.life OR old.seen < clock_timestamp() - make_interval(secs => ?)"
                        + " RETURNING seen",
                row -> row.getTimestamp(1).toInstant(),
                settings.name(),
                settings.node(),
                life,
                triggers,
                (double) settings.deadAfter().toSeconds());
        if (said.isEmpty()) {
            return false;
        }
        Instant now = said.get(0);
        database.clock().said(now, asked, System.nanoTime());
        Instant after = clock.instant();
        told = triggers;
        clockOffset = now.isBefore(before)
                ? Duration.between(before, now)
                : now.isAfter(after) ? Duration.between(after, now) : Duration.ZERO;
        return true;
    }

    private static String text(TriggerKey key) {
        return key.getGroup() + "/" + key.getName();
    }

    private void beat() {
        if (!outage.isTimeToTry()) {
            return;
        }
        try {
            if (!sayAlive()) {
                throw new StoreFailure("another worker has taken this node's name '" + settings.node()
                        + "', which was silent for too long. Restart this one, under a name of its own.");
            }
            long now = System.nanoTime();
            if (wasAway()) {
                // Nobody could say that it lives meanwhile: they get the time to
                patientUntil = now + settings.deadAfter().toNanos();
            }
            lastBeat = now;
            if (outage.isReported()) {
                // On the connections of everybody else too
                database.one("SELECT 1", row -> row.getInt(1));
            }
            outage.worked();
            tellClock();
            tellScheduling();
            tellNodes();
            restoreSchedules();
            if (++beats % SCHEDULE_CHECK_EVERY == 0
                    && context.isStarted()
                    && database.clock().isSteady()) {
                lookAtSchedules();
            }
        } catch (Exception e) { // Camel's services declare nothing less
            // What broke, as when another server has taken the database over, broke for all connections
            database.dropConnections();
            outage.failed(String.valueOf(e.getMessage()));
        }
    }

    /** Which nodes came and went since the last look. */
    private void tellNodes() {
        List<Node> before = nodes;
        Set<String> lived = before.stream().filter(Node::alive).map(Node::name).collect(Collectors.toSet());
        boolean patient = isPatient();
        nodes = nodes(database, settings).stream()
                .map(node -> patient && lived.contains(node.name()) ? new Node(node.name(), node.seen(), true) : node)
                .toList();
        Map<String, Boolean> alive = new HashMap<>();
        nodes.forEach(node -> alive.put(node.name(), node.alive()));
        Set<String> known = new HashSet<>();
        for (Node node : before) {
            known.add(node.name());
            Boolean now = alive.get(node.name());
            if (now == null && node.alive()) {
                LOG.info("Node {} has stopped", node.name());
            } else if (Boolean.FALSE.equals(now) && node.alive()) {
                LOG.warn(
                        "Node {} not seen for {} s: considered dead; other nodes take over",
                        node.name(),
                        settings.deadAfter().toSeconds());
            } else if (Boolean.TRUE.equals(now) && !node.alive()) {
                LOG.info("Node {} is back", node.name());
            }
        }
        nodes.stream()
                .filter(node -> node.alive() && !known.contains(node.name()))
                .forEach(node -> LOG.info("Node {} has joined", node.name()));
    }

    /** Once when it is wrong, and once when it is right again; half as wrong still counts, so that it is not reported over and over. */
    private void tellClock() {
        Duration tolerated = clockTold ? CLOCK_TOLERANCE.dividedBy(2) : CLOCK_TOLERANCE;
        boolean wrong = clockOffset.abs().compareTo(tolerated) > 0;
        if (wrong && !clockTold) {
            LOG.warn("{}", clockWords(clockOffset));
        } else if (clockTold && !wrong) {
            LOG.info("This machine's clock agrees with the database's again");
        }
        clockTold = wrong;
    }

    /** What Quartz cannot do though the database answers; right after it was away its last failure says nothing new. */
    private void tellScheduling() {
        String failure = scheduling;
        if (failure != null && !schedulingTold && !isPatient()) {
            LOG.warn("Cluster: {}. Firings may stop; it is retried every few seconds.", failure);
            schedulingTold = true;
        } else if (failure == null && schedulingTold) {
            LOG.info("Quartz works on its tables in the database again");
            schedulingTold = false;
        }
    }

    private void lookAtSchedules() throws SchedulerException {
        Scheduler scheduler =
                context.getComponent("quartz", QuartzComponent.class).getScheduler();
        if (scheduler != null && !scheduler.isShutdown()) {
            removeOrphans(scheduler);
            schedules.look(scheduler, routes.keySet(), parameters);
        }
    }

    /** Takes the schedules out of the database that no living node has a route for, at the second look. */
    private void removeOrphans(Scheduler scheduler) throws SchedulerException {
        Set<String> claimed = new HashSet<>();
        database.all(
                        "SELECT left(triggers, 2000000) FROM dromedar_node WHERE cluster = ? AND seen > now() - interval '10"
                                + " minutes' LIMIT " + MOST_NODES,
                        row -> row.getString(1),
                        settings.name())
                .forEach(triggers -> claimed.addAll(List.of(triggers.split("\n"))));
        Set<TriggerKey> orphans = new HashSet<>();
        for (TriggerKey key : scheduler.getTriggerKeys(GroupMatcher.anyTriggerGroup())) {
            Trigger interrupted =
                    key.getGroup().equals(Scheduler.DEFAULT_RECOVERY_GROUP) ? scheduler.getTrigger(key) : null;
            TriggerKey own = interrupted == null ? key : Firings.own(interrupted);
            if (!claimed.contains(text(own))) {
                orphans.add(key);
            }
        }
        for (TriggerKey key : orphans) {
            if (suspects.contains(key) && scheduler.unscheduleJob(key)) {
                LOG.info("Schedule {} removed: no node has a route for it any more", cleaned(text(key)));
            }
        }
        suspects.clear();
        suspects.addAll(orphans);
        database.run(
                "DELETE FROM dromedar_node WHERE cluster = ? AND seen < now() - interval '1 hour'", settings.name());
    }

    /** What Camel does not bring up to date in a job that is in the database already. */
    void updateJobs() throws SchedulerException {
        Scheduler scheduler =
                context.getComponent("quartz", QuartzComponent.class).getScheduler();
        // Job data of older versions, which nobody reads any more
        database.run(
                "UPDATE dromedar_qrtz_job_details SET job_data = NULL WHERE sched_name = ? AND job_data IS NOT NULL"
                        + " AND substring(job_data FROM 1 FOR 2) = '\\xaced'::bytea",
                settings.name());
        for (Route route : context.getRoutes()) {
            if (scheduler == null || !(route.getEndpoint() instanceof QuartzEndpoint endpoint)) {
                continue;
            }
            TriggerKey key = endpoint.getTriggerKey();
            scheduler.resetTriggerFromErrorState(key);
            JobDetail job = scheduler.getJobDetail(JobKey.jobKey(key.getName(), key.getGroup()));
            Class<? extends Job> wanted = endpoint.isStateful() ? StatefulCamelJob.class : CamelJob.class;
            if (job != null && (job.getJobClass() != wanted || !job.requestsRecovery())) {
                scheduler.addJob(
                        job.getJobBuilder().ofType(wanted).requestRecovery(true).build(), true, true);
            }
            if (scheduler.getTrigger(key) instanceof CronTrigger cron) {
                updateCron(scheduler, cron, parameters.getOrDefault(key, Map.of()));
            }
        }
    }

    /** Time zone, and what is done about missed firings. Camel looks at the expression alone. */
    private static void updateCron(Scheduler scheduler, CronTrigger cron, Map<String, Object> wanted)
            throws SchedulerException {
        Object zoneId = wanted.get("timeZone");
        Object policy = wanted.get("misfireInstruction");
        TimeZone zone = zoneId == null ? TimeZone.getDefault() : TimeZone.getTimeZone(zoneId.toString());
        int missed = policy != null && policy.toString().matches("-?\\d")
                ? Integer.parseInt(policy.toString())
                : cron.getMisfireInstruction();
        if (cron.getTimeZone().getID().equals(zone.getID()) && cron.getMisfireInstruction() == missed) {
            return;
        }
        CronTrigger changed = cron.getTriggerBuilder()
                .withSchedule(CronScheduleBuilder.cronSchedule(cron.getCronExpression())
                        .inTimeZone(zone))
                .build();
        ((OperableTrigger) changed).setMisfireInstruction(missed);
        scheduler.rescheduleJob(cron.getKey(), changed);
    }

    /** All nodes that were seen within an hour, as of this node's last sign of life. Asks nobody. */
    public List<Node> nodes() {
        return nodes;
    }

    static List<Node> nodes(Database database, ClusterSettings settings) {
        return database.soon(
                settings.checkIn(),
                "SELECT node, seen, " + Database.SEEN_LATELY + " FROM dromedar_node WHERE cluster = ?"
                        + " AND node ~ ? ORDER BY node LIMIT " + MOST_NODES,
                row -> new Node(row.getString(1), instant(row.getTimestamp(2)), row.getBoolean(3)),
                database.silentSeconds(),
                database.silentSeconds(),
                database.clock().earliest(),
                database.clock().latest(),
                settings.name(),
                "^" + NAME.pattern() + "$");
    }

    private static Instant instant(Timestamp time) {
        return time.toInstant();
    }

    /** This node, and how many live, in words. */
    public String words() {
        long alive = nodes.stream().filter(Node::alive).count();
        return "This is node " + node() + "; " + alive + " of " + nodes.size() + " nodes of cluster " + name()
                + " live.";
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
        Duration silence = Duration.ofNanos(System.nanoTime() - lastBeat);
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
        return clockOffset;
    }

    /** What is wrong with this machine's clock, or null if it agrees with the database's within two seconds. */
    public @Nullable String clockFault() {
        Duration offset = clockOffset;
        return offset.abs().compareTo(CLOCK_TOLERANCE) > 0 ? clockWords(offset) : null;
    }

    /** Which routes have another schedule on this node than the one by which the cluster fires, or null if none has. */
    public @Nullable String scheduleFault() {
        return schedules.fault();
    }

    private static String clockWords(Duration offset) {
        boolean behind = !offset.isNegative();
        long seconds = offset.abs().plusMillis(500).toSeconds();
        return "This machine's clock is " + seconds + " s " + (behind ? "behind" : "ahead of")
                + " the database's: firings here come that much too " + (behind ? "late" : "early")
                + ". Set the clocks of both by NTP.";
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
            database.run(
                    "DELETE FROM dromedar_node WHERE cluster = ? AND node = ? AND life = ?",
                    settings.name(),
                    settings.node(),
                    life);
        } catch (StoreFailure e) {
            LOG.warn("Cluster: this node could not say that it stops; the others notice by themselves.");
        }
        database.close();
    }
}
