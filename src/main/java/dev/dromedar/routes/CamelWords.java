package dev.dromedar.routes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import java.util.TreeSet;

/**
 * The names of Camel's YAML and of its Simple language that {@link CamelTexts} suggests: those of YAML are Camel's own schema's,
 * those of Simple are a list here. Read when the first fault needs them.
 */
final class CamelWords {
    static final Set<String> STEPS = new TreeSet<>();
    static final Set<String> FIELDS = new TreeSet<>();
    static final Set<String> FUNCTIONS = Set.of(
            "body",
            "bodyAs(String)",
            "headers",
            "header.name",
            "exchangeProperty.name",
            "exchangeId",
            "exception",
            "exception.message",
            "routeId",
            "messageHistory",
            "variable.name",
            "mandatoryBodyAs(String)",
            "random(1,10)",
            "date:now:yyyy-MM-dd",
            "uuid",
            "length()",
            "prettyBody",
            "bodyOneLine",
            "bodyType",
            "camelId");

    private CamelWords() {}

    static {
        try (InputStream schema = CamelWords.class.getResourceAsStream("/schema/camelYamlDsl.json")) {
            if (schema != null) {
                JsonNode items = new ObjectMapper().readTree(schema).path("items");
                items.path("properties").fieldNames().forEachRemaining(STEPS::add);
                items.path("definitions").forEach(definition -> names(definition, FIELDS));
                names(items.path("definitions").path("org.apache.camel.model.ProcessorDefinition"), STEPS);
            }
        } catch (IOException e) {
            STEPS.clear(); // suggestions are all that is lost
        }
    }

    private static void names(JsonNode definition, Set<String> into) {
        definition.path("properties").fieldNames().forEachRemaining(into::add);
        definition.path("oneOf").forEach(one -> names(one, into));
        definition.path("anyOf").forEach(one -> names(one, into));
    }
}
