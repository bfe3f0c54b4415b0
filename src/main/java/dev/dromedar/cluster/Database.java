package dev.dromedar.cluster;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.dromedar.letters.SqlDatabase;
import dev.dromedar.letters.StoreFailure;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The database that the nodes share: its connections. Thread-safe. A connection that breaks is
 * replaced; what was under way on it fails with {@link StoreFailure}, and nothing is retried here.
 */
final class Database implements SqlDatabase, AutoCloseable {
    /**
     * Limits that the server enforces on each session, since a node that is frozen or cut off cannot. Who waits for a lock gives
     * up sooner than one who holds it and says nothing is cut. A row's lock is waited for twice, in the queue for it and at its
     * head, each with the limit again; hence less than half. So of all that such a node has in the queue for Quartz's lock at
     * most one gets it, and it keeps the others from firing for 7 s. Sessions that are open and idle end too; a living node uses
     * each of its own every half minute (PostgreSQL documentation, Client Connection Defaults, and Connections and
     * Authentication).
     */
    private static final String LIMITS = "SET lock_timeout = '3s'; SET idle_in_transaction_session_timeout = '7s';"
            + " SET statement_timeout = '12s'; SET idle_session_timeout = '75s'; " + DatabaseTables.LOST_PEER;

    /**
     * A node that has given a sign of life lately, or of which that cannot be said since the database's clock was set. Its values:
     * {@link #silentSeconds} twice, and the earliest and latest time that the clock may be at.
     */
    static final String SEEN_LATELY =
            "(seen > clock_timestamp() - make_interval(secs => ?) AND seen < clock_timestamp() + make_interval(secs => ?)"
                    + " OR clock_timestamp() NOT BETWEEN ? AND ?)";

    private final ClusterSettings settings;
    private final DatabaseClock clock;
    private final HikariDataSource connections;
    private final DatabaseTables tables;
    private @Nullable Connection own;

    /**
     * Connects.
     *
     * @param patience how long to try, when the database is away: it may be starting too
     * @throws StoreFailure if it does not let us in by then
     */
    Database(ClusterSettings settings, Duration patience) {
        this.clock = new DatabaseClock(settings.deadAfter());
        this.settings = settings;
        var config = new HikariConfig();
        config.setPoolName("dromedar-" + settings.node());
        config.setJdbcUrl(settings.address());
        config.setUsername(settings.user());
        if (settings.secret() != null) {
            config.setPassword(settings.secret().reveal());
        }
        config.setMaximumPoolSize(settings.connections());
        config.setMinimumIdle(2);
        config.setConnectionTimeout(5_000);
        config.setValidationTimeout(2_000);
        config.setKeepaliveTime(30_000);
        config.setMaxLifetime(600_000);
        config.setIdleTimeout(300_000);
        config.setInitializationFailTimeout(patience.toMillis());
        config.setConnectionInitSql(LIMITS);
        // A database that is cut off, not down, answers nothing: without a limit its caller would hang for hours
        config.setDataSourceProperties(driverProperties("5", "15"));
        try {
            connections = new HikariDataSource(config);
        } catch (RuntimeException e) {
            throw DatabaseFailures.notLetIn(e);
        }
        this.tables = new DatabaseTables(this, connections, settings.migrate());
    }

    /** What an address says wins over these. */
    Properties driverProperties(String connectSeconds, String answerSeconds) {
        var properties = new Properties();
        properties.setProperty("ApplicationName", "dromedar " + settings.name() + "/" + settings.node());
        properties.setProperty("connectTimeout", connectSeconds);
        properties.setProperty("socketTimeout", answerSeconds);
        properties.setProperty("tcpKeepAlive", "true");
        // Whatever its rows hold, an answer does not exhaust the memory
        properties.setProperty("maxResultBuffer", "25p");
        properties.putAll(DatabaseAddress.of(settings.address()).tls());
        return properties;
    }

    DatabaseTables tables() {
        return tables;
    }

    Connection connection() throws SQLException {
        return connections.getConnection();
    }

    @Override
    public String cluster() {
        return settings.name();
    }

    @Override
    public String node() {
        return settings.node();
    }

