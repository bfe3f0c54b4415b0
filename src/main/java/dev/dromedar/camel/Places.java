package dev.dromedar.camel;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.camel.LineNumberAware;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.Resource;
import org.jspecify.annotations.Nullable;

/** Where a step of a route stands, as its author would look for it. */
public final class Places {
    private Places() {}

    /** The file and line of a step of a running route, or null where its route is not from a file. */
    public static @Nullable String of(ProcessorDefinition<?> step) {
        RouteDefinition route = ProcessorDefinitionHelper.getRoute(step);
        Resource file = route == null ? null : route.getResource();
        return file == null || step.getLineNumber() <= 0 ? null : name(file) + ":" + line(file, step);
    }

    /** The file's path as a person would write it here. */
    public static String name(Resource file) {
        String path = file.getLocation().replaceFirst("^[a-z]+:(//)?", "");
        String here = System.getProperty("user.dir") + "/";
        return path.startsWith(here) ? path.substring(here.length()) : path;
    }

    /** Camel counts a YAML step from its value, so that one written on a single line is told one line too high. */
    public static int line(Resource file, LineNumberAware step) {
        int line = step.getLineNumber();
        String kind = step instanceof ProcessorDefinition<?> node ? node.getShortName() + ":" : "uri:";
        try (InputStream content = file.getInputStream()) {
            List<String> lines = new String(content.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            return line > 0
                            && line < lines.size()
                            && !lines.get(line - 1).contains(kind)
                            && lines.get(line).contains(kind)
                    ? line + 1
                    : line;
        } catch (IOException e) {
            return line;
        }
    }
}
