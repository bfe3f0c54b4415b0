package dev.dromedar.cluster;

import dev.dromedar.letters.KeptMessage;
import dev.dromedar.letters.StoreFailure;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.cluster.CamelClusterMember;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.support.DefaultConsumer;
import org.apache.camel.support.LoggingExceptionHandler;
import org.apache.camel.support.RoutePolicySupport;
import org.apache.camel.support.cluster.AbstractCamelClusterService;
import org.apache.camel.support.cluster.AbstractCamelClusterView;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Camel's cluster service by leases in the database, for work that one node does at a time ({@code master:name:...}). A leader
 * renews its lease by the database's clock, and steps down by its own elapsed time a second before the lease ends, so that
 * there are never two. Each new leader gets the next term: a node that was frozen, or another life of its name, renews and gives
 * back nothing but its own.
 */
final class DatabaseLeases extends AbstractCamelClusterService<DatabaseLeases.View> {
    private static final Logger LOG = LoggerFactory.getLogger(DatabaseLeases.class);

    /** The endpoint of a route that one node does at a time: master:NAME:URI. */
    private static final Pattern MASTER = Pattern.compile("master:(?://)?([^:]+):");

    /** How often the leader's consumers are reminded to start: Camel gives up if it could not try within five seconds. */
    private static final long REMIND_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final String OURS = "(old.holder = excluded.holder AND old.term = ?)";

    private final Cluster cluster;

    private final Map<String, View> views = new ConcurrentHashMap<>();

    DatabaseLeases(Cluster cluster, CamelContext context) {
        super("dromedar");
        this.cluster = cluster;
        context.addRoutePolicyFactory(this::policy);
    }

    @Override
    protected View createView(String namespace) {
        var view = new View(namespace);
        views.put(namespace, view);
        return view;
    }

    /**
     * What a route of this node takes in though it no longer leads fails, and stays where it is, for the leader: after a time in
     * which the process was frozen a consumer may take in something before it is stopped.
     */
    private RoutePolicy policy(CamelContext camel, String routeId, NamedNode node) {
        return new RoutePolicySupport() {
            @Override
            public void onStart(Route route) {
                if (route.getConsumer() instanceof DefaultConsumer consumer
                        && MASTER.matcher(route.getEndpoint().getEndpointUri()).lookingAt()) {
                    consumer.setExceptionHandler(new LoggingExceptionHandler(camel, DatabaseLeases.class) {
                        @Override
                        public void handleException(
                                @Nullable String message, @Nullable Exchange exchange, Throwable failure) {
                            View view = view(route);
                            if (view == null || !view.notStarted(routeId, failure)) {
                                super.handleException(message, exchange, failure);
                            }
                        }
                    });
                }
            }

            @Override
            public void onExchangeBegin(Route route, Exchange exchange) {
                View view = view(route);
                if (view != null && !view.holds()) {
                    exchange.setRouteStop(true);
                    exchange.setException(
                            new StoreFailure("Route " + routeId + " is not run here: this node no longer leads "
                                    + view.getNamespace() + ". It was frozen or cut off; the leader does this work."));
                }
            }
        };
    }

    private @Nullable View view(Route route) {
        Matcher led = MASTER.matcher(route.getEndpoint().getEndpointUri());
        return led.lookingAt() ? views.get(led.group(1)) : null;
    }

    /** One lease, and whether this node holds it. */
    final class View extends AbstractCamelClusterView {
        private final long leaseNanos = cluster.settings().deadAfter().toNanos();
        private @Nullable ScheduledExecutorService timer;
        private volatile String holder = "";
        /** Of the lease that this node took last; none if negative. */
        private volatile long term = -1;

        private volatile long holdsUntil = System.nanoTime();
        /** Until then another node may lead: a consumer of this one did not start. */
        private volatile long waitsUntil = System.nanoTime();

        private long told;
        private boolean listenersFail;

        View(String namespace) {
            super(DatabaseLeases.this, namespace);
        }

        @Override
        protected void doStart() {
            timer = getCamelContext()
                    .getExecutorServiceManager()
                    .newScheduledThreadPool(this, "dromedar-lease-" + getNamespace(), 2);
            long millis = cluster.settings().checkIn().toMillis() / 3;
            timer.scheduleWithFixedDelay(this::renew, 0, Math.max(300, millis), TimeUnit.MILLISECONDS);
            // On a thread of its own: a renewal can hang in a database that is cut off
            timer.scheduleWithFixedDelay(this::stepDownInTime, 200, 200, TimeUnit.MILLISECONDS);
        }

        private void renew() {
            try {
                long asked = System.nanoTime();
                boolean waits = waitsUntil - asked > 0;
                if (waits && holder.equals(cluster.node())) {
                    tell("");
                    release();
                }
                String now = waits ? other() : take();
                if (now.equals(cluster.node())) {
                    holdsUntil = asked + leaseNanos - TimeUnit.SECONDS.toNanos(1);
                }
                tell(now);
            } catch (RuntimeException e) {
                LOG.debug("Lease {}: {}", getNamespace(), e.getMessage());
            }
        }

        /** Repeats it while this node does not lead: Camel starts a consumer without a look at who leads by then. */
        private synchronized void stepDownInTime() {
            try {
                if (!holds()) {
                    tell(holder.equals(cluster.node()) ? "" : holder);
                }
                listenersFail = false;
            } catch (RuntimeException e) { // it would end the timer
                if (!listenersFail) {
                    LOG.warn("Leader of {}: a listener of this application failed", getNamespace(), e);
                }
                listenersFail = true;
            }
        }

