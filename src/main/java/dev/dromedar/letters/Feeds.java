package dev.dromedar.letters;

import dev.dromedar.letters.FeedPositions.Position;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Positions in feeds of events, numbered or not. A route asks {@code dromedar:feed/NAME} where to go on, does a page's work, and says
 * {@code dromedar:feed/NAME?advance=true}. A run that fails in between moves nothing: its page comes again. Thread-safe.
 */
public final class Feeds extends ServiceSupport {
    @Metadata(
            description =
                    "What to request from the API: the next number, or with from=last or a text the last that was seen. Set by dromedar:feed/NAME.",
            javaType = "long or String")
    public static final String FROM = "DromedarFeedFrom";

    @Metadata(
            description = "How many events the page has; set by the route if gaps in the numbers are to be reported.",
            javaType = "long")
    public static final String COUNT = "DromedarFeedCount";

    @Metadata(
            description =
                    "The position of the page's last event; set by the route. Not there or empty: the page was empty.",
            javaType = "long or String")
    public static final String LAST = "DromedarFeedLast";

    @Metadata(description = "The number of the feed's newest event; set by the route if it knows.", javaType = "long")
    public static final String NEWEST = "DromedarFeedNewest";

    private static final Logger LOG = LoggerFactory.getLogger(Feeds.class);
    private static final String FOUND = "dromedar.feed.";
    private static final Object NOTHING = new Object();
    private static final Pattern NAME = Pattern.compile("[a-z0-9]++(-[a-z0-9]++)*+");
    private static final Duration LOOK_EVERY = Duration.ofSeconds(3);

    private final @Nullable Path folder;
    private @Nullable LocalDatabase own;
    private volatile @Nullable FeedPositions store;
    private final Map<String, Numbers> numbers = new ConcurrentHashMap<>();
    private final List<Consumer<String>> listeners = new ArrayList<>();
    private Map<String, Long> positions = Map.of();
    private Map<String, String> texts = Map.of();
    private long looked = System.nanoTime() - LOOK_EVERY.toNanos() - 1;

    /** What this process has seen of a feed; the newest is null while no one has reported it. */
    private record Numbers(@Nullable Long newest, long gaps, long missing) {}

    /**
     * One feed, for metrics and the status page.
     *
     * @param position the last event whose work is done, or null if none is, or it has no number
     * @param text that position where it is no number
     * @param lag how many numbers it is behind the newest, or null if no route of this process has reported the newest
     * @param gaps pages in whose numbers some were missing, since this process started
     * @param missing how many numbers were missing in them
     */
    public record Status(
            String name,
            @Nullable Long position,
            @Nullable String text,
            @Nullable Long lag,
            long gaps,
            long missing) {}

    private Feeds(@Nullable Path folder, @Nullable FeedPositions store) {
        this.folder = folder;
        this.store = store;
    }

    /** Feeds whose positions are in a database that others close. */
    public static Feeds in(SqlDatabase database) {
        return new Feeds(null, new FeedPositions(database));
    }

    /** Feeds whose positions are in a folder. It is opened when a route first names a feed. */
    public static Feeds in(Path folder) {
        return new Feeds(folder, null);
    }

    /**
     * Runs a command on the positions in a folder, beside a worker or without one. Makes none.
     *
     * @throws StoreFailure if there are none
     */
    public static <T> T command(Path folder, Function<FeedPositions, T> work) {
        try (var database = LocalDatabase.forCommand(new StoreFolder(folder, StoreFolder.Use.FEEDS))) {
            return work.apply(new FeedPositions(database));
        }
    }

    private FeedPositions store() {
        FeedPositions open = store;
        return open == null ? open() : open;
    }

    private synchronized FeedPositions open() {
        FeedPositions open = store;
        if (open == null) {
            if (folder == null) {
                throw new StoreFailure("The feeds of this context are closed.");
            }
            LocalDatabase database = LocalDatabase.forWorkers(new StoreFolder(folder, StoreFolder.Use.FEEDS));
            try {
                open = new FeedPositions(database);
                new FormerPointers(folder).moveInto(open);
                database.complete();
            } catch (RuntimeException e) {
                database.close();
                throw e;
            }
            own = database;
            store = open;
        }
        return open;
    }

    /** Reports every feed that a route names, those already there included. */
    public synchronized void listen(Consumer<String> listener) {
        numbers.keySet().forEach(listener);
        listeners.add(listener);
    }

    /** @throws StoreFailure if positions cannot be read; then the route that names the feed does not start */
    synchronized void isNamed(String feed) {
        store();
        if (numbers.putIfAbsent(feed, new Numbers(null, 0, 0)) == null) {
            listeners.forEach(listener -> listener.accept(feed));
        }
    }

    static void checkName(String feed) {
        if (feed.length() > 100 || !NAME.matcher(feed).matches()) {
            throw new IllegalArgumentException("'"
                    + (feed.length() > 100 ? feed.substring(0, 100) + "..." : feed)
                    + "' is not a name for a feed. Use up to 100 lower-case letters, digits and single hyphens.");
        }
    }

    void find(Exchange exchange, String feed, FeedRules rules) {
        Position found = store().position(feed);
        Object from = rules.text()
                ? found == null ? rules.start() : found.words()
                : Long.valueOf(found == null ? rules.first() : number(feed, found) + (rules.lastSeen() ? 0 : 1));
        exchange.setProperty(FOUND + feed, found == null ? NOTHING : found);
        exchange.removeProperty(ReadPages.PROPERTY); // of another feed
        if (from == null) {
            exchange.getMessage().removeHeader(FROM);
        } else {
            exchange.getMessage().setHeader(FROM, from);
        }
        List.of(COUNT, LAST, NEWEST).forEach(exchange.getMessage()::removeHeader);
    }

