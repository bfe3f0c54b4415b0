package dev.dromedar.routes;

import dev.dromedar.settings.PropertiesEncoding;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.component.properties.LocationPropertiesSource;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.spi.LoadablePropertiesSource;
import org.apache.camel.spi.PropertiesSource;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.ResourceSupport;
import org.apache.camel.util.OrderedProperties;
import org.jspecify.annotations.Nullable;

/**
 * The files of a worker as they were at one look: settings and routes, byte for byte, so that what is checked is what is
 * taken. Equal if all bytes are.
 *
 * @param settings the properties files by their path, as text
 * @param routes the route files by their location
 * @param fault why the files could not be read, or null
 */
public record SiteFiles(
        Map<String, String> settings,
        Map<String, String> routes,
        @Nullable String fault) {
    private static final Pattern HALF_ESCAPE = Pattern.compile("\\\\u(?![0-9a-fA-F]{4})");

    static SiteFiles read(CamelContext context, String patterns) {
        Map<String, String> settings = new LinkedHashMap<>();
        Map<String, String> routes = new TreeMap<>();
        try {
            for (PropertiesSource source : sources(context)) {
                String path = path(source);
                if (path != null && Files.exists(Path.of(path))) {
                    settings.put(path, Files.readString(Path.of(path), StandardCharsets.ISO_8859_1));
                }
            }
            for (Resource file : RouteFiles.find(context, patterns)) {
                try (InputStream content = file.getInputStream()) {
                    routes.put(file.getLocation(), new String(content.readAllBytes(), StandardCharsets.ISO_8859_1));
                }
            }
            return new SiteFiles(settings, routes, null);
        } catch (IOException | IllegalArgumentException e) {
            return new SiteFiles(settings, routes, "The files cannot be read: " + e.getMessage());
        }
    }

    private static List<PropertiesSource> sources(CamelContext context) {
        return ((PropertiesComponent) context.getPropertiesComponent()).getPropertiesSources();
    }

    private static @Nullable String path(PropertiesSource source) {
        return source instanceof LocationPropertiesSource file
                        && "file".equals(file.getLocation().getResolver())
                ? file.getLocation().getPath()
                : null;
    }

    /** Every property of the context as it would be with these files, by Camel's order of precedence. */
    Properties properties(CamelContext context) {
        var component = (PropertiesComponent) context.getPropertiesComponent();
        var all = new OrderedProperties();
        putAll(all, component.getInitialProperties());
        List<PropertiesSource> sources = new java.util.ArrayList<>(sources(context));
        java.util.Collections.reverse(sources);
        for (PropertiesSource source : sources) {
            String path = path(source);
            if (path != null) {
                putAll(all, parsed(settings.getOrDefault(path, "")));
            } else if (source instanceof LoadablePropertiesSource loadable) {
                putAll(all, loadable.loadProperties());
            }
        }
        putAll(all, component.getOverrideProperties());
        return all;
    }

    private static void putAll(Properties all, @Nullable Properties some) {
        if (some != null) {
            some.stringPropertyNames().forEach(key -> all.setProperty(key, some.getProperty(key)));
        }
    }

    private static Properties parsed(String text) {
        var properties = new Properties();
        try {
            byte[] content = text.getBytes(StandardCharsets.ISO_8859_1);
            properties.load(new StringReader(new String(content, PropertiesEncoding.of(content))));
        } catch (IOException e) {
            throw new IllegalStateException("Memory can be read", e);
        }
        properties.replaceAll((key, value) -> String.valueOf(value).stripTrailing());
        return properties;
    }

    /** What keeps these files from being read as what they are, or null. */
    @Override
    public @Nullable String fault() {
        if (fault != null) {
            return fault;
        }
        if (settings.isEmpty()) {
            return "application.properties is gone.";
        }
        for (var file : settings.entrySet()) {
            var half = HALF_ESCAPE.matcher(file.getValue());
            if (half.find()) {
                return file.getKey() + ":" + lineAt(file.getValue(), half.start())
                        + ": \\u must have four hexadecimal digits after it. Write \\\\ for a backslash.";
            }
        }
        return null;
    }

    /** A fault that begins with a key, with the file and line that the key stands on. */
    String placed(String message) {
        int colon = message.indexOf(": ");
        String key = colon < 0 ? message : message.substring(0, colon);
        for (var file : settings.entrySet()) {
            var line = Pattern.compile("(?m)^[ \\t]*" + Pattern.quote(key) + "[ \\t]*[=: \\t]")
                    .matcher(file.getValue());
            if (line.find()) {
                return file.getKey() + ":" + lineAt(file.getValue(), line.end()) + ": " + message;
            }
        }
        return String.join(", ", settings.keySet()) + ": " + message;
    }

    private static int lineAt(String text, int position) {
        return 1
                + (int) text.substring(0, position)
                        .chars()
                        .filter(c -> c == '\n')
                        .count();
    }

    /** The route files in memory, under the names that they have on disk. */
    List<Resource> resources() {
        return routes.entrySet().stream()
                .map(file -> (Resource) new InMemory(file.getKey(), file.getValue()))
                .toList();
    }

    /**
     * The route files to load so that these files run instead of others: those that differ, those that name a property that
     * does, and all if a route configuration differs, since routes of any file may use it.
     */
    Set<String> filesToReload(SiteFiles from, Set<String> changedKeys) {
        Set<String> files = new TreeSet<>();
        boolean all = false;
        for (var file : routes.entrySet()) {
            String before = from.routes().get(file.getKey());
            if (!file.getValue().equals(before)) {
                files.add(file.getKey());
                all |= isForOthers(file.getValue()) || before != null && isForOthers(before);
            } else if (changedKeys.stream().anyMatch(key -> names(file.getValue(), key))) {
                files.add(file.getKey());
            }
        }
        all |= from.routes().entrySet().stream()
                .anyMatch(file -> !routes.containsKey(file.getKey()) && isForOthers(file.getValue()));
        return all ? Set.copyOf(routes.keySet()) : files;
    }

    private static boolean isForOthers(String text) {
        return text.contains("routeConfiguration:")
                || text.contains("<routeConfiguration ")
                || text.contains("routeTemplate:")
                || text.contains("<routeTemplate ")
                || text.contains("beans:");
    }

    private static boolean names(String text, String key) {
        return Pattern.compile("\\{\\{\\??!?" + Pattern.quote(key) + "[}:]")
                .matcher(text)
                .find();
    }

    /** Puts these settings in the place of what the context has read; no key that stays is missing in between. */
    void become(CamelContext context) {
        for (PropertiesSource source : sources(context)) {
            String path = path(source);
            if (path != null && source instanceof LoadablePropertiesSource loadable) {
                Properties live = loadable.loadProperties();
                Properties now = parsed(settings.getOrDefault(path, ""));
                putAll(live, now);
                List.copyOf(live.stringPropertyNames()).stream()
                        .filter(key -> !now.containsKey(key))
                        .forEach(live::remove);
            }
        }
    }

    /** A route file as it was at the look. */
    private static final class InMemory extends ResourceSupport {
        private final String content;

        InMemory(String location, String content) {
            super("file", location);
            this.content = content;
        }

        @Override
        public boolean exists() {
            return true;
        }

        @Override
        public java.net.URI getURI() {
            return Path.of(getLocation().replaceFirst("^file:(//)?", "")).toUri();
        }

        @Override
        public InputStream getInputStream() {
            return new ByteArrayInputStream(content.getBytes(StandardCharsets.ISO_8859_1));
        }
    }
}
