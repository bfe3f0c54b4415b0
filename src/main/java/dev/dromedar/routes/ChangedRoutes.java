package dev.dromedar.routes;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * Which routes of a YAML file an edit changes, by their text. Only of a plain file: a list of nothing but routes, each with an
 * id of its own, without anchors; of others the whole file changes.
 *
 * @param ids of the routes to take away, and of those to add
 * @param text the new file with the lines of other routes empty, so that each line keeps its number
 * @param moved by id, how many lines a route that did not change stands further down, where that is not 0
 */
record ChangedRoutes(Set<String> ids, String text, Map<String, Integer> moved) {
    private static final LoadSettings AS_IT_IS =
            LoadSettings.builder().setParseComments(false).build();

    /** The lines of one route. */
    private record Part(int line, String text) {}

    /**
     * Compares two versions of a file.
     *
     * @param follows whether the text of a route that did not change must be read again, such as for a property
     * @return null if the whole file changes
     */
    static @Nullable ChangedRoutes between(@Nullable String before, @Nullable String now, Predicate<String> follows) {
        Map<String, Part> old = before == null ? null : parts(before);
        Map<String, Part> wanted = now == null || old == null ? null : parts(now);
        if (old == null || wanted == null) {
            return null;
        }
        Set<String> ids = new HashSet<>(old.keySet());
        ids.addAll(wanted.keySet());
        Map<String, Integer> moved = new LinkedHashMap<>();
        var text = new StringBuilder();
        int lines = 0;
        for (var entry : wanted.entrySet()) {
            String id = entry.getKey();
            Part part = entry.getValue();
            Part was = old.get(id);
            if (was != null && was.text().equals(part.text()) && !follows.test(part.text())) {
                ids.remove(id);
                if (part.line() != was.line()) {
                    moved.put(id, part.line() - was.line());
                }
            } else {
                text.append("\n".repeat(part.line() - lines)).append(part.text());
                lines = part.line() + (int) part.text().lines().count();
            }
        }
        return new ChangedRoutes(ids, text.toString(), moved);
    }

    /** The routes of a file in their order; null if it is not a plain one. */
    private static @Nullable Map<String, Part> parts(String text) {
        List<Node> items = items(text);
        List<String> lines = text.lines().map(line -> line + "\n").toList();
        if (items == null || items.isEmpty() || text.matches("(?s).*([\\r\\ufeff\\ufffd]|[|>][0-9]?\\+).*")) {
            return null;
        }
        Map<String, Part> parts = new LinkedHashMap<>();
        for (int i = 0; i < items.size(); i++) {
            String id = id(items.get(i));
            int from = line(items.get(i));
            int to = i + 1 < items.size() ? line(items.get(i + 1)) : lines.size();
            if (id == null
                    || from < 0
                    || from >= to
                    || !lines.get(from).startsWith("- ")
                    || parts.put(id, new Part(from, String.join("", lines.subList(from, to)))) != null) {
                return null;
            }
        }
        boolean commentsAbove =
                lines.stream().limit(line(items.get(0))).allMatch(line -> line.isBlank() || line.startsWith("#"));
        return commentsAbove ? parts : null;
    }

    private static @Nullable List<Node> items(String text) {
        try {
            for (var event : new Parse(AS_IT_IS).parseString(text)) {
                if (event instanceof NodeEvent node && node.getAnchor().isPresent()) {
                    return null; // one route may use what stands in another
                }
            }
            return new Compose(AS_IT_IS).composeString(text).orElse(null) instanceof SequenceNode list
                    ? new ArrayList<>(list.getValue())
                    : null;
        } catch (YamlEngineException e) {
            return null; // the check reports it
        }
    }

    private static int line(Node node) {
        return node.getStartMark().map(mark -> mark.getLine()).orElse(-1);
    }

    /** The id of an item that is a route and nothing else; null if it has none, or one that is not plain. */
    private static @Nullable String id(Node item) {
        if (!(item instanceof MappingNode only)
                || only.getValue().size() != 1
                || !"route".equals(scalar(only.getValue().get(0).getKeyNode()))
                || !(only.getValue().get(0).getValueNode() instanceof MappingNode route)) {
            return null;
        }
        for (NodeTuple option : route.getValue()) {
            if ("id".equals(scalar(option.getKeyNode()))) {
                String id = scalar(option.getValueNode());
                return id == null || id.isBlank() || id.contains("{{") ? null : id;
            }
        }
        return null;
    }

    private static @Nullable String scalar(Node node) {
        return node instanceof ScalarNode scalar ? scalar.getValue() : null;
    }
}