    private static long number(String feed, Position found) {
        if (found.text() != null) {
            throw new StoreFailure("Feed " + feed + ": its position is a text, and its route reads numbers. Add"
                    + " position=text to the route, or rewind the feed: ./run feed rewind " + feed
                    + " NUMBER --position=number");
        }
        if (found.number() > FeedPositions.HIGHEST) {
            throw new StoreFailure("Feed " + feed + ": no number comes after its position " + found.number()
                    + ". Rewind it: ./run feed rewind " + feed + " NUMBER");
        }
        return found.number();
    }

    void advance(Exchange exchange, String feed, FeedRules rules) {
        Object found = exchange.getProperty(FOUND + feed);
        if (found == null) {
            throw new StoreFailure(
                    "Feed " + feed + ": advance comes before its position was read. Put to: dromedar:feed/" + feed
                            + " before the call that fetches the page.");
        }
        Position position = found instanceof Position there ? there : null;
        Object value = rules.last() == null
                ? exchange.getMessage().getHeader(LAST)
                : rules.last().of(exchange, feed);
        if (rules.text()) {
            advance(exchange, feed, position, FeedValues.text(value, feed));
        } else {
            advance(exchange, feed, rules, position, value);
        }
    }

    /** Texts have no order: only one that is there already is known to be nothing new. */
    private void advance(Exchange exchange, String feed, @Nullable Position position, @Nullable String last) {
        if (last != null && (position == null || !last.equals(position.words()))) {
            moved(exchange, feed, "a page was", store().advance(feed, position, last));
        }
    }

    private void advance(
            Exchange exchange, String feed, FeedRules rules, @Nullable Position position, @Nullable Object value) {
        long expected = position == null ? rules.first() + (rules.lastSeen() ? 1 : 0) : number(feed, position) + 1;
        // All of them before anything is stored
        Long last = FeedValues.number(
                value, rules.last() == null ? LAST : "last", feed, Long.MIN_VALUE, FeedPositions.HIGHEST);
        Long newest = FeedValues.number(
                exchange.getMessage().getHeader(NEWEST), NEWEST, feed, Long.MIN_VALUE, Long.MAX_VALUE);
        Long count = FeedValues.number(exchange.getMessage().getHeader(COUNT), COUNT, feed, 0, Long.MAX_VALUE);
        if (last == null || rules.lastSeen() && last == expected - 1) {
            note(feed, newest, 0);
            return;
        }
        if (last < expected) {
            throw new StoreFailure("Feed " + feed + ": the page's last number " + last + " is lower than " + expected
                    + ", which was requested. The position stays. Look at what the route puts into "
                    + (rules.last() == null ? LAST : "last") + ".");
        }
        String page = last == expected ? last + " was" : expected + " to " + last + " were";
        if (!moved(exchange, feed, page, store().advance(feed, position, last))) {
            return;
        }
        ReadPages pages = exchange.getProperty(ReadPages.PROPERTY, ReadPages.class);
        count = count == null && pages != null ? Long.valueOf(pages.items()) : count;
        long missing = count == null || !rules.gaps()
                ? 0
                : Math.max(0, FeedValues.minus(FeedValues.minus(last, expected), count - 1));
        note(feed, newest, missing);
        if (missing > 0) {
            LOG.warn("Feed {}: {} of the numbers {} to {} did not come", feed, missing, expected, last);
        }
    }

    private boolean moved(Exchange exchange, String feed, String page, @Nullable Position now) {
        if (now == null) {
            LOG.warn(
                    "Feed {}: its position was moved while {} worked on here, and stays where it was put. If another node"
                            + " has worked on them too, this was done twice.",
                    feed,
                    page);
            return false;
        }
        forgetPositions();
        exchange.setProperty(FOUND + feed, now);
        return true;
    }

    private void note(String feed, @Nullable Long newest, long missing) {
        numbers.merge(
                feed,
                new Numbers(newest, missing > 0 ? 1 : 0, missing),
                (old, now) -> new Numbers(
                        now.newest == null ? old.newest : now.newest,
                        old.gaps + now.gaps,
                        FeedValues.minus(old.missing, -now.missing)));
    }

    /** Every feed that a route of this process has asked for, or that has a pointer; as of some seconds ago. */
    public synchronized List<Status> all() {
        if (System.nanoTime() - looked > LOOK_EVERY.toNanos()) {
            try {
                FeedPositions open = store;
                positions = open == null ? Map.of() : open.all();
                texts = open == null ? Map.of() : open.texts();
            } catch (StoreFailure e) {
                LOG.debug("Feeds: shown as they were: {}", e.getMessage());
            }
            looked = System.nanoTime();
        }
        Map<String, Status> all = new TreeMap<>();
        positions.forEach((feed, position) -> all.put(feed, status(feed, position, null)));
        texts.forEach((feed, text) -> all.put(feed, status(feed, null, text)));
        numbers.keySet().forEach(feed -> all.putIfAbsent(feed, status(feed, null, null)));
        return List.copyOf(all.values());
    }

    private synchronized void forgetPositions() {
        looked = System.nanoTime() - LOOK_EVERY.toNanos() - 1;
    }

    private Status status(String feed, @Nullable Long position, @Nullable String text) {
        Numbers seen = numbers.getOrDefault(feed, new Numbers(null, 0, 0));
        Long lag = position == null || seen.newest == null
                ? null
                : Long.valueOf(Math.max(0, FeedValues.minus(seen.newest, position)));
        return new Status(feed, position, text, lag, seen.gaps, seen.missing);
    }

    @Override
    protected synchronized void doStop() {
        if (own != null) {
            own.close();
            own = null;
            store = null;
        }
    }
}
