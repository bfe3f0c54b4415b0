package dev.dromedar.routes;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.Suspendable;
import org.apache.camel.component.seda.SedaConsumer;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.SendDefinition;
import org.apache.camel.support.service.ServiceHelper;

/**
 * Stops routes under load without losing an exchange. Camel alone would keep a {@code direct:} route open to its callers
 * while it waits for them to end, and after the time limit cut them off. Here callers are stopped before those they call;
 * each route's consumer closes first, so that other callers wait for the next one; then what is under way ends.
 */
final class RouteStop {
    private static final long POLL = TimeUnit.MILLISECONDS.toNanos(5);
    /** For a caller that found the consumer just before it closed and is not counted yet. */
    private static final int QUIET_POLLS = 8;

    private RouteStop() {}

    /** @param queues keep what waits for these routes */
    static void stop(CamelContext context, Collection<RouteDefinition> routes, SedaQueues queues) throws Exception {
        for (RouteDefinition definition : callersFirst(context, routes)) {
            String id = definition.getRouteId();
            Route route = context.getRoute(id);
            if (route != null) {
                if (route.getConsumer() instanceof Suspendable) {
                    ServiceHelper.suspendService(route.getConsumer());
                    awaitQuiet(context, id);
                }
                if (route.getConsumer() instanceof SedaConsumer seda
                        && !seda.getEndpoint().isPurgeWhenStopping()) {
                    queues.stop(seda, () -> context.getRouteController().stopRoute(id));
                } else {
                    context.getRouteController().stopRoute(id);
                }
            }
        }
    }

    private static void awaitQuiet(CamelContext context, String id) {
        long end = System.nanoTime()
                + context.getShutdownStrategy()
                        .getTimeUnit()
                        .toNanos(context.getShutdownStrategy().getTimeout());
        int quiet = 0;
        while (quiet < QUIET_POLLS && System.nanoTime() < end) {
            quiet = context.getInflightRepository().size(id) == 0 ? quiet + 1 : 0;
            LockSupport.parkNanos(POLL);
        }
    }

    /** Those that no other of these routes calls come first. Routes that call each other keep their order. */
    private static List<RouteDefinition> callersFirst(CamelContext context, Collection<RouteDefinition> routes) {
        List<RouteDefinition> left = new ArrayList<>(routes);
        List<RouteDefinition> ordered = new ArrayList<>();
        while (!left.isEmpty()) {
            RouteDefinition next = left.stream()
                    .filter(route -> left.stream()
                            .noneMatch(other -> other != route
                                    && calls(context, other).contains(address(context, route.getEndpointUrl()))))
                    .findFirst()
                    .orElse(left.get(0));
            left.remove(next);
            ordered.add(next);
        }
        return ordered;
    }

    private static Set<String> calls(CamelContext context, RouteDefinition route) {
        Set<String> called = new LinkedHashSet<>();
        for (SendDefinition<?> step :
                ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), SendDefinition.class)) {
            called.add(address(context, step.getEndpointUri()));
        }
        return called;
    }

    private static String address(CamelContext context, String uri) {
        try {
            return context.resolvePropertyPlaceholders(uri)
                    .replaceFirst("\\?.*", "")
                    .replace("://", ":");
        } catch (IllegalArgumentException e) {
            return uri;
        }
    }
}
