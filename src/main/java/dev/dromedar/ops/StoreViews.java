package dev.dromedar.ops;

import dev.dromedar.audit.Audit;
import dev.dromedar.cluster.Cluster;
import dev.dromedar.cluster.Node;
import dev.dromedar.letters.DeadLetters;
import dev.dromedar.letters.Feeds;
import dev.dromedar.letters.Letter;
import dev.dromedar.oauth.ForeignText;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.apache.camel.CamelContext;
import org.apache.camel.StartupListener;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The views of what outlives the process: the cluster's nodes, dead letters and feeds, as a document and metrics.
 * Metrics, as Prometheus has them: {@code dromedar_dead_letters}, {@code dromedar_dead_letters_bytes},
 * {@code dromedar_dead_letters_good}, {@code dromedar_cluster_nodes}, {@code dromedar_cluster_good}, and by feed
 * {@code dromedar_feed_position}, {@code dromedar_feed_lag}, {@code dromedar_feed_gaps_total} and
 * {@code dromedar_feed_missing_total}. What is not known is NaN.
 */
final class StoreViews extends ServiceSupport implements StartupListener {
    private static final Logger LOG = LoggerFactory.getLogger(StoreViews.class);

    private final CamelContext context;
    private final List<Meter> meters = new ArrayList<>();
    private @Nullable MeterRegistry registry;
    private boolean shown;

    private StoreViews(CamelContext context) {
        this.context = context;
    }

    /** Puts the views into a context whose store is installed; null in a context without one. */
    static @Nullable StoreViews install(CamelContext context) throws Exception {
        var views = new StoreViews(context);
        if (views.deadLetters() == null) {
            return null;
        }
        context.addService(views);
        context.addStartupListener(views);
        return views;
    }

    @Override
    public synchronized void onCamelContextStarted(CamelContext started, boolean already) {
        if (shown) {
            return; // Camel calls this for each route that is added later, too
        }
        shown = true;
        try {
            addMeters();
        } catch (NoClassDefFoundError e) {
            LOG.debug("An application without Micrometer", e);
        }
    }

    @Nullable
    DeadLetters deadLetters() {
        return context.hasService(DeadLetters.class);
    }

    @Nullable
    Audit audit() {
        return context.getRegistry().findSingleByType(Audit.class);
    }

    private @Nullable Cluster cluster() {
        return context.hasService(Cluster.class);
    }

    private @Nullable Feeds feeds() {
        return context.getRegistry().findSingleByType(Feeds.class);
    }

    /** Nodes, dead letters and feeds. Letters themselves are not here: they may hold personal data. */
    Map<String, @Nullable Object> values() {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        Cluster cluster = cluster();
        values.put("cluster", cluster == null ? null : values(cluster));
        DeadLetters letters = deadLetters();
        if (letters != null) {
            DeadLetters.Status status = letters.status();
            Map<String, @Nullable Object> shown = new LinkedHashMap<>();
            shown.put("used", status.open());
            shown.put("letters", status.letters());
            shown.put("bytes", status.bytes());
            shown.put("mostBytes", status.mostBytes());
            shown.put("fault", status.fault());
            values.put("deadLetters", shown);
        }
        Feeds feeds = feeds();
        values.put(
                "feeds",
                feeds == null
                        ? List.of()
                        : feeds.all().stream().map(StoreViews::values).toList());
        return values;
    }

