package dev.dromedar.cluster;

import dev.dromedar.letters.DeadLetterStore;
import dev.dromedar.letters.FeedPositions;
import dev.dromedar.letters.Feeds;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The store of a worker, opened from outside it: dead letters, feed positions and the nodes of its cluster, whether a worker
 * runs or not. Starts nothing and creates nothing. Not thread-safe. Every method throws
 * {@link dev.dromedar.letters.StoreFailure} if the store cannot be reached or read.
 */
public final class OpenStore implements AutoCloseable {
    private final StoreSettings settings;
    private final @Nullable ClusterSettings cluster;
    private final @Nullable Database database;

    private OpenStore(StoreSettings settings) {
        this.settings = settings;
        this.cluster = settings.cluster();
        this.database = cluster == null ? null : new Database(cluster, Duration.ofSeconds(5));
    }

    /** Opens the store that a worker with these settings has. */
    public static OpenStore with(StoreSettings settings) {
        var store = new OpenStore(settings);
        if (store.database != null) {
            try {
                store.database.tables().check();
            } catch (RuntimeException e) {
                store.close();
                throw e;
            }
        }
        return store;
    }

    /** The SQL that creates the tables of a cluster, or upgrades those of an older version; 0 for a new database. */
    public static String sql(int from) {
        return DatabaseTables.sql(from);
    }

    /** The dead letters; to be closed by the caller. */
    public DeadLetterStore deadLetters() {
        return database == null
                ? DeadLetterStore.forCommand(settings.deadLetters())
                : new DeadLetterStore(database, settings.deadLetters(), one -> {});
    }

    /** Works on the position of each feed: the number of the last event whose work is done. */
    public <T> T feeds(Function<FeedPositions, T> work) {
        return database == null ? Feeds.command(settings.feedFolder(), work) : work.apply(new FeedPositions(database));
    }

    /** The nodes of the cluster that were seen within an hour, or null if the worker is not in a cluster. */
    public @Nullable List<Node> nodes() {
        return cluster == null || database == null ? null : Membership.nodes(database, cluster);
    }

    /** The name of the cluster, or null if the worker is not in one. */
    public @Nullable String clusterName() {
        return cluster == null ? null : cluster.name();
    }

    @Override
    public void close() {
        if (database != null) {
            database.close();
        }
    }
}
