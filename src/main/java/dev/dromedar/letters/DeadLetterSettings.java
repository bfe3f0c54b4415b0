package dev.dromedar.letters;

import dev.dromedar.keys.Secret;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * {@code dromedar.dead-letters.*}.
 *
 * @param folder of the file store; not used in a cluster, where letters are in the database
 * @param keep how long a letter is kept after its last failure; then it is removed, and that is logged
 * @param mostBytes of all letters together; a letter that would not fit is refused, and its exchange fails
 * @param secretKey base64 of the 32 bytes that seal causes, headers and bodies; those before it may follow; or null
 * @param keyFile where a key is made if none is set; null for none, and letters are then readable on disk
 * @param everyRoute whether routes without an error handler of their own get one that makes dead letters
 * @param redeliveries of that error handler
 * @param redeliveryDelay of that error handler
 */
public record DeadLetterSettings(
        Path folder,
        Duration keep,
        long mostBytes,
        @Nullable Secret secretKey,
        @Nullable Path keyFile,
        boolean everyRoute,
        int redeliveries,
        Duration redeliveryDelay) {

    public DeadLetterSettings {
        if (secretKey != null) {
            Seal.check(secretKey);
        }
    }

    /** Letters are sealed if there is a key, and readable on disk without. */
    public DeadLetterSettings(
            Path folder,
            Duration keep,
            long mostBytes,
            @Nullable Secret secretKey,
            boolean everyRoute,
            int redeliveries,
            Duration redeliveryDelay) {
        this(folder, keep, mostBytes, secretKey, null, everyRoute, redeliveries, redeliveryDelay);
    }
}
