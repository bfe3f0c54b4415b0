package dev.dromedar.camel;

import dev.dromedar.oauth.AccessToken;
import dev.dromedar.oauth.Addresses;
import dev.dromedar.oauth.AnswerLimitExceeded;
import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.CallRecord;
import dev.dromedar.oauth.Challenge;
import dev.dromedar.oauth.FailureKind;
import dev.dromedar.oauth.ForeignText;
import dev.dromedar.oauth.NetworkFailure;
import dev.dromedar.oauth.OAuthException;
import dev.dromedar.oauth.TokenSpan;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.NameValuePair;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.net.URIAuthority;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Sends one marked call, and once more if the API's 401 can be recovered from. It stands under HttpClient's handling of
 * redirects and repeats, so that each of those comes through here too. A target that is not under the API's base address is
 * refused before a connection is opened. Thread-safe.
 */
final class RecoveryInterceptor implements ExecChainHandler {
    /** A longer body of a 401 costs more to read than a new connection. */
    private static final int LARGEST_REFUSAL = 64 * 1024;

    private static final int LONGEST_CORRELATION = 128;
    /** Address and headers without credentials: servers take 8 to 32 kB, and cut the connection for more. */
    private static final int LARGEST_HEAD = 32_000;

    private final EndpointOptions endpoint;
    /** What the last call came to: most routes call one address again and again. */
    private volatile @Nullable Target lastTarget;

    private volatile @Nullable Checked lastChecked;
    private volatile @Nullable Config lastConfig;

    /** That credentials of this client may go to this target, which is on this host. */
    private record Checked(Target target, ApiClient client, HttpHost host) {}

    /**
     * An address as it was taken apart and put together again.
     *
     * @param whole with the query
     * @param shown without what may be secret
     */
    private record Target(
            @Nullable String scheme,
            @Nullable URIAuthority authority,
            @Nullable String path,
            URI whole,
            String shown) {
        boolean isOf(ClassicHttpRequest request) {
            return Objects.equals(path, request.getPath())
                    && Objects.equals(authority, request.getAuthority())
                    && Objects.equals(scheme, request.getScheme());
        }
    }

    /** HttpClient's parameters of a call, made of those that it would have had. */
    private record Config(
            RequestConfig theirs, boolean proxied, @Nullable Duration limit, RequestConfig ours) {
        boolean isOf(RequestConfig other, boolean otherProxied, @Nullable Duration otherLimit) {
            return theirs == other && proxied == otherProxied && Objects.equals(limit, otherLimit);
        }
    }

    private final Supplier<Collection<ApiClient>> apis;
    private volatile @Nullable Correlations correlations;

    /** The correlation headers of all APIs that there were at a moment. */
    private record Correlations(Collection<ApiClient> apis, List<String> headers) {}

    /**
     * @param endpoint what the endpoint of this client says of connections
     * @param apis all that there are
     */
    RecoveryInterceptor(EndpointOptions endpoint, Supplier<Collection<ApiClient>> apis) {
        this.endpoint = endpoint;
        this.apis = apis;
    }

    @Override
    public ClassicHttpResponse execute(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        var exchange = (Exchange) scope.clientContext.getAttribute("org.apache.camel.Exchange");
        Call call = Call.of(exchange);
        if (call == null) {
            return withoutCorrelation(chain.proceed(request, scope));
        }
        String correlation = null;
        long start = System.nanoTime();
        Target target = target(request);
        int status = 0;
        String error = "";
        Exception failure = null;
        try {
            correlation = correlate(call, request);
            exchange.setProperty(Call.CORRELATION, correlation);
            String refusal = call.client().refusal();
            if (refusal != null) {
                throw new RefusedCall(call.client().name() + ": call refused, since " + refusal + ".");
            }
            URI checked = checked(target, request, scope, call.client());
            checkHead(request, call.client());
            ExecChain.Scope own = endpoint.scope(call.client(), scope);
            ClassicHttpResponse response =
                    call(call, checked, request, own, chain, new TokenTrace(exchange, call.client()));
            status = response.getCode();
            error = status < 400 ? "" : Challenge.shown(challenges(response));
            return withoutCorrelation(response);
        } catch (IOException | HttpException | RuntimeException e) {
            failure = e;
            throw e;
        } finally {
            long took = System.nanoTime() - start;
            exchange.setProperty(Call.MILLIS, TimeUnit.NANOSECONDS.toMillis(took));
            CallRecord record = record(
                    exchange, call, target, request, status, error, failure, Duration.ofNanos(took), correlation);
            if (record.words() != null) {
                exchange.setProperty(Call.FAILURE, call.client().name() + ": " + record.words());
            }
            EndedRequest.ended(scope.clientContext, call.client(), record);
        }
    }

