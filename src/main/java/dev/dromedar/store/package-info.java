/**
 * What must outlive the process: dead letters, feed pointers, and the database that the nodes of a cluster share. A package
 * of its own because it stands beside the protocol and the HTTP edge: neither needs it, and a worker on one machine uses its
 * file store only.
 */
@NullMarked
package dev.dromedar.store;

import org.jspecify.annotations.NullMarked;
