/**
 * The OAuth 2.0 client: tokens, client authentication, DPoP proofs, recovery. Knows nothing of Camel; {@code camel} and
 * {@code ops} depend on it, never the other way round.
 */
@NullMarked
package dev.dromedar.oauth;

import org.jspecify.annotations.NullMarked;
