package dev.dromedar.store;

import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.support.ProcessorEndpoint;
import org.apache.camel.support.processor.DelegateSyncProcessor;

/**
 * {@code dromedar:dead-letters}, where a route's error handler sends what failed, and {@code dromedar:feed/NAME}, a feed's
 * pointer. The store of dead letters opens when a route names it.
 */
final class StoreComponent extends DefaultComponent {
    static final String SCHEME = "dromedar";
    static final String DEAD_LETTERS = SCHEME + ":dead-letters";

    private static final String FEED = "feed/";

    private final DeadLetters deadLetters;
    private final Feeds feeds;

    StoreComponent(DeadLetters deadLetters, Feeds feeds) {
        this.deadLetters = deadLetters;
        this.feeds = feeds;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) {
        if (remaining.equals("dead-letters")) {
            deadLetters.open();
            return endpoint(uri, deadLetters::keep);
        }
        if (!remaining.startsWith(FEED)) {
            throw new IllegalArgumentException(
                    "'" + uri + "' is not known. Write " + DEAD_LETTERS + " or " + SCHEME + ":feed/NAME.");
        }
        String feed = remaining.substring(FEED.length());
        Feeds.checkName(feed);
        feeds.isNamed(feed);
        boolean advance = getAndRemoveParameter(parameters, "advance", boolean.class, false);
        long start = getAndRemoveParameter(parameters, "start", long.class, 1L);
        return endpoint(
                uri,
                advance
                        ? exchange -> feeds.advance(exchange, feed, start)
                        : exchange -> feeds.find(exchange, feed, start));
    }

    private Endpoint endpoint(String uri, Processor processor) {
        return new ProcessorEndpoint(uri, this, new DelegateSyncProcessor(processor));
    }
}
