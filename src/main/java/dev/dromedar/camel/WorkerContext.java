package dev.dromedar.camel;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.LoggingLevel;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.impl.engine.RouteService;

/**
 * Camel's context, for thousands of routes. Camel gathers the endpoints of all routes for each one that it removes, up to four
 * times, also before it adds one that was never there: a reload of fifty of 5,000 routes took half a minute. Thread-safe.
 */
public final class WorkerContext extends DefaultCamelContext {
    WorkerContext() {
        super(false);
    }

    /** Removes stopped routes as {@link CamelContext#removeRoute} does each, with one look at the others. Definitions stay. */
    public void removeRoutes(Collection<String> ids) {
        getLock().lock();
        try {
            Map<String, RouteService> removed = new LinkedHashMap<>();
            Set<Endpoint> used = new HashSet<>();
            Set<String> wanted = new HashSet<>(ids);
            getRouteServices().forEach((id, service) -> {
                if (wanted.contains(id) && service.getStatus().isStopped()) {
                    removed.put(id, service);
                } else {
                    used.addAll(service.gatherEndpoints());
                }
            });
            Set<Endpoint> own = new LinkedHashSet<>();
            removed.forEach((id, service) -> {
                own.addAll(service.gatherEndpoints());
                service.setRemovingRoutes(true);
                shutdownRouteService(service, LoggingLevel.DEBUG); // that it has stopped is in the log
                getRouteServices().remove(id);
            });
            getCamelContextExtension()
                    .getRouteStartupOrder()
                    .removeIf(order -> removed.containsKey(order.getRoute().getId()));
            own.removeAll(used);
            own.forEach(this::removeEndpoint);
        } finally {
            getLock().unlock();
        }
    }

    @Override
    protected boolean removeRoute(String routeId, LoggingLevel level) throws Exception {
        return getRouteServices().containsKey(routeId) && super.removeRoute(routeId, level);
    }
}
