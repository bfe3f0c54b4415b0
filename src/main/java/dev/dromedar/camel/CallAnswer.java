package dev.dromedar.camel;

import java.util.Locale;
import java.util.Set;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;
import org.jspecify.annotations.Nullable;

/** What becomes of the answer to an {@code api:} call: pages, an answer that comes later, one that is kept. A parameter each. */
@UriParams
public final class CallAnswer {
    @UriParam(
            label = "producer",
            description =
                    "How pages follow one another, if one step is to read all: link (RFC 8288), json:$.next, header:NAME, fhir, or offset:NAME,SIZE. The body becomes an iterator of the items, for a streaming split.")
    private @Nullable String pages;

    @UriParam(
            label = "producer",
            description = "Where a page's items are in its JSON, as $.items. By default $, and $.entry with fhir.")
    private @Nullable String items;

    @UriParam(
            label = "producer",
            description = "Parameter of the query that takes what a page names, where that is a cursor and no address.")
    private @Nullable String pageParameter;

    @UriParam(label = "producer", defaultValue = "10000", description = "Most pages of one call.")
    private int pageLimit = Pages.USUAL_LIMIT;

    @UriParam(
            label = "producer",
            defaultValue = "false",
            description =
                    "Whether an answer of 202 is followed to the result: by GET at its Location or Content-Location, by Retry-After.")
    private boolean await;

    @UriParam(
            label = "producer",
            defaultValue = "10m",
            description = "Longest time from an answer of 202 to the result.")
    private @Nullable String awaitLimit;

    @UriParam(
            label = "producer",
            defaultValue = "false",
            description =
                    "Whether an answer with an ETag is kept in memory, and the next call of the same address with a token for the same is sent with If-None-Match.")
    private boolean etag;

    CallAnswer() {}

    /**
     * The same, checked.
     *
     * @param headers that the call sets
     * @throws IllegalArgumentException if the parameters do not fit together
     */
    CallPlan.Reply plan(String method, Set<String> headers) {
        if (pages == null && (items != null || pageParameter != null)) {
            throw new IllegalArgumentException("items and pageParameter have no effect without pages.");
        }
        if (awaitLimit != null && !await) {
            throw new IllegalArgumentException("awaitLimit has no effect without await=true.");
        }
        if (etag && (!method.equals("GET") || pages != null || await)) {
            throw new IllegalArgumentException("etag=true is for one answer to a GET: it goes with no other method, and"
                    + " with neither pages nor await.");
        }
        if (etag
                && headers.stream()
                        .anyMatch(field -> field.toLowerCase(Locale.ROOT).startsWith("if-"))) {
            throw new IllegalArgumentException("etag=true sets If-None-Match itself. Remove header.If_..., or etag.");
        }
        return new CallPlan.Reply(
                pages == null ? null : Pages.of(pages, items, pageParameter, pageLimit),
                await ? CallTerms.time("awaitLimit", awaitLimit == null ? "10m" : awaitLimit) : null,
                etag);
    }

    public void setPages(@Nullable String pages) {
        this.pages = pages;
    }

    public void setItems(@Nullable String items) {
        this.items = items;
    }

    public void setPageParameter(@Nullable String pageParameter) {
        this.pageParameter = pageParameter;
    }

    public void setPageLimit(int pageLimit) {
        this.pageLimit = pageLimit;
    }

    public void setAwait(boolean await) {
        this.await = await;
    }

    public void setAwaitLimit(@Nullable String awaitLimit) {
        this.awaitLimit = awaitLimit;
    }

    public void setEtag(boolean etag) {
        this.etag = etag;
    }
}
