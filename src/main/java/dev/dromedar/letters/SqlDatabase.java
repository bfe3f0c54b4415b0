package dev.dromedar.letters;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A database that holds letters and feed positions: SQLite on one machine, PostgreSQL in a cluster. Thread-safe. Each statement
 * is a transaction of its own; it is on disk when the method returns. What fails throws {@link StoreFailure} and changes
 * nothing.
 */
public interface SqlDatabase {

    /** Reads one row. */
    interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** Runs one statement, and returns how many rows it changed. */
    int run(String sql, @Nullable Object... values);

    /** Runs one statement and reads the rows that it returns. */
    <T> List<T> all(String sql, Row<T> reader, @Nullable Object... values);

    /** The only row of a query that always has one. */
    default <T> T one(String sql, Row<T> reader, @Nullable Object... values) {
        return all(sql, reader, values).get(0);
    }

    /** The name that the nodes share; its rows are theirs. Empty on a machine of its own. */
    String cluster();

    /** This node's name. May be the same in each life of a worker. */
    String node();

    /** The nodes that work on this database now. Empty if no worker runs. */
    Set<String> livingNodes();

    /** What follows a query for one row that no other node is to wait for; empty where one node alone works. */
    String skipLocked();

    /**
     * Looks whether the disk has room.
     *
     * @param bytes more than now
     * @throws StoreFailure if it has not, where that can be known
     */
    default void makeSureOfRoom(long bytes) {
        // a server says so when they are written
    }

    /**
     * Writes without a change.
     *
     * @throws StoreFailure if nothing can be written now
     */
    void probe();

    /** Looks for damage that no statement has met yet. May take seconds. */
    default void verify() {
        // a server does that itself
    }

    /** Gives room that is no longer needed back to the disk. */
    default void tidy() {
        // a server does that itself
    }

    /** Sets the values of a statement. */
    static void set(PreparedStatement statement, @Nullable Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
    }

    /** Runs a statement that returns rows, and reads all of them. */
    static <T> List<T> read(PreparedStatement statement, Row<T> reader) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            List<T> all = new ArrayList<>();
            while (rows.next()) {
                all.add(reader.read(rows));
            }
            return all;
        }
    }
}
