package dev.dromedar.store;

import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.support.ProcessorEndpoint;
import org.apache.camel.support.processor.DelegateSyncProcessor;

/** {@code dromedar:dead-letters}: where a route's error handler sends what failed. The store opens when a route names it. */
final class StoreComponent extends DefaultComponent {
    static final String SCHEME = "dromedar";
    static final String DEAD_LETTERS = SCHEME + ":dead-letters";

    private final DeadLetters deadLetters;

    StoreComponent(DeadLetters deadLetters) {
        this.deadLetters = deadLetters;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) {
        if (!remaining.equals("dead-letters")) {
            throw new IllegalArgumentException("'" + uri + "' is not known. Write " + DEAD_LETTERS + ".");
        }
        deadLetters.open();
        return new ProcessorEndpoint(uri, this, new DelegateSyncProcessor(deadLetters::keep));
    }
}
