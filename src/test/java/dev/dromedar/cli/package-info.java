@NullMarked
package dev.dromedar.cli;

import org.jspecify.annotations.NullMarked;
