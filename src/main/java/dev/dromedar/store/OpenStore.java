package dev.dromedar.store;

import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The store of a worker, opened from outside it: dead letters, feed positions and the nodes of its cluster, whether a worker
 * runs or not. Starts nothing and creates nothing. Not thread-safe. Every method throws {@link StoreFailure} if the store
 * cannot be reached or read.
 */
public final class OpenStore implements AutoCloseable {
    private final StoreSettings settings;
    private final @Nullable ClusterSettings cluster;
    private final @Nullable Database database;
    private @Nullable Letters letters;

    private OpenStore(StoreSettings settings) {
        this.settings = settings;
        this.cluster = settings.cluster();
        this.database = cluster == null ? null : new Database(cluster, Duration.ofSeconds(5));
    }

    /** Opens the store that a worker with these settings has. Dead letters are looked for when they are first needed. */
    public static OpenStore with(StoreSettings settings) {
        var store = new OpenStore(settings);
        if (store.database != null) {
            try {
                store.database.check();
            } catch (RuntimeException e) {
                store.close();
                throw e;
            }
        }
        return store;
    }

    /** The SQL that creates the tables of a cluster, or upgrades those of an older version; 0 for a new database. */
    public static String sql(int from) {
        return Database.sql(from);
    }

    /** All dead letters, oldest first. */
    public List<Letter> letters() {
        return open().list();
    }

    /** One dead letter, or null if there is none of that id. */
    public @Nullable Letter letter(String id) {
        return open().find(id);
    }

    /** A letter as one line of text. */
    public static String line(Letter letter) {
        return LetterText.line(letter);
    }

    /** A letter with the headers of its message, in lines of text; no body. */
    public List<String> details(Letter letter) {
        return LetterText.details(letter, open().input(letter));
    }

    /** The body of a letter's message as text. May hold personal data. */
    public String body(Letter letter) {
        return open().input(letter).bodyText();
    }

    /** Requests a replay. False if the letter is not there, or its replay is requested or running already. */
    public boolean requestReplay(String id) {
        return open().ask(id);
    }

    /** Removes a letter for good. False if it is not there, or its replay is running. */
    public boolean discard(String id) {
        return open().discard(id);
    }

    /** Whether a worker that replays letters is running. */
    public boolean workerRuns() {
        return open().workerRuns();
    }

    /** The position of each feed: the number of the last event whose work is done. */
    public SortedMap<String, Long> feeds() {
        return pointers().all();
    }

    /** Sets the position of a feed, forwards or back. */
    public void rewind(String feed, long position) {
        pointers().set(feed, position);
    }

    /** The nodes of the cluster that were seen within an hour, or null if the worker is not in a cluster. */
    public @Nullable List<Cluster.Node> nodes() {
        return cluster == null || database == null ? null : Cluster.nodes(database, cluster);
    }

    /** The name of the cluster, or null if the worker is not in one. */
    public @Nullable String clusterName() {
        return cluster == null ? null : cluster.name();
    }

    private Letters open() {
        if (letters == null) {
            letters = cluster == null || database == null
                    ? FileLetters.forCommand(settings.deadLetters())
                    : new DatabaseLetters(database, cluster, settings.deadLetters());
        }
        return letters;
    }

    private Pointers pointers() {
        return cluster == null || database == null
                ? new FilePointers(settings.feedFolder())
                : new DatabasePointers(database, cluster.name());
    }

    @Override
    public void close() {
        if (letters != null) {
            letters.close();
        }
        if (database != null) {
            database.close();
        }
    }
}
