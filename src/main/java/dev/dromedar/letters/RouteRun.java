package dev.dromedar.letters;

import java.util.HashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * One run of one route: what came into it, so that a replay can send the same in again. On the exchange while it is in the
 * route; its copies, as in a split, share it, and so one failed run makes one letter.
 */
final class RouteRun {
    private static final String PROPERTY = "dromedar.entered";

    private final String route;
    private final @Nullable Object body;
    private final Map<String, Object> headers;
    private final @Nullable RouteRun outer;
    private final @Nullable Letter replayed;
    private int attempts = 1;
    private @Nullable String outcome;
    private @Nullable StoreFailure notKept;

    private RouteRun(
            String route,
            @Nullable Object body,
            Map<String, Object> headers,
            @Nullable RouteRun outer,
            @Nullable Letter replayed) {
        this.route = route;
        this.body = body;
        this.headers = headers;
        this.outer = outer;
        this.replayed = replayed;
    }

    /** @param replayed the letter that this run is a replay of */
    static void enter(Exchange exchange, String route, @Nullable Letter replayed) {
        var message = exchange.getIn();
        RouteRun outer = exchange.getProperty(PROPERTY, RouteRun.class);
        // getHeaders() of a message without headers creates a map
        Map<String, Object> headers = message.hasHeaders() ? new HashMap<>(message.getHeaders()) : Map.of();
        exchange.setProperty(PROPERTY, new RouteRun(route, message.getBody(), headers, outer, replayed));
    }

    /** The run of the route that failed, or the innermost; null outside of routes. */
    static @Nullable RouteRun of(Exchange exchange) {
        RouteRun innermost = exchange.getProperty(PROPERTY, RouteRun.class);
        String failed = exchange.getProperty(Exchange.FAILURE_ROUTE_ID, String.class);
        for (RouteRun run = innermost; run != null && failed != null; run = run.outer) {
            if (run.route.equals(failed)) {
                return run;
            }
        }
        return innermost;
    }

    /** Leaves the route. If its failure could not be kept, the exchange fails after all, so that its source knows. */
    static void leave(Exchange exchange, String route) {
        RouteRun run = exchange.getProperty(PROPERTY, RouteRun.class);
        if (run == null || !run.route.equals(route)) {
            return;
        }
        StoreFailure lost = run.notKept();
        if (lost != null && exchange.getException() == null) {
            exchange.setException(lost);
        }
        if (run.outer == null) {
            exchange.removeProperty(PROPERTY);
        } else {
            exchange.setProperty(PROPERTY, run.outer);
        }
    }

    String route() {
        return route;
    }

    KeptMessage input(Exchange exchange) {
        return KeptMessage.of(body, headers, exchange);
    }

    @Nullable
    Letter replayed() {
        return replayed;
    }

    synchronized void triedAgain() {
        attempts++;
    }

    /** How often the run was tried: once, and its redeliveries. */
    synchronized int attempts() {
        return attempts;
    }

    /** The first of a run's failures makes the letter; true for that one only. */
    synchronized boolean firstFailure(String letter) {
        if (outcome != null) {
            return false;
        }
        outcome = letter;
        return true;
    }

    /** Whether a letter was made, or tried to. */
    synchronized boolean hasOutcome() {
        return outcome != null || notKept != null;
    }

    synchronized void notKept(StoreFailure why) {
        notKept = why;
        outcome = null;
    }

    private synchronized @Nullable StoreFailure notKept() {
        return notKept;
    }

    @Override
    public String toString() {
        return "RouteRun(" + route + ")";
    }
}
