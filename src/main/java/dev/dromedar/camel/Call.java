package dev.dromedar.camel;

import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.TokenRequest;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.jspecify.annotations.Nullable;

/**
 * The mark that an API's Processor leaves on an exchange for the HTTP layer: the next call is to this API. It is for one
 * {@code to} and its redeliveries; a later call to anywhere else goes without credentials. Holds nothing secret.
 *
 * @param client of the API
 * @param request what token to ask for
 * @param terms what this call says otherwise than the API's properties
 */
record Call(ApiClient client, TokenRequest request, CallTerms terms) {
    /** Exchange property: the name of the API, for error handlers, logs and dead letters. */
    static final String API = "DromedarApi";
    /** Exchange property: how long the call took, in milliseconds, recovery included. */
    static final String MILLIS = "DromedarMillis";
    /** Exchange property: what the call carried in the API's correlation header, if the API has one. */
    static final String CORRELATION = "DromedarCorrelation";

    /**
     * Exchange property: why a call failed and what to do, as a sentence without a secret. Camel's own exception says the status
     * alone. Absent when the call succeeded or was never made: then the exception's message is the sentence.
     */
    static final String FAILURE = "DromedarFailure";

    /** Exchange property: the headers of the last answer to {@code api:}, a map whose names are read in any case. */
    static final String ANSWER = "DromedarAnswer";

    private static final String MARK = "dromedar.call";

    /** A mark that an endpoint has. */
    private record Sent(Call call, String endpoint) {
        @Override
        public String toString() {
            return call.toString();
        }
    }

    void mark(Exchange exchange) {
        exchange.setProperty(MARK, this);
    }

    /**
     * The mark that is good for what the exchange is sending now, or null. The first endpoint that asks has it for good; the
     * exchange's copies, as in a multicast, each have their own.
     */
    static @Nullable Call of(@Nullable Exchange exchange) {
        if (exchange == null || !(exchange.getProperty(MARK) instanceof Call call)) {
            return exchange == null ? null : sent(exchange);
        }
        exchange.setProperty(MARK, new Sent(call, endpoint(exchange)));
        return call;
    }

    /** The mark that is good for what the exchange is about to send, or null. Nobody has it by asking here. */
    static @Nullable Call pending(Exchange exchange) {
        return exchange.getProperty(MARK) instanceof Call call ? call : sent(exchange);
    }

    private static @Nullable Call sent(Exchange exchange) {
        return exchange.getProperty(MARK) instanceof Sent sent
                        && sent.endpoint().equals(endpoint(exchange))
                ? sent.call()
                : null;
    }

    private static String endpoint(Exchange exchange) {
        return exchange.getProperty(ExchangePropertyKey.TO_ENDPOINT) instanceof String endpoint ? endpoint : "";
    }

    /** The mark that no call has used yet, or null: what comes next is that call. */
    static @Nullable Call next(Exchange exchange) {
        return exchange.getProperty(MARK) instanceof Call call ? call : null;
    }

    /** Whether the exchange has called an API, or is to. */
    static boolean wasMade(Exchange exchange) {
        return exchange.getProperty(MARK) != null;
    }

    /** The API that the exchange's last call was to be to, also where there was no token for it; or null. */
    static @Nullable String api(Exchange exchange) {
        return exchange.getProperty(API, String.class);
    }

    /** The body of the answer by which an API refused the exchange's last call (400 to 499), or null. May be personal. */
    static @Nullable String refusal(Exchange exchange) {
        Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        if (failure instanceof FailedCall call) {
            return call.answer();
        }
        return failure instanceof HttpOperationFailedException answer && answer.getStatusCode() / 100 == 4
                ? answer.getResponseBody()
                : null;
    }

    @Override
    public String toString() {
        return "Call(" + client.name() + ")";
    }
}
