package dev.dromedar.letters;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** The tables of a store on this machine, and their version. */
final class SqliteTables {
    /** Of the tables; the number of the newest migration. */
    private static final int VERSION = 3;

    private static final String MIGRATIONS = "dev/dromedar/letters/sqlite";

    private final Path file;
    private final Connection connection;

    SqliteTables(Path file, Connection connection) {
        this.file = file;
        this.connection = connection;
    }

    /**
     * Makes or upgrades the tables, or finds them right.
     *
     * @param make whether they may be made
     */
    void prepare(boolean make) throws SQLException {
        int found = version();
        if (found > VERSION) {
            throw new StoreFailure("The tables of the store " + file + " have version " + found
                    + ", which a newer Dromedar has made; this one knows " + VERSION
                    + ". Nothing was changed. Use the newer Dromedar, or another folder.");
        }
        if (!make) {
            if (found < VERSION) {
                throw new StoreFailure(
                        "The store " + file + " is not ready, or old. Start the worker: it makes or upgrades it.");
            }
            return;
        }
        if (found == 0) {
            try (var statement = connection.createStatement()) {
                statement.execute("PRAGMA auto_vacuum = INCREMENTAL");
            }
        }
        try (var statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode = WAL");
            statement.execute("PRAGMA journal_size_limit = 16000000");
        }
        if (found < VERSION) {
            try {
                Migrations.run("jdbc:sqlite:" + file, MIGRATIONS, found);
            } catch (NoClassDefFoundError e) {
                throw SqliteFailures.missing(e);
            } catch (RuntimeException e) {
                throw new StoreFailure(
                        "The tables of the store " + file + " cannot be made or upgraded: " + SqliteFailures.root(e)
                                + ". Make room, or restore it from a backup.",
                        e);
            }
        }
    }

    private int version() throws SQLException {
        try (PreparedStatement look = connection.prepareStatement(
                "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'dromedar_format'")) {
            if (SqlDatabase.read(look, row -> row.getInt(1)).get(0) == 0) {
                return 0;
            }
        }
        try (PreparedStatement look = connection.prepareStatement("SELECT max(version) FROM dromedar_format")) {
            return SqlDatabase.read(look, row -> row.getInt(1)).get(0);
        }
    }
}
