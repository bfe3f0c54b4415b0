package dev.dromedar.ops;

import dev.dromedar.oauth.OAuthException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.ServiceStatus;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;
import org.apache.camel.support.RoutePolicySupport;
import org.jspecify.annotations.Nullable;

/** The routes of one context for people to see: which should run, which do, and how their last runs went. Thread-safe. */
final class Routes implements RoutePolicyFactory {
    private static final String BEGUN = "dromedar.begun.";
    private static final int RUNS = 5;

    private final CamelContext context;
    private final Map<String, Deque<Run>> runs = new ConcurrentHashMap<>();
    private volatile List<String> faults = List.of();

    /** @param words why it failed, without data of the message; null for a success */
    private record Run(Instant at, long millis, @Nullable String words) {}

    Routes(CamelContext context) {
        this.context = context;
    }

    /** The routes that should run, as their files say. */
    List<String> expected() {
        List<String> expected = new ArrayList<>();
        for (RouteDefinition route : ((ModelCamelContext) context).getRouteDefinitions()) {
            String automatic = route.getAutoStartup();
            boolean wanted = automatic == null || Boolean.parseBoolean(context.resolvePropertyPlaceholders(automatic));
            if (wanted && !Boolean.TRUE.equals(route.isTemplate())) {
                expected.add(route.getRouteId());
            }
        }
        return expected;
    }

    /** Those of {@link #expected} that do not run. */
    List<String> stopped() {
        return expected().stream().filter(id -> !isRunning(id)).toList();
    }

    private boolean isRunning(String id) {
        return context.getRoute(id) != null && context.getRouteController().getRouteStatus(id) == ServiceStatus.Started;
    }

    /** Why the newest edit was not taken; empty if it was. */
    List<String> faults() {
        return faults;
    }

    void faults(List<String> found) {
        faults = List.copyOf(found);
    }

    /** Every route by id, with its last runs, newest first. */
    List<Map<String, @Nullable Object>> values() {
        List<Map<String, @Nullable Object>> all = new ArrayList<>();
        for (Route route : context.getRoutes()) {
            Map<String, @Nullable Object> values = new LinkedHashMap<>();
            values.put("id", route.getRouteId());
            values.put("description", route.getDescription());
            values.put("state", isRunning(route.getRouteId()) ? "running" : "stopped");
            List<Map<String, @Nullable Object>> last = new ArrayList<>();
            Deque<Run> known = runs.get(route.getRouteId());
            if (known != null) {
                synchronized (known) {
                    for (Run run : known) {
                        Map<String, @Nullable Object> value = new LinkedHashMap<>();
                        value.put("at", run.at().toString());
                        value.put("millis", run.millis());
                        value.put("failed", run.words() != null);
                        value.put("error", run.words());
                        last.add(value);
                    }
                }
            }
            values.put("runs", last);
            all.add(values);
        }
        return all;
    }

    @Override
    public RoutePolicy createRoutePolicy(CamelContext camelContext, String routeId, NamedNode route) {
        return new RoutePolicySupport() {
            @Override
            public void onExchangeBegin(Route begun, Exchange exchange) {
                exchange.setProperty(BEGUN + routeId, System.nanoTime());
            }

            @Override
            public void onExchangeDone(Route done, Exchange exchange) {
                Long begun = exchange.getProperty(BEGUN + routeId, Long.class);
                if (begun != null) {
                    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
                    add(routeId, new Run(Instant.now(Clock.systemUTC()), millis, words(exchange.getException())));
                }
            }
        };
    }

    private void add(String route, Run run) {
        Deque<Run> last = runs.computeIfAbsent(route, none -> new ArrayDeque<>());
        synchronized (last) {
            last.addFirst(run);
            if (last.size() > RUNS) {
                last.removeLast();
            }
        }
    }

    /** The message of an exception of ours; of others only the kind, since theirs may quote a person's data. */
    private static @Nullable String words(@Nullable Throwable failure) {
        if (failure == null) {
            return null;
        }
        if (failure instanceof OAuthException) {
            return failure.getMessage();
        }
        if (failure instanceof HttpOperationFailedException refused) {
            return "HTTP " + refused.getStatusCode();
        }
        return failure.getClass().getSimpleName();
    }
}
