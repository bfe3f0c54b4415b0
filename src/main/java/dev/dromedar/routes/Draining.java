package dev.dromedar.routes;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.engine.DefaultShutdownStrategy;
import org.apache.camel.spi.RouteStartupOrder;
import org.apache.camel.spi.ShutdownAware;
import org.apache.camel.support.service.ServiceHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a worker that stops waits for exchanges under way: as Camel does, but logged in one line at the beginning, and one more
 * if the time limit cuts some off. Camel logs the same each second; dromedar-logback.xml leaves that out.
 */
public final class Draining extends DefaultShutdownStrategy {
    private static final Logger LOG = LoggerFactory.getLogger(Draining.class);
    private static final int SHOWN = 10;

    private final AtomicBoolean told = new AtomicBoolean();

    private Draining(CamelContext context) {
        super(context);
    }

    /** To be called before Camel's settings, such as {@code camel.main.shutdownTimeout}, are read. */
    public static void install(CamelContext context) {
        context.setShutdownStrategy(new Draining(context));
    }

    @Override
    protected boolean doShutdown(
            CamelContext context,
            List<RouteStartupOrder> routes,
            long timeout,
            TimeUnit timeUnit,
            boolean suspendOnly,
            boolean abortAfterTimeout,
            boolean forceShutdown)
            throws Exception {
        String busy = busy(context, routes);
        if (!busy.isEmpty()) {
            LOG.info(
                    "Waiting at most {} {} for the end of exchanges, by route: {}",
                    timeout,
                    timeUnit.name().toLowerCase(Locale.ROOT),
                    busy);
        }
        told.set(false);
        return super.doShutdown(context, routes, timeout, timeUnit, suspendOnly, abortAfterTimeout, forceShutdown);
    }

    /** Routes with the number of exchanges that are under way or wait in a queue; empty if there are none. */
    private static String busy(CamelContext context, List<RouteStartupOrder> routes) {
        List<String> busy = new ArrayList<>();
        for (RouteStartupOrder route : routes) {
            int count = context.getInflightRepository().size(route.getRoute().getId());
            for (Object service : ServiceHelper.getChildServices(route.getInput())) {
                if (service instanceof ShutdownAware queue) {
                    count += queue.getPendingExchangesSize();
                }
            }
            if (count > 0) {
                busy.add(route.getRoute().getId() + " " + count);
            }
        }
        int more = busy.size() - SHOWN;
        return String.join(", ", busy.subList(0, Math.min(SHOWN, busy.size())))
                + (more > 0 ? " and " + more + " more routes" : "");
    }

    /** Camel calls this each second, and once more when the time is over, by another thread that may do so as the first does. */
    @Override
    protected void logInflightExchanges(CamelContext context, List<RouteStartupOrder> routes, boolean infoLevel) {
        if (hasTimeoutOccurred() && told.compareAndSet(false, true)) {
            LOG.warn("Exchanges that did not end within the time limit, by route: {}", busy(context, routes));
        }
    }
}
