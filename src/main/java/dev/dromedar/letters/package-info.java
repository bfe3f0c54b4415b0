/**
 * Dead letters and feed positions: what must outlive the process. One SQL store with the same statements everywhere: SQLite in
 * a folder of a worker on its own, PostgreSQL in a cluster, whose package depends on this one. SQLite and Flyway are loaded
 * when a route first names dead letters or a feed; an application without either needs neither jar.
 */
@NullMarked
package dev.dromedar.letters;

import org.jspecify.annotations.NullMarked;
