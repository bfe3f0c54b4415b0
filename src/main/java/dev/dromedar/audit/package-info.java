/**
 * The audit file: a record of each outbound call and of what operators did, chained by keyed hashes, so that a record that was
 * changed, removed, inserted or moved is found. Knows nothing of Camel, and reads nothing of the worker's store.
 */
@NullMarked
package dev.dromedar.audit;

import org.jspecify.annotations.NullMarked;
