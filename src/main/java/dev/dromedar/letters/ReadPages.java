package dev.dromedar.letters;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one step that reads pages has come to: it stands in the exchange property {@link #PROPERTY} beside the body, so that a
 * feed can take its position from it when the items have been worked on. Of one thread at a time.
 */
public final class ReadPages {
    /** The exchange property. */
    public static final String PROPERTY = "DromedarPages";

    private long items;
    private @Nullable Object last;
    private Map<String, Object> headers = Map.of();
    private @Nullable String next;

    /** An item was handed out. */
    public void item(Object item) {
        items++;
        last = item;
    }

    /**
     * All items of a page were handed out.
     *
     * @param answered the page's headers, without credentials
     * @param query of the next address that it names, percent-encoded; null if it names none
     */
    public void turned(Map<String, Object> answered, @Nullable String query) {
        headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.putAll(answered);
        next = query == null ? next : query;
    }

    long items() {
        return items;
    }

    /** The last item of all; null if there was none. */
    @Nullable
    Object last() {
        return last;
    }

    /** A header of the last page. */
    @Nullable
    Object header(String name) {
        return headers.get(name);
    }

    /** A query parameter of the last next address that a page has named, decoded; null if there is none. */
    @Nullable
    String next(String parameter) {
        if (next == null) {
            return null;
        }
        for (String pair : next.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0 && decoded(pair.substring(0, equals)).equals(parameter)) {
                return decoded(pair.substring(equals + 1));
            }
        }
        return null;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text; // a stray percent sign is what it is
        }
    }

    /** Holds an answer of an API, which may be personal data. */
    @Override
    public String toString() {
        return "pages, " + items + " items";
    }
}
