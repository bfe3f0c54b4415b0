package dev.dromedar.letters;

import dev.dromedar.keys.Secret;
import dev.dromedar.letters.LetterFormat.Parts;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The dead letters in a database. Every change of a letter's state is one statement, so that a command and workers need no lock
 * between them: every node sees all letters, and one node replays one of them at a time. Thread-safe. Every method throws
 * {@link StoreFailure} if the store cannot be reached or read.
 */
public final class DeadLetterStore implements AutoCloseable {
    private static final String KEPT = Letter.State.KEPT.word();
    private static final String ASKED = Letter.State.ASKED.word();
    private static final String RUNNING = Letter.State.RUNNING.word();
    private static final String INTERRUPTED = Letter.State.INTERRUPTED.word();

    private static final Duration COUNT_EVERY = Duration.ofSeconds(10);

    private final SqlDatabase database;
    private final String cluster;
    private final LetterFormat format;
    private final @Nullable Seal seal;
    private final LetterTable table;
    private final LetterClaims claims;
    private final UnsealedLetters unsealed;
    private final long mostBytes;
    private final Consumer<DeadLetterStore> former;
    private final Runnable closing;
    private long bytes;
    private long counted = System.nanoTime() - COUNT_EVERY.toNanos() - 1;

    /**
     * How full it is.
     *
     * @param letters of all states
     * @param bytes of all letters
     * @param mostBytes the bound
     */
    record Usage(long letters, long bytes, long mostBytes) {
        int percent() {
            return (int) Math.min(100, bytes * 100 / Math.max(1, mostBytes));
        }

        /** Until the next count; its bytes are counted then. */
        Usage withOneMore() {
            return new Usage(letters + 1, bytes, mostBytes);
        }
    }

    /**
     * The store in a database that others open and close.
     *
     * @param former moves letters of an older version into the store that it is given; called now and then
     */
    public DeadLetterStore(SqlDatabase database, DeadLetterSettings settings, Consumer<DeadLetterStore> former) {
        this(database, settings, LetterKey.shared(settings), former, () -> {});
        table.tellForeignKeys(seal);
    }

    private DeadLetterStore(
            SqlDatabase database,
            DeadLetterSettings settings,
            @Nullable Secret key,
            Consumer<DeadLetterStore> former,
            Runnable closing) {
        this.database = database;
        this.cluster = database.cluster();
        this.seal = key == null ? null : new Seal(key);
        this.format = new LetterFormat(cluster, seal);
        this.table = new LetterTable(database, format);
        this.claims = new LetterClaims(database, table, format);
        this.unsealed = new UnsealedLetters(database, table, format);
        this.mostBytes = settings.mostBytes();
        this.former = former;
        this.closing = closing;
    }

