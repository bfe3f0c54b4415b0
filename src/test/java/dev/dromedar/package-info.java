@NullMarked
package dev.dromedar;

import org.jspecify.annotations.NullMarked;
