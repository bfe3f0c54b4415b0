/**
 * Where the OAuth 2.0 client meets Camel: the Processor that a route names, and the HTTP layer under Camel's
 * producer.
 */
@NullMarked
package dev.dromedar.camel;

import org.jspecify.annotations.NullMarked;
