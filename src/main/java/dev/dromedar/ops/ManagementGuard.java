package dev.dromedar.ops;

import dev.dromedar.oauth.Addresses;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.auth.authentication.AuthenticationProvider;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.AuthenticationHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.main.ManagementHttpServer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.apache.camel.component.platform.http.vertx.auth.AuthenticationConfig.AuthenticationConfigEntry;
import org.apache.camel.component.platform.http.vertx.auth.AuthenticationConfig.AuthenticationHandlerFactory;
import org.apache.camel.util.json.Jsoner;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands before every path and method of the management server. A request must name this server (a name pointed at this machine
 * by somebody else is DNS rebinding) and must not come from another site's page. Health, metrics and the status page are then
 * open to read; everything else, what Camel or the site add too, takes the {@link ManagementToken}.
 */
final class ManagementGuard implements AuthenticationHandler, AutoCloseable {
    /** A header that only a page of this origin can send without asking this server first, which answers no such question. */
    static final String ACTION = "X-Dromedar-Action";

    private static final Logger LOG = LoggerFactory.getLogger(ManagementGuard.class);
    private static final Set<String> READING = Set.of("GET", "HEAD");

    private final CamelContext context;
    private final ManagementHttpServer server;
    private final ManagementToken token = new ManagementToken();
    private final Set<String> hosts;
    private boolean mounted;
    private @Nullable Route route;
    private @Nullable Path file;

    private ManagementGuard(CamelContext context, ManagementHttpServer server) {
        this.context = context;
        this.server = server;
        this.hosts = Set.copyOf(List.of(context.resolvePropertyPlaceholders("{{dromedar.management.hosts:}}")
                .toLowerCase(Locale.ROOT)
                .strip()
                .split("[\\s,]+")));
    }

    /** For the context's management server, or null if it has none. Before its start, the server opens with the guard. */
    static @Nullable ManagementGuard of(CamelContext context) {
        ManagementHttpServer server = context.hasService(ManagementHttpServer.class);
        if (server == null) {
            return null;
        }
        var guard = new ManagementGuard(context, server);
        if (server.getRouter() == null) {
            var entry = new AuthenticationConfigEntry();
            entry.setPath("/*");
            entry.setAuthenticationProviderFactory(vertx -> (credentials, answer) -> {});
            entry.setAuthenticationHandlerFactory(new AuthenticationHandlerFactory() {
                @Override
                public <T extends AuthenticationProvider> AuthenticationHandler createAuthenticationHandler(
                        T provider) {
                    return guard;
                }
            });
            var authentication = server.getConfiguration().getAuthenticationConfig();
            authentication.getEntries().add(entry); // one that the site has set comes before
            authentication.setEnabled(true);
            guard.mounted = true;
        }
        return guard;
    }

    /** When the server has started: writes the token. */
    void begin() {
        VertxPlatformHttpRouter router = server.getRouter();
        if (router != null && router.isMainServer()) { // an application that has both on one port
            route = router.route().order(Integer.MIN_VALUE).handler(request -> {
                if (path(request).matches("/(observe|q)(/.*)?")) {
                    handle(request);
                } else {
                    request.next();
                }
            });
        } else if (router != null && !mounted) {
            route = router.route().order(Integer.MIN_VALUE).handler(this);
        }
        int port = server.getPort();
        for (VertxPlatformHttpServer each : context.hasServices(VertxPlatformHttpServer.class)) {
            port = router != null && each.equals(router.getServer()) ? each.getPort() : port;
        }
        Path named = Path.of(context.resolvePropertyPlaceholders(
                "{{dromedar.management.token-file:data/management-" + port + ".token}}"));
        try {
            token.writeTo(named);
            file = named;
            LOG.info("Management port: access requires the token in {}", named);
        } catch (UncheckedIOException e) {
            LOG.warn(
                    "The token of the management port cannot be written to {} ({}): dead letters and consoles cannot be"
                            + " seen there. Set dromedar.management.token-file to a file that can.",
                    named,
                    String.valueOf(e.getCause()));
        }
    }

    @Override
    public void handle(RoutingContext request) {
        String fault = foreign(request.request());
        if (fault != null) {
            answer(request, 403, fault);
            return;
        }
        if (isTrusted(request)) {
            request.next();
        } else if (isOpen(request)) {
            withoutDetails(request.request().params());
            request.next();
        } else {
            request.response()
                    .putHeader(
                            "WWW-Authenticate",
                            "Basic realm=\"Dromedar " + context.getName() + "\", charset=\"UTF-8\"");
            answer(
                    request,
                    401,
                    "This needs the token of this worker's management port: as password, with any user name, or as bearer"
                            + " token. It is in " + (file == null ? "no file" : file)
                            + ", which the worker's user can read.");
        }
    }