    private static CallRecord record(
            Exchange exchange,
            Call call,
            @Nullable Target target,
            ClassicHttpRequest request,
            int status,
            String error,
            @Nullable Exception failure,
            Duration took,
            @Nullable String correlation) {
        String address = target == null ? null : target.shown();
        FailureKind kind = failure == null
                ? call.terms().failure(status)
                : failure instanceof OAuthException
                        ? FailureKind.NO_TOKEN
                        : failure instanceof RefusedCall refused ? refused.kind() : AnswerLimitExceeded.kind(failure);
        String words = kind == null
                ? null
                : failure instanceof OAuthException || failure instanceof RefusedCall
                        ? CallRecord.words(call.client().name(), failure)
                        : request.getMethod() + " " + address + ": "
                                + (failure == null
                                        ? "HTTP " + status + error
                                                + (correlation == null ? "" : ", correlation " + correlation) + ". "
                                                + kind.advice()
                                        : failure instanceof IOException network
                                                ? NetworkFailure.of(network, "https".equals(request.getScheme()))
                                                : failure.getClass().getSimpleName());
        return new CallRecord(
                request.getMethod(),
                address,
                status,
                took,
                kind,
                words,
                call.request(),
                trace(request),
                correlation,
                Attempted.origin(exchange, call.client()));
    }

    /**
     * Gives the call an id of its own in the header that the API asks for; one that the route has set stays. A call that is
     * sent again after a 401 keeps it.
     */
    private static @Nullable String correlate(Call call, ClassicHttpRequest request) throws RefusedCall {
        String header = call.client().settings().calls().headers().correlation();
        if (header == null) {
            return null;
        }
        String set = CredentialsInterceptor.value(request, header);
        if (set != null && !set.isBlank()) {
            if (!ForeignText.isToken(set, LONGEST_CORRELATION)) {
                throw new RefusedCall(call.client().name() + ": call refused, since the header " + header
                        + ", which the API's correlation-header names, has a value that is no token (RFC 9110 section"
                        + " 5.6.2) of at most " + LONGEST_CORRELATION
                        + " characters. Nothing was sent. Set it to an id in"
                        + " the route, or remove it there: then each call gets an id of its own.");
            }
            return set;
        }
        String id = UUID.randomUUID().toString();
        request.setHeader(header, id);
        return id;
    }

    /** What an API echoes must not become the next one's id: Camel would keep it in the message. */
    private ClassicHttpResponse withoutCorrelation(ClassicHttpResponse response) {
        Correlations known = correlations;
        Collection<ApiClient> now = apis.get();
        if (known == null || known.apis() != now) {
            known = new Correlations(
                    now,
                    now.stream()
                            .map(api -> api.settings().calls().headers().correlation())
                            .filter(Objects::nonNull)
                            .distinct()
                            .toList());
            correlations = known;
        }
        known.headers().forEach(response::removeHeaders);
        return response;
    }

    /** The trace id of {@code traceparent} (W3C Trace Context section 3.2), which Camel's tracer puts into the message. */
    private static @Nullable String trace(ClassicHttpRequest request) {
        String parent = CredentialsInterceptor.value(request, "traceparent");
        boolean whole = parent != null
                && parent.length() > 53
                && parent.charAt(2) == '-'
                && parent.charAt(35) == '-'
                && parent.charAt(52) == '-'
                && ForeignText.isOf(parent.substring(3, 35), 32, "");
        return parent != null && whole ? parent.substring(3, 35) : null;
    }

    private ClassicHttpResponse call(
            Call call, URI target, ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain, TokenSpan span)
            throws IOException, HttpException {
        ApiClient client = call.client();
        keepRepeatable(request, scope.originalRequest, client.settings().calls().repeatableBody());
        client.token(call.request(), span); // here a wait for one holds no connection
        var first = new Attempt(call, target, span, null);
        ClassicHttpResponse response;
        try {
            response = send(request, scope, chain, first);
        } catch (IOException e) {
            if (!mayGoAgain(request, scope)) {
                throw e;
            }
            client.sentAgain();
            first = new Attempt(call, target, span, null);
            response = send(request, scope, chain, first);
        }
        AccessToken token = first.sentWith();
        if (response.getCode() != 401 || token == null) {
            return response;
        }
        String nonce = CredentialsInterceptor.value(response, "DPoP-Nonce");
        if (!recovers(call, token, response)) {
            client.answered(call.request(), token, target, 401, nonce);
            return response;
        }
        if (request.getEntity() != null && !request.getEntity().isRepeatable()) {
            response.close();
            throw new RefusedCall(client.name()
                    + ": the API asked for the call again (HTTP 401), and its body of more than "
                    + client.settings().calls().repeatableBody() + " bytes was not kept. Raise dromedar.api."
                    + client.name()
                    + ".repeatable-body.");
        }
        discard(response, scope);
        client.token(call.request(), span);
        // With the nonce of this very answer, which other calls get to know later: an API may take each nonce once.
        response = send(request, scope, chain, new Attempt(call, target, span, nonce));
        String next = CredentialsInterceptor.value(response, "DPoP-Nonce");
        client.answered(call.request(), token, target, 401, next == null ? nonce : next);
        return response;
    }

