package dev.dromedar.camel;

import dev.dromedar.camel.CallAddress.Target;
import dev.dromedar.oauth.ForeignText;
import java.net.URI;
import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How an API's pages follow one another, as a route writes it: {@code link} (RFC 8288), {@code json:$.next},
 * {@code header:NAME}, {@code fhir} ({@code Bundle.link}), or {@code offset:NAME,SIZE}. Thread-safe.
 *
 * @param source of the next address or cursor: a path in JSON, a header's name, or the offset's parameter; else empty
 * @param size of a full page, for an offset
 * @param items where the items are in the page's JSON
 * @param parameter takes the cursor; null if there are whole addresses
 * @param limit most pages of one call
 */
record Pages(
        Kind kind,
        String source,
        int size,
        String items,
        @Nullable String parameter,
        int limit) {
    /** By what a page names the next. */
    enum Kind {
        LINK,
        JSON,
        HEADER,
        FHIR,
        OFFSET
    }

    static final int USUAL_LIMIT = 10_000;
    private static final String WAYS = " Write link, json:$.next, header:NAME, fhir or offset:NAME,SIZE.";

    /** @throws IllegalArgumentException if it cannot be read */
    static Pages of(String written, @Nullable String items, @Nullable String parameter, int limit) {
        String way = written.replaceFirst(":.*", "");
        String source = written.substring(Math.min(written.length(), way.length() + 1));
        if (limit < 1) {
            throw new IllegalArgumentException("pageLimit must be 1 or more.");
        }
        Kind kind = Arrays.stream(Kind.values())
                .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(way))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("pages '" + written + "' is not known." + WAYS));
        String where = items != null ? items : kind == Kind.FHIR ? "$.entry" : kind == Kind.JSON ? null : "$";
        if (where == null) {
            throw new IllegalArgumentException(
                    "pages=" + written + " needs to know where a page's items are. Add items, as items=$.items.");
        }
        int size = 0;
        switch (kind) {
            case LINK, FHIR -> check(source.isEmpty(), written);
            case JSON -> source = pointer(source);
            case HEADER -> check(ForeignText.isToken(source, 100), written);
            case OFFSET -> {
                String[] parts = source.split(",", -1);
                check(parts.length == 2 && !parts[0].isBlank() && ForeignText.isNumber(parts[1].strip(), 6), written);
                source = parts[0].strip();
                size = Integer.parseInt(parts[1].strip());
                check(size > 0, written);
            }
        }
        if (parameter != null && kind != Kind.JSON && kind != Kind.HEADER) {
            throw new IllegalArgumentException("pageParameter has no effect with pages=" + written
                    + ". It is for json: and header:, where a page" + " names a cursor.");
        }
        return new Pages(kind, source, size, pointer(where), parameter, limit);
    }

    private static void check(boolean good, String written) {
        if (!good) {
            throw new IllegalArgumentException("pages '" + written + "' cannot be read." + WAYS);
        }
    }

    /** {@code $.a.b} as {@code /a/b}. */
    private static String pointer(String path) {
        if (!path.startsWith("$") || path.contains("[") || path.contains("..") || path.endsWith(".")) {
            throw new IllegalArgumentException("'" + path + "' is no path of names in JSON. Write $ or $.a.b.");
        }
        return path.substring(1).replace('.', '/');
    }

    /**
     * Where the next page is; null after the last.
     *
     * @param base the API's
     * @param page that has been read
     * @param named what the page's JSON names, or null
     * @param headers of the page
     * @param count items of the page
     * @param all items so far
     * @throws RefusedCall if that is not below the base address, or is this very page and has items
     */
    @Nullable
    Target next(URI base, Target page, @Nullable String named, Map<String, Object> headers, long count, long all) {
        if (kind == Kind.OFFSET) {
            return count < size ? null : page.with(source, Long.toString(all));
        }
        String text =
                switch (kind) {
                    case LINK -> LinkHeader.next(joined(headers.get("Link")));
                    case HEADER -> joined(headers.get(source));
                    default -> named;
                };
        if (text == null || text.isBlank()) {
            return null;
        }
        Target next = parameter != null
                ? page.with(parameter, text)
                : page.linked(base, text.strip(), "The page names a next address");
        if (next.equals(page) && count == 0) {
            return null; // a feed's end, whose next request is the same one again
        }
        if (next.equals(page)) {
            throw new RefusedCall("The page names itself as the next. Report it to the API's owner.");
        }
        return next;
    }

    /** Camel takes a header apart at its commas. */
    private static @Nullable String joined(@Nullable Object header) {
        return header == null
                ? null
                : header instanceof Collection<?> many
                        ? many.stream().map(String::valueOf).collect(Collectors.joining(","))
                        : header.toString();
    }
}
