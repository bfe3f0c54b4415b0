/** What the properties say: each key declared once, read with all faults at once, with its secrets kept to itself. */
@NullMarked
package dev.dromedar.settings;

import org.jspecify.annotations.NullMarked;
