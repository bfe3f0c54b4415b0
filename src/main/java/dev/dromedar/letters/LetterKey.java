package dev.dromedar.letters;

import dev.dromedar.keys.MadeKey;
import dev.dromedar.keys.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The keys that seal letters and open them: those that are set, or one that is made beside the folder at first use. */
final class LetterKey {
    private LetterKey() {}

    /** Whether the next worker makes a key: then nobody has one yet, and no letter is sealed. */
    static boolean isToBeMade(DeadLetterSettings settings) {
        Path file = settings.keyFile();
        return settings.secretKey() == null && file != null && !Files.exists(file);
    }

    /** Of a worker on its own; null if letters are not sealed. */
    static @Nullable Secret own(DeadLetterSettings settings) {
        Path file = settings.keyFile();
        if (settings.secretKey() != null || file == null) {
            return settings.secretKey();
        }
        try {
            return MadeKey.in(file, "dead letters do not open");
        } catch (IOException | IllegalArgumentException e) {
            throw unusable(e);
        }
    }

    /** Of a command, which makes none: null if there is none. */
    static @Nullable Secret found(DeadLetterSettings settings) {
        Path file = settings.keyFile();
        if (settings.secretKey() != null || file == null) {
            return settings.secretKey();
        }
        try {
            return MadeKey.find(file);
        } catch (IOException | IllegalArgumentException e) {
            throw unusable(e);
        }
    }

    /** Of a node of a cluster: nodes cannot make a key each, since none would open what another has sealed. */
    static @Nullable Secret shared(DeadLetterSettings settings) {
        if (settings.secretKey() == null && settings.keyFile() != null) {
            throw new StoreFailure(
                    "dromedar.dead-letters.secret-key: missing. Dead letters are sealed, and in a cluster all"
                            + " nodes need the same key. Make one: openssl rand -base64 32 > secrets/dead-letters.key, and give it to"
                            + " each node; or set dromedar.dead-letters.sealed = false.");
        }
        return settings.secretKey();
    }

    private static StoreFailure unusable(Exception e) {
        return new StoreFailure("dromedar.dead-letters.secret-key: the key that was made cannot be used: "
                + e.getMessage() + ". Correct that, set a key, or set dromedar.dead-letters.sealed = false.");
    }
}
