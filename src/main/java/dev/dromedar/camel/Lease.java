package dev.dromedar.camel;

import dev.dromedar.oauth.AnswerLimits;
import dev.dromedar.oauth.ProxyRefusal;
import dev.dromedar.oauth.UnloggedConnection;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hc.client5.http.EndpointInfo;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecRuntime;
import org.apache.hc.client5.http.io.ConnectionEndpoint;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.client5.http.io.LeaseRequest;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.concurrent.CancellableDependency;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * A connection of {@link ApiConnections} for one request, in the place of the endpoint's own; HttpClient's own class for this
 * is not public. Of one thread, but for {@link #cancel}.
 */
final class Lease implements ExecRuntime, Cancellable {
    private static final HttpRequestExecutor EXECUTOR = new HttpRequestExecutor();

    private final HttpClientConnectionManager pool;
    private final AnswerLimits limits;
    private final HttpRoute route;
    private final CallTime time;
    private final AtomicReference<@Nullable ConnectionEndpoint> held = new AtomicReference<>();
    private volatile boolean cancelled;
    private boolean reusable;
    private TimeValue keepAlive = TimeValue.NEG_ONE_MILLISECOND;
    private boolean reused;
    /** Whether the last request was not sent at all, since its connection was not fit to be used again. */
    private boolean unsent;
    /** Whether the last request went out on a connection of before, and died without a byte of answer. */
    private boolean unheard;
    /** The last answer to CONNECT, or 0. */
    private int tunnel;

    Lease(HttpClientConnectionManager pool, HttpRoute route, ExecChain.Scope theirs, CallState state) {
        this(pool, state.call.client().settings().calls().answerLimits(), route, state.time);
        state.route = route;
        if (theirs.originalRequest instanceof CancellableDependency request) {
            request.setDependency(this);
        }
    }

    private Lease(HttpClientConnectionManager pool, AnswerLimits limits, HttpRoute route, CallTime time) {
        this.pool = pool;
        this.limits = limits;
        this.route = route;
        this.time = time;
        time.watch(this);
    }

    /** Whether a TLS handshake is with the API itself, and not with a proxy on the way. */
    static boolean isFor(HttpContext context, String name, int port) {
        CallState state = CallState.of(context);
        HttpHost target = state == null || state.route == null ? null : state.route.getTargetHost();
        return target != null
                && target.getHostName().equalsIgnoreCase(name)
                && (target.getPort() == port || target.getPort() < 0 && (port < 0 || port == 443));
    }

    /**
     * What a proxy said when asked for a tunnel is not the API's answer.
     *
     * @throws ProxyRefusal if that is what the last answer was
     */
    void checkTunnel(ClassicHttpResponse answer) throws IOException {
        if (tunnel != 0 && tunnel / 100 != 2) {
            discardEndpoint();
            answer.close();
            throw new ProxyRefusal(Objects.requireNonNull(route.getProxyHost()).toHostString(), tunnel);
        }
    }

    /**
     * Whether the server may have closed an idle connection just when the request was sent: then it has not dealt with it,
     * and a request that may be repeated goes once more, on a new connection (RFC 9112 section 9.3.1). One that was not sent
     * does in any case.
     */
    boolean mayGoAgain(boolean idempotent) {
        return !cancelled && (unsent || unheard && idempotent);
    }

    @Override
    public boolean isExecutionAborted() {
        return cancelled;
    }

    @Override
    public boolean isEndpointAcquired() {
        return held.get() != null;
    }

    @Override
    public void acquireEndpoint(String id, HttpRoute route, @Nullable Object state, HttpClientContext context)
            throws IOException {
        Timeout limit = context.getRequestConfigOrDefault().getConnectionRequestTimeout();
        LeaseRequest request = pool.lease(id, route, limit, null);
        try {
            ConnectionEndpoint endpoint = request.get(limit);
            if (endpoint.isConnected() && (unsent || unheard)) {
                endpoint.close(CloseMode.IMMEDIATE); // it may have met the same end
            }
            reused = endpoint.isConnected();
            reusable = reused;
            held.set(endpoint);
        } catch (TimeoutException e) {
            throw new ConnectionRequestTimeoutException(e.getMessage());
        } catch (InterruptedException e) {
            request.cancel();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for a connection", e);
        } catch (ExecutionException e) {
            throw new IOException("no connection", e.getCause());
        }
        if (cancelled) {
            discardEndpoint();
            throw failure(new IOException("cancelled"));
        }
    }

    private ConnectionEndpoint endpoint() throws IOException {
        ConnectionEndpoint endpoint = held.get();
        if (endpoint == null) {
            throw failure(new IOException("the connection is gone"));
        }
        return endpoint;
    }

    /** Why it failed: because the connection was cut meanwhile, which shows as any exception, or by itself. */
    private IOException failure(Exception e) {
        if (e instanceof RuntimeException other && !cancelled) {
            throw other;
        }
        return time.isOver()
                ? time.exceeded()
                : e instanceof IOException itself ? itself : new IOException("the connection was cut", e);
    }

    @Override
    public boolean isEndpointConnected() {
        ConnectionEndpoint endpoint = held.get();
        return endpoint != null && endpoint.isConnected();
    }

    @Override
    public void connectEndpoint(HttpClientContext context) throws IOException {
        ConnectionEndpoint endpoint = endpoint();
        if (!endpoint.isConnected()) {
            @SuppressWarnings("deprecation") // it is where Camel puts the limit of an endpoint
            Timeout limit = context.getRequestConfigOrDefault().getConnectTimeout();
            try {
                pool.connect(endpoint, limit, context);
            } catch (IOException | RuntimeException e) {
                throw failure(e);
            }
        }
    }

    @Override
    public void upgradeTls(HttpClientContext context) throws IOException {
        try {
            pool.upgrade(endpoint(), context);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    @Override
    public @Nullable EndpointInfo getEndpointInfo() {
        ConnectionEndpoint endpoint = held.get();
        return endpoint == null ? null : endpoint.getInfo();
    }

    @Override
    public ClassicHttpResponse execute(String id, ClassicHttpRequest request, HttpClientContext context)
            throws IOException, HttpException {
        connectEndpoint(context);
        ConnectionEndpoint endpoint = endpoint();
        Timeout limit = context.getRequestConfigOrDefault().getResponseTimeout();
        try {
            if (limit != null) {
                endpoint.setSocketTimeout(limit);
            }
            ClassicHttpResponse answer = endpoint.execute(
                    id, request, (sent, connection, inContext) -> executed(sent, connection, inContext), context);
            tunnel = "CONNECT".equals(request.getMethod()) ? answer.getCode() : 0;
            return answer;
        } catch (IOException | RuntimeException e) {
            throw failure(e);
        }
    }

    private ClassicHttpResponse executed(
            ClassicHttpRequest request, HttpClientConnection connection, HttpContext context)
            throws IOException, HttpException {
        var ours = (UnloggedConnection) connection;
        ours.limit(limits);
        unheard = false;
        unsent = reused && ours.hasLeftovers();
        if (unsent) {
            throw new ConnectionClosedException("the API had sent more than one answer");
        }
        try {
            return EXECUTOR.execute(request, ours, null, context);
        } catch (IOException e) {
            // A server that is slow may be at work on it
            unheard = reused && !(e instanceof SocketTimeoutException) && ours.isUnanswered();
            throw e;
        }
    }

    @Override
    public boolean isConnectionReusable() {
        return reusable;
    }

    @Override
    public void markConnectionReusable(@Nullable Object state, TimeValue validDuration) {
        reusable = true;
        keepAlive = validDuration;
    }

    @Override
    public void markConnectionNonReusable() {
        reusable = false;
    }

    @Override
    public void disconnectEndpoint() throws IOException {
        ConnectionEndpoint endpoint = held.get();
        if (endpoint != null) {
            endpoint.close();
        }
    }

    @Override
    public void releaseEndpoint() {
        giveBack(reusable);
    }

    @Override
    public void discardEndpoint() {
        giveBack(false);
    }

    private void giveBack(boolean again) {
        ConnectionEndpoint endpoint = held.getAndSet(null);
        if (endpoint != null) {
            if (!again) {
                endpoint.close(CloseMode.IMMEDIATE);
            }
            pool.release(endpoint, null, again ? keepAlive : TimeValue.ZERO_MILLISECONDS);
        }
    }

    /** Cuts the connection, in whatever it is doing. */
    @Override
    public boolean cancel() {
        cancelled = true;
        ConnectionEndpoint endpoint = held.get();
        if (endpoint != null) {
            endpoint.close(CloseMode.IMMEDIATE); // the thread that holds it gives it back
        }
        return endpoint != null;
    }

    @Override
    public ExecRuntime fork(CancellableDependency request) {
        var fork = new Lease(pool, limits, route, time);
        request.setDependency(fork);
        return fork;
    }
}
