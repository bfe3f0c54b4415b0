package dev.dromedar.store;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Feed pointers in the cluster's database. */
record DatabasePointers(Database database, String cluster) implements Pointers {

    @Override
    public @Nullable Long position(String feed) {
        List<Long> found = database.all(
                "SELECT position FROM dromedar_feed WHERE cluster = ? AND name = ?",
                row -> row.getLong(1),
                cluster,
                feed);
        return found.isEmpty() ? null : found.get(0);
    }

    @Override
    public boolean advance(String feed, @Nullable Long from, long to) {
        return from == null
                ? database.run(
                                "INSERT INTO dromedar_feed (cluster, name, position, changed) VALUES (?, ?, ?, now())"
                                        + " ON CONFLICT DO NOTHING",
                                cluster,
                                feed,
                                to)
                        == 1
                : database.run(
                                "UPDATE dromedar_feed SET position = ?, changed = now() WHERE cluster = ? AND name = ?"
                                        + " AND position = ?",
                                to,
                                cluster,
                                feed,
                                from)
                        == 1;
    }

    @Override
    public void set(String feed, long to) {
        database.run(
                "INSERT INTO dromedar_feed (cluster, name, position, changed) VALUES (?, ?, ?, now())"
                        + " ON CONFLICT (cluster, name) DO UPDATE SET position = excluded.position, changed = now()",
                cluster,
                feed,
                to);
    }

    @Override
    public SortedMap<String, Long> all() {
        SortedMap<String, Long> all = new TreeMap<>();
        database.all(
                        "SELECT name, position FROM dromedar_feed WHERE cluster = ?",
                        row -> Map.entry(row.getString(1), row.getLong(2)),
                        cluster)
                .forEach(entry -> all.put(entry.getKey(), entry.getValue()));
        return all;
    }
}
