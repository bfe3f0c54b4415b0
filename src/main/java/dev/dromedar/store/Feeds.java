package dev.dromedar.store;

import dev.dromedar.oauth.ForeignText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pointers into feeds of numbered events. A route asks {@code dromedar:feed/NAME} where to go on, does a page's work, and says
 * {@code dromedar:feed/NAME?advance=true}. A run that fails in between moves nothing: its page comes again. Thread-safe.
 */
public final class Feeds {
    /** The number of the first event to ask for. Set by {@code dromedar:feed/NAME}. */
    public static final String FROM = "DromedarFeedFrom";
    /** How many events the page has; set by the route if gaps in the numbers are to be told. */
    public static final String COUNT = "DromedarFeedCount";
    /** The number of the page's last event; set by the route. Not there or empty: the page was empty. */
    public static final String LAST = "DromedarFeedLast";
    /** The number of the feed's newest event; set by the route if it knows. */
    public static final String NEWEST = "DromedarFeedNewest";

    private static final Logger LOG = LoggerFactory.getLogger(Feeds.class);
    private static final String FOUND = "dromedar.feed.";
    private static final Object NOTHING = new Object();
    private static final Duration LOOK_EVERY = Duration.ofSeconds(3);

    private final Pointers pointers;
    private final Map<String, Numbers> numbers = new ConcurrentHashMap<>();
    private final List<Consumer<String>> listeners = new ArrayList<>();
    private Map<String, Long> positions = Map.of();
    private long looked = System.nanoTime() - LOOK_EVERY.toNanos() - 1;

    /** What this process has seen of a feed; the newest is null while nobody has told it. */
    private record Numbers(@Nullable Long newest, long gaps, long missing) {}

    /**
     * One feed, for metrics and the status page.
     *
     * @param position the last event whose work is done, or null if none is
     * @param lag how many numbers it is behind the newest, or null if no route of this process has told the newest
     * @param gaps pages in whose numbers some were missing, since this process started
     * @param missing how many numbers were missing in them
     */
    public record Status(
            String name, @Nullable Long position, @Nullable Long lag, long gaps, long missing) {}

    Feeds(Pointers pointers) {
        this.pointers = pointers;
    }

    /** Tells of every feed that a route names, those already there included. */
    public synchronized void listen(Consumer<String> listener) {
        numbers.keySet().forEach(listener);
        listeners.add(listener);
    }

    synchronized void isNamed(String feed) {
        if (numbers.putIfAbsent(feed, new Numbers(null, 0, 0)) == null) {
            listeners.forEach(listener -> listener.accept(feed));
        }
    }

    static void checkName(String feed) {
        if (!ForeignText.isName(feed, 100)) {
            throw new IllegalArgumentException(
                    "'" + feed + "' is no name for a feed. Use lower-case letters, digits and hyphens.");
        }
    }

    /** @param start the number to begin with while there is no pointer */
    void find(Exchange exchange, String feed, long start) {
        Long position = pointers.position(feed);
        exchange.setProperty(FOUND + feed, position == null ? NOTHING : position);
        exchange.getMessage().setHeader(FROM, position == null ? start : position + 1);
        exchange.getMessage().removeHeader(COUNT);
        exchange.getMessage().removeHeader(LAST);
        exchange.getMessage().removeHeader(NEWEST);
    }

    void advance(Exchange exchange, String feed, long start) {
        Object found = exchange.getProperty(FOUND + feed);
        if (found == null) {
            throw new StoreFailure(
                    "Feed " + feed + ": advance comes before the pointer was asked for. Put to: dromedar:feed/" + feed
                            + " before the call that fetches the page.");
        }
        Long position = found instanceof Long number ? number : null;
        long expected = position == null ? start : position + 1;
        Long last = number(exchange, LAST, feed);
        Long newest = number(exchange, NEWEST, feed);
        if (last == null) {
            note(feed, newest, 0);
            return;
        }
        if (last < expected) {
            throw new StoreFailure("Feed " + feed + ": the page's last number " + last + " is before " + expected
                    + ", which was asked for. The pointer stays. Look at what the route puts into " + LAST + ".");
        }
        if (!pointers.advance(feed, position, last)) {
            LOG.warn("Feed {}: the pointer was moved while a page was worked on, and stays where it was put", feed);
            return;
        }
        forgetPositions();
        exchange.setProperty(FOUND + feed, last);
        Long count = number(exchange, COUNT, feed);
        long missing = count == null ? 0 : Math.max(0, last - expected + 1 - count);
        note(feed, newest, missing);
        if (missing > 0) {
            LOG.warn("Feed {}: {} of the numbers {} to {} did not come", feed, missing, expected, last);
        }
    }

    private void note(String feed, @Nullable Long newest, long missing) {
        numbers.merge(
                feed,
                new Numbers(newest, missing > 0 ? 1 : 0, missing),
                (old, now) -> new Numbers(
                        now.newest == null ? old.newest : now.newest, old.gaps + now.gaps, old.missing + now.missing));
    }

    private static @Nullable Long number(Exchange exchange, String header, String feed) {
        Object value = exchange.getMessage().getHeader(header);
        if (value == null || String.valueOf(value).isBlank()) {
            return null;
        }
        if (value instanceof Number number && number.longValue() == number.doubleValue()) {
            return number.longValue();
        }
        if (String.valueOf(value).strip().matches("\\d{1,18}")) {
            return Long.valueOf(String.valueOf(value).strip());
        }
        throw new StoreFailure("Feed " + feed + ": the header " + header
                + " is no whole number. The pointer stays. Look at how the route sets it.");
    }

    /** Every feed that a route of this process has asked for, or that has a pointer; as of some seconds ago. */
    public synchronized List<Status> all() {
        if (System.nanoTime() - looked > LOOK_EVERY.toNanos()) {
            try {
                positions = pointers.all();
            } catch (StoreFailure e) {
                LOG.debug("Feeds: shown as they were: {}", e.getMessage());
            }
            looked = System.nanoTime();
        }
        Map<String, Status> all = new TreeMap<>();
        positions.forEach((feed, position) -> all.put(feed, status(feed, position)));
        numbers.keySet().forEach(feed -> all.putIfAbsent(feed, status(feed, null)));
        return List.copyOf(all.values());
    }

    private synchronized void forgetPositions() {
        looked = System.nanoTime() - LOOK_EVERY.toNanos() - 1;
    }

    private Status status(String feed, @Nullable Long position) {
        Numbers seen = numbers.getOrDefault(feed, new Numbers(null, 0, 0));
        Long lag = position == null || seen.newest == null ? null : Long.valueOf(Math.max(0, seen.newest - position));
        return new Status(feed, position, lag, seen.gaps, seen.missing);
    }
}
