package dev.dromedar.cluster;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.component.quartz.QuartzEndpoint;
import org.jspecify.annotations.Nullable;
import org.quartz.CronTrigger;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.SimpleTrigger;
import org.quartz.Trigger;
import org.quartz.TriggerKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The schedules of this node's routes beside those in the database. All nodes fire by the one in the database, which the node
 * that started last has written: if this node's own is another, the nodes' route files differ. Thread-safe.
 */
final class SharedSchedules {
    private static final Logger LOG = LoggerFactory.getLogger(SharedSchedules.class);
    private static final int MOST_IN_WORDS = 3;
    private static final int LONGEST_CRON = 200;

    private final CamelContext context;
    /** By route: what is reported. */
    private volatile Map<String, String> differing = Map.of();

    SharedSchedules(CamelContext context) {
        this.context = context;
    }

    /**
     * Compares, and reports what is new.
     *
     * @param intervals the wanted {@code repeatInterval} of triggers, as their routes have it
     */
    void look(Scheduler scheduler, Set<TriggerKey> routes, Map<TriggerKey, Map<String, Object>> intervals)
            throws SchedulerException {
        var found = new TreeMap<String, String>();
        for (Route route : context.getRoutes()) {
            if (route.getEndpoint() instanceof QuartzEndpoint endpoint && routes.contains(endpoint.getTriggerKey())) {
                TriggerKey key = endpoint.getTriggerKey();
                String own = endpoint.getCron() != null
                        ? cron(endpoint.getCron())
                        : interval(intervals.getOrDefault(key, Map.of()).get("repeatInterval"));
                String shared = words(scheduler.getTrigger(key));
                if (own != null && shared != null && !own.equals(shared)) {
                    found.put(
                            route.getRouteId(),
                            "Route " + route.getRouteId() + ": this node's schedule is " + own
                                    + ", and the cluster fires by " + shared
                                    + ", which a node that started later has. Give all nodes the same route files,"
                                    + " and restart those that have the old one.");
                }
            }
        }
        Map<String, String> before = differing;
        differing = Map.copyOf(found);
        found.forEach((route, words) -> {
            if (!words.equals(before.get(route))) {
                LOG.warn("{}", words);
            }
        });
        Set<String> agreed = new HashSet<>(before.keySet());
        agreed.removeAll(found.keySet());
        agreed.stream()
                .sorted()
                .forEach(route -> LOG.info("Route {}: this node and the cluster have the same schedule again", route));
    }

    /** Which schedules differ, in words, or null if none does. */
    @Nullable
    String fault() {
        List<String> words =
                new TreeMap<>(differing).values().stream().limit(MOST_IN_WORDS).toList();
        int more = differing.size() - words.size();
        return words.isEmpty() ? null : String.join(" ", words) + (more > 0 ? " And " + more + " more." : "");
    }

    private static @Nullable String words(@Nullable Trigger trigger) {
        return trigger instanceof CronTrigger byCron
                ? cron(byCron.getCronExpression())
                : trigger instanceof SimpleTrigger simple ? every(simple.getRepeatInterval()) : null;
    }

    /** The one in the database is data: one line, of a length that a cron has. */
    private static String cron(String expression) {
        String line = expression.strip().replaceAll("[^ -~]", "?");
        return "cron '" + (line.length() > LONGEST_CRON ? line.substring(0, LONGEST_CRON) : line) + "'";
    }

    private @Nullable String interval(@Nullable Object value) {
        Long millis = context.getTypeConverter().tryConvertTo(Long.class, value);
        return millis == null ? null : every(millis);
    }

    private static String every(long millis) {
        return "an interval of " + millis + " ms";
    }
}
