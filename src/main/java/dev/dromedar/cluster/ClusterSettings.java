package dev.dromedar.cluster;

import dev.dromedar.keys.Secret;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code dromedar.cluster.*}.
 *
 * @param address of the database, {@code jdbc:postgresql://...}; holds no secret, and parameters of a list
 *     only. To another machine the connection is encrypted and the server's certificate verified ({@code
 *     sslmode=verify-full})
 * @param user of the database, or null if the address needs none
 * @param secret of that user, or null
 * @param name that the nodes of one cluster share; clusters of other names may use the same database
 * @param node this node's name; unique in the cluster
 * @param migrate whether the worker makes and upgrades its tables; otherwise somebody runs the SQL that a command prints
 * @param checkIn how often a node says that it lives
 * @param repeatInterrupted whether the run of a node that died is done again
 * @param otherwise routes for which it is the other way
 * @param connections the most that this node opens
 * @param threads how many firings this node runs at once
 */
public record ClusterSettings(
        String address,
        @Nullable String user,
        @Nullable Secret secret,
        String name,
        String node,
        boolean migrate,
        Duration checkIn,
        boolean repeatInterrupted,
        Set<String> otherwise,
        int connections,
        int threads) {

    /** @throws IllegalArgumentException if the address is wrong or weakens the encryption, in words for its key */
    public ClusterSettings {
        otherwise = Set.copyOf(otherwise);
        DatabaseAddress.of(address);
    }

    boolean repeats(String route) {
        return repeatInterrupted != otherwise.contains(route);
    }

    /** After this long without a sign of life a node is dead to the others. */
    Duration deadAfter() {
        return checkIn.multipliedBy(3);
    }
}
