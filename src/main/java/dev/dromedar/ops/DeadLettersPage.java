package dev.dromedar.ops;

import dev.dromedar.audit.Audit;
import dev.dromedar.letters.DeadLetters;
import dev.dromedar.letters.StoreFailure;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.main.ManagementHttpServer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.util.json.Jsoner;
import org.jspecify.annotations.Nullable;

/**
 * The page {@code /observe/dead-letters} on the management server: the cluster's nodes, dead letters and feeds, to see, replay and
 * discard. The {@link ManagementGuard} lets nobody here without the worker's token. Bodies are not shown; the command does
 * that.
 */
final class DeadLettersPage implements AutoCloseable {
    static final String PATH = "/observe/dead-letters";
    private static final String FORMER_PATH = "/observe/kept";
    private static final int MOST = 100;
    private static final String USER = "the status page";

    private final StoreViews views;
    private final List<Route> mounted = new ArrayList<>();

    private DeadLettersPage(StoreViews views) {
        this.views = views;
    }

    /** Mounts the page, or nothing without a management server. */
    static DeadLettersPage mount(CamelContext context, StoreViews views) {
        var page = new DeadLettersPage(views);
        ManagementHttpServer server = context.hasService(ManagementHttpServer.class);
        VertxPlatformHttpRouter router = server == null ? null : server.getRouter();
        if (router != null) {
            String html = Pages.page("dead-letters.html");
            String policy = Pages.policy(html);
            page.mounted.add(router.route(PATH).method(HttpMethod.GET).handler(request -> {
                Pages.answer(request.response(), "text/html; charset=utf-8")
                        .putHeader("Content-Security-Policy", policy)
                        .end(html);
            }));
            page.mounted.add(router.route(FORMER_PATH).method(HttpMethod.GET).handler(request -> request.response()
                    .setStatusCode(301)
                    .putHeader("Location", "dead-letters")
                    .end()));
            page.mounted.add(
                    router.route(PATH + ".json").method(HttpMethod.GET).blockingHandler(page::document, false));
            page.mounted.add(
                    router.route(PATH + "/letters/:id").method(HttpMethod.GET).blockingHandler(page::show, false));
            page.mounted.add(router.route(PATH + "/letters/:id/:action")
                    .method(HttpMethod.POST)
                    .blockingHandler(page::act, false));
        }
        return page;
    }

    private void document(RoutingContext request) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>(views.values());
        DeadLetters letters = views.deadLetters();
        try {
            values.put(
                    "letters",
                    letters != null
                            ? letters.list(MOST).stream()
                                    .map(StoreViews::values)
                                    .toList()
                            : List.of());
        } catch (StoreFailure e) {
            values.put("letters", List.of());
            values.put("fault", e.getMessage());
        }
        json(request, 200, values);
    }

    private void show(RoutingContext request) {
        DeadLetters letters = views.deadLetters();
        if (letters == null) {
            request.next();
            return;
        }
        try {
            json(request, 200, Map.of("lines", letters.details(request.pathParam("id"))));
        } catch (StoreFailure e) {
            json(request, 409, Map.of("fault", String.valueOf(e.getMessage())));
        }
    }

    private void act(RoutingContext request) {
        DeadLetters letters = views.deadLetters();
        String action = request.pathParam("action");
        if (letters == null) {
            request.next();
            return;
        }
        String id = request.pathParam("id");
        Audit audit = views.audit();
        if (audit != null && !audit.acted(USER, "dead-letters " + action, id, null)) {
            json(request, 409, Map.of("fault", "Refused: the audit record could not be written."));
            return;
        }
        try {
            boolean done = recorded(audit, letters, action, id);
            json(request, done ? 200 : 409, Map.of("done", done));
        } catch (StoreFailure e) {
            json(request, 409, Map.of("fault", String.valueOf(e.getMessage())));
        }
    }

    /** The outcome is in the audit file before it is in the answer. */
    private static boolean recorded(@Nullable Audit audit, DeadLetters letters, String action, String id) {
        String outcome = "failed";
        try {
            boolean done = action.equals("replay")
                    ? letters.replay(id, USER)
                    : action.equals("discard") && letters.discard(id, USER);
            outcome = done ? "done" : "nothing to do";
            return done;
        } finally {
            if (audit != null) {
                audit.acted(USER, "dead-letters " + action, id, outcome);
            }
        }
    }

    private static void json(RoutingContext request, int status, Map<String, @Nullable Object> values) {
        Pages.answer(request.response(), "application/json")
                .setStatusCode(status)
                .end(Jsoner.serialize(values));
    }

    @Override
    public void close() {
        mounted.forEach(Route::remove);
    }
}
