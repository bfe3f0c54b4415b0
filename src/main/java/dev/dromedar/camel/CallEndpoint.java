package dev.dromedar.camel;

import dev.dromedar.oauth.ForeignText;
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

    @UriParam
    private final CallToken token = new CallToken();

    @UriParam
    private final CallAnswer answer = new CallAnswer();

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
        CallPlan.Reply reply = answer.plan(method, header.keySet());
        plan = new CallPlan(
                name,
                address(),
                headers(),
                token.values(getCamelContext()),
                CallTerms.of(okStatus, timeLimit),
                new CallPlan.Body(canHaveBody && !Boolean.FALSE.equals(body), contentType, accept, idempotencyKey),
                "copyHeaders=false&httpMethod=" + method + "&okStatusCodeRange=" + okStatus.replace(" ", "")
                        + (reply.await() != null ? ",202" : reply.kept() ? ",304" : "") + "&followRedirects="
                        + followRedirects,
                reply);
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

    /** Camel reads the plus of {@code application/fhir+json} as a space, which no subtype has (RFC 6838 section 4.2). */
    private static String mediaType(String written) {
        return SPACE_IN_SUBTYPE.matcher(written).replaceAll("$1+");
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

    /** Bound by Camel, as the setters are. */
    CallToken token() {
        return token;
    }

    CallAnswer answer() {
        return answer;
    }

    /** The API's name. */
    public String getName() {
        return name;
    }

    public void setPath(Map<String, Object> path) {
        this.path = path;
    }

    public void setQuery(Map<String, Object> query) {
        this.query = query;
    }

    public void setHeader(Map<String, Object> header) {
        this.header = header;
    }

    public void setAddress(@Nullable String address) {
        this.address = address;
    }

    public void setMethod(String method) {
        this.method = method;
    }

    public void setBody(@Nullable Boolean body) {
        this.body = body;
    }

    public void setAccept(@Nullable String accept) {
        this.accept = accept == null ? null : mediaType(accept);
    }

    public void setContentType(@Nullable String contentType) {
        this.contentType = contentType == null ? null : mediaType(contentType);
    }

    public void setTimeLimit(@Nullable String timeLimit) {
        this.timeLimit = timeLimit;
    }

    public void setOkStatus(String okStatus) {
        this.okStatus = okStatus;
    }

    public void setFollowRedirects(boolean followRedirects) {
        this.followRedirects = followRedirects;
    }

    public void setIdempotencyKey(boolean idempotencyKey) {
        this.idempotencyKey = idempotencyKey;
    }
}
