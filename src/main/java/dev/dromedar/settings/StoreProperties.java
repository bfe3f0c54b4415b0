package dev.dromedar.settings;

import dev.dromedar.cluster.ClusterSettings;
import dev.dromedar.cluster.StoreSettings;
import dev.dromedar.keys.Secret;
import dev.dromedar.letters.DeadLetterSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads {@code dromedar.dead-letters.*}, {@code dromedar.feed.*} and {@code dromedar.cluster.*}. */
final class StoreProperties {
    static final String DEAD_LETTERS = "dead-letters.";
    static final String CLUSTER = "cluster.";

    private StoreProperties() {}

    /** @param group with the prefix {@code dromedar.} */
    static StoreSettings read(PropertyGroup group) {
        Path feeds = folder(group, "feed.folder", Path.of("data", "feeds"));
        DeadLetterSettings letters = deadLetters(group);
        ClusterSettings cluster = cluster(group);
        if (cluster != null
                && (!cluster.repeatInterrupted() || !cluster.otherwise().isEmpty())
                && letters.keyFile() != null) {
            group.required(
                    DEAD_LETTERS + "secret-key",
                    "An interrupted run that is not repeated (dromedar.cluster.repeat-interrupted,"
                            + " repeat-interrupted-except) becomes a dead letter. Dead letters are sealed, and in a cluster"
                            + " all nodes need the same key. Make one: openssl rand -base64 32 > secrets/dead-letters.key,"
                            + " and give it to each node; or set dromedar.dead-letters.sealed = false.");
        }
        return new StoreSettings(letters, feeds, cluster);
    }

    private static Path folder(PropertyGroup group, String key, Path otherwise) {
        String folder = group.text(key);
        try {
            return folder == null ? otherwise : Path.of(folder);
        } catch (InvalidPathException e) {
            group.fault(key, "'" + folder + "' is no path: " + e.getReason() + ".");
            return otherwise;
        }
    }

    private static DeadLetterSettings deadLetters(PropertyGroup group) {
        group.flag(DEAD_LETTERS + "answers", false); // read where the letters are
        Path path = folder(group, DEAD_LETTERS + "folder", Path.of("data", "dead-letters"));
        Duration day = Duration.ofDays(1);
        Duration keep =
                group.time(DEAD_LETTERS + "keep", Duration.ofDays(30), Duration.ofMinutes(1), day.multipliedBy(3660));
        int megabytes = group.count(DEAD_LETTERS + "megabytes", 1000, 1, 1_000_000);
        boolean everyRoute = group.flag(DEAD_LETTERS + "every-route", false);
        int redeliveries = group.count(DEAD_LETTERS + "redeliveries", 0, 0, 1000);
        Duration delay = group.time(
                DEAD_LETTERS + "redelivery-delay", Duration.ofSeconds(5), Duration.ofMillis(1), Duration.ofHours(1));
        Secret key = group.secret(DEAD_LETTERS + "secret-key");
        Path made = group.flag(DEAD_LETTERS + "sealed", true) ? path.resolveSibling(path.getFileName() + ".key") : null;
        if (made == null && key != null) {
            group.fault(
                    DEAD_LETTERS + "sealed",
                    "'false' contradicts dromedar.dead-letters.secret-key. Remove one of them.");
        }
        long bytes = megabytes * 1_000_000L;
        try {
            return new DeadLetterSettings(path, keep, bytes, key, made, everyRoute, redeliveries, delay);
        } catch (IllegalArgumentException e) {
            group.fault(DEAD_LETTERS + "secret-key", String.valueOf(e.getMessage()));
            return new DeadLetterSettings(path, keep, bytes, null, everyRoute, redeliveries, delay);
        }
    }

    private static @Nullable ClusterSettings cluster(PropertyGroup group) {
        String address = group.text(CLUSTER + "address");
        String user = group.text(CLUSTER + "user");
        Secret secret = group.secret(CLUSTER + "secret");
        String name = name(group, "name", "dromedar");
        String node = name(group, "node", thisNode());
        boolean migrate = group.flag(CLUSTER + "migrate", true);
        Duration checkIn =
                group.time(CLUSTER + "check-in", Duration.ofSeconds(3), Duration.ofSeconds(1), Duration.ofMinutes(1));
        boolean repeat = group.flag(CLUSTER + "repeat-interrupted", true);
        var otherwise = group.words(CLUSTER + "repeat-interrupted-except");
        int connections = group.count(CLUSTER + "connections", 10, 4, 500);
        int threads = group.count(CLUSTER + "threads", 10, 1, 500);
        if (address == null) {
            for (String key : new String[] {
                "user",
                "secret",
                "name",
                "node",
                "migrate",
                "check-in",
                "repeat-interrupted",
                "repeat-interrupted-except",
                "connections",
                "threads"
            }) {
                if (group.has(CLUSTER + key)) {
                    group.required(
                            CLUSTER + "address",
                            "Set the database's address, for example jdbc:postgresql://db.example.no/dromedar.");
                    break;
                }
            }
            return null;
        }
        try {
            return new ClusterSettings(
                    address, user, secret, name, node, migrate, checkIn, repeat, otherwise, connections, threads);
        } catch (IllegalArgumentException e) {
            group.fault(CLUSTER + "address", String.valueOf(e.getMessage()));
            return null;
        }
    }

    private static String name(PropertyGroup group, String key, String otherwise) {
        String name = group.text(CLUSTER + key);
        if (name != null && !name.matches("[A-Za-z0-9._-]{1,60}")) {
            group.fault(
                    CLUSTER + key, "'" + name + "' must be 1 to 60 letters, digits, dots, hyphens and underscores.");
            return otherwise;
        }
        return name == null ? otherwise : name;
    }

    /** The name of this machine, as far as it can be a part of a node's name. */
    static String thisHost() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            host = "node";
        }
        host = host.replaceAll("[^A-Za-z0-9._-]", "-");
        return host.substring(0, Math.min(40, host.length()));
    }

    /** Host, process and a random part: a restarted node is a new one, so that what its last life left is found at once. */
    private static String thisNode() {
        return thisHost() + "-"
                + ProcessHandle.current().pid() + "-"
                + UUID.randomUUID().toString().substring(24);
    }
}
