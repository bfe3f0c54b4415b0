package dev.dromedar.audit;

import dev.dromedar.keys.Secret;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where the audit's records go and what happens if they cannot.
 *
 * @param file {@code dromedar.audit = file:...}; those that were rolled, the key, the head and the lock are beside it
 * @param keyFile of the key that is made, where none is set
 * @param node names this worker in its records
 * @param rollSize a file that has grown to so many bytes is closed and another begun; each day (UTC) begins another too
 * @param keep how long files that were rolled stay, or null: the worker removes none
 * @param stops whether calls are refused while records cannot be written; otherwise they go on and the loss is recorded
 * @param secretKey base64 of the 32 bytes that records are hashed with, or null for a key that is made beside the file
 */
public record AuditSettings(
        Path file,
        Path keyFile,
        String node,
        long rollSize,
        @Nullable Duration keep,
        boolean stops,
        @Nullable Secret secretKey) {

    /** Of the commands, which act while a worker has its own file locked: a chain of its own, with the same key. */
    public AuditSettings ofCommands() {
        String name = String.valueOf(file.getFileName());
        int dot = name.lastIndexOf('.');
        String beside = dot <= 0 ? name + "-commands" : name.substring(0, dot) + "-commands" + name.substring(dot);
        return new AuditSettings(file.resolveSibling(beside), keyFile, node, rollSize, keep, stops, secretKey);
    }
}
