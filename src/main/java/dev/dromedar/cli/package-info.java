/**
 * The worker as a process of its own, and its commands: what {@code ./run} starts. The command line's grammar is picocli's.
 * A package of its own because an embedder needs none of it: anyone who calls {@code Dromedar.install} needs no picocli.
 */
@NullMarked
package dev.dromedar.cli;

import org.jspecify.annotations.NullMarked;
