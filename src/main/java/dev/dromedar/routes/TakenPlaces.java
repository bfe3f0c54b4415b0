package dev.dromedar.routes;

import dev.dromedar.camel.Places;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.MultipleConsumersSupport;
import org.apache.camel.model.RouteDefinition;
import org.jspecify.annotations.Nullable;

/** What only one route can have: its id, and most endpoints that routes take from. Not thread-safe. */
final class TakenPlaces {
    /** By id and by address, the place of the route that has it. */
    private final Map<String, String> ids = new HashMap<>();

    private final Map<String, String> consumers = new HashMap<>();

    /** A route of a file that is not checked, which runs and stays, and where it takes from if it is started. */
    record Running(RouteDefinition route, @Nullable Endpoint from) {}

    void know(Running running) {
        String at = Places.name(running.route().getResource());
        if (running.route().hasCustomIdAssigned()) {
            ids.put(running.route().getRouteId(), at);
        }
        if (running.from() != null && isForOne(running.route(), running.from())) {
            consumers.put(running.from().getEndpointUri(), at);
        }
    }

    /** Whether no other route can take from where this one does. */
    static boolean isForOne(RouteDefinition route, Endpoint from) {
        return !"false".equals(route.getAutoStartup())
                && !(from instanceof MultipleConsumersSupport several && several.isMultipleConsumersSupported());
    }

    /** Returns the place of the route that has the id already, or null. */
    @Nullable
    String id(String id, String at) {
        return ids.putIfAbsent(id, at);
    }

    /** Returns the place of the route that takes from there already, or null. */
    @Nullable
    String consumer(Endpoint from, String at) {
        return consumers.putIfAbsent(from.getEndpointUri(), at);
    }
}