    @Override
    public Set<String> livingNodes() {
        DatabaseClock.Range range = clock.range();
        return Set.copyOf(all(
                "SELECT node FROM dromedar_node WHERE cluster = ? AND (? OR " + SEEN_LATELY + ")",
                row -> row.getString(1),
                cluster(),
                !range.steady(),
                silentSeconds(),
                silentSeconds(),
                range.earliest(),
                range.latest()));
    }

    /** The database's, as this node has read it. */
    DatabaseClock clock() {
        return clock;
    }

    /** After this long without a sign of life a node is dead to the others. */
    double silentSeconds() {
        return (double) settings.deadAfter().toSeconds();
    }

    @Override
    public String skipLocked() {
        return " FOR UPDATE SKIP LOCKED";
    }

    /** Asks for the right alone: whether the disk takes anything is seen by the signs of life. */
    @Override
    public void probe() {
        run("UPDATE dromedar_letter SET state = state WHERE false");
    }

    @Override
    public int run(String sql, @Nullable Object... values) {
        try (Connection connection = connections.getConnection();
                PreparedStatement statement = prepared(connection, sql, values)) {
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw DatabaseFailures.of(e);
        }
    }

    @Override
    public <T> List<T> all(String sql, Row<T> reader, @Nullable Object... values) {
        try (Connection connection = connections.getConnection()) {
            return read(connection, sql, reader, values);
        } catch (SQLException e) {
            throw DatabaseFailures.of(e);
        }
    }

    /**
     * As {@link #all}, on a connection of its own: does not wait for a free one, and no longer than twice as long as stated for a
     * server that has gone silent. A connection that is found broken, as after a time in which the process was frozen, is
     * replaced at once, and what was asked is asked again.
     */
    synchronized <T> List<T> soon(Duration most, String sql, Row<T> reader, @Nullable Object... values) {
        boolean kept = own != null;
        long begun = System.nanoTime();
        try {
            return onOwn(most, sql, reader, values);
        } catch (SQLException e) {
            closeOwn();
            if (!kept || !DatabaseFailures.isAway(e) || System.nanoTime() - begun > most.toNanos() / 2) {
                throw DatabaseFailures.of(e);
            }
        }
        try {
            return onOwn(most, sql, reader, values);
        } catch (SQLException e) {
            closeOwn();
            throw DatabaseFailures.of(e);
        }
    }

    private synchronized <T> List<T> onOwn(Duration most, String sql, Row<T> reader, @Nullable Object... values)
            throws SQLException {
        if (own == null) {
            own = connect(String.valueOf(Math.max(1, most.toSeconds())));
        }
        return read(own, sql, reader, values);
    }

    /** @param seconds how long it may take, and how long each answer on it */
    private Connection connect(String seconds) throws SQLException {
        var properties = new Properties();
        properties.putAll(driverProperties(seconds, seconds));
        properties.setProperty("loginTimeout", seconds);
        if (settings.user() != null) {
            properties.setProperty("user", settings.user());
        }
        if (settings.secret() != null) {
            properties.setProperty("password", settings.secret().reveal());
        }
        Connection made = DriverManager.getConnection(settings.address(), properties);
        try (Statement limits = made.createStatement()) {
            limits.execute(LIMITS);
        } catch (SQLException e) {
            made.close();
            throw e;
        }
        return made;
    }

    private synchronized void closeOwn() {
        if (own != null) {
            try {
                own.close();
            } catch (SQLException e) {
                // it was broken
            }
            own = null;
        }
    }

    private static <T> List<T> read(Connection connection, String sql, Row<T> reader, @Nullable Object... values)
            throws SQLException {
        try (PreparedStatement statement = prepared(connection, sql, values)) {
            return SqlDatabase.read(statement, reader);
        }
    }

    /** Closes all connections that nobody uses now, and the others when they are given back. */
    void dropConnections() {
        var pool = connections.getHikariPoolMXBean();
        if (pool != null) {
            pool.softEvictConnections();
        }
    }

    private static PreparedStatement prepared(Connection connection, String sql, @Nullable Object... values)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        try {
            SqlDatabase.set(statement, values);
            return statement;
        } catch (SQLException e) {
            statement.close();
            throw e;
        }
    }

    @Override
    public void close() {
        closeOwn();
        connections.close();
    }
}
