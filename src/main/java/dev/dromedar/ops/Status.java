package dev.dromedar.ops;

import dev.dromedar.cluster.Cluster;
import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.Clients;
import dev.dromedar.routes.RouteRuns;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/** The worker at a moment, as one document: what the console, the status page and the terminal show, by the same names. */
record Status(CamelContext context, Clients clients, RouteRuns routes) {
    private static final @Nullable String VERSION = Status.class.getPackage().getImplementationVersion();
    private static final @Nullable String HOST = host();

    Map<String, @Nullable Object> values() {
        Map<String, @Nullable Object> worker = new LinkedHashMap<>();
        worker.put("name", context.getName());
        worker.put("version", VERSION);
        worker.put("camel", context.getVersion());
        worker.put("java", String.valueOf(Runtime.version().feature()));
        worker.put("host", HOST);
        worker.put("upSeconds", context.getUptime().toSeconds());
        worker.put("routesExpected", (long) routes.expected().size());
        worker.put("routesRunning", (long)
                (routes.expected().size() - routes.stopped().size()));
        worker.put("faults", routes.faults());
        Cluster cluster = context.hasService(Cluster.class);
        worker.put("node", cluster == null ? null : cluster.node());
        worker.put("notices", StoreNotices.of(context));
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        values.put("worker", worker);
        values.put("apis", clients.all().stream().map(Status::of).toList());
        values.put("routes", routes.values());
        return values;
    }

    /** One API by its public names: {@link dev.dromedar.oauth.ApiSnapshot#values}, and what is wrong with its files. */
    static Map<String, @Nullable Object> of(ApiClient api) {
        Map<String, @Nullable Object> values =
                new LinkedHashMap<>(api.snapshot().values());
        values.put("credentialFaults", api.credentialFaults());
        values.put("keyRotation", api.lastOfRotation());
        return values;
    }

    /** This machine's name as it is set up here; no question to DNS beyond that. */
    private static @Nullable String host() {
        String set = System.getenv("HOSTNAME") != null ? System.getenv("HOSTNAME") : System.getenv("COMPUTERNAME");
        if (set != null && !set.isBlank()) {
            return set;
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return null;
        }
    }
}
