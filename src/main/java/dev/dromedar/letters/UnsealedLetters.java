package dev.dromedar.letters;

import dev.dromedar.letters.LetterFormat.Parts;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The letters that are not sealed: from before there was a key, or by choice. */
final class UnsealedLetters {
    private static final Logger LOG = LoggerFactory.getLogger(UnsealedLetters.class);
    private static final int PAGE = 200;

    private final SqlDatabase database;
    private final LetterTable table;
    private final LetterFormat format;

    UnsealedLetters(SqlDatabase database, LetterTable table, LetterFormat format) {
        this.database = database;
        this.table = table;
        this.format = format;
    }

    /** The letters that are not sealed, oldest first, as a page of all letters. */
    List<Letter> list(@Nullable String route, String after, int most) {
        return table.page(" AND key_id IS NULL", route, after, most);
    }

    /**
     * Seals a letter that is not sealed, as it is. False if it is gone, sealed, or its replay is running.
     *
     * @throws StoreFailure if no key is set, or the letter cannot be read
     */
    boolean seal(String id) {
        if (!format.seals()) {
            throw new StoreFailure(
                    "dromedar.dead-letters.secret-key is not set, and no key was made: there is no key to seal letters with.");
        }
        Letter found = table.find(id);
        if (found == null || found.state() == Letter.State.RUNNING) {
            return false;
        }
        Parts open = table.parts(found);
        if (open.keyId() != null) {
            return false;
        }
        Letter letter = found.withCause(new String(open.cause(), StandardCharsets.UTF_8));
        Parts parts = format.write(letter, format.message(letter, open));
        return database.run(
                        "UPDATE dromedar_letter SET key_id = ?, cause = ?, content = ?, bytes = ?"
                                + " WHERE cluster = ? AND id = ? AND key_id IS NULL AND failed = ? AND attempts = ?"
                                + " AND state <> ?",
                        parts.keyId(),
                        parts.cause(),
                        parts.content(),
                        parts.length(),
                        database.cluster(),
                        id,
                        letter.failed().toEpochMilli(),
                        letter.attempts(),
                        Letter.State.RUNNING.word())
                == 1;
    }

    /** Seals them all; one that cannot be sealed stays as it is, and is reported. */
    void sealAll() {
        int sealed = 0;
        String after = "";
        for (List<Letter> page = list(null, after, PAGE); !page.isEmpty(); page = list(null, after, PAGE)) {
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
}
