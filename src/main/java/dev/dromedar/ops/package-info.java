/**
 * What operators see and do: JMX, console, health, metrics, status page, audit. Reads snapshots, and changes nothing but what
 * a command says.
 */
@NullMarked
package dev.dromedar.ops;

import org.jspecify.annotations.NullMarked;
