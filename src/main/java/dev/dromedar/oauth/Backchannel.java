package dev.dromedar.oauth;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.routing.DefaultProxyRoutePlanner;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.NameValuePair;
import org.apache.hc.core5.http.io.HttpClientResponseHandler;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * HTTP to authorities: every request has an end, an answer has a greatest size, and redirects, cookies and repeats are off,
 * because each would send credentials somewhere or twice without our asking. Thread-safe; blocks.
 */
final class Backchannel implements AutoCloseable {
    private static final int LARGEST_ANSWER = (int) AnswerLimits.AUTHORITY.size();
    private final CloseableHttpClient client;
    private final Transport.@Nullable Proxy proxy;
    /** RFC 9110 section 10.1.5. Firewalls refuse requests without it, and operators look for it in their logs. */
    private static final String USER_AGENT = "Dromedar/"
            + Objects.requireNonNullElse(Backchannel.class.getPackage().getImplementationVersion(), "development");

    private final ScheduledExecutorService deadlines;

    /**
     * @param tls whom to trust, and the certificate to show
     * @param proxy to go through, or null
     * @param deadlines cuts the connection of a request that is out of time
     */
    Backchannel(
            SSLContext tls,
            Transport.@Nullable Proxy proxy,
            Duration connectTimeout,
            ScheduledExecutorService deadlines) {
        this(tls, false, proxy, connectTimeout, deadlines);
    }

