package dev.dromedar.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dromedar.routes.RouteFiles;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Reads one YAML file by its lines, so that each fault has one. Faults are collected, and reading goes on. */
final class YamlText {
    private static final int MOST_CHARACTERS = 3_000_000;
    private static final int DEEPEST = 60;

    private final String file;
    private final List<RouteFiles.Fault> faults = new ArrayList<>();

    /** @param file its name in faults */
    YamlText(String file) {
        this.file = file;
    }

    List<RouteFiles.Fault> faults() {
        return faults;
    }

    /** The whole text; null if there is none, or it cannot be read. */
    @Nullable
    Node read(String text) {
        var settings = LoadSettings.builder()
                .setAllowDuplicateKeys(false)
                .setMaxAliasesForCollections(20)
                .setCodePointLimit(MOST_CHARACTERS)
                .build();
        try {
            return new Compose(settings).composeString(text).orElse(null);
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
            int column = e.getProblemMark().map(mark -> mark.getColumn() + 1).orElse(0);
            faults.add(new RouteFiles.Fault(
                    file,
                    line,
                    column,
                    "The YAML cannot be read: " + e.getProblem() + ". Check indentation and quotes."));
        } catch (YamlEngineException e) {
            faults.add(new RouteFiles.Fault(file, 0, 0, "The YAML cannot be read: " + e.getMessage()));
        }
        return null;
    }

    static int line(Node node) {
        return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    }

    void fault(Node at, String what) {
        faults.add(new RouteFiles.Fault(
                file,
                line(at),
                at.getStartMark().map(mark -> mark.getColumn() + 1).orElse(0),
                what));
    }

    /** The members of a map; those that are not known are faults. */
    Map<String, Node> members(@Nullable Node node, String what, Set<String> known) {
        Map<String, Node> members = members(node, what);
        members.forEach((name, value) -> {
            if (!known.contains(name)) {
                fault(
                        value,
                        "'" + name + "' is not known in " + what + "." + Misuse.didYouMean(name, known) + " There are: "
                                + String.join(", ", known) + ".");
            }
        });
        return members;
    }

    Map<String, Node> members(@Nullable Node node, String what) {
        Map<String, Node> members = new LinkedHashMap<>();
        if (node instanceof MappingNode map) {
            for (NodeTuple member : map.getValue()) {
                if (member.getKeyNode() instanceof ScalarNode name
                        && members.put(name.getValue(), member.getValueNode()) != null) {
                    fault(name, "'" + name.getValue() + "' stands twice in " + what + ".");
                }
            }
        } else if (node != null && !isNothing(node)) {
            fault(node, what + " must be names with values.");
        }
        return members;
    }

    List<Node> elements(@Nullable Node node, String what) {
        if (node instanceof SequenceNode list) {
            return list.getValue();
        }
        if (node != null && !isNothing(node)) {
            fault(node, what + " must be a list: each entry begins with '- '.");
        }
        return List.of();
    }

    /** A text, number or boolean as it is written; null if there is none. */
    @Nullable
    String text(@Nullable Node node, String what) {
        if (node instanceof ScalarNode scalar) {
            return isNothing(scalar) ? null : scalar.getValue();
        }
        if (node != null) {
            fault(node, what + " must be a text.");
        }
        return null;
    }

    int number(@Nullable Node node, String what, int otherwise, int least, int most) {
        String text = text(node, what);
        if (text == null || node == null) {
            return otherwise;
        }
        if (text.matches("\\d{1,9}") && Integer.parseInt(text) >= least && Integer.parseInt(text) <= most) {
            return Integer.parseInt(text);
        }
        fault(node, what + ": '" + text + "' is not a number from " + least + " to " + most + ".");
        return otherwise;
    }

    /** Names and texts. A name without a value stands with null. */
    Map<String, @Nullable String> texts(@Nullable Node node, String what) {
        Map<String, @Nullable String> texts = new LinkedHashMap<>();
        members(node, what).forEach((name, value) -> texts.put(name, text(value, what + "." + name)));
        return texts;
    }

    static boolean isNothing(Node node) {
        return node.getTag().equals(Tag.NULL);
    }

    /** A body: a text as it is, anything else as JSON; null if there is none. */
    @Nullable
    String body(@Nullable Node node) {
        return node == null || isNothing(node)
                ? null
                : node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.STR)
                        ? scalar.getValue()
                        : json(node, 0).toString();
    }

    private JsonNode json(Node node, int depth) {
        JsonNodeFactory json = JsonNodeFactory.instance;
        if (depth > DEEPEST) {
            fault(node, "is nested too deep.");
            return json.nullNode();
        }
        if (node instanceof MappingNode) {
            ObjectNode object = json.objectNode();
            members(node, "a body").forEach((name, value) -> object.set(name, json(value, depth + 1)));
            return object;
        }
        if (node instanceof SequenceNode list) {
            var array = json.arrayNode();
            list.getValue().forEach(value -> array.add(json(value, depth + 1)));
            return array;
        }
        String text = node instanceof ScalarNode scalar ? scalar.getValue() : "";
        if (node.getTag().equals(Tag.NULL)) {
            return json.nullNode();
        }
        if (node.getTag().equals(Tag.BOOL)) {
            return json.booleanNode(Boolean.parseBoolean(text));
        }
        try {
            return node.getTag().equals(Tag.INT)
                    ? json.numberNode(new BigInteger(text))
                    : node.getTag().equals(Tag.FLOAT) ? json.numberNode(new BigDecimal(text)) : json.textNode(text);
        } catch (NumberFormatException e) {
            return json.textNode(text);
        }
    }

    /** The elements of a list, or what stands in its place. */
    static List<Node> oneOrMore(Node node) {
        return node instanceof SequenceNode several ? several.getValue() : List.of(node);
    }

    static Set<String> ordered(String... names) {
        return new LinkedHashSet<>(List.of(names));
    }
}