    /** Whether a request died on a connection that its server had closed, and does no harm when it is sent twice. */
    private static boolean mayGoAgain(ClassicHttpRequest request, ExecChain.Scope scope) {
        return scope.execRuntime instanceof Lease lease
                && lease.mayGoAgain(Method.isIdempotent(request.getMethod()))
                && (request.getEntity() == null || request.getEntity().isRepeatable());
    }

    /**
     * Reads a refusal's body to its end, so that the connection can be used again. One that does not end soon is cut: the
     * library would read on until it does.
     */
    private static void discard(ClassicHttpResponse response, ExecChain.Scope scope) throws IOException {
        HttpEntity entity = response.getEntity();
        try {
            if (entity != null && entity.getContent().readNBytes(LARGEST_REFUSAL + 1).length > LARGEST_REFUSAL) {
                scope.execRuntime.discardEndpoint();
            }
            EntityUtils.consumeQuietly(entity);
            response.close();
        } catch (IOException e) {
            scope.execRuntime.discardEndpoint();
        }
    }

    /**
     * A copy goes out, because the protocol layer writes into the request it gets, and refuses one it has written into. That
     * layer must leave the API's challenges alone: it would repeat the request with what it was at first.
     */
    private ClassicHttpResponse send(
            ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain, Attempt attempt)
            throws IOException, HttpException {
        AnswerBody.turn(scope.clientContext, attempt.client);
        ClassicHttpRequest copy = copy(request);
        HttpClientContext context = scope.clientContext;
        context.setRequestConfig(
                config(context.getRequestConfigOrDefault(), scope.route.getProxyHost() != null, attempt.limit));
        context.setAttribute(Attempt.ATTRIBUTE, attempt);
        try {
            endpoint.keepCookies(attempt, context);
            ClassicHttpResponse answer = chain.proceed(copy, scope);
            if (scope.execRuntime instanceof Lease lease) {
                lease.checkTunnel(answer);
            }
            return answer;
        } finally {
            context.removeAttribute(Attempt.ATTRIBUTE);
        }
    }

    private static ClassicHttpRequest copy(ClassicHttpRequest request) {
        var copy = new BasicClassicHttpRequest(
                request.getMethod(), request.getScheme(), request.getAuthority(), request.getPath());
        copy.setVersion(request.getVersion());
        for (Iterator<Header> headers = request.headerIterator(); headers.hasNext(); ) {
            Header header = headers.next();
            if (!header.getName().equalsIgnoreCase("Authorization")
                    && !header.getName().equalsIgnoreCase("DPoP")) {
                copy.addHeader(header);
            }
        }
        copy.setEntity(request.getEntity());
        return copy;
    }

    /** A call with a time limit of its own may wait for the first byte as long as that: {@link CallTime} ends it. */
    private RequestConfig config(RequestConfig theirs, boolean proxied, @Nullable Duration limit) {
        Config known = lastConfig;
        if (known == null || !known.isOf(theirs, proxied, limit)) {
            RequestConfig.Builder ours = RequestConfig.copy(theirs)
                    .setAuthenticationEnabled(proxied)
                    .setTargetPreferredAuthSchemes(List.of())
                    .setCookieSpec(endpoint.cookieSpec());
            if (limit != null) {
                ours.setResponseTimeout(Timeout.of(limit));
            }
            known = new Config(theirs, proxied, limit, ours.build());
            lastConfig = known;
        }
        return known.ours();
    }

    /** The whole address, or null if it cannot be read: then no part of it is safe to show. */
    private @Nullable Target target(ClassicHttpRequest request) {
        Target known = lastTarget;
        if (known != null && known.isOf(request)) {
            return known;
        }
        try {
            URI whole = request.getUri();
            if (whole.getHost() == null) {
                return null;
            }
            known = new Target(
                    request.getScheme(), request.getAuthority(), request.getPath(), whole, CallRecord.shown(whole));
            lastTarget = known;
            return known;
        } catch (URISyntaxException | IllegalArgumentException e) {
            return null;
        }
    }

    private URI checked(@Nullable Target target, ClassicHttpRequest request, ExecChain.Scope scope, ApiClient client) {
        HttpHost host = scope.route.getTargetHost();
        Checked known = lastChecked;
        if (known != null && known.target() == target && known.client() == client && host.equals(known.host())) {
            checkHost(request, known.target().whole(), client);
            return known.target().whole();
        }
        boolean there = target != null
                && Addresses.isAt(target.whole(), host.getSchemeName(), host.getHostName(), host.getPort());
        URI whole = checked(target == null ? null : target.whole(), there, host.toURI(), client);
        if (target != null) {
            lastChecked = new Checked(target, client, host);
        }
        checkHost(request, whole, client);
        return whole;
    }

