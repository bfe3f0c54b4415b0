package dev.dromedar.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Dead letters in the cluster's database. Every node sees all of them; one node replays one of them at a time. */
final class DatabaseLetters implements Letters {
    private static final String KEPT = Letter.State.KEPT.word();
    private static final String ASKED = Letter.State.ASKED.word();
    private static final String RUNNING = Letter.State.RUNNING.word();
    private static final String INTERRUPTED = Letter.State.INTERRUPTED.word();

    private static final Duration COUNT_EVERY = Duration.ofSeconds(10);

    private final Database database;
    private final ClusterSettings cluster;
    private final LetterFormat format;
    private final long mostBytes;
    private long bytes;
    private long counted = System.nanoTime() - COUNT_EVERY.toNanos() - 1;

    DatabaseLetters(Database database, ClusterSettings cluster, DeadLetterSettings settings) {
        this.database = database;
        this.cluster = cluster;
        this.format = new LetterFormat(settings.secretKey() == null ? null : new Seal(settings.secretKey()));
        this.mostBytes = settings.mostBytes();
    }

    @Override
    public void add(Letter letter, Input input) {
        byte[] content = format.write(letter, input);
        makeSureOfRoom(content.length);
        // The same letter twice is the second try of a move whose first answer was lost
        database.run(
                "INSERT INTO dromedar_dead_letter (cluster, id, failed, state, line, content) VALUES (?, ?, ?, ?, ?, ?)"
                        + " ON CONFLICT DO NOTHING",
                cluster.name(),
                letter.id(),
                Timestamp.from(letter.failed()),
                letter.state().word(),
                line(content),
                content);
    }

    /** Counts what is there now and then: to count it for each of many letters would take longer than to keep them. */
    private synchronized void makeSureOfRoom(int more) {
        if (System.nanoTime() - counted > COUNT_EVERY.toNanos() || bytes + more > mostBytes) {
            bytes = usage().bytes();
            counted = System.nanoTime();
        }
        if (bytes + more > mostBytes) {
            throw new StoreFailure("The dead letters in the database are full: " + bytes / 1_000_000 + " of "
                    + mostBytes / 1_000_000
                    + " MB. Replay or discard letters, or raise dromedar.dead-letters.megabytes.");
        }
        bytes += more;
    }

    private static byte[] line(byte[] content) {
        int end = 0;
        while (content[end] != '\n') {
            end++;
        }
        return Arrays.copyOf(content, end + 1);
    }

    @Override
    public List<Letter> list(int most) {
        return database.all(
                "SELECT id, state, line, failed FROM dromedar_dead_letter WHERE cluster = ? ORDER BY id LIMIT ?",
                this::letter,
                cluster.name(),
                most);
    }

    private Letter letter(ResultSet row) throws SQLException {
        String id = row.getString(1);
        Letter.State state = Letter.State.valueOf(row.getString(2).toUpperCase(Locale.ROOT));
        try {
            return format.letter(row.getBytes(3), state, "dead letter " + id);
        } catch (StoreFailure e) {
            return Letter.unreadable(id, state, row.getTimestamp(4).toInstant(), String.valueOf(e.getMessage()));
        }
    }

    @Override
    public @Nullable Letter find(String id) {
        return first(database.all(
                "SELECT id, state, line, failed FROM dromedar_dead_letter WHERE cluster = ? AND id = ?",
                this::letter,
                cluster.name(),
                id));
    }

    private static @Nullable Letter first(List<Letter> letters) {
        return letters.isEmpty() ? null : letters.get(0);
    }

    @Override
    public Input input(Letter letter) {
        List<byte[]> content = database.all(
                "SELECT content FROM dromedar_dead_letter WHERE cluster = ? AND id = ?",
                row -> row.getBytes(1),
                cluster.name(),
                letter.id());
        if (content.isEmpty()) {
            throw new StoreFailure("Dead letter " + letter.id() + " is gone: it was replayed or discarded.");
        }
        return format.input(content.get(0), "dead letter " + letter.id());
    }

    @Override
    public boolean ask(String id) {
        return database.run(
                        "UPDATE dromedar_dead_letter SET state = ?, node = NULL WHERE cluster = ? AND id = ?"
                                + " AND state IN (?, ?)",
                        ASKED,
                        cluster.name(),
                        id,
                        KEPT,
                        INTERRUPTED)
                == 1;
    }

