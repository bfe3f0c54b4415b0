package dev.dromedar.camel;

import java.io.IOException;
import java.util.List;
import org.apache.camel.LineNumberAware;
import org.apache.camel.model.FromDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.WhenDefinition;
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

    /**
     * The line of a step. Camel counts a YAML step from its value: where that is a <code>{...}</code> or <code>[...]</code> on
     * the line of the step's name, its number is one too low.
     */
    public static int line(Resource file, LineNumberAware step) {
        int line = step.getLineNumber();
        String location = file.getLocation();
        if (line < 0 || !(location.endsWith(".yaml") || location.endsWith(".yml"))) {
            return line;
        }
        String kind = step instanceof ProcessorDefinition<?> node ? node.getShortName() : "from";
        try {
            List<String> lines = RouteFileText.of(file).lines().toList();
            if (step instanceof WhenDefinition && line < lines.size()) { // counted from the item of its list
                return lines.get(line).strip().startsWith("-") ? line + 1 : line;
            }
            boolean right = line > 0
                    && line <= lines.size()
                    && (names(lines.get(line - 1), kind, false) || isInRoute(step, lines.get(line - 1)));
            return !right && line < lines.size() && names(lines.get(line), kind, true) ? line + 1 : line;
        } catch (IOException e) {
            return line;
        }
    }

    /** Where a route begins in braces: counted from its {@code uri}, so that its number is right. */
    private static boolean isInRoute(LineNumberAware step, String line) {
        return step instanceof FromDefinition from
                && from.getParent() instanceof RouteDefinition route
                && route.getLineNumber() >= 0
                && names(line, "from", true);
    }

    /** Whether a line names a step, with its value in braces behind the name or otherwise. */
    private static boolean names(String line, String kind, boolean inBraces) {
        for (int at = line.indexOf(kind); at >= 0; at = line.indexOf(kind, at + 1)) {
            boolean whole = at == 0 || " -{[,\"'".indexOf(line.charAt(at - 1)) >= 0;
            String behind = line.substring(at + kind.length()).replaceFirst("^[\"']", "");
            if (whole && behind.startsWith(":")) {
                String value = behind.substring(1).strip();
                boolean flow = value.startsWith("{") && !value.startsWith("{{") || value.startsWith("[");
                if (flow == inBraces) {
                    return true;
                }
            }
        }
        return false;
    }
}
