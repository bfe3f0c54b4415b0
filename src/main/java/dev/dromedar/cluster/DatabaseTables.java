package dev.dromedar.cluster;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.dromedar.letters.Migrations;
import dev.dromedar.letters.SqlDatabase;
import dev.dromedar.letters.StoreFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.flywaydb.core.api.FlywayException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tables in the database that the nodes share, and their version. */
final class DatabaseTables {
    /** Of the tables; the number of the newest migration. */
    static final int VERSION = 5;
    /** "dromedar", as the number that PostgreSQL wants for a lock. */
    static final long LOCK = 0x6472_6f6d_6564_6172L;

    /** How soon the server notices that the other side of a connection is gone. */
    static final String LOST_PEER = "SET tcp_user_timeout = '10s'; SET tcp_keepalives_idle = '5s';"
            + " SET tcp_keepalives_interval = '2s'; SET tcp_keepalives_count = 3";

    private static final Logger LOG = LoggerFactory.getLogger("dev.dromedar.cluster.Cluster");
    /** How long a node waits for another that makes the tables. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private static final String LIMITS = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = '1h';"
            + " SET lock_timeout = '5s'; " + LOST_PEER;
    /** SQLSTATE lock_not_available. */
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private static final String MIGRATIONS = "dev/dromedar/cluster/postgresql";

    private final SqlDatabase database;
    private final HikariDataSource pool;
    private final boolean migrate;

    DatabaseTables(SqlDatabase database, HikariDataSource pool, boolean migrate) {
        this.database = database;
        this.pool = pool;
        this.migrate = migrate;
    }

    /**
     * Makes or upgrades the tables, or finds them right.
     *
     * @throws StoreFailure if they are missing or old and may not be made, or are of a newer version
     */
    void prepare() {
        int found = knownVersion();
        if (found == VERSION) {
            return;
        }
        if (!migrate) {
            throw new StoreFailure("The tables in the database of dromedar.cluster.address are "
                    + (found == 0 ? "not there" : "of version " + found + "; version " + VERSION + " is needed")
                    + ". Print the SQL with: ./run cluster sql " + found
                    + ", and have it run by a user who may create tables.");
        }
        try (var unlimited = unlimited();
                Connection lock = unlimited.getConnection()) {
            awaitTurn(lock);
            migrate(unlimited);
        } catch (SQLException e) {
            throw DatabaseFailures.of(e);
        }
    }

    /**
     * Nodes that start at once come here one after the other, as two that find no tables make Flyway fail for one of them. The
     * lock ends with its connection.
     */
    private static void awaitTurn(Connection lock) throws SQLException {
        try (Statement statement = lock.createStatement()) {
            try (ResultSet row = statement.executeQuery("SELECT pg_try_advisory_lock(" + LOCK + ")")) {
                row.next();
                if (row.getBoolean(1)) {
                    return;
                }
            }
            LOG.info("Another node makes or upgrades the tables of the cluster; this one waits for it");
            statement.execute("SET lock_timeout = '" + PATIENCE.toSeconds() + "s'");
            statement.execute("SELECT pg_advisory_lock(" + LOCK + ")");
        } catch (SQLException e) {
            if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                throw new StoreFailure(
                        "The tables in the database of dromedar.cluster.address are being made or upgraded by another node"
                                + " for more than " + PATIENCE.toMinutes() + " minutes. See the log of the nodes that"
                                + " start, end one that hangs, and start this one again.",
                        e);
            }
            throw e;
        }
    }

    private void migrate(HikariDataSource unlimited) {
        int found = knownVersion();
        if (found == VERSION) {
            return; // the other node has made them
        }
        try {
            Migrations.run(unlimited, MIGRATIONS, found);
        } catch (FlywayException e) {
            throw new StoreFailure(
                    "The tables in the database of dromedar.cluster.address cannot be made or upgraded: "
                            + DatabaseFailures.root(e).replaceFirst("\\.$", "")
                            + ". If its user may not create tables, print the SQL with: ./run cluster sql " + found
                            + ", have it run by a user who may, and set dromedar.cluster.migrate = false.",
                    e);
        }
    }

    /**
     * Changes of the tables may take long, and what waits for them is idle in its transaction meanwhile. A node that loses its power
     * or network in the middle does not keep the others waiting, and one that is frozen not for ever.
     */
    private HikariDataSource unlimited() {
        var config = new HikariConfig();
        config.setPoolName(pool.getPoolName() + "-tables");
        config.setJdbcUrl(pool.getJdbcUrl());
        config.setUsername(pool.getUsername());
        config.setPassword(pool.getPassword());
        config.setDataSourceProperties(pool.getDataSourceProperties());
        config.addDataSourceProperty("socketTimeout", String.valueOf(2 * PATIENCE.toSeconds()));
        config.setInitializationFailTimeout(pool.getInitializationFailTimeout());
        config.setConnectionInitSql(LIMITS);
        config.setMaximumPoolSize(4);
        config.setMinimumIdle(0);
        try {
            return new HikariDataSource(config);
        } catch (RuntimeException e) {
            throw DatabaseFailures.notLetIn(e);
        }
    }

    /** For a command, which makes no tables: finds them right, or fails with {@link StoreFailure}. */
    void check() {
        if (knownVersion() < VERSION) {
            throw new StoreFailure(
                    "The tables in the database of dromedar.cluster.address are not there, or old. Start a"
                            + " worker first: it makes them, or says how.");
        }
    }

    private int knownVersion() {
        int found = version();
        if (found > VERSION) {
            throw new StoreFailure("The tables in the database of dromedar.cluster.address have version " + found
                    + ", which a newer Dromedar has made; this one knows " + VERSION
                    + ". Nothing was changed. Use the newer Dromedar on this node.");
        }
        return found;
    }

    private int version() {
        if (!database.one("SELECT to_regclass('dromedar_format') IS NOT NULL", row -> row.getBoolean(1))) {
            return 0;
        }
        return database.one("SELECT max(version) FROM dromedar_format", row -> row.getInt(1));
    }

    /** The SQL that brings tables of a version to the newest, for those who run it by hand. Begins with a transaction. */
    static String sql(int from) {
        var sql = new StringBuilder("BEGIN;\n");
        for (int version = from + 1; version <= VERSION; version++) {
            String name = MIGRATIONS + "/V" + version + "__tables.sql";
            try (InputStream in = DatabaseTables.class.getClassLoader().getResourceAsStream(name)) {
                if (in == null) {
                    throw new StoreFailure(name + " is missing in this jar. Install it again.");
                }
                sql.append(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new StoreFailure(name + " cannot be read. Install it again.", e);
            }
        }
        return sql.append("COMMIT;\n").toString();
    }
}
