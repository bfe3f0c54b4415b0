package dev.dromedar.routes;

import dev.dromedar.camel.FailedCall;
import dev.dromedar.camel.RefusedCall;
import dev.dromedar.oauth.ForeignText;
import dev.dromedar.oauth.NetworkFailure;
import dev.dromedar.oauth.OAuthException;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.ServiceStatus;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;
import org.apache.camel.support.ExchangeHelper;
import org.apache.camel.support.RoutePolicySupport;
import org.jspecify.annotations.Nullable;

/** The routes of one context for people to see: which should run, which do, and how their last runs went. Thread-safe. */
public final class RouteRuns implements RoutePolicyFactory {
    private static final String BEGUN = "dromedar.begun.";
    private static final int RUNS = 20;
    private static final Clock CLOCK = Clock.systemUTC();

    private final CamelContext context;
    private final Map<String, Runs> runs = new ConcurrentHashMap<>();
    private volatile List<String> faults = List.of();

    /**
     * @param number of this run, counted from 0
     * @param at in milliseconds since 1970
     * @param words why it failed, without data of the message; null for a success
     */
    private record Run(
            long number, long at, long millis, @Nullable String words) {}

    /** The runs of one route since the worker started. */
    private static final class Runs {
        private final AtomicLong total = new AtomicLong();
        private final LongAdder failed = new LongAdder();
        /** A ring: run number n, counted from 0, is at n modulo its length. */
        private final AtomicReferenceArray<@Nullable Run> last = new AtomicReferenceArray<>(RUNS);

        void add(long at, long millis, @Nullable String words) {
            if (words != null) {
                failed.increment();
            }
            long number = total.getAndIncrement();
            last.set((int) (number % RUNS), new Run(number, at, millis, words));
        }

        List<Map<String, @Nullable Object>> values() {
            List<Map<String, @Nullable Object>> values = new ArrayList<>();
            long added = total.get();
            for (long number = added - 1; number >= Math.max(0, added - RUNS); number--) {
                Run run = last.get((int) (number % RUNS));
                if (run == null || run.number() != number) {
                    continue; // it is being added
                }
                Map<String, @Nullable Object> value = new LinkedHashMap<>();
                value.put("at", Instant.ofEpochMilli(run.at()).toString());
                value.put("millis", run.millis());
                value.put("failed", run.words() != null);
                value.put("error", run.words());
                values.add(value);
            }
            return values;
        }
    }

    public RouteRuns(CamelContext context) {
        this.context = context;
    }

    /** The routes that should run, as their files say. */
    public List<String> expected() {
        List<String> expected = new ArrayList<>();
        for (RouteDefinition route : ((ModelCamelContext) context).getRouteDefinitions()) {
            String automatic = route.getAutoStartup();
            boolean wanted = automatic == null || Boolean.parseBoolean(context.resolvePropertyPlaceholders(automatic));
            if (wanted) {
                expected.add(route.getRouteId());
            }
        }
        return expected;
    }

    /** Those of {@link #expected} that do not run. */
    public List<String> stopped() {
        Map<String, Route> built = built();
        return expected().stream().filter(id -> !isRunning(built.get(id))).toList();
    }

    /** By id. Camel's own search for one goes through the list of all. */
    private Map<String, Route> built() {
        Map<String, Route> built = new HashMap<>();
        context.getRoutes().forEach(route -> built.put(route.getRouteId(), route));
        return built;
    }

    private boolean isRunning(@Nullable Route route) {
        return route != null
                && context.getRouteController().getRouteStatus(route.getRouteId()) == ServiceStatus.Started;
    }

    /** Why the newest edit was not taken; empty if it was. */
    public List<String> faults() {
        return faults;
    }

    public void faults(List<String> found) {
        faults = List.copyOf(found);
    }

    /** Every route by id, also one that should be there and is not, with its last runs, newest first. */
    public List<Map<String, @Nullable Object>> values() {
        Set<String> expected = new HashSet<>(expected());
        Map<String, Route> built = built();
        Set<String> ids = new TreeSet<>(expected);
        ids.addAll(built.keySet());
        List<Map<String, @Nullable Object>> all = new ArrayList<>();
        for (String id : ids) {
            Route route = built.get(id);
            Map<String, @Nullable Object> values = new LinkedHashMap<>();
            values.put("id", id);
            values.put("description", route == null ? null : route.getDescription());
            values.put("state", isRunning(route) ? "running" : "stopped");
            values.put("expected", expected.contains(id));
            Runs known = runs.get(id);
            values.put("total", known == null ? 0L : known.total.get());
            values.put("totalFailed", known == null ? 0L : known.failed.sum());
            values.put("runs", known == null ? List.of() : known.values());
            all.add(values);
        }
        return all;
    }

    @Override
    public RoutePolicy createRoutePolicy(CamelContext camelContext, String routeId, NamedNode route) {
        String property = BEGUN + routeId;
        return new RoutePolicySupport() {
            @Override
            public void onExchangeBegin(Route begun, Exchange exchange) {
                exchange.setProperty(property, System.nanoTime());
            }

            @Override
            public void onExchangeDone(Route done, Exchange exchange) {
                Long begun = exchange.getProperty(property, Long.class);
                if (begun != null) {
                    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
                    runs.computeIfAbsent(routeId, none -> new Runs())
                            .add(CLOCK.millis(), millis, words(failure(exchange)));
                }
            }
        };
    }

    /** What failed, also where the route's error handling took care of it, such as by a dead letter. */
    private static @Nullable Throwable failure(Exchange exchange) {
        return exchange.getException() == null && ExchangeHelper.isFailureHandled(exchange)
                ? exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class)
                : exchange.getException();
    }

    /** The message of an exception of ours or of the network; of others only the kind, since theirs may quote a person's data. */
    public static @Nullable String words(@Nullable Throwable failure) {
        if (failure == null) {
            return null;
        }
        if (failure instanceof OAuthException || failure instanceof RefusedCall || failure instanceof FailedCall) {
            return ForeignText.line(failure.getMessage());
        }
        if (failure instanceof CamelExecutionException && failure.getCause() instanceof Error error) {
            return error.getClass().getSimpleName();
        }
        if (failure instanceof HttpOperationFailedException refused) {
            return "HTTP " + refused.getStatusCode();
        }
        if (failure instanceof IOException network && NetworkFailure.isOfNetwork(network)) {
            return NetworkFailure.of(network);
        }
        return failure.getClass().getSimpleName();
    }
}
