package dev.dromedar.letters;

import dev.dromedar.keys.Secret;
import dev.dromedar.letters.LetterFormat.Parts;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The dead letters in a database. Every change of a letter's state is one statement, so that a command and workers need no lock
 * between them: every node sees all letters, and one node replays one of them at a time. Thread-safe. Every method throws
 * {@link StoreFailure} if the store cannot be reached or read.
 */
public final class DeadLetterStore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterStore.class);
    private static final int PAGE = 200;

    private static final String KEPT = Letter.State.KEPT.word();
    private static final String ASKED = Letter.State.ASKED.word();
    private static final String RUNNING = Letter.State.RUNNING.word();
    private static final String INTERRUPTED = Letter.State.INTERRUPTED.word();

    private static final String COLUMNS = "id, state, route, api, first_failed, failed, attempts, key_id, cause";
    private static final String INSERT =
            "INSERT INTO dromedar_letter (cluster, id, state, node, route, api, first_failed,"
                    + " failed, attempts, bytes, key_id, cause, content) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?";
    /**
     * Of a letter that this node replays: it may have been taken for interrupted meanwhile, and its work is done all the same.
     * But not when it was claimed again since: then the number of its claim is another.
     */
    private static final String MINE = " WHERE cluster = ? AND id = ? AND node = ? AND claim = ? AND state IN (?, ?)";

    private static final Duration COUNT_EVERY = Duration.ofSeconds(10);

    private final SqlDatabase database;
    private final String cluster;
    private final LetterFormat format;
    private final @Nullable Seal seal;
    private final long mostBytes;
    private final Consumer<DeadLetterStore> former;
    private final Runnable closing;
    /** The number of the claim of each letter that this store has claimed and not given back. */
    private final Map<String, Long> claims = new ConcurrentHashMap<>();

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
        tellForeignKeys();
    }

    private void tellForeignKeys() {
        if (seal == null) {
            return;
        }
        List<String> others = database.all(
                "SELECT DISTINCT key_id FROM dromedar_letter WHERE cluster = ? AND key_id IS NOT NULL",
                row -> row.getString(1),
                cluster);
        others.stream()
                .filter(id -> seal.ofKey(id) == null)
                .forEach(id -> LOG.error(
                        "Dead letters are here that are sealed with the key {}, which this worker does not have: it can neither show"
                                + " nor replay them. Add the key to dromedar.dead-letters.secret-key; in a cluster all nodes need the"
                                + " same keys.",
                        id));
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
                store.sealAll(); // from before there was a key, which nobody could have known
            }
            store.tellForeignKeys();
            return store;
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    private void sealAll() {
        int sealed = 0;
        String after = "";
        for (List<Letter> page = unsealed(null, after, PAGE); !page.isEmpty(); page = unsealed(null, after, PAGE)) {
            for (Letter letter : page) {
                after = letter.id();
                try {
                    sealed += seal(letter.id()) ? 1 : 0;
                } catch (StoreFailure e) {
                    LOG.warn("Dead letter {} was not sealed: {}", letter.id(), e.getMessage());
                }
            }
        }
        if (sealed > 0) {
            LOG.info("{} dead letter(s) of before were sealed", sealed);
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
        insert(letter, parts, null);
    }

    /** The same letter twice is the second try of one whose first answer was lost. */
    private void insert(Letter letter, Parts parts, @Nullable String node) {
        database.run(INSERT + " WHERE TRUE ON CONFLICT DO NOTHING", values(letter, parts, node));
    }

    private @Nullable Object[] values(Letter letter, Parts parts, @Nullable String node) {
        return new @Nullable Object[] {
            cluster,
            letter.id(),
            letter.state().word(),
            node,
            letter.route(),
            letter.api(),
            letter.firstFailed().toEpochMilli(),
            letter.failed().toEpochMilli(),
            letter.attempts(),
            parts.length(),
            parts.keyId(),
            parts.cause(),
            parts.content()
        };
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
        List<@Nullable Object> all = new ArrayList<>(Arrays.asList(first));
        all.addAll(Arrays.asList(
                values(letter, parts, letter.state() == Letter.State.RUNNING ? "of the older version" : null)));
        database.run(before + INSERT + after + " ON CONFLICT DO NOTHING", all.toArray());
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
        return database.all(
                "SELECT " + COLUMNS + " FROM dromedar_letter WHERE cluster = ? AND id > ?"
                        + (route == null ? "" : " AND route = ?") + " ORDER BY id LIMIT ?",
                this::letter,
                route == null ? new Object[] {cluster, after, most} : new Object[] {cluster, after, route, most});
    }

    private Letter letter(ResultSet row) throws SQLException {
        String id = row.getString(1);
        Instant failed = Instant.ofEpochMilli(row.getLong(6));
        Letter.State state;
        try {
            state = Letter.State.valueOf(String.valueOf(row.getString(2)).toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            return Letter.unreadable(
                    id, Letter.State.KEPT, failed, "Dead letter " + id + " has a state that is not known.");
        }
        var letter = new Letter(
                id,
                String.valueOf(row.getString(3)),
                row.getString(4),
                Instant.ofEpochMilli(row.getLong(5)),
                failed,
                row.getInt(7),
                state,
                "");
        try {
            return letter.withCause(format.cause(letter, row.getString(8), row.getBytes(9)));
        } catch (StoreFailure e) {
            return Letter.unreadable(id, state, failed, String.valueOf(e.getMessage()));
        }
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
        return first(database.all(
                "SELECT " + COLUMNS + " FROM dromedar_letter WHERE cluster = ? AND id = ?", this::letter, cluster, id));
    }

    private static @Nullable Letter first(List<Letter> letters) {
        return letters.isEmpty() ? null : letters.get(0);
    }

    /** What came into the route. May hold personal data. */
    public KeptMessage message(Letter letter) {
        return format.message(letter, parts(letter));
    }

    /**
     * What came into the route, to send it in again.
     *
     * @throws StoreFailure besides, if the letter is not sealed though a key is set
     */
    KeptMessage messageToReplay(Letter letter) {
        Parts parts = parts(letter);
        format.refuseUnsealed(letter, parts.keyId());
        return format.message(letter, parts);
    }

    private Parts parts(Letter letter) {
        List<Parts> found = database.all(
                "SELECT key_id, cause, content FROM dromedar_letter WHERE cluster = ? AND id = ?",
                row -> new Parts(row.getString(1), row.getBytes(2), row.getBytes(3)),
                cluster,
                letter.id());
        if (found.isEmpty()) {
            throw new StoreFailure("Dead letter " + letter.id() + " is gone: it was replayed or discarded.");
        }
        return found.get(0);
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

    /** The letters that are not sealed, oldest first, as {@link #list(String, String, int)}. */
    public List<Letter> unsealed(@Nullable String route, String after, int most) {
        return database.all(
                "SELECT " + COLUMNS + " FROM dromedar_letter WHERE cluster = ? AND key_id IS NULL AND id > ?"
                        + (route == null ? "" : " AND route = ?") + " ORDER BY id LIMIT ?",
                this::letter,
                route == null ? new Object[] {cluster, after, most} : new Object[] {cluster, after, route, most});
    }

    /**
     * Seals a letter that is not sealed, as it is. False if it is gone, sealed, or its replay is running.
     *
     * @throws StoreFailure if no key is set, or the letter cannot be read
     */
    public boolean seal(String id) {
        if (seal == null) {
            throw new StoreFailure(
                    "dromedar.dead-letters.secret-key is not set, and no key was made: there is no key to seal letters with.");
        }
        Letter found = find(id);
        if (found == null || found.state() == Letter.State.RUNNING) {
            return false;
        }
        Parts open = parts(found);
        if (open.keyId() != null) {
            return false;
        }
        Letter letter = found.withCause(new String(open.cause(), java.nio.charset.StandardCharsets.UTF_8));
        Parts parts = format.write(letter, format.message(letter, open));
        return database.run(
                        "UPDATE dromedar_letter SET key_id = ?, cause = ?, content = ?, bytes = ?"
                                + " WHERE cluster = ? AND id = ? AND key_id IS NULL AND failed = ? AND attempts = ?"
                                + " AND state <> ?",
                        parts.keyId(),
                        parts.cause(),
                        parts.content(),
                        parts.length(),
                        cluster,
                        id,
                        letter.failed().toEpochMilli(),
                        letter.attempts(),
                        RUNNING)
                == 1;
    }

    /** Takes the oldest letter whose replay is requested; no one else gets it. Null if there is none. */
    @Nullable
    Letter claim() {
        return first(database.all(
                "UPDATE dromedar_letter SET state = ?, node = ?, claim = claim + 1 WHERE cluster = ? AND id ="
                        + " (SELECT id FROM dromedar_letter WHERE cluster = ? AND state = ? ORDER BY id LIMIT 1"
                        + database.skipLocked() + ") RETURNING " + COLUMNS + ", claim",
                row -> {
                    claims.put(row.getString(1), row.getLong(10));
                    return letter(row);
                },
                RUNNING,
                database.node(),
                cluster,
                cluster,
                ASKED));
    }

    /** The replay of a claimed letter has done its work. False if the letter was claimed again since, or is gone. */
    boolean done(Letter letter) {
        return end(letter, "DELETE FROM dromedar_letter");
    }

    private boolean end(Letter letter, String change, @Nullable Object... values) {
        List<@Nullable Object> all = new ArrayList<>(Arrays.asList(values));
        long claim = claims.getOrDefault(letter.id(), -1L);
        all.addAll(Arrays.asList(cluster, letter.id(), database.node(), claim, RUNNING, INTERRUPTED));
        boolean mine = database.run(change + MINE, all.toArray()) == 1;
        claims.remove(letter.id(), claim);
        return mine;
    }

    /**
     * The replay of a claimed letter has failed; the letter is kept again, with what is new in it. False if it was claimed
     * again since, or is gone.
     */
    boolean failed(Letter letter, KeptMessage message) {
        Parts parts = format.write(letter, message);
        return end(
                letter,
                "UPDATE dromedar_letter SET state = ?, node = NULL, api = ?, failed = ?, attempts = ?, bytes = ?,"
                        + " key_id = ?, cause = ?, content = ?",
                KEPT,
                letter.api(),
                letter.failed().toEpochMilli(),
                letter.attempts(),
                parts.length(),
                parts.keyId(),
                parts.cause(),
                parts.content());
    }

    /** The replay of a claimed letter could not begin; the letter is kept again as it was. */
    void release(Letter letter) {
        end(letter, "UPDATE dromedar_letter SET state = ?, node = NULL", KEPT);
    }

    private record Claim(String id, String node) {}

    /** Finds the letters whose worker died while it replayed them, and marks them interrupted. */
    List<Letter> findInterrupted() {
        List<Claim> claims = database.all(
                "SELECT id, node FROM dromedar_letter WHERE cluster = ? AND state = ? ORDER BY id",
                row -> new Claim(row.getString(1), String.valueOf(row.getString(2))),
                cluster,
                RUNNING);
        List<Letter> found = new ArrayList<>();
        // After the claims: a node that has claimed a letter is known by then, unless it is dead
        Set<String> living = claims.isEmpty() ? Set.of() : database.livingNodes();
        for (Claim claim : claims) {
            if (!living.contains(claim.node())) {
                found.addAll(database.all(
                        "UPDATE dromedar_letter SET state = ? WHERE cluster = ? AND id = ? AND node = ? AND state = ?"
                                + " RETURNING " + COLUMNS,
                        this::letter,
                        INTERRUPTED,
                        cluster,
                        claim.id(),
                        claim.node(),
                        RUNNING));
            }
        }
        return found;
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
        database.makeSureOfRoom(0);
        database.run("UPDATE dromedar_format SET version = version");
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