    /** Why a request is somebody else's, or null. */
    private @Nullable String foreign(HttpServerRequest request) {
        HostAndPort named = request.authority();
        boolean once = request.version() == HttpVersion.HTTP_2
                || request.headers().getAll("Host").size() == 1;
        if (!request.uri().startsWith("/") || named == null || !once) {
            return "The request must have one Host header and a path (RFC 9112 section 3.2).";
        }
        if (!isOurs(named, request.localAddress())) {
            return "This worker has another name. Behind a proxy, list the name in dromedar.management.hosts.";
        }
        List<String> origins = request.headers().getAll("Origin");
        for (String origin : origins) {
            if (!origin.equalsIgnoreCase("http://" + named) && !origin.equalsIgnoreCase("https://" + named)) {
                return "Pages of other sites may not use this port.";
            }
        }
        for (String site : request.headers().getAll("Sec-Fetch-Site")) {
            if (!site.equals("same-origin") && !site.equals("none")) {
                return "Pages of other sites may not use this port. Open its address by hand.";
            }
        }
        return null;
    }

    /** Whether a Host is this server: listed, or with its port a loopback name or the number that the connection came to. */
    private boolean isOurs(HostAndPort named, SocketAddress local) {
        String host = named.host().toLowerCase(Locale.ROOT);
        int port = named.port() < 0 ? 80 : named.port();
        if (hosts.contains(host) || hosts.contains(host + ":" + port)) {
            return true;
        }
        return port == local.port() && (Addresses.isLoopback(host) || isNumber(host, local.hostAddress()));
    }

    /** A number needs no DNS, and so cannot be pointed elsewhere. */
    private static boolean isNumber(String host, String local) {
        String number = host.replaceAll("^\\[|]$", "");
        if (!number.matches("\\d{1,3}(\\.\\d{1,3}){3}|[0-9a-f.]{0,50}:[0-9a-f:.]{1,50}")) {
            return false;
        }
        try {
            return InetAddress.getByName(number).equals(InetAddress.getByName(local));
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private boolean isTrusted(RoutingContext request) {
        if (request.user() != null) {
            return true; // by the authentication that the site has set for this server
        }
        String header = request.request().getHeader("Authorization");
        ManagementToken.Proof proof = header == null ? ManagementToken.Proof.NONE : token.proofIn(header);
        return switch (proof) {
            case NONE -> false;
            case BEARER -> true;
            case BASIC ->
                READING.contains(request.request().method().name())
                        ? isShown(path(request))
                        : request.request().getHeader(ACTION) != null;
        };
    }

    /** Paths that only show, for a browser, which a page of another site can make send its password along. */
    private static boolean isShown(String path) {
        return path.startsWith("/observe/") || path.equals("/q/dev") || path.startsWith("/q/dev/");
    }

    private boolean isOpen(RoutingContext request) {
        String path = path(request);
        String health = server.getHealthPath() == null ? "/observe/health" : server.getHealthPath();
        return READING.contains(request.request().method().name())
                && Set.of(
                                health,
                                health + "/live",
                                health + "/ready",
                                context.resolvePropertyPlaceholders("{{camel.metrics.path:/observe/metrics}}"),
                                "/",
                                "/observe",
                                StatusPage.PATH,
                                StatusPage.PATH + ".json")
                        .contains(path);
    }

    /** Below the server's base path, as the router goes by it. */
    private String path(RoutingContext request) {
        String base = server.getPath() == null ? "" : server.getPath().replaceAll("/+$", "");
        String path = request.normalizedPath();
        return !base.isEmpty() && path.startsWith(base + "/") ? path.substring(base.length()) : path;
    }

    /** A failed poll's exception may quote a file's name or a message: health reports it to the trusted alone. */
    private static void withoutDetails(MultiMap parameters) {
        parameters.remove("stackTrace").remove("data");
        parameters.set("exposureLevel", "oneline".equals(parameters.get("exposureLevel")) ? "oneline" : "default");
    }

    private static void answer(RoutingContext request, int status, String fault) {
        Pages.answer(request.response(), "application/json")
                .setStatusCode(status)
                .end(Jsoner.serialize(Map.of("fault", fault)));
    }

    @Override
    public void close() throws IOException {
        if (route != null) {
            route.remove();
        }
        if (file != null) {
            token.removeFrom(file);
        }
    }
}
