package dev.dromedar.cluster;

import dev.dromedar.letters.KeptMessage;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.StatefulService;
import org.apache.camel.component.quartz.QuartzComponent;
import org.apache.camel.component.quartz.QuartzConstants;
import org.apache.camel.component.quartz.QuartzEndpoint;
import org.apache.camel.component.quartz.QuartzHelper;
import org.apache.camel.component.quartz.QuartzMessage;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.support.RoutePolicySupport;
import org.jspecify.annotations.Nullable;
import org.quartz.Calendar;
import org.quartz.Scheduler;
import org.quartz.TriggerKey;

/** This node's routes that have a schedule, by its key. Thread-safe. */
final class RoutesHere {
    private final CamelContext context;
    /** Gets the id of each firing that has come to its route. */
    private final Consumer<String> entered;

    private final Map<TriggerKey, Route> running = new ConcurrentHashMap<>();
    /** The ids of all routes that have run here. */
    private final Map<TriggerKey, String> ids = new ConcurrentHashMap<>();

    private final Map<TriggerKey, Map<String, Object>> parameters = new ConcurrentHashMap<>();
    private final Set<TriggerKey> damaged = ConcurrentHashMap.newKeySet();

    RoutesHere(CamelContext context, Consumer<String> entered) {
        this.context = context;
        this.entered = entered;
    }

    RoutePolicy policy(CamelContext camel, String routeId, NamedNode node) {
        return new RoutePolicySupport() {
            /** Camel stores a schedule when its endpoint starts: with the context, or with a route that is added later. */
            private volatile boolean storedBefore;

            @Override
            public void onInit(Route route) {
                storedBefore = !context.isStarted();
                if (route.getEndpoint() instanceof QuartzEndpoint quartz) {
                    // Always: a run that must not be repeated is recovered too, as a dead letter
                    quartz.setRecoverableJob(true);
                    // Now: Camel takes out what it has set on its own trigger
                    Map<String, Object> wanted = quartz.getTriggerParameters();
                    parameters.put(quartz.getTriggerKey(), wanted == null ? Map.of() : Map.copyOf(wanted));
                }
            }

            @Override
            public void onStart(Route route) {
                if (route.getEndpoint() instanceof QuartzEndpoint quartz) {
                    running.put(quartz.getTriggerKey(), route);
                    ids.put(quartz.getTriggerKey(), route.getRouteId());
                    if (context.isStarted() && (storedBefore || !Boolean.TRUE.equals(route.isAutoStartup()))) {
                        // Stopped on all nodes, its schedule may have been removed, and Camel does not store it again
                        damaged.add(quartz.getTriggerKey());
                    }
                    storedBefore = true;
                }
            }

            @Override
            public void onExchangeBegin(Route route, Exchange exchange) {
                if (exchange.getIn() instanceof QuartzMessage firing) {
                    entered.accept(firing.getJobExecutionContext().getFireInstanceId());
                }
            }

            @Override
            public void onStop(Route route) {
                if (route.getEndpoint() instanceof QuartzEndpoint quartz) {
                    running.remove(quartz.getTriggerKey());
                }
            }
        };
    }

    /** The id of the route of that trigger, or null if none runs on this node. */
    @Nullable
    String id(TriggerKey trigger) {
        Route route = running.get(trigger);
        return route == null ? null : route.getRouteId();
    }

    /** The route of that trigger in words, also if it is stopped here for the moment, or runs on other nodes alone. */
    String words(TriggerKey trigger) {
        String id = ids.get(trigger);
        return id == null ? "The route of schedule " + KeptMessage.clean(text(trigger)) : "Route " + id;
    }

    /**
     * Whether a route of that trigger runs on this node. Not one that is about to stop, or suspended: Camel closes its consumer
     * first, and drops a firing that finds it closed.
     */
    boolean runs(TriggerKey trigger) {
        Route route = running.get(trigger);
        return route != null && (!(route.getConsumer() instanceof StatefulService consumer) || consumer.isStarted());
    }

    /** The keys of those that have been started. */
    Set<TriggerKey> started() {
        return running.keySet();
    }

    /** What others must not remove, a line each. */
    String claimed() {
        Set<TriggerKey> claimed = new HashSet<>(running.keySet());
        if (!context.isStarted()) {
            claimed.addAll(parameters.keySet()); // of routes that are still to start: their schedules are there first
        }
        return claimed.stream().map(RoutesHere::text).sorted().collect(Collectors.joining("\n"));
    }

    static String text(TriggerKey key) {
        return key.getGroup() + "/" + key.getName();
    }

    /** Parameters of the trigger, as the route has them. */
    Map<String, Object> parameters(TriggerKey key) {
        return parameters.getOrDefault(key, Map.of());
    }

    /** Those of all routes that have a schedule, running or not. */
    Stream<QuartzEndpoint> endpoints() {
        return context.getRoutes().stream()
                .map(Route::getEndpoint)
                .filter(QuartzEndpoint.class::isInstance)
                .map(QuartzEndpoint.class::cast);
    }

    /** Or null while Quartz has none that works. */
    @Nullable
    Scheduler scheduler() {
        return context.getComponent("quartz", QuartzComponent.class).getScheduler();
    }

    /** As Camel and Quartz know this node's context. */
    String contextName() {
        return QuartzHelper.getQuartzContextName(context);
    }

    /** The calendar that a route of this node brings by its {@code customCalendar}, or null. */
    @Nullable
    Calendar customCalendar(String name) {
        if (!name.equals(QuartzConstants.QUARTZ_CAMEL_CUSTOM_CALENDAR)) {
            return null;
        }
        return endpoints()
                .map(QuartzEndpoint::getCustomCalendar)
                .filter(Objects::nonNull)
                .reduce((first, last) -> last) // Camel stores them all under one name
                .orElse(null);
    }

    /** The schedule was removed, since it could not be read. While a route starts, Camel sees that by itself. */
    void damaged(TriggerKey key) {
        if (runs(key)) {
            damaged.add(key);
        }
    }

    /** The schedule is not there, though Camel has seen it here or stored it: another node may have removed it. */
    void removed(TriggerKey key) {
        damaged.add(key);
    }

    /** Those of running routes whose schedules may be gone. */
    List<QuartzEndpoint> damaged() {
        return damaged.isEmpty()
                ? List.of()
                : endpoints()
                        .filter(quartz -> damaged.contains(quartz.getTriggerKey()) && runs(quartz.getTriggerKey()))
                        .toList();
    }

    /** The schedule is there, or there again. */
    void restored(TriggerKey key) {
        damaged.remove(key);
    }
}
