@NullMarked
package dev.dromedar.camel;

import org.jspecify.annotations.NullMarked;
