package dev.dromedar.routes;

import dev.dromedar.camel.Apis;
import dev.dromedar.camel.WorkerContext;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.StartupListener;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes edits of the settings and the routes while the worker runs, or leaves it as it is. Three times a second it looks at
 * the files; when they have changed and have then stood still, the whole new set is read and checked in a context that is never
 * started. A set with a fault is reported and not taken. A good one is taken in the order settings, APIs, routes, and only
 * routes of which something changed restart, after their exchanges under way have ended. If a route does not start, all is
 * put back. Camel's own reload takes a bad file's routes away; this does not.
 */
public final class Reload extends ServiceSupport implements StartupListener {
    private static final Logger LOG = LoggerFactory.getLogger(Reload.class);
    private static final long MILLIS_BETWEEN_LOOKS = 300;
    private static final long NANOS_BETWEEN_TRIES = TimeUnit.SECONDS.toNanos(5);
    private static final String USER = "files";
    private static final String ACT = "reload";

    private final WorkerContext context;
    private final Apis apis;
    private final RouteRuns runs;
    private final Runnable changed;
    private final String patterns;
    private final SiteTrial trial;
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(work -> {
        var thread = new Thread(work, "dromedar-reload");
        thread.setDaemon(true);
        return thread;
    });

    private final FileTexts texts = new FileTexts(Clock.systemUTC());
    private final SedaQueues queues = new SedaQueues();
    private SiteFiles running;
    private SiteFiles seen;
    private @Nullable SiteFiles refused;
    private boolean looking;
    private boolean unrecorded;
    /** The set whose routes did not start, when those of before did not either. */
    private @Nullable SiteFiles halfTaken;
    /** Whether the last edit failed by the database, and is good when that is back. */
    private boolean ofDatabase;

    private List<String> told = List.of();
    private long waitsUntil = System.nanoTime();

    private Reload(WorkerContext context, Apis apis, RouteRuns runs, Runnable changed, String patterns) {
        this.context = context;
        this.apis = apis;
        this.runs = runs;
        this.changed = changed;
        this.patterns = patterns;
        trial = new SiteTrial(context, patterns);
        running = SiteFiles.read(context, patterns, texts);
        seen = running;
    }

    /**
     * Reads the files, to be called before Camel does, and begins to look for edits when the context has started.
     *
     * @param changed called after a set of APIs was taken
     * @param patterns the route files, as in {@code camel.main.routesIncludePattern}
     */
    public static Reload install(WorkerContext context, Apis apis, RouteRuns runs, Runnable changed, String patterns) {
        var reload = new Reload(context, apis, runs, changed, patterns);
        try {
            SedaQueues.install(context);
            context.addService(reload);
            context.addStartupListener(reload);
        } catch (Exception e) {
            throw new IllegalStateException("Camel does not take the reload of routes", e);
        }
        return reload;
    }

    @Override
    public synchronized void onCamelContextStarted(CamelContext started, boolean already) {
        if (!looking) { // Camel calls this for each route that is added later, too
            looking = true;
            var unused = looks.scheduleWithFixedDelay(
                    this::lookQuietly, MILLIS_BETWEEN_LOOKS, MILLIS_BETWEEN_LOOKS, TimeUnit.MILLISECONDS);
        }
    }

    private void lookQuietly() {
        try {
            look();
        } catch (RuntimeException | Error e) {
            LOG.warn("The files of this worker could not be looked at; the next look is in a moment", e);
        }
    }

    /** One look. A change is taken at the second look that finds it alike: a file that is being written is not whole. */
    synchronized void look() {
        SiteFiles now = SiteFiles.read(context, patterns, texts);
        boolean still = now.equals(seen);
        seen = now;
        boolean again = halfTaken != null || ofDatabase || unrecorded && apis.mayAct();
        boolean known = now.equals(refused) && !again;
        if (!still || known) {
            return;
        }
        if (System.nanoTime() - waitsUntil < 0 || !putBack()) {
            return;
        }
        unrecorded = false;
        ofDatabase = false;
        if (now.equals(running)) {
            if (refused != null) {
                LOG.info("The files are again as they run");
                refused = null;
                runs.faults(List.of());
            }
            return;
        }
        String files = String.join(", ", now.changedFiles(running));
        List<String> faults = take(now, files);
        apis.acted(USER, ACT, files, faults.isEmpty() ? "accepted" : "rejected: " + faults.size() + " faults");
        if (faults.isEmpty()) {
            running = now;
            refused = null;
        } else if (now.equals(refused) && faults.equals(told)) {
            LOG.debug("Edit rejected again: {}", faults);
        } else {
            refused = now;
            LOG.warn("Edit rejected; the running configuration stays active. Faults: {}", faults.size());
            faults.forEach(fault -> LOG.warn("  {}", fault));
        }
        told = faults;
        runs.faults(faults);
    }

