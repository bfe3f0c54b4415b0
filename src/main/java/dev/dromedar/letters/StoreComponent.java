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
            var options = StoreEndpoint.Options.of(remaining, false, Map.of());
            if (deadLetters == null) {
                return new StoreEndpoint(uri, this, options, exchange -> {});
            }
            deadLetters.open();
            return new StoreEndpoint(uri, this, options, deadLetters::keep);
        }
        if (!remaining.startsWith(FEED)) {
            throw new IllegalArgumentException(
                    "'" + uri + "' is not known. Write " + DeadLetters.ADDRESS + " or " + SCHEME + ":feed/NAME.");
        }
        String feed = remaining.substring(FEED.length());
        Feeds.checkName(feed);
        boolean advance = flag(parameters);
        var options = StoreEndpoint.Options.of(remaining, advance, parameters);
        FeedRules rules = FeedRules.of(parameters);
        if (feeds == null || !parameters.isEmpty()) { // of options that are not known Camel reports
            return new StoreEndpoint(uri, this, options, exchange -> {});
        }
        feeds.isNamed(feed);
        return new StoreEndpoint(
                uri,
                this,
                options,
                advance
                        ? exchange -> feeds.advance(exchange, feed, rules)
                        : exchange -> feeds.find(exchange, feed, rules));
    }

    private static boolean flag(Map<String, Object> parameters) {
        Object value = parameters.remove("advance");
        return switch (value == null ? "false" : value.toString()) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("advance must be true or false.");
        };
    }
}
