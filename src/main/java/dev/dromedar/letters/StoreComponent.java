package dev.dromedar.letters;

import java.util.Map;
import org.apache.camel.Component;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.jspecify.annotations.Nullable;

/**
 * {@code dromedar:dead-letters}, where a route's error handler sends what failed, and {@code dromedar:feed/NAME}, a feed's
 * pointer. The store of dead letters opens when a route names it.
 */
@org.apache.camel.spi.annotations.Component(StoreComponent.SCHEME)
public final class StoreComponent extends DefaultComponent {
    public static final String SCHEME = "dromedar";
    static final String DEAD_LETTERS = SCHEME + ":dead-letters";

    private static final String FEED = "feed/";

    private final @Nullable DeadLetters deadLetters;
    private final @Nullable Feeds feeds;

    StoreComponent(@Nullable DeadLetters deadLetters, @Nullable Feeds feeds) {
        this.deadLetters = deadLetters;
        this.feeds = feeds;
    }

    /**
     * Checks addresses as the worker does, and opens nothing. For looks at route files before anything runs.
     *
     * @throws IllegalArgumentException on the first use of an address that is not good; says why
     */
    public static Component forChecks() {
        return new StoreComponent(null, null);
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) {
        if (remaining.equals("dead-letters")) {
            var options = new StoreEndpoint.Options(remaining, false, 1);
            if (deadLetters == null) {
                return new StoreEndpoint(uri, this, options, exchange -> {});
            }
            deadLetters.open();
            return new StoreEndpoint(uri, this, options, deadLetters::keep);
        }
        if (!remaining.startsWith(FEED)) {
            throw new IllegalArgumentException(
                    "'" + uri + "' is not known. Write " + DEAD_LETTERS + " or " + SCHEME + ":feed/NAME.");
        }
        String feed = remaining.substring(FEED.length());
        Feeds.checkName(feed);
        boolean advance = flag(parameters);
        long start = start(parameters);
        var options = new StoreEndpoint.Options(remaining, advance, start);
        if (feeds == null || !parameters.isEmpty()) { // of options that are not known Camel reports
            return new StoreEndpoint(uri, this, options, exchange -> {});
        }
        feeds.isNamed(feed);
        return new StoreEndpoint(
                uri,
                this,
                options,
                advance
                        ? exchange -> feeds.advance(exchange, feed, start)
                        : exchange -> feeds.find(exchange, feed, start));
    }

    private static boolean flag(Map<String, Object> parameters) {
        Object value = parameters.remove("advance");
        return switch (value == null ? "false" : value.toString()) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("advance must be true or false.");
        };
    }

    private static long start(Map<String, Object> parameters) {
        Object value = parameters.remove("start");
        try {
            return value == null ? 1 : Long.parseLong(value.toString().strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "start must be a whole number from " + Long.MIN_VALUE + " to " + Long.MAX_VALUE + ".");
        }
    }
}
