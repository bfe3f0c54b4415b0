package dev.dromedar.ops;

import dev.dromedar.keys.Json;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.main.ManagementHttpServer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckHelper;
import org.apache.camel.health.HealthCheckRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Health as Camel's management server gives it, at the same paths, with the same parameters and members, but for two things: its
 * texts are escaped once, and a worker that stops is alive until it has stopped. A probe of liveness would otherwise have it
 * killed while exchanges under way may end; readiness is down from the first moment.
 */
final class HealthPage implements AutoCloseable {
    private final CamelContext context;
    private final List<Route> mounted = new ArrayList<>();

    private HealthPage(CamelContext context) {
        this.context = context;
    }

    /** Takes the place of Camel's handler; does nothing without a management server that shows health. */
    static HealthPage mount(CamelContext context) {
        var page = new HealthPage(context);
        ManagementHttpServer server = context.hasService(ManagementHttpServer.class);
        VertxPlatformHttpRouter router = server == null ? null : server.getRouter();
        if (router == null || !server.isHealthCheckEnabled()) {
            return page;
        }
        String health = Objects.requireNonNullElse(server.getHealthPath(), "/observe/health");
        for (String path : List.of(health, health + "/live", health + "/ready")) {
            List.copyOf(router.getRoutes()).stream()
                    .filter(route -> path.equals(route.getPath()))
                    .forEach(Route::remove);
            page.mounted.add(router.route(path)
                    .blockingHandler(request -> page.answer(request, path.substring(health.length()))));
        }
        return page;
    }

    private void answer(RoutingContext request, String kind) {
        String asked = request.request().getParam("exposureLevel");
        String level = asked != null ? asked : HealthCheckRegistry.get(context).getExposureLevel();
        Collection<HealthCheck.Result> results =
                switch (kind) {
                    case "/live" -> live(HealthCheckHelper.invokeLiveness(context, level));
                    case "/ready" -> HealthCheckHelper.invokeReadiness(context, level);
                    default -> HealthCheckHelper.invoke(context, level);
                };
        boolean up = HealthCheckHelper.isResultsUp(results, kind.equals("/ready"));
        Map<String, Object> answer = new LinkedHashMap<>(Map.of("status", up ? "UP" : "DOWN"));
        List<Map<String, Object>> checks = results.stream()
                .filter(result -> "full".equals(level) || result.getState() == HealthCheck.State.DOWN)
                .map(result -> described(result, request, level))
                .toList();
        if (!checks.isEmpty() && !"oneline".equals(level)) {
            answer.put("checks", checks);
        }
        Pages.answer(request.response(), "application/json")
                .setStatusCode(up ? 200 : 503)
                .end(Json.write(answer));
    }

    private Collection<HealthCheck.Result> live(Collection<HealthCheck.Result> results) {
        return results.stream()
                .filter(result -> !context.isStopping()
                        || !"context".equals(result.getCheck().getId()))
                .toList();
    }

    private static Map<String, Object> described(
            HealthCheck.Result result, RoutingContext request, @Nullable String level) {
        boolean trace = "true".equals(request.request().getParam("stackTrace"));
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("name", result.getCheck().getId());
        described.put("status", result.getState().name());
        result.getError().filter(error -> trace || "full".equals(level)).ifPresent(error -> {
            described.put("error-message", causes(error));
            if (trace) {
                var text = new StringWriter();
                error.printStackTrace(new PrintWriter(text, true));
                described.put("error-stacktrace", text.toString());
            }
        });
        result.getMessage().ifPresent(message -> described.put("message", message));
        if ("true".equals(request.request().getParam("data"))
                && !result.getDetails().isEmpty()) {
            Map<String, Object> data = new TreeMap<>();
            result.getDetails().forEach((key, value) -> data.put(key, plain(value)));
            described.put("data", data);
        }
        return described;
    }

    private static Object plain(@Nullable Object value) {
        return value instanceof Number || value instanceof Boolean ? value : value == null ? "" : value.toString();
    }

    private static String causes(Throwable error) {
        var causes = new StringBuilder();
        Throwable cause = error;
        for (int i = 0; cause != null && i < 20; i++, cause = cause.getCause()) {
            causes.append(i == 0 ? "" : "; ").append(cause.getMessage());
        }
        return causes.toString();
    }

    @Override
    public void close() {
        mounted.forEach(Route::remove);
    }
}
