package dev.dromedar.ops;

import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.CamelContext;
import org.apache.camel.console.DevConsole;
import org.apache.camel.console.DevConsoleRegistry;
import org.apache.camel.support.console.AbstractDevConsole;
import org.apache.camel.util.SensitiveUtils;
import org.apache.camel.util.json.JsonObject;

/**
 * Camel's console {@code properties} with the values of sensitive keys as stars. It stands in the place of Camel's own, which
 * masks its text but shows secrets in clear in its JSON (4.18.0). Everything under {@code dromedar.} is as it is written in the
 * file, so that what {@code {{env:...}}} stands for is not shown.
 */
final class PropertiesConsole extends AbstractDevConsole {

    PropertiesConsole() {
        super("camel", "properties", "Properties", "Displays the properties loaded by Camel, sensitive values masked");
    }

    /** Takes the place of Camel's console, if the context has consoles. */
    static void install(CamelContext context) {
        DevConsoleRegistry consoles = context.getCamelContextExtension().getContextPlugin(DevConsoleRegistry.class);
        if (consoles == null || !consoles.isEnabled()) {
            return;
        }
        consoles.getConsole("properties").ifPresent(consoles::unregister);
        DevConsole own = new PropertiesConsole();
        org.apache.camel.CamelContextAware.trySetCamelContext(own, context);
        consoles.register(own);
    }

    private Map<String, String> values() {
        var loaded = getCamelContext().getPropertiesComponent().loadProperties();
        Map<String, String> values = new TreeMap<>();
        for (String key : loaded.stringPropertyNames()) {
            String value = String.valueOf(loaded.getProperty(key));
            values.put(key, isSensitive(key) ? "xxxxxx" : value);
        }
        return values;
    }

    private static boolean isSensitive(String key) {
        String last = key.substring(key.lastIndexOf('.') + 1);
        return SensitiveUtils.containsSensitive(key)
                || SensitiveUtils.containsSensitive(last)
                || key.matches("(?i).*(secret|password|passphrase|private|token|credential).*");
    }

    @Override
    protected Map<String, Object> doCallJson(Map<String, Object> options) {
        return new JsonObject(Map.of("properties", new JsonObject(values())));
    }

    @Override
    protected String doCallText(Map<String, Object> options) {
        var text = new StringBuilder();
        values().forEach((key, value) ->
                text.append(key).append(" = ").append(value).append('\n'));
        return text.toString();
    }
}