        /**
         * Camel tries it once. Leaves the lease to another node, and takes it again only after a while; unless other routes here
         * have it too, which work.
         *
         * @return whether this node leads, so that it is reported
         */
        private boolean notStarted(String route, Throwable failure) {
            if (!holds()) {
                return false;
            }
            if (getCamelContext().getRoutes().stream()
                            .filter(other -> equals(view(other)))
                            .count()
                    > 1) {
                LOG.warn(
                        "Route {} could not start its consumer as the leader of {}. Other routes of this node have that name"
                                + " too, so it keeps leading: start the route again when what it needs is there, or give it a"
                                + " name of its own: {}",
                        route,
                        getNamespace(),
                        KeptMessage.words(failure));
                return true;
            }
            long pause = 7 * leaseNanos; // by default a minute
            waitsUntil = System.nanoTime() + pause;
            LOG.warn(
                    "Route {} could not start its consumer as the leader of {}, and leaves that to another node. This"
                            + " one tries again in {} s, if no other leads by then: {}",
                    route,
                    getNamespace(),
                    TimeUnit.NANOSECONDS.toSeconds(pause),
                    KeptMessage.words(failure));
            return true;
        }

        /** Takes the lease if it is ours, or free by a clock of the database that runs evenly, and says whose it is. */
        private String take() {
            DatabaseClock.Range range = cluster.database().clock().range();
            List<Long> taken = cluster.database()
                    .all(
                            "INSERT INTO dromedar_lease AS old (cluster, name, holder, expires) VALUES (?, ?, ?,"
                                    + " clock_timestamp() + make_interval(secs => ?)) ON CONFLICT (cluster, name) DO"
                                    + " UPDATE SET holder = excluded.holder, expires = excluded.expires,"
                                    + " term = old.term + CASE WHEN " + OURS + " THEN 0 ELSE 1 END"
                                    + " WHERE " + OURS + " OR (? AND clock_timestamp() BETWEEN ? AND ? AND old.expires"
                                    + " NOT BETWEEN clock_timestamp() AND clock_timestamp() + make_interval(secs => ?))"
                                    + " RETURNING term",
                            row -> row.getLong(1),
                            cluster.settings().name(),
                            getNamespace(),
                            cluster.node(),
                            (double) cluster.settings().deadAfter().toSeconds(),
                            term,
                            term,
                            range.steady(),
                            range.earliest(),
                            range.latest(),
                            2.0 * cluster.settings().deadAfter().toSeconds());
            if (!taken.isEmpty()) {
                term = taken.get(0);
                return cluster.node();
            }
            return other();
        }

        /** The name of another node that has it; empty if none is known. */
        private String other() {
            List<String> others = cluster.database()
                    .all(
                            "SELECT holder FROM dromedar_lease WHERE cluster = ? AND name = ?",
                            row -> row.getString(1),
                            cluster.settings().name(),
                            getNamespace());
            // The name of another: what the database holds, so not ours, whatever it says
            return others.isEmpty()
                            || !Membership.isName(others.get(0))
                            || others.get(0).equals(cluster.node())
                    ? ""
                    : others.get(0);
        }

        private synchronized void tell(String now) {
            if (!now.equals(holder)) {
                holder = now;
                LOG.info("Leader of {}: {}", getNamespace(), now.isEmpty() ? "no node known to this one" : now);
            } else if (holds() && System.nanoTime() - told < REMIND_NANOS) {
                return;
            }
            told = System.nanoTime();
            fireLeadershipChangedEvent(getLeader().orElse(null));
        }

        private boolean holds() {
            return holder.equals(cluster.node()) && holdsUntil - System.nanoTime() > 0;
        }

        @Override
        protected void doStop() {
            if (timer != null) {
                getCamelContext().getExecutorServiceManager().shutdownGraceful(timer);
            }
            if (holder.equals(cluster.node())) {
                try {
                    release();
                } catch (StoreFailure e) {
                    LOG.debug("Lease {} was not released; it expires by itself", getNamespace());
                }
            }
            tell("");
        }

        private void release() {
            cluster.database()
                    .run(
                            "UPDATE dromedar_lease SET expires = to_timestamp(0)"
                                    + " WHERE cluster = ? AND name = ? AND holder = ? AND term = ?",
                            cluster.settings().name(),
                            getNamespace(),
                            cluster.node(),
                            term);
        }

        @Override
        public Optional<CamelClusterMember> getLeader() {
            return holder.isEmpty() ? Optional.empty() : Optional.of(new Member(holder));
        }

        @Override
        public CamelClusterMember getLocalMember() {
            return new Member(cluster.node());
        }

        @Override
        public List<CamelClusterMember> getMembers() {
            return cluster.nodes().stream()
                    .filter(Node::alive)
                    .<CamelClusterMember>map(node -> new Member(node.name()))
                    .toList();
        }

        private final class Member implements CamelClusterMember {
            private final String name;

            Member(String name) {
                this.name = name;
            }

            @Override
            public String getId() {
                return name;
            }

            @Override
            public boolean isLeader() {
                return isLocal() ? holds() : name.equals(holder);
            }

            @Override
            public boolean isLocal() {
                return name.equals(cluster.node());
            }
        }
    }
}
