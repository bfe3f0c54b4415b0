package dev.dromedar.camel;

import dev.dromedar.oauth.UnloggedConnection;
import java.io.IOException;
import java.util.List;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.HttpResponseInformationCallback;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps requests that carry credentials out of HttpClient's wire log, whatever the logging configuration: while that log is
 * on, they go over the same socket by a connection that logs nothing. Other requests are logged as the user wants. Thread-safe.
 */
final class UnloggedExecutor extends HttpRequestExecutor {
    private static final List<String> SECRET = List.of("Authorization", "DPoP", "Proxy-Authorization");

    private final Logger wire = LoggerFactory.getLogger("org.apache.hc.client5.http.wire");
    private final Logger headers = LoggerFactory.getLogger("org.apache.hc.client5.http.headers");

    @Override
    public ClassicHttpResponse execute(
            ClassicHttpRequest request,
            HttpClientConnection connection,
            @Nullable HttpResponseInformationCallback informed,
            HttpContext context)
            throws IOException, HttpException {
        boolean logged = wire.isDebugEnabled() || headers.isDebugEnabled();
        if (logged
                && connection instanceof ManagedHttpClientConnection logging
                && SECRET.stream().anyMatch(request::containsHeader)) {
            return super.execute(request, UnloggedConnection.over(logging), informed, context);
        }
        return super.execute(request, connection, informed, context);
    }
}
