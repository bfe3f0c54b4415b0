package dev.dromedar.camel;

import dev.dromedar.oauth.AnswerLimits;
import dev.dromedar.oauth.CallGate;
import dev.dromedar.oauth.CallRecord;
import dev.dromedar.oauth.GateClosed;
import dev.dromedar.oauth.NetworkFailure;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ScheduledExecutorService;
import java.util.zip.GZIPInputStream;
import org.apache.camel.Exchange;
import org.apache.camel.support.GZIPHelper;
import org.apache.hc.client5.http.ClientProtocolException;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;
import org.jspecify.annotations.Nullable;

/**
 * Watches over the answer of a call until the last byte of its body is read: its size after decoding, and its time. A call
 * whose body fails is a failed call. Stands above everything else of HttpClient. Thread-safe.
 */
final class AnswerBody implements ExecChainHandler {
    /** Attribute of a call that comes from Java, and not from a route. */
    static final String FROM_JAVA = "dromedar.from-java";

    private final CallTime.Watch times;

    AnswerBody(ScheduledExecutorService clock) {
        this.times = new CallTime.Watch(clock);
    }

    /** Waits until the API's rate lets another request of a call through. */
    static void turn(CallState state) {
        try {
            state.pass.request();
        } catch (GateClosed e) {
            throw new RefusedCall(state.call.client().name(), e);
        }
    }

    @Override
    public ClassicHttpResponse execute(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        Exchange exchange = ApiEndpoint.exchange(scope.clientContext);
        Call call = Call.of(exchange);
        if (exchange == null || call == null) {
            return decoded(chain.proceed(request, scope));
        }
        CallGate.Pass pass = enter(call, exchange);
        AnswerLimits limits = call.client().settings().calls().answerLimits();
        CallState state = null;
        CallRecord failed = null;
        boolean followed = false;
        try {
            CallTime time = times.begin(call.terms().within(limits.time()));
            state = CallState.begin(scope.clientContext, exchange, call, pass, time);
            ClassicHttpResponse response = decoded(chain.proceed(request, scope));
            if (response.getCode() / 100 == 3 && response.getCode() != 304) {
                state.moved(scope.clientContext.getAttribute(FROM_JAVA) != null);
            }
            HttpEntity entity = unzipped(response, exchange);
            if (entity != null) {
                long most = limits.size(response.getCode());
                var body = new FollowedBody(entity, most, state);
                time.whenCut(body::cut);
                response.setEntity(body);
                followed = true;
                if (entity.getContentLength() > most) {
                    throw body.tooLarge();
                }
            }
            return response;
        } catch (IOException e) {
            failed = state == null ? null : state.failed(e);
            if (NetworkFailure.isOfLargeBody(e)) {
                pass.leave(null); // or messages of one sender would open the breaker for all calls
            }
            throw e;
        } catch (HttpException e) {
            // The library's words quote the answer, which may quote what was sent
            var failure = new ClientProtocolException(
                    "the API's answer is not as HTTP has it (" + e.getClass().getSimpleName() + ")");
            failed = state == null ? null : state.failed(failure);
            throw failure;
        } finally {
            if (state != null) {
                state.end();
            }
            if (!followed) {
                if (state != null) {
                    state.time.stop();
                }
                CallRecord last = failed != null || state == null ? failed : state.tell();
                pass.leave(last);
            }
        }
    }

    /** From HttpClient 5.6 on a decoded answer still says how it was encoded, and Camel would decode it once more. */
    private static ClassicHttpResponse decoded(ClassicHttpResponse response) {
        HttpEntity entity = response.getEntity();
        if (entity != null && entity.getContentEncoding() == null) {
            response.removeHeaders(HttpHeaders.CONTENT_ENCODING);
        }
        return response;
    }

    private static CallGate.Pass enter(Call call, Exchange exchange) {
        try {
            return call.client().gate().enter();
        } catch (GateClosed e) {
            throw Attempted.refused(
                    call, exchange, new RefusedCall(call.client().name(), e));
        }
    }

    /**
     * Where HttpClient does not decode ({@code contentCompressionDisabled=true}), Camel unzips what the limit would no longer
     * see: it is done here, below the limit.
     */
    private static @Nullable HttpEntity unzipped(ClassicHttpResponse response, Exchange exchange) {
        HttpEntity entity = response.getEntity();
        Header encoding = response.getFirstHeader(HttpHeaders.CONTENT_ENCODING);
        if (entity == null
                || encoding == null
                || !GZIPHelper.isGzip(encoding.getValue())
                || exchange.getProperty(Exchange.SKIP_GZIP_ENCODING, false, Boolean.class)) {
            return entity;
        }
        response.removeHeaders(HttpHeaders.CONTENT_ENCODING);
        response.removeHeaders(HttpHeaders.CONTENT_LENGTH);
        return new Unzipped(entity);
    }

    private static final class Unzipped extends HttpEntityWrapper {
        private @Nullable InputStream content;

        Unzipped(HttpEntity packed) {
            super(packed);
        }

        @Override
        public InputStream getContent() throws IOException {
            if (content == null) {
                content = new GZIPInputStream(super.getContent());
            }
            return content;
        }

        @Override
        public long getContentLength() {
            return -1;
        }

        @Override
        public @Nullable String getContentEncoding() {
            return null;
        }
    }
}
