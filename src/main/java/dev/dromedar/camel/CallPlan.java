package dev.dromedar.camel;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All of a call by {@code api:} that does not depend on the message. Thread-safe.
 *
 * @param api its name
 * @param headers by name
 * @param token by the exchange property that asks for it, see {@link PerMessage}
 * @param options of Camel's HTTP endpoint that makes the call
 * @param reply what becomes of the answer
 */
record CallPlan(
        String api,
        CallAddress address,
        Map<String, MessageValue> headers,
        Map<String, MessageValue> token,
        CallTerms terms,
        Body body,
        String options,
        Reply reply) {
    /** Whether a request can have headers though the message has none. */
    boolean mayHaveHeaders() {
        return !headers.isEmpty() || body.sent() || body.accept() != null || body.keyed();
    }

    /** For the requests that follow a later answer. */
    String optionsOfGet() {
        return options.replaceFirst("httpMethod=[A-Z]+", "httpMethod=GET");
    }

    /**
     * What is sent and wanted.
     *
     * @param sent whether the message's body is
     * @param type of that body; null for the message's own
     * @param keyed whether the request has an {@link IdempotencyKey}
     */
    record Body(
            boolean sent, @Nullable String type, @Nullable String accept, boolean keyed) {}

    /**
     * What becomes of the answer.
     *
     * @param pages null if there is one answer
     * @param await how long a later answer (202) is awaited; null if it is not
     * @param kept whether it is kept by its {@code ETag} and requested again with {@code If-None-Match}
     */
    record Reply(@Nullable Pages pages, @Nullable Duration await, boolean kept) {}
}
