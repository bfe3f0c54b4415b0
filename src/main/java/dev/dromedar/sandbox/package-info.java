/**
 * Strict local authorities and APIs on loopback, for trying the worker and for its tests. They keep the standards and the
 * authorities' own rules to the letter, say which check refused a request, count what they saw, and fail on demand.
 * Shares no code with {@code oauth}, so that one mistake is not made on both sides.
 */
@NullMarked
package dev.dromedar.sandbox;

import org.jspecify.annotations.NullMarked;
