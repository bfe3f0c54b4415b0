package dev.dromedar.cluster;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringTokenizer;
import java.util.TreeMap;
import org.apache.camel.CamelContext;
import org.apache.camel.component.quartz.QuartzEndpoint;
import org.jspecify.annotations.Nullable;
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

    /** Of a trigger: what sets no beginning and no end to it. */
    private static final Set<String> ENDLESS =
            Set.of("repeatInterval", "timeZone", "misfireInstruction", "priority", "description");

    private final CamelContext context;
    private final RoutesHere routes;
    private final Database database;
    /** By route: what is reported. */
    private volatile Map<String, String> differing = Map.of();

    SharedSchedules(CamelContext context, RoutesHere routes, Database database) {
        this.context = context;
        this.routes = routes;
        this.database = database;
    }

    /** Compares, and reports what is new. What is gone though its route runs and needs it, is to be stored again. */
    void look() {
        Map<TriggerKey, String> all = new HashMap<>();
        database.all(
                "SELECT trigger_name, trigger_group, cron_expression, repeat_interval FROM dromedar_qrtz_triggers"
                        + " LEFT JOIN dromedar_qrtz_cron_triggers USING (sched_name, trigger_name, trigger_group)"
                        + " LEFT JOIN dromedar_qrtz_simple_triggers USING (sched_name, trigger_name, trigger_group)"
                        + " WHERE sched_name = ? AND (cron_expression IS NOT NULL OR repeat_interval IS NOT NULL)",
                row -> all.put(
                        TriggerKey.triggerKey(row.getString(1), row.getString(2)),
                        row.getString(3) != null ? cron(row.getString(3)) : every(row.getLong(4))),
                database.cluster());
        var found = new TreeMap<String, String>();
        for (QuartzEndpoint endpoint : routes.endpoints().toList()) {
            TriggerKey key = endpoint.getTriggerKey();
            String id = routes.id(key);
            String own = endpoint.getCron() != null
                    ? cron(endpoint.getCron())
                    : interval(routes.parameters(key).get("repeatInterval"));
            String shared = all.get(key);
            if (id != null && shared == null && isEndless(endpoint.getCron(), routes.parameters(key))) {
                routes.removed(key);
            }
            if (id != null && own != null && shared != null && !own.equals(shared)) {
                found.put(
                        id,
                        "Route " + id + ": this node's schedule is " + own + ", and the cluster fires by " + shared
                                + ", which a node that started later has. Give all nodes the same route files,"
                                + " and restart those that have the old one.");
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

    /**
     * Whether it is always there while its route runs, and can be stored anew: it does not end by itself, as by a count or in the
     * last year of its cron, and does not begin at a time that has been, for which it would fire twice.
     */
    private static boolean isEndless(@Nullable String cron, Map<String, Object> parameters) {
        return (cron == null || !namesYears(cron))
                && parameters.entrySet().stream()
                        .allMatch(one -> ENDLESS.contains(one.getKey())
                                || one.getKey().equals("repeatCount")
                                        && one.getValue().toString().equals("-1"));
    }

    /** In its seventh field. */
    private static boolean namesYears(String cron) {
        var fields = new StringTokenizer(cron);
        for (int field = 1; field < 7 && fields.hasMoreTokens(); field++) {
            fields.nextToken();
        }
        return fields.hasMoreTokens() && fields.nextToken().chars().anyMatch(Character::isDigit);
    }

    /** Which schedules differ, in words, or null if none does. */
    @Nullable
    String fault() {
        List<String> words =
                new TreeMap<>(differing).values().stream().limit(MOST_IN_WORDS).toList();
        int more = differing.size() - words.size();
        return words.isEmpty() ? null : String.join(" ", words) + (more > 0 ? " And " + more + " more." : "");
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
