/** What makes Spring Boot install the APIs by itself. A package of its own, so that nothing else needs Spring. */
@NullMarked
package dev.dromedar.spring;

import org.jspecify.annotations.NullMarked;
