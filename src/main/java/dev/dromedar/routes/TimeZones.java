package dev.dromedar.routes;

import dev.dromedar.settings.Nearest;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.component.quartz.QuartzEndpoint;
import org.apache.camel.spi.EndpointStrategy;
import org.apache.camel.support.ScheduledPollEndpoint;
import org.jspecify.annotations.Nullable;

/** Refuses a schedule in a time zone that is not known: the JDK would take GMT for it. For a worker, which has Quartz. */
public final class TimeZones implements EndpointStrategy {
    private TimeZones() {}

    public static void install(CamelContext context) {
        context.getCamelContextExtension().registerEndpointCallback(new TimeZones());
    }

    @Override
    public Endpoint registerEndpoint(String uri, Endpoint endpoint) {
        Map<String, Object> options = endpoint instanceof QuartzEndpoint quartz
                ? quartz.getTriggerParameters()
                : endpoint instanceof ScheduledPollEndpoint poll ? poll.getSchedulerProperties() : null;
        String fault = options == null ? null : fault(options.get("timeZone"));
        if (fault != null) {
            throw new IllegalArgumentException("A schedule cannot be read: " + fault);
        }
        return endpoint;
    }

    /** What is wrong with the name of a time zone and what to do; null if it is right, or not given. */
    static @Nullable String fault(@Nullable Object zone) {
        if (zone == null) {
            return null;
        }
        String name = zone.toString().strip();
        List<String> zones = List.of(TimeZone.getAvailableIDs());
        if (zones.contains(name) || name.matches("GMT[+-]\\d{1,2}(:?\\d{2})?")) {
            return null;
        }
        String nearest = Nearest.to(name, zones);
        return "there is no time zone '" + name + "'"
                + (nearest == null ? "; write one such as Europe/Oslo." : ". Did you mean '" + nearest + "'?");
    }
}
