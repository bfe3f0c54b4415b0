package dev.dromedar.camel;

import dev.dromedar.oauth.AnswerLimitExceeded;
import dev.dromedar.oauth.CallGate;
import dev.dromedar.oauth.CallRecord;
import dev.dromedar.oauth.FailureKind;
import dev.dromedar.oauth.NetworkFailure;
import dev.dromedar.oauth.TokenSpan;
import java.io.IOException;
import org.apache.camel.Exchange;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/**
 * What the parts of HttpClient's chain know of one call of an API, from {@link AnswerBody} on. Of one thread, which has it at
 * hand: an attribute of the call's context costs a map.
 */
final class CallState implements TokenSpan {
    private static final ThreadLocal<@Nullable CallState> CURRENT = new ThreadLocal<>();

    final Exchange exchange;
    final Call call;
    /** Of the API's limits. */
    final CallGate.Pass pass;

    final CallTime time;
    /** That is on its way through the chain. */
    @Nullable
    Attempt attempt;

    /** Of the connection that it has, or waits for. */
    @Nullable
    HttpRoute route;

    private @Nullable CallRecord ended;

    private final HttpContext context;
    /** Of this thread before; calls in a call are of other contexts. */
    private final @Nullable CallState outer = CURRENT.get();

    private CallState(HttpContext context, Exchange exchange, Call call, CallGate.Pass pass, CallTime time) {
        this.context = context;
        this.exchange = exchange;
        this.call = call;
        this.pass = pass;
        this.time = time;
    }

    static CallState begin(HttpContext context, Exchange exchange, Call call, CallGate.Pass pass, CallTime time) {
        var state = new CallState(context, exchange, call, pass, time);
        CURRENT.set(state);
        return state;
    }

    /** Around a token request that this call begins. */
    @Override
    public Runnable around(Request request) {
        return new TokenTrace(exchange, call.client()).around(request);
    }

    /** This thread is through the chain. */
    void end() {
        CURRENT.set(outer);
    }

    /** That this thread makes; null if it is no call of an API. */
    static @Nullable CallState of(HttpContext context) {
        CallState state = CURRENT.get();
        return state != null && state.context == context ? state : null;
    }

    /** How a request ended as far as its head. It is reported when its body has been read, or another request follows it. */
    void ended(CallRecord record) {
        tell();
        ended = record;
    }

    /** Takes the request that is not yet reported; null if there is none. */
    @Nullable
    CallRecord take() {
        CallRecord last = ended;
        ended = null;
        return last;
    }

    /** Reports the last request as it is. */
    @Nullable
    CallRecord tell() {
        CallRecord last = take();
        if (last != null) {
            call.client().called(last);
        }
        return last;
    }

    /** Reports the last request as failed. */
    @Nullable
    CallRecord failed(IOException failure) {
        CallRecord last = take();
        if (last == null) {
            return null;
        }
        CallRecord failed = failed(last, failure);
        call.client().called(failed);
        return failed;
    }

    /** The same request, as a failure. */
    CallRecord failed(CallRecord record, IOException failure) {
        CallRecord failed = failed(record, AnswerLimitExceeded.kind(failure), ", but " + NetworkFailure.of(failure));
        FailureWords.carry(failure, exchange.getProperty(Call.FAILURE, String.class));
        return failed;
    }

    /** A redirect that is not followed. Camel makes an exception of it. */
    void moved(boolean fromJava) {
        if (ended != null) {
            ended = failed(
                    ended,
                    FailureKind.CLIENT_ERROR,
                    fromJava
                            ? ". The API redirects elsewhere, and no redirect is followed from Java: correct the address,"
                                    + " or send a request to that in Location if it is under the base address."
                            : ". The API redirects elsewhere: correct the address, or set followRedirects=true.");
        }
    }

    /** One that is a failure already stays as it is. */
    private CallRecord failed(CallRecord record, FailureKind kind, String why) {
        if (record.failure() != null) {
            return record;
        }
        String words = record.method() + " " + record.address() + ": HTTP " + record.status() + why;
        exchange.setProperty(Call.FAILURE, call.client().name() + ": " + words);
        return new CallRecord(
                record.method(),
                record.address(),
                record.status(),
                record.took(),
                kind,
                words,
                record.request(),
                record.trace(),
                record.correlation(),
                record.origin());
    }
}
