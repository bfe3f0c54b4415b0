package dev.dromedar.routes;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.apache.camel.CamelContext;
import org.apache.camel.dsl.support.SourceLoader;
import org.apache.camel.spi.Resource;

/**
 * Reads YAML route files as UTF-8, whatever the locale (YAML 1.2.2 section 5.2). Camel decodes them as the JVM's default has it,
 * which up to JDK 17 is the locale's. Thread-safe.
 */
public final class RouteText implements SourceLoader {
    private static final String NAME = "dromedar-route-text";

    private RouteText() {}

    /** Call before routes are added. */
    public static void install(CamelContext context) {
        context.getRegistry().bind(NAME, new RouteText());
    }

    @Override
    public String loadResource(Resource resource) throws IOException {
        try (InputStream in = resource.getInputStream()) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return text.startsWith("\ufeff") ? text.substring(1) : text;
        }
    }
}
