package dev.dromedar.camel;

import java.util.UUID;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;

/**
 * The header {@code Idempotency-Key} (draft-ietf-httpapi-idempotency-key-header), by which an API recognises a request that it
 * has had already. One message has one key for one endpoint, through all redeliveries; a message that is replayed by a person
 * has a new one, as does the next call of a loop. Pure functions.
 */
final class IdempotencyKey {
    static final String HEADER = "Idempotency-Key";
    private static final String PROPERTY = "dromedar.idempotency-key";

    private IdempotencyKey() {}

    private record Used(String endpoint, String value) {}

    /** The key for this call: that of the attempt before, if this is its redelivery. */
    static String of(Exchange exchange, Endpoint endpoint) {
        boolean again = Boolean.TRUE.equals(exchange.getIn().getHeader(Exchange.REDELIVERED));
        if (again
                && exchange.getProperty(PROPERTY) instanceof Used used
                && used.endpoint().equals(endpoint.getEndpointUri())) {
            return used.value();
        }
        String value = UUID.randomUUID().toString();
        exchange.setProperty(PROPERTY, new Used(endpoint.getEndpointUri(), value));
        return value;
    }

    /** The call succeeded: what comes is another one. */
    static void done(Exchange exchange) {
        exchange.removeProperty(PROPERTY);
    }
}
