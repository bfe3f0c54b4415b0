package dev.dromedar.cluster;

import dev.dromedar.camel.CamelCli;
import dev.dromedar.letters.DeadLetterSettings;
import dev.dromedar.letters.Feeds;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.quartz.QuartzComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.quartz.JobDataMap;
import org.quartz.Scheduler;
import org.quartz.Trigger;

/**
 * One node in a process of its own, for tests that kill it. Its routes write each firing into a table, when it begins and
 * when it is done. Arguments: database address, node name, and name=value options. It stops when its input ends.
 */
final class ClusterNode {
    private final String address;
    private final String node;
    private final Map<String, String> options;

    private ClusterNode(String address, String node, Map<String, String> options) {
        this.address = address;
        this.node = node;
        this.options = options;
    }

    public static void main(String[] args) throws Exception {
        Map<String, String> options = new java.util.HashMap<>();
        for (int i = 2; i < args.length; i++) {
            options.put(args[i].substring(0, args[i].indexOf('=')), args[i].substring(args[i].indexOf('=') + 1));
        }
        new ClusterNode(args[0], args[1], options).run();
    }

    private int option(String name, int otherwise) {
        return Integer.parseInt(options.getOrDefault(name, String.valueOf(otherwise)));
    }

    private void run() throws Exception {
        var context = new DefaultCamelContext();
        context.getCamelContextExtension().setName("test");
        // As the worker: it dumps every route each second
        CamelCli.off(context);
        // However slow the machine is, a firing that is late is not a missed one
        var late = new Properties();
        late.setProperty("org.quartz.jobStore.misfireThreshold", options.getOrDefault("late", "3600000"));
        if (!options.containsKey("files")) {
            context.getComponent("quartz", QuartzComponent.class).setProperties(late);
        }
        if (options.containsKey("batch")) {
            late.setProperty("org.quartz.scheduler.batchTriggerAcquisitionMaxCount", options.get("batch"));
        }
        String files = options.get("files");
        var letters = new DeadLetterSettings(
                Path.of(files == null ? "unused" : files),
                Duration.ofDays(1),
                option("bytes", 500_000_000),
                null,
                false,
                0,
                Duration.ZERO);
        Store.install(
                context,
                new StoreSettings(letters, Path.of("unused"), files == null ? settings() : null),
                exchange -> null,
                exchange -> null);
        context.addRoutes(routes());
        context.start();
        System.out.println("started " + node);
        synchronized (this) {
            // Until the test ends, however it does
            for (int asked = System.in.read(); asked != -1; asked = System.in.read()) {
                for (Route route : context.getRoutes()) {
                    if (asked == 's') {
                        context.getRouteController().stopRoute(route.getRouteId());
                    } else {
                        context.getRouteController().startRoute(route.getRouteId());
                    }
                }
                System.out.println(asked == 's' ? "routes stopped" : "routes started");
            }
        }
        context.stop();
    }

    private ClusterSettings settings() {
        return new ClusterSettings(
                address,
                "postgres",
                null,
                "test",
                node,
                true,
                Duration.ofSeconds(option("checkIn", 1)),
                true,
                Set.of("never-0"),
                10,
                10);
    }

    private RouteBuilder routes() {
        return new RouteBuilder() {
            @Override
            public void configure() {
                errorHandler(deadLetterChannel("dromedar:dead-letters"));
                for (int i = 0; i < option("routes", 4); i++) {
                    schedule("work-" + i, option("interval", 250), option("count", 20));
                }
                if (option("never", 0) > 0) {
                    schedule("never-0", 3_600_000, 1);
                }
                if (options.containsKey("feed")) {
                    from("quartz:t/feed?stateful=true&trigger.repeatInterval=300")
                            .routeId("feed")
                            .to("dromedar:feed/events")
                            .process(ClusterNode.this::page)
                            .to("dromedar:feed/events?advance=true");
                }
                from("direct:replayed").routeId("replayed").process(ClusterNode.this::replayed);
                if (options.containsKey("leader")) {
                    String source = options.get("leader");
                    from("master:only-one:" + (source.equals("yes") ? "timer:tick?period=100" : source))
                            .routeId("tick")
                            .process(ClusterNode.this::fired);
                }
            }

            private void schedule(String route, int interval, int count) {
                // By a cron all routes are due at once
                String when = options.containsKey("cron")
                        ? "cron=" + options.get("cron")
                        : "trigger.repeatInterval=" + interval + "&trigger.repeatCount=" + (count - 1);
                from("quartz:t/" + route + "?stateful=true&" + when)
                        .routeId(route)
                        .process(ClusterNode.this::fired);
            }
        };
    }

