package dev.dromedar.routes;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.camel.CamelContext;
import org.apache.camel.component.seda.LinkedBlockingQueueFactory;
import org.apache.camel.component.seda.SedaComponent;
import org.apache.camel.component.seda.SedaConsumer;
import org.apache.camel.component.seda.SedaEndpoint;
import org.apache.camel.support.service.ServiceHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The messages that wait in queues of {@code seda:} while a reload replaces the routes that take them. Camel alone would wait
 * until a queue is empty, which one that is filled steadily never is, and then drop it with the old route. Here they stay, and
 * the new route takes them. Not thread-safe.
 */
final class SedaQueues {
    private static final Logger LOG = LoggerFactory.getLogger(SedaQueues.class);
    /** An idle consumer looks this often whether it is to end; a reload waits for that. */
    private static final int POLL_MILLIS = 100;

    private static final int CAMELS_POLL_MILLIS = 1000;

    /** By the queue's name, an endpoint that uses it, so that Camel keeps it. */
    private final Map<String, SedaEndpoint> held = new LinkedHashMap<>();

    /** Stops a route. */
    interface Stop {
        void run() throws Exception;
    }

    /** Lets routes that are made from now on end soon, unless the site says how often they look. */
    static void install(CamelContext context) {
        if (context.getComponent("seda") instanceof SedaComponent component
                && component.getDefaultPollTimeout() == CAMELS_POLL_MILLIS) {
            component.setDefaultPollTimeout(POLL_MILLIS);
        }
    }

    /** Stops the route of a consumer that is suspended. What it has taken is done then, the rest waits. */
    void stop(SedaConsumer consumer, Stop route) throws Exception {
        SedaEndpoint endpoint = consumer.getEndpoint();
        consumer.prepareShutdown(false, true); // its threads end after what they do now, without an interrupt
        hold(endpoint);
        var queue = endpoint.getQueue();
        int size = endpoint.getSize();
        endpoint.setQueue(new LinkedBlockingQueue<>()); // of the consumer alone: senders go on with the other
        try {
            route.run();
        } finally {
            endpoint.setQueue(queue);
            endpoint.setSize(size);
        }
    }

    private void hold(SedaEndpoint endpoint) {
        var component = endpoint.getComponent();
        held.computeIfAbsent(component.getQueueKey(endpoint.getEndpointUri()), name -> {
            // Another address of the same queue: endpoints of one address are one
            var holder = new SedaEndpoint(name + "?held=true", component, new LinkedBlockingQueueFactory<>(), 1);
            component.getOrCreateQueue(holder, null, endpoint.isMultipleConsumers(), null);
            return holder;
        });
    }

    /** Leaves the queues to the routes that there are now. What no route takes is kept for one that comes back. */
    void release(CamelContext context) {
        var component = context.getComponent("seda", SedaComponent.class);
        Iterator<Map.Entry<String, SedaEndpoint>> each = held.entrySet().iterator();
        while (each.hasNext()) {
            Map.Entry<String, SedaEndpoint> entry = each.next();
            var reference = component.getQueueReference(entry.getKey());
            int waiting = reference == null ? 0 : reference.getQueue().size();
            if (reference != null && waiting > 0 && reference.getCount() == 1) {
                LOG.warn(
                        "No route takes from {} any more. Messages that wait there: {}. They are lost if the worker stops"
                                + " before a route takes from it again.",
                        entry.getKey(),
                        waiting);
            } else {
                ServiceHelper.stopAndShutdownService(entry.getValue());
                each.remove();
            }
        }
    }
}