    private static Map<String, @Nullable Object> values(Cluster cluster) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        values.put("name", cluster.name());
        values.put("node", cluster.node());
        values.put("fault", cluster.fault());
        values.put("clockOffsetMillis", cluster.clockOffset().toMillis());
        values.put("clockFault", cluster.clockFault());
        values.put("scheduleFault", cluster.scheduleFault());
        List<Map<String, Object>> nodes = new ArrayList<>();
        cluster.nodes()
                .forEach(node -> nodes.add(Map.of(
                        "name",
                        node.name(),
                        "alive",
                        node.alive(),
                        "seen",
                        node.seen().toString())));
        values.put("nodes", nodes);
        return values;
    }

    private static Map<String, @Nullable Object> values(Feeds.Status feed) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        values.put("name", feed.name());
        values.put("position", feed.text() == null ? feed.position() : ForeignText.line(feed.text()));
        values.put("lag", feed.lag());
        values.put("gaps", feed.gaps());
        values.put("missing", feed.missing());
        return values;
    }

    static Map<String, @Nullable Object> values(Letter letter) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        values.put("id", letter.id());
        values.put("state", letter.state().word());
        values.put("route", letter.route());
        values.put("api", letter.api());
        values.put("failed", letter.failed().toString());
        values.put("attempts", letter.attempts());
        values.put("cause", letter.cause());
        return values;
    }

    private void addMeters() {
        MeterRegistry found = context.getRegistry().findSingleByType(MeterRegistry.class);
        if (found == null) {
            return;
        }
        registry = found;
        DeadLetters letters = deadLetters();
        if (letters != null) {
            gauge("dromedar.dead.letters", "Dead letters", letters, all -> all.status()
                    .letters());
            gauge("dromedar.dead.letters.bytes", "Bytes of all dead letters", letters, all -> all.status()
                    .bytes());
            gauge(
                    "dromedar.dead.letters.good",
                    "1 while a failed exchange can be kept, 0 while it cannot",
                    letters,
                    all -> all.status().fault() == null ? 1 : 0);
        }
        Cluster cluster = cluster();
        if (cluster != null) {
            gauge("dromedar.cluster.nodes", "Nodes that live", cluster, all -> all.nodes().stream()
                    .filter(Node::alive)
                    .count());
            gauge(
                    "dromedar.cluster.good",
                    "1 while this node reaches the database, 0 while it does not",
                    cluster,
                    all -> all.fault() == null ? 1 : 0);
        }
        Feeds feeds = feeds();
        if (feeds != null) {
            feeds.listen(name -> addMeters(found, feeds, name));
        }
    }

    private <T> void gauge(String name, String description, T of, ToDoubleFunction<T> value) {
        if (registry != null) {
            meters.add(Gauge.builder(name, of, value)
                    .description(description)
                    .strongReference(true)
                    .register(registry));
        }
    }

    private synchronized void addMeters(MeterRegistry to, Feeds feeds, String feed) {
        meters.add(Gauge.builder("dromedar.feed.position", feeds, all -> of(all, feed, Feeds.Status::position))
                .description("The last event whose work is done")
                .tag("feed", feed)
                .register(to));
        meters.add(Gauge.builder("dromedar.feed.lag", feeds, all -> of(all, feed, Feeds.Status::lag))
                .description("Numbers behind the newest event, where the route reports the newest")
                .tag("feed", feed)
                .register(to));
        meters.add(FunctionCounter.builder("dromedar.feed.gaps", feeds, all -> of(all, feed, Feeds.Status::gaps))
                .description("Pages in whose numbers some were missing")
                .tag("feed", feed)
                .register(to));
        meters.add(FunctionCounter.builder("dromedar.feed.missing", feeds, all -> of(all, feed, Feeds.Status::missing))
                .description("Numbers that did not come")
                .tag("feed", feed)
                .register(to));
    }

    private interface Figure {
        @Nullable
        Long of(Feeds.Status feed);
    }

    private static double of(Feeds feeds, String name, Figure figure) {
        return feeds.all().stream()
                .filter(feed -> feed.name().equals(name))
                .map(figure::of)
                .filter(value -> value != null)
                .mapToDouble(Long::doubleValue)
                .findFirst()
                .orElse(Double.NaN);
    }

    @Override
    protected synchronized void doStop() throws Exception {
        shown = false;
        if (registry != null) {
            meters.forEach(registry::remove);
            meters.clear();
        }
    }
}
