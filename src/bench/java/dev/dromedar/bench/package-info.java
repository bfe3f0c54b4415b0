/** Benchmarks and the soak: see the README, Performance. Not part of the product, nor of its tests. */
@NullMarked
package dev.dromedar.bench;

import org.jspecify.annotations.NullMarked;
