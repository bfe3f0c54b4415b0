package dev.dromedar.camel;

import dev.dromedar.oauth.AnswerLimitExceeded;
import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.CallRecord;
import dev.dromedar.oauth.FailureKind;
import dev.dromedar.oauth.NetworkFailure;
import java.io.IOException;
import org.apache.camel.Exchange;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/** A request whose head was answered, or that failed before. It is reported when its body has been read. Immutable. */
record EndedRequest(ApiClient client, CallRecord record) {
    /** Attribute of a call that comes from Java, and not from a route. */
    static final String FROM_JAVA = "dromedar.from-java";

    /** How a request ended as far as its head; it is reported when its body has been read, or another request follows it. */
    static void ended(CallState state, CallRecord record) {
        tell(state);
        state.ended = new EndedRequest(state.call.client(), record);
    }

    /** Takes the request that is not yet reported; null if there is none. */
    static @Nullable EndedRequest take(@Nullable CallState state) {
        EndedRequest ended = state == null ? null : state.ended;
        if (state != null) {
            state.ended = null;
        }
        return ended;
    }

    /** Reports the last request as it is. */
    static @Nullable EndedRequest tell(@Nullable CallState state) {
        EndedRequest ended = take(state);
        if (ended != null) {
            ended.tell();
        }
        return ended;
    }

    /** Reports the last request as failed. */
    static @Nullable EndedRequest failed(@Nullable CallState state, IOException failure) {
        EndedRequest ended = take(state);
        EndedRequest failed = ended == null || state == null ? null : ended.failed(state.exchange, failure);
        if (failed != null) {
            failed.tell();
        }
        return failed;
    }

    /** A redirect that is not followed. Camel makes an exception of it. */
    static void moved(CallState state, HttpContext context) {
        if (state.ended != null) {
            state.ended = state.ended.failed(
                            state.exchange,
                            FailureKind.CLIENT_ERROR,
                            context.getAttribute(FROM_JAVA) != null
                                    ? ". The API redirects elsewhere, and no redirect is followed from Java: correct the address,"
                                            + " or send a request to that in Location if it is under the base address."
                                    : ". The API redirects elsewhere: correct the address, or set followRedirects=true.");
        }
    }

    void tell() {
        client.called(record);
    }

    EndedRequest failed(Exchange exchange, IOException failure) {
        EndedRequest failed =
                failed(exchange, AnswerLimitExceeded.kind(failure), ", but " + NetworkFailure.of(failure));
        FailureWords.carry(failure, exchange.getProperty(Call.FAILURE, String.class));
        return failed;
    }

    /** The same, as a failure; one that is a failure already stays as it is. */
    private EndedRequest failed(Exchange exchange, FailureKind kind, String why) {
        if (record.failure() != null) {
            return this;
        }
        String words = record.method() + " " + record.address() + ": HTTP " + record.status() + why;
        exchange.setProperty(Call.FAILURE, client.name() + ": " + words);
        return new EndedRequest(
                client,
                new CallRecord(
                        record.method(),
                        record.address(),
                        record.status(),
                        record.took(),
                        kind,
                        words,
                        record.request(),
                        record.trace(),
                        record.correlation(),
                        record.origin()));
    }
}
