package dev.dromedar.camel;

import java.util.Locale;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.jspecify.annotations.Nullable;

/**
 * Keeps Quartz's job data, which Camel puts into the message's headers, from going to an API. They stay in the message for
 * the route. A header of the same name that a route has set as text goes out. What a route asks for by a header, see
 * {@link PerMessage}, stays here too; and so do header fields that only an answer has, because after a call Camel keeps the
 * answer's in the message: the next call would take one API's session or nonce to another.
 */
final class OutgoingHeaders implements HeaderFilterStrategy {
    private static final Set<String> QUARTZ_OBJECTS = Set.of(
            "calendar",
            "firetime",
            "jobdetail",
            "jobinstance",
            "jobruntime",
            "mergedjobdatamap",
            "nextfiretime",
            "previousfiretime",
            "refirecount",
            "result",
            "scheduledfiretime",
            "scheduler",
            "trigger");
    private static final Set<String> QUARTZ_TEXTS = Set.of("triggername", "triggergroup");
    /** RFC 9110 sections 10.2, 11.6, 11.7 and 12.5.5, RFC 9111 section 5.1, RFC 6265 section 4.1, RFC 9449 section 8. */
    private static final Set<String> OF_ANSWERS = Set.of(
            "accept-ranges",
            "age",
            "allow",
            "authentication-info",
            "dpop-nonce",
            "etag",
            "location",
            "proxy-authenticate",
            "proxy-authentication-info",
            "retry-after",
            "server",
            "set-cookie",
            "strict-transport-security",
            "vary",
            "www-authenticate");

    private final @Nullable HeaderFilterStrategy theirs;

    OutgoingHeaders(@Nullable HeaderFilterStrategy theirs) {
        this.theirs = theirs;
    }

    static HeaderFilterStrategy over(@Nullable HeaderFilterStrategy theirs) {
        return theirs instanceof OutgoingHeaders ours ? ours : new OutgoingHeaders(theirs);
    }

    /** Whether it adds to a strategy of this type. */
    boolean over(Class<? extends HeaderFilterStrategy> type) {
        return type.isInstance(theirs);
    }

    @Override
    public boolean applyFilterToCamelHeaders(String name, Object value, Exchange exchange) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (QUARTZ_TEXTS.contains(lower) || OF_ANSWERS.contains(lower) || PerMessage.isOurs(lower)) {
            return true;
        }
        if (QUARTZ_OBJECTS.contains(lower) && !(exchange.getIn().getHeader(name) instanceof String)) {
            return true;
        }
        return theirs != null && theirs.applyFilterToCamelHeaders(name, value, exchange);
    }

    @Override
    public boolean applyFilterToExternalHeaders(String name, Object value, Exchange exchange) {
        return theirs != null && theirs.applyFilterToExternalHeaders(name, value, exchange);
    }
}
