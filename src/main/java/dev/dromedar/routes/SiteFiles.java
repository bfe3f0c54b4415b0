package dev.dromedar.routes;

import dev.dromedar.settings.PropertiesEncoding;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

    /** What routes of other files may use. Too much reloaded is better than too little, so that words are enough. */
    private static final Pattern SHARED =
            Pattern.compile("(?<![a-zA-Z])(routeConfiguration|routeTemplate|templatedRoute|beans"
                    + "|rest(Configuration)?)[\"']?\\s*:|<(\\w+:)?(routeConfiguration|routeTemplate|templatedRoute|beans"
                    + "|rest(Configuration)?)s?[\\s>/]|[kK]amelet");

    private static final String FOR_EVER = "interceptSendToEndpoint";

    /** Reads them as they are now, from where the context has them. */
    public static SiteFiles read(CamelContext context, String patterns) {
        return read(context, patterns, new FileTexts(Clock.systemUTC()));
    }

    /** As {@link #read(CamelContext, String)}; what was read before and is the same is not read again. */
    static SiteFiles read(CamelContext context, String patterns, FileTexts texts) {
        Map<String, String> settings = new LinkedHashMap<>();
        Map<String, String> routes = new TreeMap<>();
        try {
            for (PropertiesSource source : sources(context)) {
                String path = path(source);
                if (path != null && Files.exists(Path.of(path))) {
                    settings.put(path, texts.of(Path.of(path)));
                }
            }
            for (Resource file : RouteFiles.find(context, patterns)) {
                routes.put(file.getLocation(), texts.of(file));
            }
            texts.looked();
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
        return fault(message).toString();
    }

    /** As {@link #placed}. One that names no key has no file. */
    public RouteFiles.Fault fault(String message) {
        int colon = message.indexOf(": ");
        String key = colon < 0 ? message : message.substring(0, colon);
        for (var file : settings.entrySet()) {
            var line = Pattern.compile("(?m)^[ \\t]*" + Pattern.quote(key) + "[ \\t]*[=: \\t]")
                    .matcher(file.getValue());
            if (line.find()) {
                String before = file.getValue().substring(0, line.start());
                return new RouteFiles.Fault(
                        file.getKey(),
                        lineAt(file.getValue(), line.end()),
                        line.start() - before.lastIndexOf('\n'),
                        message);
            }
        }
        return new RouteFiles.Fault(key.matches("[\\w.-]+") ? String.join(", ", settings.keySet()) : "", 0, 0, message);
    }

    private static int lineAt(String text, int position) {
        return 1
                + (int) text.substring(0, position)
                        .chars()
                        .filter(c -> c == '\n')
                        .count();
    }

    /** A route file in memory, under the name that it has on disk. */
    Resource resource(String file) {
        return new InMemory(file, Objects.requireNonNull(routes.get(file), file).getBytes(StandardCharsets.ISO_8859_1));
    }

    /** A part of a route file under its name. */
    static Resource resource(String file, String text) {
        return new InMemory(file, text.getBytes(StandardCharsets.UTF_8));
    }

    /** A route file as Camel reads it, or null. */
    @Nullable
    String routeText(String file) {
        String bytes = routes.get(file);
        return bytes == null ? null : new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /**
     * The route files to load so that these files run instead of others: those that differ, those that name a property that
     * does, and all if something differs that routes of any file may use.
     */
    Set<String> filesToReload(SiteFiles from, Set<String> changedKeys) {
        if (changesShared(from, changedKeys)) {
            return Set.copyOf(routes.keySet());
        }
        Set<String> files = new TreeSet<>(routes.keySet());
        files.removeIf(file -> !isChanged(from, changedKeys, file));
        return files;
    }

    private boolean isChanged(SiteFiles from, Set<String> changedKeys, String file) {
        String now = routes.get(file);
        return !Objects.equals(now, from.routes().get(file))
                || now != null && changedKeys.stream().anyMatch(key -> names(now, key));
    }

    /** The files, by their location, that are not as they were: changed, added or removed. */
    Set<String> changedFiles(SiteFiles from) {
        Map<String, String> before = new TreeMap<>(from.settings());
        before.putAll(from.routes());
        Map<String, String> now = new TreeMap<>(settings);
        now.putAll(routes);
        Set<String> files = new TreeSet<>(before.keySet());
        files.addAll(now.keySet());
        files.removeIf(file -> Objects.equals(before.get(file), now.get(file)));
        return files;
    }

    /** Whether a file has what routes of other files may use. */
    boolean isShared(String file) {
        return SHARED.matcher(routes.getOrDefault(file, "")).find();
    }

    /** Whether a template, Kamelet, bean, route configuration or REST definition differs. */
    boolean changesShared(SiteFiles from, Set<String> changedKeys) {
        Set<String> files = new TreeSet<>(routes.keySet());
        files.addAll(from.routes().keySet());
        return files.stream()
                .filter(file -> isChanged(from, changedKeys, file))
                .anyMatch(file -> isShared(file) || from.isShared(file));
    }

    /** Why these files cannot run instead of others before the worker is started again, or null. */
    @Nullable
    String needsRestart(SiteFiles from) {
        for (String file : routes.keySet()) {
            if (isChanged(from, Set.of(), file)
                    && (routes.get(file) + from.routes().getOrDefault(file, "")).contains(FOR_EVER)) {
                return restart(file);
            }
        }
        for (var file : from.routes().entrySet()) {
            if (!routes.containsKey(file.getKey()) && file.getValue().contains(FOR_EVER)) {
                return restart(file.getKey());
            }
        }
        return null;
    }

    private static String restart(String file) {
        return file.replaceFirst("^file:(//)?", "") + ": " + FOR_EVER
                + " applies to the routes of all files, and Camel cannot take it back while it runs. Restart the worker for"
                + " this edit; routes in other files can be edited without.";
    }

    /** Whether a text has a placeholder for a property. */
    static boolean names(String text, String key) {
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
        private final byte[] content;

        InMemory(String location, byte[] content) {
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
            return new ByteArrayInputStream(content);
        }
    }
}
