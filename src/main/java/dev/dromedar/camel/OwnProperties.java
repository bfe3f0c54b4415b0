package dev.dromedar.camel;

import dev.dromedar.settings.KeyNames;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.component.properties.PropertiesComponent;

/** The properties of a context that are ours, as they stand there: placeholders are not resolved. */
final class OwnProperties {
    private OwnProperties() {}

    /**
     * All {@code dromedar.*} properties: from files, overridden by the environment, overridden by {@code -D}. Of a context whose
     * override properties have some of them, those of the context alone: they were chosen for a purpose, such as a test.
     */
    static Map<String, String> of(CamelContext context) {
        Map<String, String> properties = new LinkedHashMap<>();
        Properties loaded = context.getPropertiesComponent().loadProperties(key -> key.startsWith(KeyNames.PREFIX));
        loaded.stringPropertyNames().forEach(key -> properties.put(key, loaded.getProperty(key)));
        Properties overrides = ((PropertiesComponent) context.getPropertiesComponent()).getOverrideProperties();
        if (overrides != null
                && overrides.stringPropertyNames().stream().anyMatch(key -> key.startsWith(KeyNames.PREFIX))) {
            return properties;
        }
        Map<String, String> environment = new LinkedHashMap<>(System.getenv());
        properties.replaceAll((key, value) -> {
            String inEnvironment = environment.remove(environmentName(key));
            return inEnvironment == null ? value : inEnvironment;
        });
        environment.forEach((name, value) -> {
            if (name.startsWith("DROMEDAR_API_")) {
                properties.put(apiKey(name, properties), value);
            }
        });
        System.getProperties().stringPropertyNames().stream()
                .filter(key -> key.startsWith(KeyNames.PREFIX))
                .forEach(key -> properties.put(key, System.getProperty(key)));
        return properties;
    }

    /** The key that a variable such as {@code DROMEDAR_API_ORDERS_CLIENT_SECRET} stands for, if its API or key is known. */
    static String apiKey(String variable, Map<String, String> properties) {
        for (String key : properties.keySet()) {
            int end = key.indexOf('.', KeyNames.API_PREFIX.length());
            if (key.startsWith(KeyNames.API_PREFIX)
                    && end > 0
                    && variable.startsWith(environmentName(key.substring(0, end + 1)))) {
                return key.substring(0, end + 1) + hyphens(variable.substring(end + 1));
            }
        }
        String rest = hyphens(variable.substring(KeyNames.API_PREFIX.length()));
        // The longest: tls-certificate ends as certificate does
        return KeyNames.OF_AN_API.stream()
                .filter(key -> rest.endsWith('-' + key))
                .max(Comparator.comparingInt(String::length))
                .map(key -> KeyNames.API_PREFIX + rest.substring(0, rest.length() - key.length() - 1) + '.' + key)
                .orElse(KeyNames.API_PREFIX + rest);
    }

    private static String hyphens(String variable) {
        return variable.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String environmentName(String key) {
        return key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }
}
