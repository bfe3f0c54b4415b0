package dev.dromedar.store;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
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
    /** The number of the page's first event; set by the route if gaps are to be told. */
    public static final String FIRST = "DromedarFeedFirst";
    /** The number of the page's last event; set by the route. Not there or empty: the page was empty. */
    public static final String LAST = "DromedarFeedLast";
    /** The number of the feed's newest event; set by the route if it knows. */
    public static final String NEWEST = "DromedarFeedNewest";

    private static final Logger LOG = LoggerFactory.getLogger(Feeds.class);
    private static final String FOUND = "dromedar.feed.";
    private static final Object NOTHING = new Object();

    private final Pointers pointers;
    private final Map<String, Numbers> numbers = new ConcurrentHashMap<>();

    /** What this process has seen of a feed. */
    private record Numbers(long newest, long gaps, long missing) {}

    /**
     * One feed, for metrics and the status page.
     *
     * @param position the last event whose work is done, or null if none is
     * @param lag how many numbers it is behind the newest that was told, or 0
     * @param gaps how often numbers were missing since this process started
     * @param missing how many numbers were missing
     */
    public record Status(String name, @Nullable Long position, long lag, long gaps, long missing) {}

    Feeds(Pointers pointers) {
        this.pointers = pointers;
    }

    static void checkName(String feed) {
        if (!feed.matches("[a-z0-9]+(-[a-z0-9]+)*") || feed.length() > 100) {
            throw new IllegalArgumentException(
                    "'" + feed + "' is no name for a feed. Use lower-case letters, digits and hyphens.");
        }
    }

    /** @param start the number to begin with while there is no pointer */
    void find(Exchange exchange, String feed, long start) {
        Long position = pointers.position(feed);
        numbers.computeIfAbsent(feed, none -> new Numbers(0, 0, 0));
        exchange.setProperty(FOUND + feed, position == null ? NOTHING : position);
        exchange.getMessage().setHeader(FROM, position == null ? start : position + 1);
        exchange.getMessage().removeHeader(FIRST);
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
            note(feed, newest == null ? expected - 1 : newest, 0);
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
        exchange.setProperty(FOUND + feed, last);
        Long first = number(exchange, FIRST, feed);
        note(feed, newest == null ? last : newest, first == null ? 0 : Math.max(0, first - expected));
        if (first != null && first > expected) {
            LOG.warn("Feed {}: the numbers {} to {} never came", feed, expected, first - 1);
        }
    }

    private void note(String feed, long newest, long missing) {
        numbers.merge(
                feed,
                new Numbers(newest, missing > 0 ? 1 : 0, missing),
                (old, now) -> new Numbers(now.newest, old.gaps + now.gaps, old.missing + now.missing));
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

    /** Every feed that a route of this process has asked for, or that has a pointer. */
    public List<Status> all() {
        Map<String, Status> all = new TreeMap<>();
        Map<String, Long> positions = pointers.all();
        positions.forEach((feed, position) -> all.put(feed, status(feed, position)));
        numbers.keySet().forEach(feed -> all.putIfAbsent(feed, status(feed, null)));
        return List.copyOf(all.values());
    }

    private Status status(String feed, @Nullable Long position) {
        Numbers seen = numbers.getOrDefault(feed, new Numbers(0, 0, 0));
        long lag = position == null ? 0 : Math.max(0, seen.newest - position);
        return new Status(feed, position, lag, seen.gaps, seen.missing);
    }
}
