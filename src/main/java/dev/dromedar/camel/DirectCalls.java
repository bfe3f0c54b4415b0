package dev.dromedar.camel;

import dev.dromedar.oauth.Addresses;
import dev.dromedar.oauth.AnswerLimitExceeded;
import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.CallRecord;
import dev.dromedar.oauth.FailureKind;
import dev.dromedar.oauth.ForeignText;
import dev.dromedar.oauth.OAuthException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultExchange;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.routing.RoutingSupport;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.io.CloseMode;
import org.jspecify.annotations.Nullable;

/**
 * Calls without a route: requests and answers of {@code java.net.http}'s types, through the same chain as a route's. It does
 * not send by the JDK's own client, because that sends a GET anew by itself, with the proof that it has spent, when a
 * connection had been closed; prints credentials in its own log; and gives a proxy no password unless the whole JVM allows
 * it. Thread-safe.
 */
final class DirectCalls implements Closeable {
    /** Of one connection, or HTTP's own (RFC 9110 section 7.6.1). */
    private static final Set<String> NOT_FOR_CALLERS = Set.of(
            "connection",
            "content-length",
            "expect",
            "host",
            "keep-alive",
            "proxy-authorization",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    private final CamelContext context;
    private final CloseableHttpClient client;
    /** Send requests, and hand streamed bodies to their readers. */
    private final ExecutorService workers = Executors.newCachedThreadPool(work -> {
        var thread = new Thread(work, "dromedar-calls");
        thread.setDaemon(true);
        return thread;
    });

    DirectCalls(CamelContext context, CloseableHttpClient client) {
        this.context = context;
        this.client = client;
    }

    /** As {@link dev.dromedar.oauth.ApiClient}'s calls of a route; see {@code dev.dromedar.Api#send} for the rest. */
    <T> HttpResponse<T> send(
            ApiProcessor api, Map<String, Object> token, HttpRequest request, HttpResponse.BodyHandler<T> handler)
            throws IOException, InterruptedException {
        URI uri = request.uri();
        check(api.client(), request.method(), uri);
        Exchange exchange = new DefaultExchange(context);
        Duration limit = request.timeout().orElse(null);
        long began = System.nanoTime();
        HttpUriRequestBase outgoing = outgoing(api.client(), request, uri);
        token.forEach(exchange::setProperty);
        Call call = api.process(exchange, new CallTerms(null, limit));
        HttpClientContext attempt = HttpClientContext.create();
        attempt.setAttribute(AnswerBody.FROM_JAVA, true);
        attempt.setAttribute(ApiEndpoint.EXCHANGE, exchange);
        try (InputStream body = RequestBody.of(request, outgoing)) {
            Objects.requireNonNull(body);
            ClassicHttpResponse answer = open(call, outgoing, attempt);
            return received(request, uri, outgoing, answer, attempt, handler);
        } catch (AnswerLimitExceeded e) {
            throw limit != null && AnswerLimitExceeded.kind(e) == FailureKind.NETWORK ? timeout(e) : e;
        } catch (SocketTimeoutException e) { // the socket's limit is the call's, and may be over first
            throw limit != null && System.nanoTime() - began >= limit.toNanos() ? timeout(e) : e;
        } catch (IOException e) {
            if (Thread.interrupted()) {
                outgoing.cancel();
                throw interrupted(e);
            }
            throw e;
        }
    }

    /** In a thread of its own, since a read from a socket does not heed an interruption: the caller's wait does. */
    private ClassicHttpResponse open(Call call, HttpUriRequestBase outgoing, HttpClientContext attempt)
            throws IOException, InterruptedException {
        try {
            Future<ClassicHttpResponse> opening =
                    workers.submit(() -> client.executeOpen(RoutingSupport.determineHost(outgoing), outgoing, attempt));
            return opening.get();
        } catch (RejectedExecutionException e) {
            throw new IOException("the door is closed: nothing was sent", e);
        } catch (InterruptedException e) {
            outgoing.cancel();
            throw interrupted(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof HttpException) {
                throw new RefusedCall(call.client().name() + ": call refused, since its address has no host."
                        + " Nothing was sent. Correct the address.");
            }
            throw failure(e.getCause());
        }
    }

    /** The failure, if it is an exception of I/O; others are thrown. */
    private static IOException failure(@Nullable Throwable why) {
        if (why instanceof RuntimeException failure) {
            throw failure;
        }
        if (why instanceof Error error) {
            throw error;
        }
        return why instanceof IOException failure ? failure : new IOException("the answer cannot be read", why);
    }

    private static IOException timeout(IOException why) {
        var timeout = new HttpTimeoutException(why.getMessage());
        timeout.initCause(why);
        return timeout;
    }

    private static InterruptedException interrupted(Exception why) {
        var interrupted = new InterruptedException("interrupted during a call");
        interrupted.initCause(why);
        return interrupted;
    }

    private static HttpUriRequestBase outgoing(ApiClient client, HttpRequest request, URI uri) {
        var outgoing = new HttpUriRequestBase(request.method(), uri);
        request.headers().map().forEach((name, values) -> {
            if (NOT_FOR_CALLERS.contains(name.toLowerCase(Locale.ROOT))) {
                throw refused(
                        client,
                        request.method(),
                        uri,
                        "call refused, since the header " + ForeignText.line(name, 60)
                                + " is for the connection or the proxy. Nothing was sent. Remove it from the request.");
            }
            values.forEach(value -> outgoing.addHeader(name, value));
        });
        return outgoing;
    }

    private <T> HttpResponse<T> received(
            HttpRequest request,
            URI uri,
            HttpUriRequestBase outgoing,
            ClassicHttpResponse answer,
            HttpClientContext attempt,
            HttpResponse.BodyHandler<T> handler)
            throws IOException, InterruptedException {
        var flow = new AnswerFlow(answer, outgoing::cancel, workers);
        try {
            var head = DirectAnswer.Head.of(answer);
            HttpResponse.BodySubscriber<T> subscriber = handler.apply(head);
            flow.to(subscriber);
            CompletableFuture<T> body = subscriber.getBody().toCompletableFuture();
            T whole = body.get();
            return new DirectAnswer<>(head, request, uri, whole, Optional.ofNullable(attempt.getSSLSession()));
        } catch (ExecutionException e) {
            flow.cancel();
            throw failure(e.getCause());
        } catch (InterruptedException e) {
            flow.cancel();
            throw interrupted(e);
        } catch (RuntimeException e) {
            flow.cancel();
            throw e;
        }
    }

    /** Credentials for one attempt by another HTTP client. Counts a call that is refused. */
    static Authorization authorization(ApiClient client, Map<String, Object> token, String method, URI target) {
        check(client, method, target);
        String refusal = client.refusal();
        if (refusal != null) {
            throw refused(client, method, target, "call refused, since " + refusal + ".");
        }
        long start = System.nanoTime();
        try {
            return Authorization.of(
                    client,
                    ApiProcessor.request(client, () -> PerMessage.request(token, client.settings())),
                    method,
                    target);
        } catch (OAuthException e) {
            count(client, method, target, FailureKind.NO_TOKEN, e, Duration.ofNanos(System.nanoTime() - start));
            throw e;
        }
    }

    /** Before a token is requested: HttpClient has its own words for some addresses, and the chain looks once more. */
    private static void check(ApiClient client, String method, URI target) {
        if (!ForeignText.isToken(method, 20)) {
            throw refused(
                    client,
                    "",
                    target,
                    "'" + ForeignText.line(method, 40)
                            + "' is no HTTP method (RFC 9110 section 9.1). Nothing was sent.");
        }
        boolean whole = isWhole(target);
        String shown = whole ? Addresses.origin(target) : "an address without a host";
        try {
            CallTargets.checked(whole ? target : null, whole, shown, client);
        } catch (RefusedCall e) {
            count(client, method, target, FailureKind.REFUSED_HERE, e, Duration.ZERO);
            throw e;
        }
    }

    private static boolean isWhole(URI target) {
        return target.isAbsolute() && target.getHost() != null;
    }

    private static RefusedCall refused(ApiClient client, String method, URI target, String why) {
        var refused = new RefusedCall(client.name() + ": " + why);
        count(client, method, target, FailureKind.REFUSED_HERE, refused, Duration.ZERO);
        return refused;
    }

    private static void count(
            ApiClient client, String method, URI target, FailureKind kind, RuntimeException why, Duration took) {
        client.called(new CallRecord(
                method,
                isWhole(target) ? CallRecord.shown(target) : null,
                0,
                took,
                kind,
                CallRecord.words(client.name(), why),
                client.settings().tokens().request(),
                null,
                null,
                CallRecord.Origin.NONE));
    }

    @Override
    public void close() {
        client.close(CloseMode.IMMEDIATE);
        workers.shutdownNow();
    }
}
