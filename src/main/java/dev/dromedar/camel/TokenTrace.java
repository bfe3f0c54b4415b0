package dev.dromedar.camel;

import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.OAuthException;
import dev.dromedar.oauth.TokenRefused;
import dev.dromedar.oauth.TokenSpan;
import org.apache.camel.Exchange;
import org.apache.camel.telemetry.Span;
import org.apache.camel.telemetry.SpanLifecycleManager;
import org.apache.camel.telemetry.SpanStorageManagerExchange;
import org.apache.camel.telemetry.Tracer;

/**
 * A span around a token request, as a child of what the exchange does when it needs the token. Made by whatever tracer Camel
 * has, such as camel-opentelemetry2; without one, or for an exchange that is not traced, there is none. Shows the API's name,
 * the authority and the kind of failure; nothing secret.
 */
record TokenTrace(Exchange exchange, ApiClient api) implements TokenSpan {

    @Override
    public Runnable around(Request request) {
        try {
            return Traced.around(this, request);
        } catch (NoClassDefFoundError e) {
            return request::make; // an application without Camel's telemetry
        }
    }

    /** Of its own, since it does not load without camel-telemetry. */
    private static final class Traced {

        static Runnable around(TokenTrace trace, Request request) {
            Tracer tracer = trace.exchange.getContext().hasService(Tracer.class);
            Span parent = tracer == null ? null : new SpanStorageManagerExchange().peek(trace.exchange);
            SpanLifecycleManager spans = tracer == null ? null : tracer.getSpanLifecycleManager();
            return spans == null || parent == null ? request::make : () -> run(trace.api, spans, parent, request);
        }

        private static void run(ApiClient api, SpanLifecycleManager spans, Span parent, Request request) {
            Span span = spans.create("token " + api.name(), parent, null);
            span.setTag("component", "dromedar");
            span.setTag("dromedar.api", api.name());
            span.setTag("dromedar.authority", api.settings().authority().issuer());
            spans.activate(span);
            try {
                OAuthException failure = request.make();
                span.setError(failure != null);
                if (failure != null) {
                    span.setTag(
                            "error.type", failure instanceof TokenRefused refused ? refused.error() : "unavailable");
                }
            } finally {
                spans.deactivate(span);
                spans.close(span);
            }
        }
    }
}