    /**
     * An address to which credentials may go.
     *
     * @param there whether the address is where the request goes to
     * @param shown names it in messages, without what may be secret
     * @throws RefusedCall if it does not lie under the API's base address, or can be read in two ways
     */
    static URI checked(@Nullable URI target, boolean there, String shown, ApiClient client) {
        if (target != null && Addresses.isAmbiguous(target)) {
            throw new RefusedCall(client.name() + ": call to " + shown
                    + " refused, since its path can be read in two"
                    + " ways: it has '..', '\\' or a control character, perhaps percent-encoded. Nothing was sent. Correct"
                    + " the address, or what the message fills into it; credentials go to dromedar.api." + client.name()
                    + ".base-address and below it.");
        }
        if (target == null || !client.covers(target) || !there) {
            throw new RefusedCall(client.name() + ": call to " + shown
                    + " refused, since it is not under the base address "
                    + client.settings().baseAddress()
                    + " of this API. Nothing was sent. Correct the address in the route, name"
                    + " the right API before it, or correct dromedar.api." + client.name() + ".base-address.");
        }
        return target;
    }

    /** What is too large for every server must not look like an outage, which opens the breaker for all calls. */
    private static void checkHead(ClassicHttpRequest request, ApiClient client) {
        String path = request.getPath();
        long length = path == null ? 0 : path.length();
        String largest = null;
        int largestLength = 0;
        for (Iterator<Header> headers = request.headerIterator(); headers.hasNext(); ) {
            Header header = headers.next();
            int own = header.getValue() == null ? 0 : header.getValue().length();
            length += header.getName().length() + own;
            if (own > largestLength) {
                largestLength = own;
                largest = header.getName();
            }
        }
        if (length > LARGEST_HEAD) {
            throw new RefusedCall(client.name() + ": call refused, since its address and headers have more than "
                    + LARGEST_HEAD + " characters"
                    + (largest == null
                            ? ""
                            : ", " + largestLength + " of them in the header " + ForeignText.line(largest, 100))
                    + ". Nothing was sent. Remove the header before the call, or send so much in the body.");
        }
    }

    /** A server that has several hosts takes a request to the one that the header names (RFC 9110 section 7.2). */
    private static void checkHost(ClassicHttpRequest request, URI target, ApiClient client) {
        for (Header host : request.getHeaders("Host")) {
            String value = String.valueOf(host.getValue());
            URI named = null;
            try {
                named = new URI(target.getScheme() + "://" + value);
            } catch (URISyntaxException e) {
                // no host: refused below
            }
            if (named == null
                    || named.getHost() == null
                    || !value.equals(named.getRawAuthority())
                    || named.getRawUserInfo() != null
                    || !Addresses.isAt(target, target.getScheme(), named.getHost(), named.getPort())) {
                throw new RefusedCall(
                        client.name() + ": call refused, since its Host header is not the host of the address"
                                + " that it goes to. Nothing was sent. Remove customHostHeader or preserveHostHeader from the"
                                + " endpoint's options.");
            }
        }
    }

    private static boolean recovers(Call call, AccessToken token, ClassicHttpResponse response) {
        return call.client()
                .recovers(
                        call.request(),
                        token,
                        challenges(response),
                        CredentialsInterceptor.value(response, "DPoP-Nonce"),
                        CredentialsInterceptor.value(response, "Date"));
    }

    private static List<String> challenges(ClassicHttpResponse response) {
        return Arrays.stream(response.getHeaders("WWW-Authenticate"))
                .map(NameValuePair::getValue)
                .toList();
    }

    /**
     * Reads a streamed body into memory, up to the limit; what is larger goes out as it is and cannot be sent twice.
     *
     * @param original what a redirect (307, 308) would take its body from
     */
    private static void keepRepeatable(ClassicHttpRequest request, ClassicHttpRequest original, int limit)
            throws IOException {
        HttpEntity entity = request.getEntity();
        if (entity == null || entity.isRepeatable() || entity.getContentLength() > limit) {
            return;
        }
        InputStream content = entity.getContent();
        byte[] start = content.readNBytes(limit + 1);
        ContentType type = ContentType.parseLenient(entity.getContentType());
        request.setEntity(
                start.length <= limit
                        ? new ByteArrayEntity(start, type, entity.getContentEncoding())
                        : new InputStreamEntity(
                                new SequenceInputStream(new ByteArrayInputStream(start), content),
                                entity.getContentLength(),
                                type,
                                entity.getContentEncoding()));
        original.setEntity(request.getEntity());
    }
}