    /** @return why it was not taken; empty if it was */
    private List<String> take(SiteFiles now, String files) {
        SiteFiles before = running;
        List<String> faults = new ArrayList<>();
        String restart = now.needsRestart(before);
        if (restart != null) {
            return List.of(restart);
        }
        SiteTrial.Good wanted = trial.check(now, before, faults);
        if (wanted == null) {
            return faults;
        }
        Set<String> changedKeys = wanted.changedKeys();
        String keys = changedKeys.isEmpty() ? "" : "; keys " + String.join(", ", changedKeys);
        if (!apis.acted(USER, ACT, files + keys, null)) {
            unrecorded = true;
            return List.of(
                    "dromedar.audit: this edit could not be recorded. It is tried again when the audit file can be"
                            + " written.");
        }
        try {
            var swap = new RouteSwap(before, now, changedKeys);
            apply(swap, now, wanted.settings());
            swap.move(context);
            tell(swap, changedKeys, now.routes().size());
        } catch (Exception e) {
            faults.add(wanted.placeOf(e) + "the new routes could not be started, and the old are back: " + reason(e));
            ofDatabase = isOfDatabase(e);
            waitsUntil = System.nanoTime() + NANOS_BETWEEN_TRIES;
            halfTaken = now;
            if (!putBack()) {
                faults.set(0, wanted.placeOf(e) + "the new routes could not be started: " + reason(e));
                faults.add("The old routes could not be put back. This is tried again every few seconds, and then the"
                        + " edit.");
            }
        }
        queues.release(context);
        return faults;
    }

    /**
     * Starts the routes of before again, if those of an edit did not start: at once, and later if that fails too, as in a
     * cluster whose database is away.
     *
     * @return whether all is as it was
     */
    private boolean putBack() {
        if (halfTaken == null) {
            return true;
        }
        try {
            SiteTrial.Good old = trial.check(running, halfTaken, new ArrayList<>());
            if (old == null) {
                throw new IllegalStateException("the routes that ran cannot be read again");
            }
            apply(new RouteSwap(halfTaken, running, old.changedKeys()), running, old.settings());
        } catch (Exception e) {
            LOG.debug("The old routes could not be put back", e);
            waitsUntil = System.nanoTime() + NANOS_BETWEEN_TRIES;
            return false;
        }
        halfTaken = null;
        return true;
    }

    private void apply(RouteSwap swap, SiteFiles to, SiteTrial.@Nullable Settings settings) throws Exception {
        List<String> stoppedBefore = runs.stopped();
        to.become(context);
        if (settings != null) {
            apis.update(settings.plan());
            changed.run();
        }
        swap.run(context, queues);
        List<String> stopped = runs.stopped().stream()
                .filter(id -> swap.stopped(id) || !stoppedBefore.contains(id))
                .toList();
        if (!stopped.isEmpty()) {
            throw new IllegalStateException("not running: " + String.join(", ", stopped));
        }
    }

    private static void tell(RouteSwap swap, Set<String> changed, int all) {
        LOG.info("Edit accepted: {} of {} route files reloaded", swap.files(), all);
        List<String> later = changed.stream()
                .filter(key ->
                        key.startsWith("camel.") || key.startsWith("dromedar.") && !key.startsWith("dromedar.api."))
                .toList();
        if (!later.isEmpty()) {
            LOG.warn("Takes effect when the worker is started again: {}", String.join(", ", later));
        }
    }

    /** Whether it failed since a database was away, which passes by itself. */
    static boolean isOfDatabase(@Nullable Throwable failure) {
        return failure != null
                && (failure instanceof SQLTransientConnectionException
                        || failure instanceof SQLException sql && isAway(sql)
                        || isOfDatabase(failure.getCause()));
    }

    /** By the classes of SQL states: connection, rolled back, resources, limits, shutdown. Others are faults that stay. */
    private static boolean isAway(SQLException failure) {
        String state = String.valueOf(failure.getSQLState());
        return List.of("08", "40", "53", "55", "57").stream().anyMatch(state::startsWith);
    }

    private static String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }

    @Override
    protected void doStop() {
        looks.shutdownNow();
    }
}
