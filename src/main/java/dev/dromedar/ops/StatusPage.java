package dev.dromedar.ops;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Route;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
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
        String page = page("status.html");
        String policy = policy(page);
        Route html = router.route(PATH);
        html.method(HttpMethod.GET).handler(request -> {
            HttpServerResponse response = answer(request.response(), "text/html; charset=utf-8");
            response.putHeader("Content-Security-Policy", policy);
            response.end(page);
        });
        Route json = router.route(PATH + ".json");
        json.method(HttpMethod.GET).blockingHandler(request -> answer(request.response(), "application/json")
                .end(Jsoner.serialize(status.values())));
        List<Route> mounted = new ArrayList<>(List.of(html, json));
        if (!router.isMainServer()) { // an application that has both on one port has pages of its own
            String base = server.getPath() == null ? "" : server.getPath().replaceAll("/+$", "");
            for (String start : List.of("/", "/observe")) {
                Route lead = router.route(start);
                lead.method(HttpMethod.GET).handler(request -> answer(request.response(), "text/plain")
                        .setStatusCode(302)
                        .putHeader("Location", base + PATH)
                        .end());
                mounted.add(lead);
            }
        }
        LOG.info("Status page: http://{}:{}{}", server.getHost(), server.getPort(), PATH);
        return new StatusPage(mounted);
    }

    /** Nothing runs or shows but what the page itself holds, to the letter (Content Security Policy Level 3 section 2.3.1). */
    static String policy(String page) {
        return "default-src 'none'; connect-src 'self'; img-src data:; style-src " + hash(page, "style")
                + "; script-src " + hash(page, "script")
                + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    }

    private static String hash(String page, String tag) {
        String opening = "<" + tag + ">";
        int start = page.indexOf(opening) + opening.length();
        byte[] content =
                page.substring(start, page.indexOf("</" + tag + ">", start)).getBytes(StandardCharsets.UTF_8);
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }

    static HttpServerResponse answer(HttpServerResponse response, String type) {
        return response.putHeader("Content-Type", type)
                .putHeader("Cache-Control", "no-store")
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Referrer-Policy", "no-referrer");
    }

    static String page(String name) {
        try (InputStream page = StatusPage.class.getResourceAsStream(name)) {
            if (page == null) {
                throw new IllegalStateException(name + " is missing from the jar");
            }
            return new String(page.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(name + " cannot be read from the jar", e);
        }
    }

    @Override
    public void close() {
        mounted.forEach(Route::remove);
    }
}
