/**
 * The route files of a site: read and checked, taken again when they change, stopped where they cannot run, and how their
 * runs went.
 */
@NullMarked
package dev.dromedar.routes;

import org.jspecify.annotations.NullMarked;
