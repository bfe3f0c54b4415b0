package dev.dromedar.letters;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How far feeds are read, in a database: of each the position of the last event whose work is done, a number or a text. Thread-safe. Every method
 * throws {@link StoreFailure} if the database cannot be reached.
 *
 * @param database that others close
 */
public record FeedPositions(SqlDatabase database) {
    /** The highest position. After it there is one more number to ask for, so that no next number overflows. */
    public static final long HIGHEST = Long.MAX_VALUE - 1;

    /** Characters of the longest text that may be a position. */
    static final int LONGEST = 1000;

    /**
     * How far a feed is read.
     *
     * @param number of the last event whose work is done; 0 beside a text
     * @param text of that event, such as an id or a cursor; null where positions are numbers
     * @param revision the fencing number: how often the position was moved
     */
    record Position(long number, @Nullable String text, long revision) {
        String words() {
            return text == null ? Long.toString(number) : text;
        }
    }

    /** Whether a text may be a position. */
    static boolean isText(String text) {
        return !text.isBlank() && text.length() <= LONGEST && text.chars().noneMatch(Character::isISOControl);
    }

    /** The position of a feed, or null if it has none yet. */
    @Nullable
    Position position(String feed) {
        List<Position> found = database.all(
                "SELECT position, position_text, revision FROM dromedar_feed WHERE cluster = ? AND name = ?",
                row -> new Position(row.getLong(1), row.getString(2), row.getLong(3)),
                database.cluster(),
                feed);
        return found.isEmpty() ? null : found.get(0);
    }

    /**
     * Moves a position, if it was not moved since the caller found it, not even away and back.
     *
     * @param from what {@link #position} was
     * @return what it is now; null if it was moved meanwhile, then it stays where it was put
     * @throws IllegalArgumentException if it is higher than {@link #HIGHEST}
     */
    @Nullable
    Position advance(String feed, @Nullable Position from, long to) {
        checkPosition(to);
        return advance(feed, from, to, null);
    }

    /** As {@link #advance(String, Position, long)}, to a text. */
    @Nullable
    Position advance(String feed, @Nullable Position from, String to) {
        return advance(feed, from, 0, to);
    }

    private @Nullable Position advance(String feed, @Nullable Position from, long to, @Nullable String text) {
        int moved = from == null
                ? database.run(
                        "INSERT INTO dromedar_feed (cluster, name, position, position_text, changed)"
                                + " VALUES (?, ?, ?, ?, CURRENT_TIMESTAMP) ON CONFLICT DO NOTHING",
                        database.cluster(),
                        feed,
                        to,
                        text)
                : database.run(
                        "UPDATE dromedar_feed SET position = ?, position_text = ?, revision = revision + 1,"
                                + " changed = CURRENT_TIMESTAMP"
                                + " WHERE cluster = ? AND name = ? AND position = ? AND revision = ?",
                        to,
                        text,
                        database.cluster(),
                        feed,
                        from.number(),
                        from.revision());
        return moved == 1 ? new Position(to, text, from == null ? 0 : from.revision() + 1) : null;
    }

    /**
     * Puts a position somewhere, forwards or back.
     *
     * @throws IllegalArgumentException if it is higher than {@link #HIGHEST}
     */
    public void set(String feed, long to) {
        checkPosition(to);
        set(feed, to, null);
    }

    /** As {@link #set(String, long)}, to a text. */
    public void set(String feed, String to) {
        if (!isText(to)) {
            throw new IllegalArgumentException("This is no position: it is empty, too long, or has control characters");
        }
        set(feed, 0, to);
    }

    private void set(String feed, long to, @Nullable String text) {
        database.run(
                "INSERT INTO dromedar_feed (cluster, name, position, position_text, changed)"
                        + " VALUES (?, ?, ?, ?, CURRENT_TIMESTAMP)"
                        + " ON CONFLICT (cluster, name)"
                        + " DO UPDATE SET position = excluded.position, position_text = excluded.position_text,"
                        + " revision = dromedar_feed.revision + 1, changed = excluded.changed",
                database.cluster(),
                feed,
                to,
                text);
    }

    /** Positions that are numbers, by the names of their feeds. */
    public SortedMap<String, Long> all() {
        SortedMap<String, Long> all = new TreeMap<>();
        database.all(
                        "SELECT name, position FROM dromedar_feed WHERE cluster = ? AND position_text IS NULL",
                        row -> Map.entry(row.getString(1), row.getLong(2)),
                        database.cluster())
                .forEach(entry -> all.put(entry.getKey(), entry.getValue()));
        return all;
    }

    /** Positions that are texts, by the names of their feeds. */
    public SortedMap<String, String> texts() {
        SortedMap<String, String> all = new TreeMap<>();
        database.all(
                        "SELECT name, position_text FROM dromedar_feed WHERE cluster = ? AND position_text IS NOT NULL",
                        row -> Map.entry(row.getString(1), row.getString(2)),
                        database.cluster())
                .forEach(entry -> all.put(entry.getKey(), entry.getValue()));
        return all;
    }

    private static void checkPosition(long position) {
        if (position > HIGHEST) {
            throw new IllegalArgumentException(position + " is higher than " + HIGHEST + ", the highest position");
        }
    }
}
