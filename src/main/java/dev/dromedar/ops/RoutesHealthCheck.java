package dev.dromedar.ops;

import dev.dromedar.routes.RouteRuns;
import java.util.List;
import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** Readiness of the routes: down while one that should run does not, or what is on disk would not start. */
final class RoutesHealthCheck extends AbstractHealthCheck {
    private final RouteRuns routes;

    RoutesHealthCheck(RouteRuns routes) {
        super("dromedar", "dromedar-routes");
        this.routes = routes;
    }

    @Override
    public boolean isLiveness() {
        return false;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        List<String> expected = routes.expected();
        List<String> stopped = routes.stopped();
        builder.detail("expected", expected.size());
        builder.detail("running", expected.size() - stopped.size());
        List<String> faults = routes.faults();
        if (!stopped.isEmpty()) {
            builder.message("Not running: " + String.join(", ", stopped)
                    + ". Start them (JMX, or restart the worker), or set autoStartup to false in their files.");
            builder.down();
        } else if (!faults.isEmpty()) {
            builder.message("The last edit was not taken, and what ran before runs on. " + String.join(" ", faults));
            builder.down();
        } else {
            builder.message(expected.size() + " of " + expected.size() + " routes run.");
            builder.up();
        }
    }
}
