package dev.dromedar.camel;

import dev.dromedar.oauth.AccessToken;
import dev.dromedar.oauth.AnswerLimitExceeded;
import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.CallRecord;
import dev.dromedar.oauth.Challenge;
import dev.dromedar.oauth.FailureKind;
import dev.dromedar.oauth.ForeignText;
import dev.dromedar.oauth.NetworkFailure;
import dev.dromedar.oauth.OAuthException;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.NameValuePair;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Sends one marked call, and once more if the API's 401 can be recovered from. It stands under HttpClient's handling of
 * redirects and repeats, so that each of those comes through here too. A target that is not under the API's base address is
 * refused before a connection is opened. Thread-safe.
 */
final class RecoveryInterceptor implements ExecChainHandler {
    private final EndpointOptions endpoint;
    private final Correlation correlations;
    private final CallTargets targets = new CallTargets();
    private volatile @Nullable Config lastConfig;

    /** HttpClient's parameters of a call, made of those that it would have had. */
    private record Config(
            RequestConfig theirs, boolean proxied, @Nullable Duration limit, RequestConfig ours) {
        boolean isOf(RequestConfig other, boolean otherProxied, @Nullable Duration otherLimit) {
            return theirs == other && proxied == otherProxied && Objects.equals(limit, otherLimit);
        }
    }

    /**
     * @param endpoint what the endpoint of this client says of connections
     * @param apis all that there are
     */
    RecoveryInterceptor(EndpointOptions endpoint, Supplier<Collection<ApiClient>> apis) {
        this.endpoint = endpoint;
        this.correlations = new Correlation(apis);
    }

    @Override
    public ClassicHttpResponse execute(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        CallState state = CallState.of(scope.clientContext);
        if (state == null) {
            return correlations.without(chain.proceed(request, scope));
        }
        Exchange exchange = state.exchange;
        Call call = state.call;
        String correlation = null;
        long start = System.nanoTime();
        CallTargets.Target target = targets.of(request);
        int status = 0;
        String error = "";
        Exception failure = null;
        try {
            correlation = Correlation.correlate(call, request);
            if (correlation != null) {
                exchange.setProperty(Call.CORRELATION, correlation);
            }
            String refusal = call.client().refusal();
            if (refusal != null) {
                throw new RefusedCall(call.client().name() + ": call refused, since " + refusal + ".");
            }
            URI checked = targets.checked(target, request, scope, call.client());
            CallTargets.checkHead(request, call.client());
            ExecChain.Scope own = endpoint.scope(state, scope);
            ClassicHttpResponse response = call(state, checked, request, own, chain);
            status = response.getCode();
            error = status < 400 ? "" : Challenge.shown(challenges(response));
            return correlations.without(response);
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
            state.ended(record);
        }
    }

    private static CallRecord record(
            Exchange exchange,
            Call call,
            CallTargets.@Nullable Target target,
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
            CallState state, URI target, ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        Call call = state.call;
        ApiClient client = call.client();
        Repeats.keepBody(
                request, scope.originalRequest, client.settings().calls().repeatableBody());
        client.token(call.request(), state); // here a wait for one holds no connection
        var first = new Attempt(call, target, state, null);
        ClassicHttpResponse response;
        try {
            response = send(state, request, scope, chain, first);
        } catch (IOException e) {
            if (!mayGoAgain(request, scope)) {
                throw e;
            }
            client.sentAgain();
            first = new Attempt(call, target, state, null);
            response = send(state, request, scope, chain, first);
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
        Repeats.discard(response, scope);
        client.token(call.request(), state);
        // With the nonce of this very answer, which other calls get to know later: an API may take each nonce once.
        response = send(state, request, scope, chain, new Attempt(call, target, state, nonce));
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
     * Without credentials of before, and without what the protocol layer writes into the request when it is back: that layer
     * refuses one it has written into. It must leave the API's challenges alone: it would repeat the request with what it was
     * at first.
     */
    private ClassicHttpResponse send(
            CallState state, ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain, Attempt attempt)
            throws IOException, HttpException {
        AnswerBody.turn(state);
        Header[] headers = request.getHeaders();
        HttpClientContext context = scope.clientContext;
        context.setRequestConfig(
                config(context.getRequestConfigOrDefault(), scope.route.getProxyHost() != null, attempt.limit));
        state.attempt = attempt;
        try {
            Repeats.withoutCredentials(request);
            endpoint.keepCookies(attempt, context);
            ClassicHttpResponse answer = chain.proceed(request, scope);
            if (scope.execRuntime instanceof Lease lease) {
                lease.checkTunnel(answer);
            }
            return answer;
        } finally {
            state.attempt = null;
            request.setHeaders(headers);
        }
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
}
