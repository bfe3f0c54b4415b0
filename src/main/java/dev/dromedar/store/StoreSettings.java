package dev.dromedar.store;

import org.jspecify.annotations.Nullable;

/**
 * What is kept, and where.
 *
 * @param cluster null on a machine of its own
 */
public record StoreSettings(
        DeadLetterSettings deadLetters, @Nullable ClusterSettings cluster) {}