    /** Opens the store in the settings' folder for its one worker. Makes it if it is not there, and takes an older one over. */
    public static DeadLetterStore forWorker(DeadLetterSettings settings) {
        LocalDatabase database =
                LocalDatabase.forOneWorker(new StoreFolder(settings.folder(), StoreFolder.Use.LETTERS));
        try {
            boolean makesKey = LetterKey.isToBeMade(settings);
            var store = new DeadLetterStore(database, settings, LetterKey.own(settings), one -> {}, database::close);
            new FormerLetters(settings.folder(), new FormerFormat(store.seal)).moveTo(store::takeOver);
            database.complete();
            if (makesKey) {
                store.unsealed.sealAll(); // from before there was a key, which nobody could have known
            }
            store.table.tellForeignKeys(store.seal);
            return store;
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    /** Opens the store in the settings' folder for a command, beside a worker or without one. Makes none. */
    public static DeadLetterStore forCommand(DeadLetterSettings settings) {
        LocalDatabase database = LocalDatabase.forCommand(new StoreFolder(settings.folder(), StoreFolder.Use.LETTERS));
        try {
            return new DeadLetterStore(database, settings, LetterKey.found(settings), one -> {}, database::close);
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    /** Moves letters that workers of an older version have kept elsewhere into this store. */
    void takeOverFormer() {
        former.accept(this);
    }

    /** Keeps a letter. When this returns, it is on disk; when this throws, nothing of it is. */
    public void add(Letter letter, KeptMessage message) {
        Parts parts = format.write(letter, message);
        makeSureOfRoom(parts.length());
        database.makeSureOfRoom(parts.length());
        table.insert("", " WHERE TRUE", letter, parts, null);
    }

    /**
     * Reads a letter of the first version.
     *
     * @throws StoreFailure if it cannot be read; the message says why, without a full stop
     */
    public FormerFormat.Former former(byte[] bytes, Letter.State state, String where) {
        return new FormerFormat(seal).read(bytes, state, where);
    }

    /**
     * Takes over a letter of the first version: sealed again if it was sealed, and as open as it was if it was not. Does nothing
     * if it is here already.
     */
    void takeOver(FormerFormat.Former found) {
        takeOver(found, "", " WHERE TRUE");
    }

    /**
     * Takes over a letter of the first version, in one step with its removal elsewhere in the same database.
     *
     * @param removal a query {@code WITH moved AS (DELETE ... RETURNING ...)}; where it removes nothing, nothing is taken over
     * @param values of that query
     */
    public void takeOverRemoved(FormerFormat.Former found, String removal, Object... values) {
        takeOver(found, removal + " ", " FROM moved", values);
    }

    private void takeOver(FormerFormat.Former found, String before, String after, Object... first) {
        Letter letter = found.letter();
        Parts parts =
                found.sealed() ? format.write(letter, found.message()) : format.writeOpen(letter, found.message());
        String node = letter.state() == Letter.State.RUNNING ? "of the older version" : null;
        table.insert(before, after, letter, parts, node, first);
    }

    /** Counts what is there now and then: to count it for each of many letters would take longer than to keep them. */
    private synchronized void makeSureOfRoom(long more) {
        if (System.nanoTime() - counted > COUNT_EVERY.toNanos() || bytes + more > mostBytes) {
            bytes = usage().bytes();
            counted = System.nanoTime();
        }
        if (bytes + more > mostBytes) {
            throw new StoreFailure("The dead letter store is full: " + bytes / 1_000_000 + " of "
                    + mostBytes / 1_000_000
                    + " MB. Replay or discard letters, or raise dromedar.dead-letters.megabytes.");
        }
        bytes += more;
    }

    /** The oldest letters, oldest first. One that cannot be read is among them and says why. */
    List<Letter> list(int most) {
        return list(null, "", most);
    }

    /**
     * A page of letters, oldest first. One that cannot be read is among them and says why.
     *
     * @param route of the letters, or null for all
     * @param after the id of the last letter of the page before, or empty for the first page
     */
    public List<Letter> list(@Nullable String route, String after, int most) {
        return table.page("", route, after, most);
    }

    /** How many letters each route has. */
    public SortedMap<String, Long> routes() {
        var routes = new TreeMap<String, Long>();
        database.all(
                "SELECT route, count(*) FROM dromedar_letter WHERE cluster = ? GROUP BY route",
                row -> routes.put(row.getString(1), row.getLong(2)),
                cluster);
        return routes;
    }

    /** One letter, or null if there is none of that id. */
    public @Nullable Letter find(String id) {
        return table.find(id);
    }

    /** What came into the route. May hold personal data. */
    public KeptMessage message(Letter letter) {
        return format.message(letter, table.parts(letter));
    }

    /**
     * What came into the route, to send it in again.
     *
     * @throws StoreFailure besides, if the letter is not sealed though a key is set
     */
    KeptMessage messageToReplay(Letter letter) {
        Parts parts = table.parts(letter);
        format.refuseUnsealed(letter, parts.keyId());
        return format.message(letter, parts);
    }

    /** Requests a replay. False if the letter is not there, refused, or its replay is requested or running already. */
    public boolean ask(String id) {
        return database.run(
                        "UPDATE dromedar_letter SET state = ?, node = NULL WHERE cluster = ? AND id = ?"
                                + " AND state IN (?, ?)" + andNotRefused(),
                        ASKED,
                        cluster,
                        id,
                        KEPT,
                        INTERRUPTED)
                == 1;
    }

    /**
     * Requests a replay of all letters that may be replayed.
     *
     * @param route of the letters, or null for all
     * @return how many
     */
    public int askAll(@Nullable String route) {
        return allIdle("UPDATE dromedar_letter SET state = 'asked', node = NULL", andNotRefused(), route);
    }

    private String andNotRefused() {
        return format.seals() ? " AND key_id IS NOT NULL" : "";
    }

    /** Of all letters that nothing is done with now, a few hundred at a time: what fails meanwhile is to be kept too. */
    private int allIdle(String change, String and, @Nullable String route) {
        String which = " WHERE cluster = ? AND state IN ('kept', 'interrupted') AND id > ?" + and
                + (route == null ? "" : " AND route = ?");
        String after = "";
        int changed = 0;
        while (true) {
            Object[] values = route == null ? new Object[] {cluster, after} : new Object[] {cluster, after, route};
            List<String> ids = database.all(
                    "SELECT max(id) FROM (SELECT id FROM dromedar_letter" + which + " ORDER BY id LIMIT 200) page",
                    row -> row.getString(1) == null ? "" : row.getString(1),
                    values);
            String last = ids.get(0);
            if (last.isEmpty()) {
                return changed;
            }
            Object[] upTo = Arrays.copyOf(values, values.length + 1);
            upTo[values.length] = last;
            changed += database.run(change + which + " AND id <= ?", upTo);
            after = last;
        }
    }

    /** Removes a letter for good. False if it is not there, or its replay is running. */
    public boolean discard(String id) {
        return database.run(
                        "DELETE FROM dromedar_letter WHERE cluster = ? AND id = ? AND state <> ?", cluster, id, RUNNING)
                == 1;
    }

    /**
     * Removes all letters of which no replay is requested or running.
     *
     * @param route of the letters, or null for all
     * @return how many
     */
    public int discardAll(@Nullable String route) {
        return allIdle("DELETE FROM dromedar_letter", "", route);
    }

    /** The letters that a worker replays. */
    LetterClaims claims() {
        return claims;
    }

    /** The letters that are not sealed. */
    UnsealedLetters unsealed() {
        return unsealed;
    }

    /** Removes kept and interrupted letters whose last failure was before then, and returns how many. */
    int removeBefore(Instant time) {
        return database.run(
                "DELETE FROM dromedar_letter WHERE cluster = ? AND failed < ? AND state IN (?, ?)",
                cluster,
                time.toEpochMilli(),
                KEPT,
                INTERRUPTED);
    }

    Usage usage() {
        return database.one(
                "SELECT count(*), coalesce(sum(bytes), 0) FROM dromedar_letter WHERE cluster = ?",
                row -> new Usage(row.getLong(1), row.getLong(2), mostBytes),
                cluster);
    }

    /** Finds out whether a letter could be kept now, apart from the bound: by a write that changes nothing. */
    void probe() {
        database.probe();
    }

    /** Looks for damage that no statement has met yet. */
    void verify() {
        database.verify();
    }

    /** Gives the room of removed letters back to the disk. */
    void tidy() {
        database.tidy();
    }

    /** Whether a worker that replays letters is running. */
    public boolean workerRuns() {
        return !database.livingNodes().isEmpty();
    }

    /** Closes what {@link #forWorker} and {@link #forCommand} have opened. */
    @Override
    public void close() {
        closing.run();
    }
}
