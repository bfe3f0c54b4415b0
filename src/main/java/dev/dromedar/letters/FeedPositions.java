package dev.dromedar.store;

import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Where feed pointers are: files on one machine, or the database of a cluster. Thread-safe. */
interface Pointers {

    /** The number of the last event whose work is done, or null if none is yet. */
    @Nullable
    Long position(String feed);

    /**
     * Moves a pointer, if it is where the caller found it.
     *
     * @param from what {@link #position} was
     * @return false if somebody moved it meanwhile; then it stays where they put it
     */
    boolean advance(String feed, @Nullable Long from, long to);

    /** Puts a pointer somewhere, forwards or back. */
    void set(String feed, long to);

    SortedMap<String, Long> all();
}
