package dev.dromedar.routes;

import dev.dromedar.camel.Places;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;
import org.apache.camel.CamelContext;
import org.apache.camel.NamedNode;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.NodeIdFactory;
import org.apache.camel.spi.Resource;

/**
 * Names routes that have no id of their own after their file and their place in it: {@code orders-yaml}, and
 * {@code orders-yaml-2} for the next one. Camel would count all routes of the context; such an id is another one after an
 * edit or when a file is added, and dead letters and metrics would follow the wrong route. No dots, since
 * loggers and properties are named after routes. Thread-safe.
 */
public final class RouteIds implements NodeIdFactory {
    private final NodeIdFactory ofCamel;
    private final Map<String, Seen> files = new HashMap<>();

    /** Routes without id seen so far in a file as it was read once; read again, it starts again. */
    private record Seen(WeakReference<Resource> file, Map<NamedNode, Integer> places) {}

    private RouteIds(NodeIdFactory ofCamel) {
        this.ofCamel = ofCamel;
    }

    /** Call before routes are added. */
    public static void install(CamelContext context) {
        NodeIdFactory before = context.getCamelContextExtension().getContextPlugin(NodeIdFactory.class);
        if (!(before instanceof RouteIds)) {
            context.getCamelContextExtension().addContextPlugin(NodeIdFactory.class, new RouteIds(before));
        }
    }

    @Override
    public String createId(NamedNode node) {
        if (!(node instanceof RouteDefinition route) || route.getResource() == null) {
            return ofCamel.createId(node);
        }
        Resource read = route.getResource();
        int place;
        synchronized (files) {
            Seen seen = files.get(read.getLocation());
            if (seen == null || seen.file().get() != read) {
                seen = new Seen(new WeakReference<>(read), new WeakHashMap<>());
                files.put(read.getLocation(), seen);
            }
            Map<NamedNode, Integer> places = seen.places();
            place = places.computeIfAbsent(node, next -> places.size() + 1);
        }
        String file = Places.name(read).replaceFirst("^(.*/)?routes/", "").replaceAll("[./ ]", "-");
        return place == 1 ? file : file + "-" + place;
    }
}
