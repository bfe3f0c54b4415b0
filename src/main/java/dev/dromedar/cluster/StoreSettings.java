package dev.dromedar.cluster;

import dev.dromedar.letters.DeadLetterSettings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What is kept, and where.
 *
 * @param feedFolder of feed pointers on a machine of its own
 * @param cluster null on a machine of its own
 */
public record StoreSettings(
        DeadLetterSettings deadLetters,
        Path feedFolder,
        @Nullable ClusterSettings cluster) {}
