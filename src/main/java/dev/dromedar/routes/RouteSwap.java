package dev.dromedar.routes;

import dev.dromedar.camel.WorkerContext;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.LineNumberAware;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.jspecify.annotations.Nullable;

/**
 * The routes to take away and to add so that some files run instead of others: all of the files that differ or name a property
 * that does, of a plain file only those routes; and the routes of all files if something differs that any may use.
 */
final class RouteSwap {
    private final SiteFiles from;
    private final SiteFiles to;
    private final boolean shared;
    private final Set<String> files;
    /** By file, of those where not all routes change. */
    private final Map<String, ChangedRoutes> parts = new LinkedHashMap<>();

    private final Set<String> stopped = new HashSet<>();

    RouteSwap(SiteFiles from, SiteFiles to, Set<String> changedKeys) {
        this.from = from;
        this.to = to;
        shared = to.changesShared(from, changedKeys);
        files = to.filesToReload(from, changedKeys);
        if (!shared) {
            files.stream().filter(RouteSwap::isYaml).forEach(file -> {
                ChangedRoutes changed =
                        ChangedRoutes.between(from.routeText(file), to.routeText(file), text -> changedKeys.stream()
                                .anyMatch(key -> SiteFiles.names(text, key)));
                if (changed != null) {
                    parts.put(file, changed);
                }
            });
        }
    }

    private static boolean isYaml(String file) {
        return file.endsWith(".yaml") || file.endsWith(".yml");
    }

    int files() {
        return files.size();
    }

    /** Stops, removes and adds. */
    void run(WorkerContext context, SedaQueues queues) throws Exception {
        List<RouteDefinition> gone =
                context.getRouteDefinitions().stream().filter(this::isGone).toList();
        gone.forEach(route -> stopped.add(route.getRouteId()));
        RouteStop.stop(context, gone, queues);
        context.removeRoutes(gone.stream().map(RouteDefinition::getRouteId).toList());
        for (RouteDefinition route : gone) {
            context.removeRouteDefinition(route); // also one that was never built
        }
        context.removeRouteTemplateDefinitions(context.getRouteTemplateDefinitions().stream()
                .filter(template -> isOld(template.getResource()))
                .toList());
        for (var configuration : List.copyOf(context.getRouteConfigurationDefinitions())) {
            // One of a YAML file names no file; with anything shared, all files are loaded again
            if (isOld(configuration.getResource()) || shared && configuration.getResource() == null) {
                context.removeRouteConfiguration(configuration);
            }
        }
        context.getRestDefinitions().removeIf(rest -> isOld(rest.getResource()));
        List<Resource> resources = resources();
        if (!resources.isEmpty()) {
            PluginHelper.getRoutesLoader(context).loadRoutes(resources);
        }
    }

    /** Whether a route of this id was there, and has been stopped. */
    boolean stopped(String id) {
        return stopped.contains(id);
    }

    /** What templates and Kamelets have made names no file; it goes with all others. */
    private boolean isGone(RouteDefinition route) {
        Resource file = route.getResource();
        if (file == null) {
            return shared && Boolean.TRUE.equals(route.isTemplate());
        }
        ChangedRoutes changed = parts.get(file.getLocation());
        return isOld(file) && (changed == null || changed.ids().contains(route.getRouteId()));
    }

    /** Whether a file is to be loaded again, or is gone. */
    private boolean isOld(@Nullable Resource file) {
        return file != null
                && (files.contains(file.getLocation())
                        || from.routes().containsKey(file.getLocation())
                                && !to.routes().containsKey(file.getLocation()));
    }

    private List<Resource> resources() {
        List<Resource> resources = new ArrayList<>();
        for (String file : files) {
            ChangedRoutes changed = parts.get(file);
            if (changed == null) {
                resources.add(to.resource(file));
            } else if (!changed.text().isBlank()) {
                resources.add(SiteFiles.resource(file, changed.text()));
            }
        }
        return resources;
    }

    /** To be called at the end: routes that stay in files that differ tell where they stand now. */
    void move(WorkerContext context) {
        for (RouteDefinition route : context.getRouteDefinitions()) {
            String file = route.getResource() == null ? "" : route.getResource().getLocation();
            ChangedRoutes changed = parts.get(file);
            if (changed != null && !changed.ids().contains(route.getRouteId())) {
                route.setResource(to.resource(file));
                int lines = changed.moved().getOrDefault(route.getRouteId(), 0);
                Set<LineNumberAware> steps = new HashSet<>(List.of(route, route.getInput()));
                steps.addAll(
                        ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), ProcessorDefinition.class));
                steps.stream()
                        .filter(step -> step.getLineNumber() > 0)
                        .forEach(step -> step.setLineNumber(step.getLineNumber() + lines));
            }
        }
    }
}
