package dev.dromedar.cluster;

import dev.dromedar.letters.DeadLetterStore;
import dev.dromedar.letters.FormerFormat;
import dev.dromedar.letters.Letter;
import dev.dromedar.letters.StoreFailure;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Letters in the table of the first version, which nodes of that version may still write while others are upgraded. Moves each
 * in one statement. A letter that such a node replays now stays until it is done. What cannot be read stays, and is reported
 * once.
 */
final class FormerRows {
    private static final Logger LOG = LoggerFactory.getLogger(FormerRows.class);
    private static final int PAGE = 50;

    private final Database database;
    private final Set<String> reported = new HashSet<>();

    private record Row(String id, String state, byte[] content) {}

    FormerRows(Database database) {
        this.database = database;
    }

    synchronized void moveInto(DeadLetterStore store) {
        int moved = 0;
        String after = "";
        List<Row> page;
        do {
            page = database.all(
                    "SELECT id, state, content FROM dromedar_dead_letter WHERE cluster = ? AND id > ?"
                            + " AND (state <> 'running' OR NOT EXISTS (SELECT 1 FROM dromedar_node n"
                            + " WHERE n.cluster = dromedar_dead_letter.cluster AND n.node = dromedar_dead_letter.node"
                            + " AND n.seen > now() - make_interval(secs => ?))) ORDER BY id LIMIT ?",
                    row -> new Row(row.getString(1), row.getString(2), row.getBytes(3)),
                    database.cluster(),
                    after,
                    database.silentSeconds(),
                    PAGE);
            for (Row row : page) {
                after = row.id();
                moved += move(row, store) ? 1 : 0;
            }
        } while (page.size() == PAGE);
        if (moved > 0) {
            LOG.info("Dead letters: {} letter(s) of the older version taken over", moved);
        }
    }

    private boolean move(Row row, DeadLetterStore store) {
        FormerFormat.Former letter;
        try {
            Letter.State state = Letter.State.valueOf(row.state().toUpperCase(Locale.ROOT));
            letter = store.former(row.content(), state, "letter " + row.id() + " of the older version");
        } catch (StoreFailure | IllegalArgumentException e) {
            if (reported.add(row.id())) {
                LOG.warn(
                        "Dead letters: {}. It stays in the table dromedar_dead_letter, and is taken over when it can be read.",
                        e.getMessage());
            }
            return false;
        }
        store.takeOverRemoved(
                letter,
                "WITH moved AS (DELETE FROM dromedar_dead_letter WHERE cluster = ? AND id = ? AND state = ? RETURNING id)",
                database.cluster(),
                row.id(),
                row.state());
        return true;
    }
}
