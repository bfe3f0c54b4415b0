package dev.dromedar.cluster;

import java.time.Instant;

/**
 * A node of the cluster.
 *
 * @param seen its last sign of life, by the database's clock
 * @param alive whether that is recent
 */
public record Node(String name, Instant seen, boolean alive) {}
