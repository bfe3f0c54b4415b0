package dev.dromedar.ops;

import dev.dromedar.oauth.PrivateNames;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.console.DevConsole;
import org.apache.camel.console.DevConsoleRegistry;
import org.apache.camel.impl.console.DefaultDevConsoleRegistry;
import org.apache.camel.main.MainConfigurationDevConsole;
import org.apache.camel.support.service.BaseService;
import org.apache.camel.util.json.JsonArray;
import org.apache.camel.util.json.JsonObject;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Camel's developer consoles, with stars for every secret that the context's properties hold: in Camel 4.18.0 the console
 * {@code properties} shows secrets in its JSON, and {@code system-properties} and {@code jvm} show what was given by {@code -D}.
 * Anyone who asks for a console gets it scrubbed, Camel's command line too. Only consoles that show and do nothing are there, by
 * their names, and only with options that choose what to show: one that acts, or that is not known, is left out.
 */
final class ScrubbedConsoles extends DefaultDevConsoleRegistry {
    private static final Logger LOG = LoggerFactory.getLogger(ScrubbedConsoles.class);

    /** Consoles of Camel 4.18.0 that show. Not: browse and stub (messages), debug, eval-language, gc, receive, reload, send. */
    private static final Set<String> SHOWING = Set.of(
            "bean",
            "bean-model",
            "blocked",
            "circuit-breaker",
            "consumer",
            "context",
            "default-registry",
            "dromedar",
            "endpoint",
            "event",
            "health",
            "inflight",
            "internal-tasks",
            "java-security",
            "jvm",
            "log",
            "main-configuration",
            "main-http-server",
            "memory",
            "message-history",
            "micrometer",
            "platform-http",
            "processor",
            "producer",
            "properties",
            "quartz",
            "rest",
            "route",
            "route-controller",
            "route-dump",
            "route-group",
            "route-structure",
            "service",
            "simple-language",
            "source",
            "startup-recorder",
            "system-properties",
            "thread",
            "top",
            "trace",
            "transformers",
            "type-converters",
            "variables");
    /** Options that choose. Not {@code action}, {@code command}, {@code enabled} and whatever else sets something off. */
    private static final Set<String> CHOOSING = Set.of(
            Exchange.HTTP_PATH,
            "brief",
            "codeLimit",
            "dump",
            "filter",
            "format",
            "internal",
            "limit",
            "nulls",
            "processors",
            "properties",
            "sort",
            "stackTrace",
            "uriAsParameters");

    private final Secrets secrets;

    private ScrubbedConsoles(CamelContext context) {
        super(context);
        this.secrets = new Secrets(context);
    }

    /** Takes the place of Camel's own registry, before consoles are loaded or after. */
    static void install(CamelContext context) {
        var extension = context.getCamelContextExtension();
        DevConsoleRegistry before = extension.getContextPlugin(DevConsoleRegistry.class);
        if (before == null || before instanceof ScrubbedConsoles) {
            return; // an application without camel-console
        }
        var consoles = new ScrubbedConsoles(context);
        consoles.setEnabled(before.isEnabled());
        try {
            consoles.register(new MainOptions(consoles.secrets));
        } catch (NoClassDefFoundError e) {
            LOG.debug("An application without camel-main", e);
        }
        before.stream().toList().forEach(consoles::register);
        extension.addContextPlugin(DevConsoleRegistry.class, consoles);
    }

    @Override
    public boolean register(DevConsole console) {
        return SHOWING.contains(console.getId()) && super.register(console);
    }

    @Override
    public boolean unregister(DevConsole console) {
        return super.unregister(console instanceof Scrubbed scrubbed ? scrubbed.console : console);
    }

    /** What is shown, at the management port and elsewhere. */
    @Override
    public Stream<DevConsole> stream() {
        return super.stream()
                .filter(console -> SHOWING.contains(console.getId()))
                .map(this::scrubbed);
    }

    /** For Camel's command line. Before the context is set up, camel-main asks too, to set a console's options. */
    @Override
    public @Nullable DevConsole resolveById(String id) {
        DevConsole console = SHOWING.contains(id) ? super.resolveById(id) : null;
        boolean setUp = !(getCamelContext() instanceof BaseService context) || !(context.isNew() || context.isBuild());
        return console == null || !setUp ? console : scrubbed(console);
    }

    private DevConsole scrubbed(DevConsole console) {
        boolean clean = console instanceof Scrubbed || console.getId().equals(MainOptions.ID);
        return clean ? console : new Scrubbed(console, secrets);
    }

    /** The console of camel-main's own options, which camel-main fills and casts to what it is. */
    private static final class MainOptions extends MainConfigurationDevConsole {
        static final String ID = "main-configuration";

        private final Secrets secrets;

        MainOptions(Secrets secrets) {
            this.secrets = secrets;
        }

        @Override
        protected String doCallText(Map<String, Object> options) {
            return secrets.scrub(super.doCallText(options));
        }

        @Override
        @SuppressWarnings("unchecked")
        protected Map<String, Object> doCallJson(Map<String, Object> options) {
            return (Map<String, Object>) Objects.requireNonNull(clean(super.doCallJson(options), secrets));
        }
    }

    private static @Nullable Object clean(@Nullable Object shown, Secrets secrets) {
        if (shown instanceof String text) {
            return secrets.scrub(text);
        }
        if (shown instanceof Map<?, ?> map) {
            Map<String, Object> clean = shown instanceof JsonObject ? new JsonObject() : new LinkedHashMap<>();
            // A traced header or property: {"key": its name, "value": ...}
            boolean hidden = map.get("key") instanceof String name && PrivateNames.isPrivate(name);
            map.forEach((key, value) -> clean.put(
                    secrets.scrub(String.valueOf(key)),
                    hidden && "value".equals(key) ? "xxxxxx" : clean(value, secrets)));
            return clean;
        }
        if (shown instanceof List<?> list) {
            List<Object> clean = shown instanceof JsonArray ? new JsonArray() : new ArrayList<>();
            list.forEach(value -> clean.add(clean(value, secrets)));
            return clean;
        }
        return shown == null || shown instanceof Number || shown instanceof Boolean
                ? shown
                : secrets.scrub(shown.toString());
    }

    private static final class Scrubbed implements DevConsole {
        private final DevConsole console;
        private final Secrets secrets;

        Scrubbed(DevConsole console, Secrets secrets) {
            this.console = console;
            this.secrets = secrets;
        }

        @Override
        public @Nullable Object call(MediaType type, Map<String, Object> options) {
            Map<String, Object> choosing = new LinkedHashMap<>(options);
            choosing.keySet().retainAll(CHOOSING);
            return clean(console.call(type, choosing), secrets);
        }

        @Override
        public String getGroup() {
            return console.getGroup();
        }

        @Override
        public String getId() {
            return console.getId();
        }

        @Override
        public String getDisplayName() {
            return console.getDisplayName();
        }

        @Override
        public String getDescription() {
            return console.getDescription();
        }

        @Override
        public boolean supportMediaType(MediaType type) {
            return console.supportMediaType(type);
        }
    }
}
