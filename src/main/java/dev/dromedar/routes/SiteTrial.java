package dev.dromedar.routes;

import dev.dromedar.camel.ApiProcessor;
import dev.dromedar.camel.Apis;
import dev.dromedar.camel.CamelCli;
import dev.dromedar.camel.WorkerContext;
import dev.dromedar.oauth.InvalidSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.CamelContext;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.FailedToStartRouteException;
import org.apache.camel.Route;
import org.apache.camel.StartupSummaryLevel;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.BeanRepository;
import org.apache.camel.support.DefaultRegistry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the files of an edit in a context that is never started, and reports every fault. */
final class SiteTrial {
    private static final Logger LOG = LoggerFactory.getLogger(SiteTrial.class);

    private final WorkerContext context;
    private final String patterns;

    SiteTrial(WorkerContext context, String patterns) {
        this.context = context;
        this.patterns = patterns;
    }

    /**
     * Settings that were read without a fault.
     *
     * @param values every property as it is worth. Some hold secrets: they are compared and dropped
     */
    record Settings(Apis.Plan plan, Map<String, String> values) {
        /** The keys that are worth something else here. */
        Set<String> changed(@Nullable Settings before) {
            Map<String, String> old = before == null ? Map.of() : before.values();
            Set<String> changed = new TreeSet<>(old.keySet());
            changed.addAll(values.keySet());
            changed.removeIf(key -> Objects.equals(old.get(key), values.get(key)));
            return changed;
        }
    }

    /**
     * A set of files that was checked and can run.
     *
     * @param settings null if their files are as they run: a thousand APIs with their keys take seconds to read
     * @param changedKeys of properties that are worth something else
     */
    record Good(@Nullable Settings settings, Set<String> changedKeys, List<RouteFiles.Route> routes) {
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

    /** The beans of the worker that runs, without its APIs: an edit may remove one, and the check has stand-ins for those that it has. */
    private record OtherBeans(BeanRepository all) implements BeanRepository {
        private static boolean isApi(@Nullable Object bean) {
            return bean instanceof ApiProcessor;
        }

        @Override
        public @Nullable Object lookupByName(String name) {
            Object bean = all.lookupByName(name);
            return isApi(bean) ? null : bean;
        }

        @Override
        public <T> @Nullable T lookupByNameAndType(String name, Class<T> type) {
            T bean = all.lookupByNameAndType(name, type);
            return isApi(bean) ? null : bean;
        }

        @Override
        public <T> Map<String, T> findByTypeWithName(Class<T> type) {
            Map<String, T> beans = new LinkedHashMap<>(all.findByTypeWithName(type));
            beans.values().removeIf(OtherBeans::isApi);
            return beans;
        }

        @Override
        public <T> Set<T> findByType(Class<T> type) {
            Set<T> beans = new LinkedHashSet<>(all.findByType(type));
            beans.removeIf(OtherBeans::isApi);
            return beans;
        }
    }

    /** A step with the context of a trial. */
    private interface Trial<T> {
        @Nullable
        T in(DefaultCamelContext candidate) throws IOException;
    }

    /** Tries files that are to take the place of others; null if there are faults. */
    @Nullable
    Good check(SiteFiles site, SiteFiles running, List<String> faults) {
        return tried(site, faults, candidate -> {
            boolean same = site.settings().equals(running.settings());
            Settings settings = same ? null : settings(candidate, site, faults);
            Set<String> changed = settings == null ? Set.of() : settings.changed(settings(running));
            boolean unread = !same && settings == null;
            if (site.routes().isEmpty()) {
                faults.add(patterns + ": there is no route file left. A worker needs at least one route.");
            }
            Set<String> files = unread ? site.routes().keySet() : toCheck(site, running, changed);
            var report = RouteCheck.check(
                    candidate,
                    settings == null ? Apis.namesIn(candidate) : settings.plan().names(),
                    files.stream().map(site::resource).toList(),
                    others(site, files));
            report.faults().forEach(fault -> faults.add(fault.toString()));
            return unread || !faults.isEmpty() ? null : new Good(settings, changed, report.routes());
        });
    }

    private @Nullable Settings settings(SiteFiles site) {
        List<String> faults = new ArrayList<>();
        return tried(site, faults, candidate -> settings(candidate, site, faults));
    }

    /**
     * The files to check: those that differ, and what they may use of others, since the routes of the others run already. All
     * if what any route may use differs, or a key of an API: routes name APIs without it.
     */
    private static Set<String> toCheck(SiteFiles site, SiteFiles running, Set<String> changed) {
        if (site.changesShared(running, changed)
                || changed.stream().anyMatch(key -> key.startsWith("dromedar.") || key.startsWith("camel."))) {
            return site.routes().keySet();
        }
        Set<String> files = new TreeSet<>(site.filesToReload(running, changed));
        site.routes().keySet().stream().filter(site::isShared).forEach(files::add);
        return files;
    }

    /** The routes that run and stay, and are not among what is checked. */
    private List<TakenPlaces.Running> others(SiteFiles site, Set<String> checked) {
        Map<String, Route> routes = new HashMap<>();
        context.getRoutes().forEach(route -> routes.put(route.getRouteId(), route));
        List<TakenPlaces.Running> others = new ArrayList<>();
        for (RouteDefinition route : context.getRouteDefinitions()) {
            String file = route.getResource() == null ? "" : route.getResource().getLocation();
            if (site.routes().containsKey(file) && !checked.contains(file)) {
                Route built = routes.get(route.getRouteId());
                others.add(new TakenPlaces.Running(route, built == null ? null : built.getEndpoint()));
            }
        }
        return others;
    }

    private <T> @Nullable T tried(SiteFiles site, List<String> faults, Trial<T> trial) {
        if (site.fault() != null) {
            faults.add(site.fault());
            return null;
        }
        try (var candidate = new DefaultCamelContext(new DefaultRegistry(new OtherBeans(context.getRegistry())))) {
            candidate.getCamelContextExtension().setName(RouteFiles.CONTEXT_NAME);
            candidate.disableJMX();
            CamelCli.off(candidate);
            candidate.setStartupSummaryLevel(StartupSummaryLevel.Off);
            candidate.getPropertiesComponent().setInitialProperties(site.properties(context));
            candidate.init();
            return trial.in(candidate);
        } catch (IOException | RuntimeException e) {
            LOG.debug("The edit could not be checked", e);
            faults.add("The edit could not be checked: " + e.getClass().getSimpleName()
                    + ". Level DEBUG of this log has the details.");
            return null;
        }
    }

    private static @Nullable Settings settings(DefaultCamelContext candidate, SiteFiles site, List<String> faults) {
        try {
            return new Settings(Apis.plan(candidate), resolved(candidate));
        } catch (InvalidSettings e) {
            e.faults().forEach(fault -> faults.add(site.placed(fault)));
            return null;
        }
    }

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
}
