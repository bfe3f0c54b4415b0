package dev.dromedar.letters;

import dev.dromedar.letters.LetterFormat.Parts;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The table of the letters, as rows are written and read. */
final class LetterTable {
    /** Of a letter without its content, in the order of {@link #letter}. */
    static final String COLUMNS = "id, state, route, api, first_failed, failed, attempts, key_id, cause";

    private static final Logger LOG = LoggerFactory.getLogger(LetterTable.class);
    private static final String INSERT =
            "INSERT INTO dromedar_letter (cluster, id, state, node, route, api, first_failed,"
                    + " failed, attempts, bytes, key_id, cause, content) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?";

    private final SqlDatabase database;
    private final LetterFormat format;

    LetterTable(SqlDatabase database, LetterFormat format) {
        this.database = database;
        this.format = format;
    }

    /**
     * Inserts a letter. The same letter twice is the second try of one whose first answer was lost.
     *
     * @param before the statement, with the values {@code first}
     * @param after the values
     */
    void insert(
            String before, String after, Letter letter, Parts parts, @Nullable String node, @Nullable Object... first) {
        List<@Nullable Object> all = new ArrayList<>(Arrays.asList(first));
        all.addAll(Arrays.asList(
                database.cluster(),
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
                parts.content()));
        database.run(before + INSERT + after + " ON CONFLICT DO NOTHING", all.toArray());
    }

    /**
     * A page of letters, oldest first.
     *
     * @param and a further condition
     */
    List<Letter> page(String and, @Nullable String route, String after, int most) {
        String cluster = database.cluster();
        return database.all(
                "SELECT " + COLUMNS + " FROM dromedar_letter WHERE cluster = ?" + and + " AND id > ?"
                        + (route == null ? "" : " AND route = ?") + " ORDER BY id LIMIT ?",
                this::letter,
                route == null ? new Object[] {cluster, after, most} : new Object[] {cluster, after, route, most});
    }

    /** One letter, or null if there is none of that id. */
    @Nullable
    Letter find(String id) {
        List<Letter> found = database.all(
                "SELECT " + COLUMNS + " FROM dromedar_letter WHERE cluster = ? AND id = ?",
                this::letter,
                database.cluster(),
                id);
        return found.isEmpty() ? null : found.get(0);
    }

    /** A letter as the row has it; one that cannot be read says why. */
    Letter letter(ResultSet row) throws SQLException {
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

    Parts parts(Letter letter) {
        List<Parts> found = database.all(
                "SELECT key_id, cause, content FROM dromedar_letter WHERE cluster = ? AND id = ?",
                row -> new Parts(row.getString(1), row.getBytes(2), row.getBytes(3)),
                database.cluster(),
                letter.id());
        if (found.isEmpty()) {
            throw new StoreFailure("Dead letter " + letter.id() + " is gone: it was replayed or discarded.");
        }
        return found.get(0);
    }

    /** Reports letters that are sealed with keys which are not among these. */
    void tellForeignKeys(@Nullable Seal seal) {
        if (seal == null) {
            return;
        }
        List<String> others = database.all(
                "SELECT DISTINCT key_id FROM dromedar_letter WHERE cluster = ? AND key_id IS NOT NULL",
                row -> row.getString(1),
                database.cluster());
        others.stream()
                .filter(id -> seal.ofKey(id) == null)
                .forEach(id -> LOG.error(
                        "Dead letters are here that are sealed with the key {}, which this worker does not have: it can neither show"
                                + " nor replay them. Add the key to dromedar.dead-letters.secret-key; in a cluster all nodes need the"
                                + " same keys.",
                        id));
    }
}
