/**
 * A private key or secret from anywhere, followed as it changes: text, files, key stores, tokens of hardware. Knows nothing of
 * tokens, and imports nothing of this project's other packages.
 */
@NullMarked
package dev.dromedar.keys;

import org.jspecify.annotations.NullMarked;
