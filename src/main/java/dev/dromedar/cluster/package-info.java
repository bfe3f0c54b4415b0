/**
 * The database that the nodes of a cluster share: their signs of life, leases, and Quartz on it. Letters and feed positions are
 * in {@code letters}, which this package puts on that database.
 */
@NullMarked
package dev.dromedar.cluster;

import org.jspecify.annotations.NullMarked;
