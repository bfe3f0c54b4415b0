package dev.dromedar.letters;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How far feeds are read, in a database: of each the number of the last event whose work is done. Thread-safe. Every method
 * throws {@link StoreFailure} if the database cannot be reached.
 *
 * @param database that others close
 */
public record FeedPositions(SqlDatabase database) {
    /** The highest position. After it there is one more number to ask for, so that no next number overflows. */
    public static final long HIGHEST = Long.MAX_VALUE - 1;

    /**
     * How far a feed is read.
     *
     * @param number of the last event whose work is done
     * @param revision the fencing number: how often the position was moved
     */
    record Position(long number, long revision) {}

    /** The position of a feed, or null if it has none yet. */
    @Nullable
    Position position(String feed) {
        List<Position> found = database.all(
                "SELECT position, revision FROM dromedar_feed WHERE cluster = ? AND name = ?",
                row -> new Position(row.getLong(1), row.getLong(2)),
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
        int moved = from == null
                ? database.run(
                        "INSERT INTO dromedar_feed (cluster, name, position, changed)"
                                + " VALUES (?, ?, ?, CURRENT_TIMESTAMP) ON CONFLICT DO NOTHING",
                        database.cluster(),
                        feed,
                        to)
                : database.run(
                        "UPDATE dromedar_feed SET position = ?, revision = revision + 1,"
                                + " changed = CURRENT_TIMESTAMP"
                                + " WHERE cluster = ? AND name = ? AND position = ? AND revision = ?",
                        to,
                        database.cluster(),
                        feed,
                        from.number(),
                        from.revision());
        return moved == 1 ? new Position(to, from == null ? 0 : from.revision() + 1) : null;
    }

    /**
     * Puts a position somewhere, forwards or back.
     *
     * @throws IllegalArgumentException if it is higher than {@link #HIGHEST}
     */
    public void set(String feed, long to) {
        checkPosition(to);
        database.run(
                "INSERT INTO dromedar_feed (cluster, name, position, changed) VALUES (?, ?, ?, CURRENT_TIMESTAMP)"
                        + " ON CONFLICT (cluster, name)"
                        + " DO UPDATE SET position = excluded.position, revision = dromedar_feed.revision + 1,"
                        + " changed = excluded.changed",
                database.cluster(),
                feed,
                to);
    }

    /** Positions by the names of their feeds. */
    public SortedMap<String, Long> all() {
        SortedMap<String, Long> all = new TreeMap<>();
        database.all(
                        "SELECT name, position FROM dromedar_feed WHERE cluster = ?",
                        row -> Map.entry(row.getString(1), row.getLong(2)),
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
