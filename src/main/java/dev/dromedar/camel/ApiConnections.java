package dev.dromedar.camel;

import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.ProxyCredentials;
import dev.dromedar.oauth.TlsRules;
import dev.dromedar.oauth.Transport;
import dev.dromedar.oauth.UnloggedConnection;
import java.io.Closeable;
import java.io.IOException;
import java.net.Socket;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.apache.camel.component.http.HttpComponent;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * The connections of calls to APIs, whatever endpoint they come through: the API that a route names decides on certificate,
 * trust, proxy and limits, never an address or an option of the endpoint. APIs of equal {@link Transport} share connections.
 * Thread-safe.
 */
final class ApiConnections implements Closeable {
    /** A server may close a connection at any time; under load one is back in use before that is worth a look. */
    private static final TimeValue LOOK_AFTER = TimeValue.ofMilliseconds(250);

    private static final TimeValue LONGEST_IDLE = TimeValue.ofMinutes(5);

    private final SSLContext common;
    private final Limits limits;
    private final Supplier<Collection<ApiClient>> apis;
    private final Map<Transport, PoolingHttpClientConnectionManager> pools = new ConcurrentHashMap<>();
    private Set<Transport> unused = Set.of();

    /**
     * How many connections there may be.
     *
     * @param total null for no limit but the one for each server
     */
    record Limits(@Nullable Integer total, int perServer, TimeValue timeToLive) {
        static Limits of(HttpComponent component) {
            return new Limits(
                    null,
                    component.getConnectionsPerRoute(),
                    TimeValue.ofMilliseconds(component.getConnectionTimeToLive()));
        }
    }

    /**
     * @param common whom APIs trust that have no trust of their own
     * @param apis those that there are now
     */
    ApiConnections(SSLContext common, Limits limits, Supplier<Collection<ApiClient>> apis) {
        this.common = common;
        this.limits = limits;
        this.apis = apis;
    }

    /** The same, with other limits. */
    ApiConnections with(Limits others) {
        return new ApiConnections(common, others, apis);
    }

    /** Takes a call from the way that its endpoint has, to the way of its API. */
    ExecChain.Scope scope(CallState state, ExecChain.Scope theirs) {
        Transport transport = state.call.client().settings().calls().transport();
        HttpHost target = theirs.route.getTargetHost();
        HttpRoute route = theirs.route;
        if (!"https".equalsIgnoreCase(target.getSchemeName())) {
            // Plain http is for this machine itself, and a proxy would read it
            route = route.getProxyHost() == null ? route : new HttpRoute(target);
        } else if (transport.proxy() != null) {
            var proxy = new HttpHost(
                    "http", transport.proxy().host(), transport.proxy().port());
            route = new HttpRoute(target, null, proxy, true);
            theirs.clientContext.setCredentialsProvider(new ProxyCredentials(transport.proxy()));
        }
        var lease = new Lease(pools.computeIfAbsent(transport, this::pool), route, theirs, state);
        return new ExecChain.Scope(theirs.exchangeId, route, theirs.originalRequest, lease, theirs.clientContext);
    }

    private PoolingHttpClientConnectionManager pool(Transport transport) {
        TlsSocketStrategy toApi = TlsRules.strategy(transport.tls(common), transport.legacy());
        TlsSocketStrategy toProxy = TlsRules.strategy(common, false);
        var pool = PoolingHttpClientConnectionManagerBuilder.create()
                .setPoolConcurrencyPolicy(
                        limits.total() == null ? PoolConcurrencyPolicy.LAX : PoolConcurrencyPolicy.STRICT)
                .setMaxConnPerRoute(limits.perServer())
                .setConnectionFactory(ApiConnections::connection)
                .setTlsSocketStrategy((socket, name, port, attachment, context) -> (Lease.isFor(context, name, port)
                                ? toApi
                                : toProxy)
                        .upgrade(socket, name, port, attachment, context))
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setSocketTimeout(Timeout.ofSeconds(30))
                        .setConnectTimeout(Timeout.of(transport.connectLimit()))
                        .setValidateAfterInactivity(LOOK_AFTER)
                        .setTimeToLive(limits.timeToLive())
                        .build());
        if (limits.total() != null) {
            pool.setMaxConnTotal(limits.total());
        }
        return pool.build();
    }

    private static ManagedHttpClientConnection connection(@Nullable Socket socket) throws IOException {
        var connection = new UnloggedConnection(dev.dromedar.oauth.AnswerLimits.USUAL);
        if (socket != null) {
            connection.bind(socket);
        }
        return connection;
    }

    /** Closes what has not been used for long, and what no API goes by any more. To be called every minute or so. */
    synchronized void tidy() {
        pools.values().forEach(pool -> {
            pool.closeExpired();
            pool.closeIdle(LONGEST_IDLE);
        });
        Set<Transport> gone = new HashSet<>(pools.keySet());
        apis.get().forEach(api -> gone.remove(api.settings().calls().transport()));
        for (Transport transport : gone) {
            PoolingHttpClientConnectionManager pool = pools.get(transport);
            // Calls that began before have had the time between two of these to get their connection
            if (unused.contains(transport)
                    && pool != null
                    && pool.getTotalStats().getLeased() == 0
                    && pools.remove(transport, pool)) {
                pool.close(CloseMode.GRACEFUL);
            }
        }
        unused = gone;
    }

    @Override
    public void close() {
        pools.values().forEach(pool -> pool.close(CloseMode.IMMEDIATE));
    }
}
