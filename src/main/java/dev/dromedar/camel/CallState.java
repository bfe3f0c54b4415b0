package dev.dromedar.camel;

import dev.dromedar.oauth.CallGate;
import org.apache.camel.Exchange;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/**
 * What the parts of HttpClient's chain know of one call of an API, from {@link AnswerBody} on; hangs on the call's context.
 * Of one thread.
 */
final class CallState {
    private static final String ATTRIBUTE = "dromedar.call";

    final Exchange exchange;
    final Call call;
    /** Of the API's limits. */
    final CallGate.Pass pass;

    final CallTime time;
    /** That is on its way through the chain. */
    @Nullable
    Attempt attempt;

    @Nullable
    Lease lease;
    /** That is not reported yet. */
    @Nullable
    EndedRequest ended;

    private CallState(Exchange exchange, Call call, CallGate.Pass pass, CallTime time) {
        this.exchange = exchange;
        this.call = call;
        this.pass = pass;
        this.time = time;
    }

    static CallState begin(HttpContext context, Exchange exchange, Call call, CallGate.Pass pass, CallTime time) {
        var state = new CallState(exchange, call, pass, time);
        context.setAttribute(ATTRIBUTE, state);
        return state;
    }

    /** Null if it is no call of an API. */
    static @Nullable CallState of(HttpContext context) {
        return context.getAttribute(ATTRIBUTE) instanceof CallState state ? state : null;
    }
}
