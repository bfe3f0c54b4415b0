package dev.dromedar.ops;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Route;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.main.ManagementHttpServer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.util.json.Jsoner;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The status page and its JSON on the management server: {@code /observe/status} and {@code /observe/status.json}; {@code /} and
 * {@code /observe} lead to it. It shows
 * and changes nothing, and holds no personal data: anyone who reaches the management port may see it.
 */
final class StatusPage implements AutoCloseable {
    static final String PATH = "/observe/status";

    private static final Logger LOG = LoggerFactory.getLogger(StatusPage.class);

    private final List<Route> mounted;

    private StatusPage(List<Route> mounted) {
        this.mounted = mounted;
    }

    /** Mounts the page, or does nothing without a management server. */
    static StatusPage mount(CamelContext context, Status status) {
        ManagementHttpServer server = context.hasService(ManagementHttpServer.class);
        VertxPlatformHttpRouter router = server == null ? null : server.getRouter();
        if (router == null) {
            return new StatusPage(List.of());
        }
        String page = Pages.page("status.html");
        String policy = Pages.policy(page);
        Route html = router.route(PATH);
        html.method(HttpMethod.GET).handler(request -> {
            HttpServerResponse response = Pages.answer(request.response(), "text/html; charset=utf-8");
            response.putHeader("Content-Security-Policy", policy);
            response.end(page);
        });
        Route json = router.route(PATH + ".json");
        json.method(HttpMethod.GET).blockingHandler(request -> Pages.answer(request.response(), "application/json")
                .end(Jsoner.serialize(status.values())));
        List<Route> mounted = new ArrayList<>(List.of(html, json));
        if (!router.isMainServer()) { // an application that has both on one port has pages of its own
            String base = server.getPath() == null ? "" : server.getPath().replaceAll("/+$", "");
            for (String start : List.of("/", "/observe")) {
                Route lead = router.route(start);
                lead.method(HttpMethod.GET).handler(request -> Pages.answer(request.response(), "text/plain")
                        .setStatusCode(302)
                        .putHeader("Location", base + PATH)
                        .end());
                mounted.add(lead);
            }
        }
        LOG.info("Status page: http://{}:{}{}", server.getHost(), server.getPort(), PATH);
        return new StatusPage(mounted);
    }

    @Override
    public void close() {
        mounted.forEach(Route::remove);
    }
}