    @Override
    public boolean discard(String id) {
        return database.run(
                        "DELETE FROM dromedar_dead_letter WHERE cluster = ? AND id = ? AND state <> ?",
                        cluster.name(),
                        id,
                        RUNNING)
                == 1;
    }

    @Override
    public @Nullable Letter claim() {
        return first(database.all(
                "UPDATE dromedar_dead_letter SET state = ?, node = ? WHERE cluster = ? AND id ="
                        + " (SELECT id FROM dromedar_dead_letter WHERE cluster = ? AND state = ? ORDER BY id LIMIT 1"
                        + " FOR UPDATE SKIP LOCKED) RETURNING id, state, line, failed",
                this::letter,
                RUNNING,
                cluster.node(),
                cluster.name(),
                cluster.name(),
                ASKED));
    }

    /** A letter that was taken for interrupted meanwhile is done all the same: its work is. */
    @Override
    public void done(Letter letter) {
        database.run(
                "DELETE FROM dromedar_dead_letter WHERE cluster = ? AND id = ? AND node = ? AND state IN (?, ?)",
                cluster.name(),
                letter.id(),
                cluster.node(),
                RUNNING,
                INTERRUPTED);
    }

    @Override
    public void failed(Letter letter, Input input) {
        byte[] content = format.write(letter, input);
        database.run(
                "UPDATE dromedar_dead_letter SET state = ?, failed = ?, line = ?, content = ?, node = NULL"
                        + " WHERE cluster = ? AND id = ? AND node = ? AND state IN (?, ?)",
                KEPT,
                Timestamp.from(letter.failed()),
                line(content),
                content,
                cluster.name(),
                letter.id(),
                cluster.node(),
                RUNNING,
                INTERRUPTED);
    }

    @Override
    public void release(Letter letter) {
        database.run(
                "UPDATE dromedar_dead_letter SET state = ?, node = NULL WHERE cluster = ? AND id = ? AND node = ?"
                        + " AND state IN (?, ?)",
                KEPT,
                cluster.name(),
                letter.id(),
                cluster.node(),
                RUNNING,
                INTERRUPTED);
    }

    @Override
    public List<Letter> findInterrupted() {
        return database.all(
                "UPDATE dromedar_dead_letter SET state = ? WHERE cluster = ? AND state = ? AND NOT EXISTS (SELECT 1"
                        + " FROM dromedar_node n WHERE n.cluster = dromedar_dead_letter.cluster"
                        + " AND n.node = dromedar_dead_letter.node AND n.seen > now() - make_interval(secs => ?))"
                        + " RETURNING id, state, line, failed",
                this::letter,
                INTERRUPTED,
                cluster.name(),
                RUNNING,
                (double) cluster.deadAfter().toSeconds());
    }

    @Override
    public int removeBefore(Instant time) {
        return database.run(
                "DELETE FROM dromedar_dead_letter WHERE cluster = ? AND failed < ? AND state IN (?, ?)",
                cluster.name(),
                Timestamp.from(time),
                KEPT,
                INTERRUPTED);
    }

    @Override
    public Usage usage() {
        return database.one(
                "SELECT count(*), coalesce(sum(octet_length(content)), 0) FROM dromedar_dead_letter WHERE cluster = ?",
                row -> new Usage(row.getLong(1), row.getLong(2), mostBytes),
                cluster.name());
    }

    /** A server that is only a copy, or read-only for another reason, refuses to lock. */
    @Override
    public void probe() {
        database.all(
                "SELECT id FROM dromedar_dead_letter WHERE cluster = ? ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED",
                row -> row.getString(1),
                cluster.name());
    }

    @Override
    public boolean workerRuns() {
        return database.one(
                "SELECT count(*) > 0 FROM dromedar_node WHERE cluster = ? AND seen > now() - make_interval(secs => ?)",
                row -> row.getBoolean(1),
                cluster.name(),
                (double) cluster.deadAfter().toSeconds());
    }

    /** The database is the cluster's, and closes with it. */
    @Override
    public void close() {}
}