    /** @param legacy whether weak TLS is accepted; see {@link TlsRules} */
    Backchannel(
            SSLContext tls,
            boolean legacy,
            Transport.@Nullable Proxy proxy,
            Duration connectTimeout,
            ScheduledExecutorService deadlines) {
        this.deadlines = deadlines;
        this.proxy = proxy;
        var connections = PoolingHttpClientConnectionManagerBuilder.create()
                .setMaxConnTotal(200)
                .setMaxConnPerRoute(50)
                .setConnectionFactory(socket -> connection(socket))
                .setTlsSocketStrategy(TlsRules.strategy(tls, legacy))
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(Timeout.of(connectTimeout))
                        .setValidateAfterInactivity(TimeValue.ZERO_MILLISECONDS)
                        .setTimeToLive(TimeValue.ofMinutes(5))
                        .build())
                .build();
        var client = HttpClients.custom();
        if (proxy != null) {
            client.setRoutePlanner(new ThroughProxy(new HttpHost("http", proxy.host(), proxy.port())));
            client.setDefaultCredentialsProvider(new ProxyCredentials(proxy));
        }
        this.client = client.setConnectionManager(connections)
                .disableConnectionState() // a client certificate would make each connection somebody's own
                .disableRedirectHandling()
                .disableAutomaticRetries()
                .disableCookieManagement()
                .disableAuthCaching()
                .setUserAgent(USER_AGENT)
                .build();
    }

    /** Plain http is for this machine itself, and a proxy would read it: only what is encrypted goes there. */
    private static final class ThroughProxy extends DefaultProxyRoutePlanner {
        ThroughProxy(HttpHost proxy) {
            super(proxy);
        }

        @Override
        protected @Nullable HttpHost determineProxy(HttpHost target, HttpContext context) throws HttpException {
            return "https".equalsIgnoreCase(target.getSchemeName()) ? super.determineProxy(target, context) : null;
        }
    }

    private static ManagedHttpClientConnection connection(@Nullable Socket socket) throws IOException {
        var connection = new UnloggedConnection(AnswerLimits.AUTHORITY);
        if (socket != null) {
            connection.bind(socket);
        }
        return connection;
    }

    Answer get(URI uri, Duration limit) throws IOException {
        var request = new HttpGet(uri);
        return send(request, limit, response -> read(request, response));
    }

    /** As {@link #get(URI, Duration)}, with headers that may be secret. */
    Answer get(URI uri, Map<String, String> headers, Duration limit) throws IOException {
        var request = new HttpGet(uri);
        headers.forEach((name, value) -> request.setHeader(new SecretHeader(name, value)));
        return send(request, limit, response -> read(request, response));
    }

    /** Posts JSON. */
    Answer postJson(URI uri, String json, Map<String, String> headers, Duration limit) throws IOException {
        var request = new HttpPost(uri);
        headers.forEach((name, value) -> request.setHeader(new SecretHeader(name, value)));
        request.setEntity(new StringEntity(json, ContentType.APPLICATION_JSON.withCharset((String) null)));
        return send(request, limit, response -> read(request, response));
    }

    /** Looks at what an API answers, its body left aside. */
    Answer look(URI uri, Map<String, String> headers, Duration limit) throws IOException {
        var request = new HttpGet(uri);
        headers.forEach((name, value) -> request.setHeader(new SecretHeader(name, value)));
        return send(request, limit, response -> {
            cut(request, response); // an endless body is none of ours
            return answer(response, new byte[0]);
        });
    }

    /** Posts a form (RFC 6749 section 4.4.2), already encoded. */
    Answer post(URI uri, String form, Map<String, String> headers, Duration limit) throws IOException {
        var request = new HttpPost(uri);
        headers.forEach((name, value) -> request.setHeader(new SecretHeader(name, value)));
        request.setEntity(new StringEntity(form, ContentType.APPLICATION_FORM_URLENCODED.withCharset((String) null)));
        return send(request, limit, response -> read(request, response));
    }

    private Answer send(HttpUriRequestBase request, Duration limit, HttpClientResponseHandler<Answer> reader)
            throws IOException {
        request.setHeader("Accept", "application/json");
        request.setHeader("Accept-Encoding", "identity"); // what is compressed all the same is read all the same
        request.setConfig(RequestConfig.custom()
                .setConnectionRequestTimeout(Timeout.of(limit))
                .setResponseTimeout(Timeout.of(limit))
                .build());
        ScheduledFuture<?> cut;
        try {
            cut = deadlines.schedule(() -> request.cancel(), limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            throw new IOException("this worker is stopping", e);
        }
        try {
            var context = HttpClientContext.create();
            return client.execute(request, context, response -> {
                if (proxy != null && request.getScheme().equals("https") && context.getSSLSession() == null) {
                    throw new ProxyRefusal(proxy, response.getCode());
                }
                return reader.handleResponse(response);
            });
        } catch (IOException | IllegalStateException e) { // the latter from a pool that is closed meanwhile
            if (deadlines.isShutdown()) {
                throw new IOException("this worker is stopping", e);
            }
            if (request.isCancelled() && !(e instanceof TooLarge)) {
                throw new IOException(NetworkFailure.unanswered(limit), e);
            }
            throw e;
        } finally {
            cut.cancel(false);
        }
    }

    private static Answer read(HttpUriRequestBase request, ClassicHttpResponse response) throws IOException {
        byte[] body = new byte[0];
        HttpEntity entity = response.getEntity();
        if (entity != null) {
            body = entity.getContent().readNBytes(LARGEST_ANSWER + 1);
        }
        if (body.length > LARGEST_ANSWER) {
            cut(request, response);
            throw new TooLarge();
        }
        return answer(response, body);
    }

    private static Answer answer(ClassicHttpResponse response, byte[] body) {
        boolean fromCache = response.containsHeader("Age"); // its Date is not of now (RFC 9111 section 5.1)
        return new Answer(
                response.getCode(),
                header(response, "DPoP-Nonce"),
                fromCache ? null : header(response, "Date"),
                header(response, "Retry-After"),
                header(response, "Content-Type"),
                Arrays.stream(response.getHeaders("WWW-Authenticate"))
                        .map(NameValuePair::getValue)
                        .toList(),
                body);
    }

    /** Leaves the rest of a body where it is. Closing alone would read on to its end. */
    private static void cut(HttpUriRequestBase request, ClassicHttpResponse response) {
        request.cancel();
        response.setEntity(null);
    }

    private static final class TooLarge extends IOException {
        private static final long serialVersionUID = 1;

        TooLarge() {
            super("the answer is larger than " + LARGEST_ANSWER / 1024 + " KiB");
        }
    }

    private static @Nullable String header(ClassicHttpResponse response, String name) {
        Header header = response.getFirstHeader(name);
        return header == null ? null : header.getValue();
    }

    /** Cuts what is in flight too. */
    @Override
    public void close() {
        client.close(CloseMode.IMMEDIATE);
    }

    /** What of an answer is ever looked at. Its body is an authority's own words, so it is never shown. */
    record Answer(
            int status,
            @Nullable String nonce,
            @Nullable String date,
            @Nullable String retryAfter,
            @Nullable String contentType,
            List<String> challenges,
            byte[] body) {

        Answer(
                int status,
                @Nullable String nonce,
                @Nullable String date,
                @Nullable String retryAfter,
                @Nullable String contentType,
                byte[] body) {
            this(status, nonce, date, retryAfter, contentType, List.of(), body);
        }

        /** For messages: the media type, if it is another than JSON. */
        String ofType() {
            if (contentType == null || contentType.length() > 200) {
                return "";
            }
            int parameters = contentType.indexOf(';');
            String type = (parameters < 0 ? contentType : contentType.substring(0, parameters)).strip();
            return type.endsWith("json") || type.indexOf('/') < 0 || !ForeignText.isOf(type, 120, "_.+-/")
                    ? ""
                    : " but " + type;
        }

        @Override
        public String toString() {
            return "Answer(HTTP " + status + ", " + contentType + ", " + body.length + " bytes)";
        }
    }
}
