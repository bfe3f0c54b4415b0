package dev.dromedar.routes;

import dev.dromedar.camel.ApiComponent;
import dev.dromedar.camel.GuardedSimple;
import dev.dromedar.camel.RouteFileText;
import dev.dromedar.settings.Nearest;
import dev.dromedar.settings.SecretRefused;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Resource;

/** What is looked for in the text of a route file, so that each fault has its line, wherever in the file it stands. */
final class TextChecks {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{([^{}]+)}}");

    private final CheckContext context;
    private final DefaultCamelContext camel;
    private final RouteFaults faults;
    /** Of all templates. */
    private final Set<String> parameters = new HashSet<>();

    /** @param context in which all files are loaded */
    TextChecks(CheckContext context, RouteFaults faults) {
        this.context = context;
        this.camel = context.camel();
        this.faults = faults;
        camel.getRouteTemplateDefinitions().forEach(template -> template.getTemplateParameters()
                .forEach(parameter -> parameters.add(parameter.getName())));
    }

    void check(Resource file) throws IOException {
        String text = RouteFileText.withoutComments(RouteFileText.of(file));
        Matcher placeholders = PLACEHOLDER.matcher(text);
        while (placeholders.find()) {
            String name = placeholders.group(1);
            if (!parameters.contains(
                    name.replaceFirst("^[?!]+", "").replaceFirst(":.*", "").strip())) {
                try {
                    camel.resolvePropertyPlaceholders(placeholders.group());
                } catch (RuntimeException e) {
                    faults.add(file, text, placeholders.start(), unresolved(name, e));
                }
            }
        }
        // Camel stops at the first expression that it refuses
        ApiComponent.Hyphen hyphen = file.getLocation().endsWith(".xml") ? null : ApiComponent.hyphen(text);
        if (hyphen != null) {
            faults.add(file, text, hyphen.at(), hyphen.fault());
        }
        Matcher functions = GuardedSimple.FUNCTION.matcher(text);
        while (functions.find()) {
            try {
                GuardedSimple.check(context.guard(), functions);
            } catch (SecretRefused e) {
                faults.add(file, text, functions.start(), String.valueOf(e.getMessage()));
            }
        }
    }

    private String unresolved(String name, RuntimeException e) {
        SecretRefused refused = SecretRefused.in(e);
        if (refused != null) {
            return String.valueOf(refused.getMessage());
        }
        if (name.contains(":")) {
            return "the placeholder {{" + name + "}} cannot be resolved: "
                    + CamelTexts.sentence(CamelTexts.rootMessage(e));
        }
        String nearest =
                Nearest.to(name, camel.getPropertiesComponent().loadProperties().stringPropertyNames());
        return "there is no property '" + name + "'. "
                + (nearest == null
                        ? "Add it to application.properties, or correct the name."
                        : "Did you mean '" + nearest + "'?");
    }
}
