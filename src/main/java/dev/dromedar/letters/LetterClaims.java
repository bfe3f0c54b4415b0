package dev.dromedar.letters;

import dev.dromedar.letters.LetterFormat.Parts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The letters that workers replay: a letter is claimed by one node at a time, and each claim has a number, by which a node that was
 * considered dead meanwhile knows that the letter is no longer its own.
 */
final class LetterClaims {
    private static final String KEPT = Letter.State.KEPT.word();
    private static final String ASKED = Letter.State.ASKED.word();
    private static final String RUNNING = Letter.State.RUNNING.word();
    private static final String INTERRUPTED = Letter.State.INTERRUPTED.word();

    /**
     * Of a letter that this node replays: it may have been taken for interrupted meanwhile, and its work is done all the same.
     * But not when it was claimed again since: then the number of its claim is another.
     */
    private static final String MINE = " WHERE cluster = ? AND id = ? AND node = ? AND claim = ? AND state IN (?, ?)";

    private final SqlDatabase database;
    private final String cluster;
    private final LetterTable table;
    private final LetterFormat format;
    /** The number of the claim of each letter that this store has claimed and not given back. */
    private final Map<String, Long> claims = new ConcurrentHashMap<>();

    LetterClaims(SqlDatabase database, LetterTable table, LetterFormat format) {
        this.database = database;
        this.cluster = database.cluster();
        this.table = table;
        this.format = format;
    }

    /** Takes the oldest letter whose replay is requested; no one else gets it. Null if there is none. */
    @Nullable
    Letter claim() {
        List<Letter> taken = database.all(
                "UPDATE dromedar_letter SET state = ?, node = ?, claim = claim + 1 WHERE cluster = ? AND id ="
                        + " (SELECT id FROM dromedar_letter WHERE cluster = ? AND state = ? ORDER BY id LIMIT 1"
                        + database.skipLocked() + ") RETURNING " + LetterTable.COLUMNS + ", claim",
                row -> {
                    claims.put(row.getString(1), row.getLong(10));
                    return table.letter(row);
                },
                RUNNING,
                database.node(),
                cluster,
                cluster,
                ASKED);
        return taken.isEmpty() ? null : taken.get(0);
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

    /** Finds the letters whose worker died while it replayed them, and marks them interrupted. Not beside {@link #claim}. */
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
            if (!living.contains(claim.node()) || isOfALifeBefore(claim)) {
                found.addAll(database.all(
                        "UPDATE dromedar_letter SET state = ? WHERE cluster = ? AND id = ? AND node = ? AND state = ?"
                                + " RETURNING " + LetterTable.COLUMNS,
                        table::letter,
                        INTERRUPTED,
                        cluster,
                        claim.id(),
                        claim.node(),
                        RUNNING));
            }
        }
        return found;
    }

    /** A worker that died and was started again at once has the same name, and lives. */
    private boolean isOfALifeBefore(Claim claim) {
        return claim.node().equals(database.node()) && !claims.containsKey(claim.id());
    }
}
