package dev.dromedar.cluster;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This node's signs of life, and who else lives, by the database's clock. Thread-safe. */
final class Membership {
    static final int MOST_NODES = 1000;

    private static final Logger LOG = LoggerFactory.getLogger("dev.dromedar.cluster.Cluster");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,120}");

    /** By how many ms a time of this machine's is behind the database's. */
    private static final String BEHIND = "extract(epoch FROM clock_timestamp()) * 1000 - ?";

    /** Whether a living node's clock agrees with the database's, and it has a route for all that this one has one for. */
    private static final String ANOTHER_IS_RIGHT =
            "EXISTS (SELECT 1 FROM dromedar_node other WHERE other.cluster = ? AND other.node <> ?"
                    + " AND abs(other.behind_ms) <= ? AND other.seen > clock_timestamp() - make_interval(secs => ?)"
                    + " AND other.seen < clock_timestamp() + make_interval(secs => ?)"
                    + " AND NOT EXISTS (SELECT unnest(string_to_array(?, E'\\n'))"
                    + " EXCEPT SELECT unnest(string_to_array(other.triggers, E'\\n'))))";

    private final ClusterSettings settings;
    private final Database database;
    private final InstantSource clock;
    /** Of this process: distinguishes it from another worker of the same node's name. */
    private final long life;

    private final MachineClock machineClock;
    private @Nullable String told;
    private volatile long lastSign = System.nanoTime();
    private volatile long patientUntil = System.nanoTime();
    private volatile List<Node> nodes = List.of();

    /** @param othersAgree whether another living node's clock agrees with the database's */
    private record Sign(Instant at, boolean othersAgree) {}

    /** @param clock this machine's */
    Membership(ClusterSettings settings, Database database, InstantSource clock, long life) {
        this.settings = settings;
        this.database = database;
        this.clock = clock;
        this.machineClock = new MachineClock(clock, System::nanoTime);
        this.life = life;
    }

    /**
     * Signals that this node lives.
     *
     * @param triggers for which it has routes, a line each
     * @param works whether it can do their work now
     * @return false if another worker lives under this node's name
     */
    boolean sayAlive(String triggers, boolean works) {
        boolean news = !triggers.equals(told);
        Instant before = clock.instant();
        long asked = System.nanoTime();
        List<Sign> said = database.soon(
                settings.checkIn(),
                "INSERT INTO dromedar_node AS old (cluster, node, life, seen, triggers, behind_ms) VALUES (?, ?, ?,"
                        + " clock_timestamp(), ?, CASE WHEN ? THEN " + BEHIND + " END)"
                        + " ON CONFLICT (cluster, node) DO UPDATE SET seen = clock_timestamp(),"
                        + " life = excluded.life, behind_ms = excluded.behind_ms"
                        + (news ? ", triggers = excluded.triggers" : "")
                        + " WHERE old.life = excluded.life OR old.seen < clock_timestamp() - make_interval(secs => ?)"
                        + " RETURNING seen, CASE WHEN abs(" + BEHIND + ") > ? THEN " + ANOTHER_IS_RIGHT
                        + " ELSE false END",
                row -> new Sign(row.getTimestamp(1).toInstant(), row.getBoolean(2)),
                settings.name(),
                settings.node(),
                life,
                triggers,
                works,
                before.toEpochMilli(),
                (double) settings.deadAfter().toSeconds(),
                before.toEpochMilli(),
                MachineClock.UNFIT.toMillis(),
                settings.name(),
                settings.node(),
                MachineClock.UNFIT.toMillis(),
                database.silentSeconds(),
                database.silentSeconds(),
                triggers);
        if (said.isEmpty()) {
            return false;
        }
        Instant now = said.get(0).at();
        database.clock().said(now, asked, System.nanoTime());
        machineClock.said(now, before, clock.instant(), said.get(0).othersAgree());
        told = triggers;
        return true;
    }

    /** The first sign of life was given. */
    void joined() {
        lastSign = System.nanoTime();
        patientUntil = lastSign + settings.deadAfter().toNanos();
        nodes = nodes(database, settings);
    }

    /** Another sign of life was given. */
    void lives() {
        long now = System.nanoTime();
        if (wasAway()) {
            // Nobody could say that it lives meanwhile: they get the time to
            patientUntil = now + settings.deadAfter().toNanos();
        }
        lastSign = now;
    }

    /** Whether this node has not said for long that it lives. */
    boolean wasAway() {
        return silence() > settings.deadAfter().toNanos() / 2;
    }

    /** Nanoseconds since the last sign of life. */
    long silence() {
        return System.nanoTime() - lastSign;
    }

    boolean isPatient() {
        return patientUntil - System.nanoTime() > 0 || !database.clock().isSteady();
    }

    /**
     * The nodes that are not to be considered dead: those seen lately, or all while this node itself cannot judge. It cannot
     * after a time without the database, which the others may have been without too: until it has said itself that it
     * lives, and then for as long as a node may be silent. Nor after the database's clock was set.
     */
    Set<String> alive(Connection connection) throws SQLException {
        DatabaseClock.Range range = database.clock().range();
        // In this order: a beat in between makes the first false and the second true
        boolean patient = wasAway() || isPatient() || !range.steady();
        try (PreparedStatement query =
                connection.prepareStatement("SELECT node FROM dromedar_node WHERE cluster = ? AND node <> ? AND (? OR "
                        + Database.SEEN_LATELY + ") LIMIT " + MOST_NODES)) {
            query.setString(1, settings.name());
            query.setString(2, settings.node());
            query.setBoolean(3, patient);
            query.setDouble(4, database.silentSeconds());
            query.setDouble(5, database.silentSeconds());
            query.setObject(6, range.earliest());
            query.setObject(7, range.latest());
            try (ResultSet rows = query.executeQuery()) {
                Set<String> alive = new HashSet<>();
                while (rows.next()) {
                    alive.add(rows.getString(1));
                }
                return alive;
            }
        }
    }

    /** Which nodes came and went since the last look. */
    void tellNodes() {
        List<Node> before = nodes;
        Set<String> lived = before.stream().filter(Node::alive).map(Node::name).collect(Collectors.toSet());
        boolean patient = isPatient();
        nodes = nodes(database, settings).stream()
                .map(node -> patient && lived.contains(node.name()) ? new Node(node.name(), node.seen(), true) : node)
                .toList();
        Map<String, Boolean> alive = new HashMap<>();
        nodes.forEach(node -> alive.put(node.name(), node.alive()));
        Set<String> known = new HashSet<>();
        for (Node node : before) {
            known.add(node.name());
            Boolean now = alive.get(node.name());
            if (now == null && node.alive()) {
                LOG.info("Node {} has stopped", node.name());
            } else if (Boolean.FALSE.equals(now) && node.alive()) {
                LOG.warn(
                        "Node {} not seen for {} s: considered dead; other nodes take over",
                        node.name(),
                        settings.deadAfter().toSeconds());
            } else if (Boolean.TRUE.equals(now) && !node.alive()) {
                LOG.info("Node {} is back", node.name());
            }
        }
        nodes.stream()
                .filter(node -> node.alive() && !known.contains(node.name()))
                .forEach(node -> LOG.info("Node {} has joined", node.name()));
    }

    /** All nodes that were seen within an hour, as of the last look. Asks nobody. */
    List<Node> nodes() {
        return nodes;
    }

    static List<Node> nodes(Database database, ClusterSettings settings) {
        DatabaseClock.Range range = database.clock().range();
        return database.soon(
                settings.checkIn(),
                "SELECT node, seen, " + Database.SEEN_LATELY + " FROM dromedar_node WHERE cluster = ?"
                        + " AND node ~ ? ORDER BY node LIMIT " + MOST_NODES,
                row -> new Node(row.getString(1), row.getTimestamp(2).toInstant(), row.getBoolean(3)),
                database.silentSeconds(),
                database.silentSeconds(),
                range.earliest(),
                range.latest(),
                settings.name(),
                "^" + NAME.pattern() + "$");
    }

    /** Whether that can be the name of a node; names in the database may have been written by others. */
    static boolean isName(@Nullable String name) {
        return name != null && NAME.matcher(name).matches();
    }

    MachineClock machineClock() {
        return machineClock;
    }

    /** This node stops. */
    void leave() {
        database.run(
                "DELETE FROM dromedar_node WHERE cluster = ? AND node = ? AND life = ?",
                settings.name(),
                settings.node(),
                life);
    }
}
