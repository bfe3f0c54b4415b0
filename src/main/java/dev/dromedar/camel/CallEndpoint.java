package dev.dromedar.camel;

import dev.dromedar.oauth.ForeignText;
import dev.dromedar.settings.Durations;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.camel.Category;
import org.apache.camel.Component;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.http.base.HttpHeaderFilterStrategy;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;
import org.apache.camel.support.DefaultExchange;
import org.jspecify.annotations.Nullable;

/**
 * Call an API with an OAuth 2.0 token of its own client, in one line.
 *
 * <pre>{@code
 * - to:
 *     uri: api:patients/records/{id}
 *     parameters:
 *       query.changed: "${header.since}"
 *       path.id: "${body[recordId]}"
 * }</pre>
 *
 * The answer's body becomes the message's; its status is the header {@code CamelHttpResponseCode}, its other headers are the
 * exchange property {@code DromedarAnswer}, and none of them goes out with a later call. Of the message nothing is sent but the body
 * and what the parameters name. A failure is a {@link FailedCall}.
 */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = AddressTemplate.API,
        title = "Protected API",
        syntax = "api:name/resourcePath",
        producerOnly = true,
        headersClass = CallHeaders.class,
        category = {Category.HTTP, Category.API})
public final class CallEndpoint extends DefaultEndpoint {
    private static final Pattern SPACE_IN_SUBTYPE = Pattern.compile("(/[A-Za-z0-9.-]{1,100}) (?=[A-Za-z0-9])");
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");
    private static final Set<String> WITH_BODY = Set.of("POST", "PUT", "PATCH");
    /** Each is another parameter's, the token's, or HTTP's own. */
    private static final Set<String> NO_HEADERS = Set.of(
            "accept",
            "authorization",
            "connection",
            "content-length",
            "content-type",
            "dpop",
            "expect",
            "host",
            "idempotency-key",
            "keep-alive",
            "proxy-authorization",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    @UriPath(description = "Name of the API, as in dromedar.api.NAME.*")
    @Metadata(required = true)
    private final String name;

    @UriPath(description = "Path below the API's base address. {id} stands for the value of path.id.")
    private final String resourcePath;

    @UriParam(
            label = "producer",
            prefix = "path.",
            multiValue = true,
            description =
                    "Values for the path: expressions of the Simple language, each percent-encoded as one segment. An empty one fails the call.")
    private Map<String, Object> path = Map.of();

    @UriParam(
            label = "producer",
            prefix = "query.",
            multiValue = true,
            description =
                    "Parameters of the query: expressions of the Simple language. A list repeats the parameter; without a value it is left out.")
    private Map<String, Object> query = Map.of();

    @UriParam(
            label = "producer",
            prefix = "header.",
            multiValue = true,
            description = "Headers of the request: expressions of the Simple language. Without a value it is left out.")
    private Map<String, Object> header = Map.of();

    @UriParam(
            label = "producer",
            description =
                    "A whole address that the message holds, such as that of a file in a manifest, in the place of path and query: an expression. One that is not under the base address is refused.")
    private @Nullable String address;

    @UriParam(
            label = "producer",
            defaultValue = "GET",
            enums = "GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS",
            description = "HTTP method.")
    private String method = "GET";

    @UriParam(
            label = "producer",
            description =
                    "Whether the message's body is sent. By default POST, PUT and PATCH send it, and no other method can.")
    private @Nullable Boolean body;

    @UriParam(label = "producer", description = "Value of the header Accept.")
    private @Nullable String accept;

    @UriParam(label = "producer", description = "Media type of the body; by default the message's header Content-Type.")
    private @Nullable String contentType;

    @UriParam(
            label = "producer",
            defaultValue = "false",
            description =
                    "Whether the request has a header Idempotency-Key, which stays the same when the call is redelivered or recovers from a 401.")
    private boolean idempotencyKey;

    @UriParam(
            label = "producer",
            description = "Longest time of this call, such as 30s, if that is less than the API's call-time-limit.")
    private @Nullable String timeLimit;

    @UriParam(
            label = "producer",
            defaultValue = "200-299",
            description = "Statuses that are no failure, such as 200-299,404.")
    private String okStatus = "200-299";

    @UriParam(
            label = "producer",
            defaultValue = "false",
            description = "Whether redirects are followed, below the base address.")
    private boolean followRedirects;

    @UriParam(
            label = "security",
            description = "Scopes of this call's token, separated by spaces, in the place of the API's. An expression.")
    private @Nullable String scope;

    @UriParam(
            label = "security",
            description =
                    "Resource indicators (RFC 8707) of this call's token, in the place of the API's. An expression.")
    private @Nullable String resource;

    @UriParam(
            label = "security",
            description = "Organisation number of the parent that this call is for (HelseID). An expression.")
    private @Nullable String organisation;

    @UriParam(label = "security", description = "Organisation number of the child (HelseID). An expression.")
    private @Nullable String organisationChild;

    @UriParam(
            label = "security",
            description =
                    "Organisation number of the one that has delegated the scope, consumer_org (Maskinporten). An expression.")
    private @Nullable String consumerOrganisation;

    @UriParam(
            label = "security",
            description =
                    "Organisation number of the one whose system user in Altinn this call is made as (Maskinporten). An expression.")
    private @Nullable String systemUser;

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

    private @Nullable CallPlan plan;

    CallEndpoint(String uri, Component component, String name, String resourcePath) {
        super(uri, component);
        this.name = name;
        this.resourcePath = resourcePath;
    }

    /** @throws IllegalArgumentException if the parameters do not fit together */
    void prepare() {
        if (!METHODS.contains(method)) {
            throw new IllegalArgumentException("method '" + method
                    + "' is not known. Use one of GET, HEAD, POST, PUT, PATCH," + " DELETE, OPTIONS.");
        }
        boolean canHaveBody = WITH_BODY.contains(method);
        if (Boolean.TRUE.equals(body) && !canHaveBody) {
            throw new IllegalArgumentException(
                    "body=true has no effect with method " + method + ". Use POST, PUT or PATCH, or remove it.");
        }
        Map<String, MessageValue> token = new LinkedHashMap<>();
        add(token, PerMessage.SCOPE, "scope", scope);
        add(token, PerMessage.RESOURCE, "resource", resource);
        add(token, PerMessage.PARENT, "organisation", organisation);
        add(token, PerMessage.CHILD, "organisationChild", organisationChild);
        add(token, PerMessage.CONSUMER, "consumerOrganisation", consumerOrganisation);
        add(token, PerMessage.SYSTEM_USER, "systemUser", systemUser);
        if (pages == null && (items != null || pageParameter != null)) {
            throw new IllegalArgumentException("items and pageParameter have no effect without pages.");
        }
        checkReply();
        plan = new CallPlan(
                name,
                address(),
                headers(),
                Map.copyOf(token),
                new CallTerms(statuses(), timeLimit == null ? null : time("timeLimit", timeLimit)),
                new CallPlan.Body(canHaveBody && !Boolean.FALSE.equals(body), contentType, accept, idempotencyKey),
                "copyHeaders=false&httpMethod=" + method + "&okStatusCodeRange=" + okStatus.replace(" ", "")
                        + (await ? ",202" : etag ? ",304" : "") + "&followRedirects=" + followRedirects,
                new CallPlan.Reply(
                        pages == null ? null : Pages.of(pages, items, pageParameter, pageLimit),
                        await ? time("awaitLimit", awaitLimit == null ? "10m" : awaitLimit) : null,
                        etag));
    }

    private CallAddress address() {
        if (address == null) {
            return CallAddress.of(getCamelContext(), resourcePath, path, query);
        }
        if (!resourcePath.isEmpty() || !path.isEmpty() || !query.isEmpty()) {
            throw new IllegalArgumentException("address stands in the place of path and query. Write api:" + name
                    + " with address alone, or the path without address.");
        }
        return CallAddress.whole(MessageValue.of(getCamelContext(), "address", address));
    }

    private void checkReply() {
        if (awaitLimit != null && !await) {
            throw new IllegalArgumentException("awaitLimit has no effect without await=true.");
        }
        if (etag && (!method.equals("GET") || pages != null || await)) {
            throw new IllegalArgumentException("etag=true is for one answer to a GET: it goes with no other method, and"
                    + " with neither pages nor await.");
        }
        if (etag
                && header.keySet().stream()
                        .anyMatch(field -> field.toLowerCase(Locale.ROOT).startsWith("if-"))) {
            throw new IllegalArgumentException("etag=true sets If-None-Match itself. Remove header.If_..., or etag.");
        }
    }

    /** Camel reads the plus of {@code application/fhir+json} as a space, which no subtype has (RFC 6838 section 4.2). */
    private static String mediaType(String written) {
        return SPACE_IN_SUBTYPE.matcher(written).replaceAll("$1+");
    }

    private void add(Map<String, MessageValue> values, String property, String parameter, @Nullable String written) {
        if (written != null) {
            values.put(property, MessageValue.of(getCamelContext(), parameter, written));
        }
    }

    private String statuses() {
        for (String range : okStatus.split(",", -1)) {
            String[] ends = range.strip().split("-", -1);
            for (String end : ends) {
                if (ends.length > 2 || end.length() != 3 || !ForeignText.isNumber(end, 3)) {
                    throw new IllegalArgumentException(
                            "okStatus '" + okStatus + "' is not known. Write statuses and ranges, as 200-299,404.");
                }
            }
        }
        return okStatus;
    }

    static Duration time(String parameter, String written) {
        try {
            Duration time = Durations.parse(written);
            if (time.isZero() || time.isNegative()) {
                throw new IllegalArgumentException("not above zero");
            }
            return time;
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(parameter + " '" + written + "' is no time. Write it as 30s or 5m.");
        }
    }

    private Map<String, MessageValue> headers() {
        Map<String, MessageValue> headers = new LinkedHashMap<>();
        var strategy = new OutgoingHeaders(new HttpHeaderFilterStrategy());
        header.forEach((field, written) -> {
            if (!ForeignText.isToken(field, 100)
                    || NO_HEADERS.contains(field.toLowerCase(Locale.ROOT))
                    || strategy.applyFilterToCamelHeaders(field, "x", new DefaultExchange(getCamelContext()))) {
                throw new IllegalArgumentException(
                        "header." + field + " cannot be set. Credentials, Host and what HTTP sets"
                                + " itself are not the route's; there are the parameters accept, contentType and"
                                + " idempotencyKey.");
            }
            headers.put(field, MessageValue.of(getCamelContext(), "header." + field, written));
        });
        return headers;
    }

    @Override
    public Producer createProducer() {
        return new CallProducer(this, Objects.requireNonNull(plan));
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        throw new UnsupportedOperationException("An API is called; nothing is consumed from it.");
    }

    /** The API's name. */
    public String getName() {
        return name;
    }

    public String getResourcePath() {
        return resourcePath;
    }

    public Map<String, Object> getPath() {
        return path;
    }

    public void setPath(Map<String, Object> path) {
        this.path = path;
    }

    public Map<String, Object> getQuery() {
        return query;
    }

    public void setQuery(Map<String, Object> query) {
        this.query = query;
    }

    public Map<String, Object> getHeader() {
        return header;
    }

    public void setHeader(Map<String, Object> header) {
        this.header = header;
    }

    public @Nullable String getAddress() {
        return address;
    }

    public void setAddress(@Nullable String address) {
        this.address = address;
    }

    public String getMethod() {
        return method;
    }

    public void setMethod(String method) {
        this.method = method;
    }

    public @Nullable Boolean getBody() {
        return body;
    }

    public void setBody(@Nullable Boolean body) {
        this.body = body;
    }

    public @Nullable String getAccept() {
        return accept;
    }

    public void setAccept(@Nullable String accept) {
        this.accept = accept == null ? null : mediaType(accept);
    }

    public @Nullable String getContentType() {
        return contentType;
    }

    public void setContentType(@Nullable String contentType) {
        this.contentType = contentType == null ? null : mediaType(contentType);
    }

    public @Nullable String getTimeLimit() {
        return timeLimit;
    }

    public void setTimeLimit(@Nullable String timeLimit) {
        this.timeLimit = timeLimit;
    }

    public String getOkStatus() {
        return okStatus;
    }

    public void setOkStatus(String okStatus) {
        this.okStatus = okStatus;
    }

    public boolean isFollowRedirects() {
        return followRedirects;
    }

    public void setFollowRedirects(boolean followRedirects) {
        this.followRedirects = followRedirects;
    }

    public @Nullable String getScope() {
        return scope;
    }

    public void setScope(@Nullable String scope) {
        this.scope = scope;
    }

    public @Nullable String getResource() {
        return resource;
    }

    public void setResource(@Nullable String resource) {
        this.resource = resource;
    }

    public @Nullable String getOrganisation() {
        return organisation;
    }

    public void setOrganisation(@Nullable String organisation) {
        this.organisation = organisation;
    }

    public @Nullable String getConsumerOrganisation() {
        return consumerOrganisation;
    }

    public void setConsumerOrganisation(@Nullable String consumerOrganisation) {
        this.consumerOrganisation = consumerOrganisation;
    }

    public @Nullable String getSystemUser() {
        return systemUser;
    }

    public void setSystemUser(@Nullable String systemUser) {
        this.systemUser = systemUser;
    }

    public @Nullable String getOrganisationChild() {
        return organisationChild;
    }

    public void setOrganisationChild(@Nullable String organisationChild) {
        this.organisationChild = organisationChild;
    }

    public @Nullable String getPages() {
        return pages;
    }

    public void setPages(@Nullable String pages) {
        this.pages = pages;
    }

    public @Nullable String getItems() {
        return items;
    }

    public void setItems(@Nullable String items) {
        this.items = items;
    }

    public @Nullable String getPageParameter() {
        return pageParameter;
    }

    public void setPageParameter(@Nullable String pageParameter) {
        this.pageParameter = pageParameter;
    }

    public int getPageLimit() {
        return pageLimit;
    }

    public void setPageLimit(int pageLimit) {
        this.pageLimit = pageLimit;
    }

    public boolean isAwait() {
        return await;
    }

    public void setAwait(boolean await) {
        this.await = await;
    }

    public @Nullable String getAwaitLimit() {
        return awaitLimit;
    }

    public void setAwaitLimit(@Nullable String awaitLimit) {
        this.awaitLimit = awaitLimit;
    }

    public boolean isEtag() {
        return etag;
    }

    public void setEtag(boolean etag) {
        this.etag = etag;
    }

    public boolean isIdempotencyKey() {
        return idempotencyKey;
    }

    public void setIdempotencyKey(boolean idempotencyKey) {
        this.idempotencyKey = idempotencyKey;
    }
}
