/** The worker's entry: starts Camel, or runs a command. */
@NullMarked
package dev.dromedar;

import org.jspecify.annotations.NullMarked;
