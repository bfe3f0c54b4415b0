package dev.dromedar.camel;

import dev.dromedar.camel.CallAddress.Target;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.hc.core5.http.ContentType;
import org.jspecify.annotations.Nullable;

/**
 * All of a call by {@code api:} that depends on the message.
 *
 * @param token exchange properties that ask for a token other than the usual
 */
record CallRequest(
        Target target,
        Map<String, String> headers,
        @Nullable Object body,
        Map<String, @Nullable Object> token) {
    /** W3C Trace Context, which Camel's tracer puts into the message. */
    static final Set<String> TRACE = Set.of("traceparent", "tracestate");
    /** @throws RefusedCall if the message cannot be sent so */
    static CallRequest of(
            CallPlan plan, Endpoint endpoint, Exchange exchange, Call call, Map<String, @Nullable Object> token) {
        Target target = plan.address().of(exchange, call.client().settings().baseAddress());
        Map<String, String> headers =
                exchange.getIn().hasHeaders() || plan.mayHaveHeaders() ? new LinkedHashMap<>() : Map.of();
        for (String name : exchange.getIn().hasHeaders() ? TRACE : Set.<String>of()) {
            String value = exchange.getIn().getHeader(name, String.class);
            if (value != null) {
                headers.put(name, checked(name, value));
            }
        }
        plan.headers().forEach((name, value) -> {
            String text = value.text(exchange);
            if (text != null) {
                headers.put(name, checked(name, text));
            }
        });
        if (plan.body().accept() != null) {
            headers.put("Accept", plan.body().accept());
        }
        if (plan.body().keyed()) {
            headers.put(IdempotencyKey.HEADER, IdempotencyKey.of(exchange, endpoint));
        }
        Object body = plan.body().sent() ? exchange.getIn().getBody() : null;
        if (body != null) {
            String type = plan.body().type() != null
                    ? plan.body().type()
                    : exchange.getIn().getHeader(Exchange.CONTENT_TYPE, String.class);
            if (type != null) {
                headers.put(Exchange.CONTENT_TYPE, checked(Exchange.CONTENT_TYPE, type));
            }
            body = body instanceof String text ? text.getBytes(charset(type)) : body;
        }
        return new CallRequest(target, headers, body, token);
    }

    /** The same request with another header. */
    CallRequest with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new CallRequest(target, more, body, token);
    }

    /** JSON and XML are UTF-8 where nothing else is said; Camel would take ISO-8859-1. */
    private static Charset charset(@Nullable String type) {
        Charset charset = type == null ? null : ContentType.parseLenient(type).getCharset();
        return charset == null ? StandardCharsets.UTF_8 : charset;
    }

    /** A field value of visible ASCII characters and spaces (RFC 9110 section 5.5). */
    private static String checked(String name, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < ' ' && c != '\t' || c > '~') {
                throw new RefusedCall("A call was refused: the value of the header " + name + " has a line end, another"
                        + " control or a character that is not ASCII. Nothing was sent. Check the message before the"
                        + " call, or send it in the body.");
            }
        }
        return value;
    }
}