    private void fired(Exchange exchange) throws SQLException {
        if (options.containsKey("quiet")) {
            return;
        }
        long slot = slot(exchange);
        String route = exchange.getFromRouteId();
        write("INSERT INTO firing (route, slot, node, begun) VALUES (?, ?, ?, clock_timestamp())", route, slot);
        waitWhileHeld();
        LockSupport.parkNanos(Duration.ofMillis(route.startsWith("never") ? 60_000 : option("work", 30))
                .toNanos());
        write(
                "UPDATE firing SET done = clock_timestamp() WHERE route = ? AND slot = ? AND node = ? AND done IS NULL",
                route,
                slot);
    }

    /** Five events, each of them a row. */
    private void page(Exchange exchange) throws SQLException {
        long from = exchange.getIn().getHeader(Feeds.FROM, Long.class);
        for (long event = from; event < from + 5; event++) {
            write("INSERT INTO firing (route, slot, node, begun) VALUES (?, ?, ?, clock_timestamp())", "event", event);
        }
        exchange.getIn().setHeader(Feeds.LAST, from + 4);
        waitWhileHeld();
    }

    private void replayed(Exchange exchange) throws SQLException {
        write(
                "INSERT INTO firing (route, slot, node, begun) VALUES (?, ?, ?, clock_timestamp())",
                "replayed",
                exchange.getIn().getBody(Long.class));
        waitWhileHeld();
        LockSupport.parkNanos(Duration.ofMillis(option("work", 30)).toNanos());
        if (exchange.getIn().getHeader("broken", false, Boolean.class)) {
            throw new IllegalStateException("broken");
        }
    }

    /** The firing's planned time; that of the interrupted one when this is its repetition. */
    private static long slot(Exchange exchange) {
        if (exchange.getIn().getHeader("trigger") instanceof Trigger trigger
                && trigger.getKey().getGroup().equals(Scheduler.DEFAULT_RECOVERY_GROUP)) {
            JobDataMap data = trigger.getJobDataMap();
            return Long.parseLong(
                    data.getString(Scheduler.FAILED_JOB_ORIGINAL_TRIGGER_SCHEDULED_FIRETIME_IN_MILLISECONDS));
        }
        Long planned = exchange.getIn().getHeader("scheduledFireTime", Long.class);
        return planned == null ? 0 : planned;
    }

    private void waitWhileHeld() {
        while (options.containsKey("holdable") && isHeld()) {
            LockSupport.parkNanos(20_000_000);
        }
    }

    /** Whether the test wants this node's runs to go on until it says otherwise. */
    private boolean isHeld() {
        try (Connection connection = DriverManager.getConnection(address, "postgres", "");
                PreparedStatement look = connection.prepareStatement("SELECT 1 FROM held WHERE node = ?")) {
            look.setString(1, node);
            try (ResultSet row = look.executeQuery()) {
                return row.next();
            }
        } catch (SQLException e) {
            return true; // the database is away
        }
    }

    /** Not through the pool under test, and not given up while the database is away. */
    private void write(String sql, String route, long slot) throws SQLException {
        for (int tries = 0; ; tries++) {
            try (Connection connection = DriverManager.getConnection(address, "postgres", "");
                    PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setString(1, route);
                statement.setLong(2, slot);
                statement.setString(3, node);
                statement.executeUpdate();
                return;
            } catch (SQLException e) {
                if (tries > 300) {
                    throw e;
                }
                LockSupport.parkNanos(100_000_000);
            }
        }
    }
}
