package dev.dromedar.camel;

import java.util.Locale;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.jspecify.annotations.Nullable;

/**
 * Keeps Quartz's job data, which Camel puts into the message's headers, from going to an API. They stay in the message for
 * the route. A header of the same name that a route has set as text goes out. What a route asks for by a header, see
 * {@link PerMessage}, stays here too.
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

    private final @Nullable HeaderFilterStrategy theirs;

    OutgoingHeaders(@Nullable HeaderFilterStrategy theirs) {
        this.theirs = theirs;
    }

    @Override
    public boolean applyFilterToCamelHeaders(String name, Object value, Exchange exchange) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (QUARTZ_TEXTS.contains(lower) || PerMessage.isOurs(name)) {
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
