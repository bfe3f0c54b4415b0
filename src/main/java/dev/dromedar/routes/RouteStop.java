package dev.dromedar.routes;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.Suspendable;
import org.apache.camel.component.seda.SedaConsumer;
import org.apache.camel.model.DynamicRouterDefinition;
import org.apache.camel.model.EnrichDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RecipientListDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RoutingSlipDefinition;
import org.apache.camel.model.SendDefinition;
import org.apache.camel.model.ToDynamicDefinition;
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
        for (List<RouteDefinition> wave : callersFirst(context, routes)) {
            List<Route> there = wave.stream()
                    .map(definition -> context.getRoute(definition.getRouteId()))
                    .filter(Objects::nonNull)
                    .toList();
            List<String> closed = new ArrayList<>();
            for (Route route : there) {
                if (route.getConsumer() instanceof Suspendable) {
                    ServiceHelper.suspendService(route.getConsumer());
                    closed.add(route.getRouteId());
                }
            }
            awaitQuiet(context, closed);
            for (Route route : there) {
                String id = route.getRouteId();
                if (route.getConsumer() instanceof SedaConsumer seda
                        && !seda.getEndpoint().isPurgeWhenStopping()) {
                    queues.stop(seda, () -> context.getRouteController().stopRoute(id));
                } else {
                    context.getRouteController().stopRoute(id);
                }
            }
        }
    }

    private static void awaitQuiet(CamelContext context, List<String> ids) {
        long end = System.nanoTime()
                + context.getShutdownStrategy()
                        .getTimeUnit()
                        .toNanos(context.getShutdownStrategy().getTimeout());
        var inflight = context.getInflightRepository();
        int quiet = 0;
        while (!ids.isEmpty() && quiet < QUIET_POLLS && System.nanoTime() < end) {
            quiet = ids.stream().allMatch(id -> inflight.size(id) == 0) ? quiet + 1 : 0;
            LockSupport.parkNanos(POLL);
        }
    }

    /**
     * Those that no other of these routes calls come first, all at once; of them alone those that compute whom they call, since
     * that may be one of the others. Routes that call each other keep their order.
     */
    private static List<List<RouteDefinition>> callersFirst(CamelContext context, Collection<RouteDefinition> routes) {
        Map<RouteDefinition, String> addresses = new LinkedHashMap<>();
        Map<RouteDefinition, Set<String>> calls = new HashMap<>();
        Map<String, Integer> callers = new HashMap<>();
        for (RouteDefinition route : routes) {
            String own = address(context, route.getEndpointUrl());
            Set<String> called = calls(context, route);
            called.remove(own);
            addresses.put(route, own);
            calls.put(route, called);
            called.forEach(address -> callers.merge(address, 1, Integer::sum));
        }
        List<List<RouteDefinition>> waves = new ArrayList<>();
        while (!addresses.isEmpty()) {
            List<RouteDefinition> next = new ArrayList<>();
            addresses.forEach((route, address) -> {
                if (callers.getOrDefault(address, 0) == 0) {
                    next.add(route);
                }
            });
            if (next.isEmpty()) {
                next.add(addresses.keySet().iterator().next());
            }
            addresses.keySet().removeAll(next);
            next.forEach(route ->
                    calls.getOrDefault(route, Set.of()).forEach(address -> callers.merge(address, -1, Integer::sum)));
            next.stream().filter(RouteStop::computesCalls).map(List::of).forEach(waves::add);
            next.removeIf(RouteStop::computesCalls);
            waves.add(next);
        }
        return waves;
    }

    @SuppressWarnings("rawtypes")
    private static boolean computesCalls(RouteDefinition route) {
        for (ProcessorDefinition step :
                ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), ProcessorDefinition.class)) {
            if (step instanceof ToDynamicDefinition
                    || step instanceof RecipientListDefinition
                    || step instanceof RoutingSlipDefinition
                    || step instanceof DynamicRouterDefinition
                    || step instanceof EnrichDefinition) {
                return true;
            }
        }
        return false;
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
