package dev.dromedar.ops;

import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.Clients;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/** The worker as a document: what the console, the status page and the terminal show, by the same names. */
record Status(CamelContext context, Clients clients, Routes routes) {

    Map<String, @Nullable Object> values() {
        Map<String, @Nullable Object> worker = new LinkedHashMap<>();
        worker.put("name", context.getName());
        worker.put("camel", context.getVersion());
        worker.put("upSeconds", context.getUptime().toSeconds());
        worker.put("routesExpected", (long) routes.expected().size());
        worker.put("routesRunning", (long)
                (routes.expected().size() - routes.stopped().size()));
        worker.put("faults", routes.faults());
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        values.put("worker", worker);
        values.put(
                "apis",
                clients.all().stream()
                        .map(ApiClient::snapshot)
                        .map(dev.dromedar.oauth.ApiSnapshot::values)
                        .toList());
        values.put("routes", routes.values());
        return values;
    }
}
