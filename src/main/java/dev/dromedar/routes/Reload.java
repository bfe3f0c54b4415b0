package dev.dromedar.routes;

import dev.dromedar.camel.Apis;
import dev.dromedar.camel.CamelCli;
import dev.dromedar.oauth.InvalidSettings;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.camel.CamelContext;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.FailedToStartRouteException;
import org.apache.camel.StartupListener;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.DefaultRegistry;
import org.apache.camel.support.PluginHelper;
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

    private final CamelContext context;
    private final Apis apis;
    private final RouteRuns runs;
    private final Runnable changed;
    private final String patterns;
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(work -> {
        var thread = new Thread(work, "dromedar-reload");
        thread.setDaemon(true);
        return thread;
    });

    private final SedaQueues queues = new SedaQueues();
    private @Nullable SiteFiles running;
    private @Nullable SiteFiles seen;
    private @Nullable SiteFiles refused;
    private boolean unrecorded;
    /** The set whose routes did not start, when those of before did not either. */
    private @Nullable SiteFiles halfTaken;
    /** Whether the last edit failed by the database, and is good when that is back. */
    private boolean ofDatabase;

    private List<String> told = List.of();
    private long waitsUntil = System.nanoTime();

    /** A set that was checked and can run. */
    private record Good(SiteFiles site, Apis.Plan plan, List<RouteFiles.Route> routes, Map<String, String> values) {
        /** File and line of the route that a failure to start names, with a colon; empty if it names none. */
        String placeOf(Throwable failure) {
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                String id = cause instanceof FailedToStartRouteException start
                        ? start.getRouteId()
                        : cause instanceof FailedToCreateRouteException create ? create.getRouteId() : null;
                for (RouteFiles.Route route : routes) {
                    if (route.id().equals(id)) {
                        return route.file() + (route.line() > 0 ? ":" + route.line() : "") + ": ";
                    }
                }
            }
            return "";
        }
    }

    private Reload(CamelContext context, Apis apis, RouteRuns runs, Runnable changed, String patterns) {
        this.context = context;
        this.apis = apis;
        this.runs = runs;
        this.changed = changed;
        this.patterns = patterns;
    }

    /**
     * Begins to look when the context has started.
     *
     * @param changed called after a set of APIs was taken
     * @param patterns the route files, as in {@code camel.main.routesIncludePattern}
     */
    public static Reload install(CamelContext context, Apis apis, RouteRuns runs, Runnable changed, String patterns) {
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
        if (running != null) {
            return; // Camel calls this for each route that is added later, too
        }
        running = SiteFiles.read(context, patterns);
        seen = running;
        var unused = looks.scheduleWithFixedDelay(
                this::lookQuietly, MILLIS_BETWEEN_LOOKS, MILLIS_BETWEEN_LOOKS, TimeUnit.MILLISECONDS);
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
        SiteFiles now = SiteFiles.read(context, patterns);
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
        String files = String.join(", ", now.changedFiles(java.util.Objects.requireNonNull(running)));
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
        SiteFiles before = java.util.Objects.requireNonNull(running);
        List<String> faults = new ArrayList<>();
        String restart = now.needsRestart(before);
        if (restart != null) {
            return List.of(restart);
        }
        Good wanted = check(now, faults);
        if (wanted == null) {
            return faults;
        }
        Good old = check(before, new ArrayList<>());
        Set<String> changed = changedKeys(old == null ? Map.of() : old.values(), wanted.values());
        String keys = changed.isEmpty() ? "" : "; keys " + String.join(", ", changed);
        if (!apis.acted(USER, ACT, files + keys, null)) {
            unrecorded = true;
            return List.of(
                    "dromedar.audit: this edit could not be recorded. It is tried again when the audit file can be"
                            + " written.");
        }
        try {
            apply(before, wanted, changed);
            tell(before, wanted, changed);
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
        SiteFiles half = halfTaken;
        SiteFiles before = java.util.Objects.requireNonNull(running);
        if (half == null) {
            return true;
        }
        Good old = check(before, new ArrayList<>());
        Good wanted = check(half, new ArrayList<>());
        try {
            if (old == null) {
                throw new IllegalStateException("the routes that ran cannot be read again");
            }
            apply(half, old, changedKeys(old.values(), wanted == null ? Map.of() : wanted.values()));
        } catch (Exception e) {
            LOG.debug("The old routes could not be put back", e);
            waitsUntil = System.nanoTime() + NANOS_BETWEEN_TRIES;
            return false;
        }
        halfTaken = null;
        return true;
    }

    /** Tries a set in a context that is never started. */
    private @Nullable Good check(SiteFiles site, List<String> faults) {
        if (site.fault() != null) {
            faults.add(site.fault());
            return null;
        }
        try (var candidate = new DefaultCamelContext(new DefaultRegistry(context.getRegistry()))) {
            candidate.getCamelContextExtension().setName(RouteFiles.CONTEXT_NAME);
            candidate.disableJMX();
            CamelCli.off(candidate);
            candidate.setStartupSummaryLevel(org.apache.camel.StartupSummaryLevel.Off);
            candidate.getPropertiesComponent().setInitialProperties(site.properties(context));
            candidate.init();
            Apis.Plan plan = null;
            try {
                plan = Apis.plan(candidate);
            } catch (InvalidSettings e) {
                e.faults().forEach(fault -> faults.add(site.placed(fault)));
            }
            if (site.routes().isEmpty()) {
                faults.add(patterns + ": there is no route file left. A worker needs at least one route.");
            }
            var report = RouteCheck.check(
                    candidate, plan == null ? Apis.namesIn(candidate) : plan.names(), site.resources());
            report.faults().forEach(fault -> faults.add(fault.toString()));
            if (plan == null || !faults.isEmpty()) {
                return null;
            }
            return new Good(site, plan, report.routes(), resolved(candidate));
        } catch (java.io.IOException | RuntimeException e) {
            LOG.debug("The edit could not be checked", e);
            faults.add("The edit could not be checked: " + e.getClass().getSimpleName()
                    + ". Level DEBUG of this log has the details.");
            return null;
        }
    }

    /** Every property as it is worth, to see which changed. Some hold secrets: they are compared and dropped. */
    private static Map<String, String> resolved(CamelContext candidate) {
        Map<String, String> values = new LinkedHashMap<>();
        var all = candidate.getPropertiesComponent().loadProperties();
        all.stringPropertyNames().forEach(key -> {
            String worth = String.valueOf(all.getProperty(key));
            try {
                worth = candidate.resolvePropertyPlaceholders(worth);
            } catch (RuntimeException e) {
                // one that nothing uses; as it is written is good enough to compare
            }
            values.put(key, worth);
        });
        return values;
    }

    private static Set<String> changedKeys(Map<String, String> before, Map<String, String> now) {
        Set<String> changed = new TreeSet<>(before.keySet());
        changed.addAll(now.keySet());
        changed.removeIf(key -> java.util.Objects.equals(before.get(key), now.get(key)));
        return changed;
    }

    private void apply(SiteFiles from, Good to, Set<String> changedKeys) throws Exception {
        Set<String> files = to.site().filesToReload(from, changedKeys);
        boolean shared = to.site().changesShared(from, changedKeys);
        to.site().become(context);
        apis.update(to.plan());
        changed.run();
        remove(from, to.site(), files, shared);
        List<Resource> resources = to.site().resources().stream()
                .filter(file -> files.contains(file.getLocation()))
                .toList();
        if (!resources.isEmpty()) {
            PluginHelper.getRoutesLoader(context).loadRoutes(resources);
        }
        List<String> stopped = runs.stopped();
        if (!stopped.isEmpty()) {
            throw new IllegalStateException("not running: " + String.join(", ", stopped));
        }
    }

    /**
     * Takes away all that a file to load again, or a file that is gone, has defined. What templates and Kamelets have made
     * names no file; it is taken away with them.
     */
    private void remove(SiteFiles from, SiteFiles to, Set<String> files, boolean shared) throws Exception {
        Predicate<@Nullable Resource> isOld = file -> file != null
                && (files.contains(file.getLocation())
                        || from.routes().containsKey(file.getLocation())
                                && !to.routes().containsKey(file.getLocation()));
        var model = (ModelCamelContext) context;
        List<RouteDefinition> gone = model.getRouteDefinitions().stream()
                .filter(route -> isOld.test(route.getResource())
                        || shared && route.getResource() == null && Boolean.TRUE.equals(route.isTemplate()))
                .toList();
        RouteStop.stop(context, gone, queues);
        for (RouteDefinition route : gone) {
            context.removeRoute(route.getRouteId());
            model.removeRouteDefinition(route); // also one that was never built
        }
        model.removeRouteTemplateDefinitions(model.getRouteTemplateDefinitions().stream()
                .filter(template -> isOld.test(template.getResource()))
                .toList());
        for (var configuration : List.copyOf(model.getRouteConfigurationDefinitions())) {
            // One of a YAML file names no file; with anything shared, all files are loaded again
            if (isOld.test(configuration.getResource()) || shared && configuration.getResource() == null) {
                model.removeRouteConfiguration(configuration);
            }
        }
        model.getRestDefinitions().removeIf(rest -> isOld.test(rest.getResource()));
    }

    private static void tell(SiteFiles before, Good now, Set<String> changed) {
        Set<String> files = now.site().filesToReload(before, changed);
        LOG.info(
                "Edit accepted: {} of {} route files reloaded",
                files.size(),
                now.site().routes().size());
        List<String> later = changed.stream()
                .filter(key ->
                        key.startsWith("camel.") || key.startsWith("dromedar.") && !key.startsWith("dromedar.api."))
                .toList();
        if (!later.isEmpty()) {
            LOG.warn("Takes effect when the worker is started again: {}", String.join(", ", later));
        }
    }

    private static boolean isOfDatabase(@Nullable Throwable failure) {
        return failure != null && (failure instanceof SQLException || isOfDatabase(failure.getCause()));
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
