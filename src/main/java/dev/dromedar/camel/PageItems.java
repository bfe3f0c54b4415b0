package dev.dromedar.camel;

import dev.dromedar.camel.CallAddress.Target;
import dev.dromedar.letters.ReadPages;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The items of all pages, for a streaming split. A page is fetched when the items before it have been taken, and one page is
 * held at a time. Of one thread.
 */
final class PageItems implements Iterator<Object>, Closeable {
    /**
     * A page's answer.
     *
     * @param base the API's base address when it was called
     * @param release to be called when its body has been read
     */
    record Page(URI base, Target target, InputStream body, Map<String, Object> headers, Runnable release) {}

    /** Fetches pages. */
    interface Source {
        /**
         * Fetches one page.
         *
         * @throws FailedCall if there is no page
         */
        Page page(Target target);

        /**
         * How the pages ended before their end.
         *
         * @param page that could not be read, from 1
         * @param items before it
         */
        FailedCall stopped(Exception cause, int page, long items);
    }

    private final Pages rules;
    private final Source source;
    private final ReadPages read;
    private @Nullable Page page;
    private @Nullable JsonPage json;
    private @Nullable Object next;
    private @Nullable FailedCall failure;
    private int pages = 1;
    private long inPage;
    private long all;

    /** @param read gets the position of the newest item and page */
    PageItems(Pages rules, Source source, Page first, ReadPages read) {
        this.rules = rules;
        this.read = read;
        this.source = source;
        this.page = first;
    }

    /** True also where the next page failed, which {@link #next} says: a split looks ahead while it still has an item. */
    @Override
    public boolean hasNext() {
        try {
            while (next == null && failure == null && page != null) {
                JsonPage content = json == null ? new JsonPage(page.body(), rules) : json;
                json = content;
                next = content.item();
                if (next == null) {
                    turn(page, content);
                }
            }
        } catch (FailedCall | RefusedCall | IOException e) {
            close();
            failure = source.stopped(e, pages, all);
        }
        return next != null || failure != null;
    }

    private void turn(Page done, JsonPage content) {
        if (!content.hadItems()) {
            throw new RefusedCall("The page has no array at items=$"
                    + rules.items().replace('/', '.') + ". Correct items, or pages.");
        }
        Target target = rules.next(done.base(), done.target(), content.next(), done.headers(), inPage, all);
        Map<String, Object> headers = new HashMap<>(done.headers());
        headers.keySet().removeIf(HeaderNames::isCredential);
        read.turned(headers, target == null ? null : target.query());
        close();
        if (target != null) {
            if (pages >= rules.limit()) {
                throw new RefusedCall(
                        "There are more than " + rules.limit() + " pages. Raise pageLimit if that is right.");
            }
            pages++;
            inPage = 0;
            page = source.page(target);
        }
    }

    /** @throws FailedCall if the page that follows could not be read; says which it is */
    @Override
    public Object next() {
        boolean more = hasNext();
        if (failure != null) {
            FailedCall thrown = failure;
            failure = null;
            throw thrown;
        }
        if (!more || next == null) {
            throw new NoSuchElementException();
        }
        Object item = next;
        next = null;
        inPage++;
        all++;
        read.item(item);
        return item;
    }

    /** Releases the page that is held; there are no items after it. */
    @Override
    public void close() {
        JsonPage content = json;
        Page held = page;
        json = null;
        page = null;
        try {
            if (content != null) {
                content.close();
            }
        } catch (IOException e) {
            // it was read, or is not wanted
        }
        if (held != null) {
            held.release().run();
        }
    }

    @Override
    public String toString() {
        return "items of pages";
    }
}
