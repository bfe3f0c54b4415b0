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

    /** Camel counts a YAML step from its value, so that one written in braces is counted from the line before. */
    public static int line(Resource file, LineNumberAware step) {
        int line = step.getLineNumber();
        String kind = step instanceof ProcessorDefinition<?> node ? node.getShortName() + ":" : "uri:";
        try (InputStream content = file.getInputStream()) {
            List<String> lines = new String(content.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            if (line <= 0 || line >= lines.size()) {
                return line;
            }
            String counted = lines.get(line - 1);
            String next = lines.get(line);
            // Of two in braces, the one in the line that Camel counts would have been counted from the line before
            return next.contains(kind)
                            && (!counted.contains(kind) || isInBraces(counted, kind) && isInBraces(next, kind))
                    ? line + 1
                    : line;
        } catch (IOException e) {
            return line;
        }
    }

    private static boolean isInBraces(String line, String kind) {
        return line.substring(line.indexOf(kind) + kind.length()).strip().startsWith("{");
    }
}
