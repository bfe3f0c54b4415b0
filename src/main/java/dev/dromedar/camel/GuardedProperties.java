package dev.dromedar.camel;

import dev.dromedar.settings.KeyNames;
import dev.dromedar.settings.Placeholders;
import dev.dromedar.settings.SecretRefused;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Processor;
import org.apache.camel.component.properties.DefaultPropertiesParser;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.component.properties.PropertiesLookup;
import org.apache.camel.component.properties.PropertiesParser;
import org.apache.camel.spi.PropertiesFunction;
import org.apache.camel.util.StringHelper;
import org.jspecify.annotations.Nullable;

/**
 * Keeps secrets from anyone who resolves a placeholder in a context: routes, messages, consoles, JMX. Refused are our secret keys,
 * every property and environment variable that one of them is made of, {@code secretfile:} and the functions of vaults; and,
 * while a message is processed, whatever is named like a secret. {@link Placeholders} reads them for our own settings; Camel's
 * own {@code camel.*} keys may name them while camel-main configures ({@link #configuring}). Thread-safe.
 */
public final class GuardedProperties {
    /** Camel's functions that ask a vault. */
    private static final long KEEP = TimeUnit.SECONDS.toNanos(5);

    private static final StackWalker STACK = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    private final CamelContext context;
    private final PropertiesComponent component;
    private volatile @Nullable Thread configuring;
    private volatile @Nullable Known known;

    /**
     * What is secret now, as {@link #plain} names.
     *
     * @param ours of our keys and all that they are made of
     * @param camels of Camel's keys that are named like secrets
     */
    private record Known(Set<String> ours, Set<String> camels, long readAt) {}

    private GuardedProperties(CamelContext context) {
        this.context = context;
        this.component = (PropertiesComponent) context.getPropertiesComponent();
    }

    /** Puts the guard under a context's properties, once, and returns it. To be called before routes are read. */
    public static GuardedProperties install(CamelContext context) {
        GuardedProperties there = of(context);
        if (there != null) {
            return there;
        }
        var guard = new GuardedProperties(context);
        guard.put(context);
        return guard;
    }

    /** Puts the guard of one context under another that tries routes with the first one's properties. */
    public static GuardedProperties share(CamelContext from, CamelContext with) {
        GuardedProperties guard = install(from);
        guard.put(with);
        return guard;
    }

    private static @Nullable GuardedProperties of(CamelContext context) {
        return context.getCamelContextExtension().getContextPlugin(GuardedProperties.class);
    }

    private void put(CamelContext into) {
        var properties = (PropertiesComponent) into.getPropertiesComponent();
        PropertiesParser parser = properties.getPropertiesParser();
        properties.setPropertiesParser(new Parser(this, properties, parser));
        var functions = new GuardedFunctions(this::check);
        properties.getPropertiesFunctionResolver().getFunctions().values().forEach(functions::addPropertiesFunction);
        CamelContextAware.trySetCamelContext(functions, into);
        properties.setPropertiesFunctionResolver(functions);
        into.getCamelContextExtension().addContextPlugin(GuardedProperties.class, this);
    }

    /** A function of a context as it is without the guard, or null. */
    static @Nullable PropertiesFunction function(PropertiesComponent component, String name) {
        return component.getPropertiesFunctionResolver() instanceof GuardedFunctions functions
                ? functions.unguarded(name)
                : component.getPropertiesFunction(name);
    }

    /** For the settings of a context: all that its properties hold, secrets too. */
    static Placeholders placeholders(CamelContext context) {
        return placeholders(context, (function, name) -> {});
    }

    static Placeholders placeholders(CamelContext context, Placeholders.Visitor visitor) {
        var component = (PropertiesComponent) context.getPropertiesComponent();
        return new Placeholders(
                name -> Placeholders.property(component, name), name -> function(component, name), visitor);
    }

    /** Of whatever context it is then: settings that were read in the context of a trial outlive it. */
    static Placeholders placeholders(Supplier<CamelContext> context) {
        Supplier<PropertiesComponent> component =
                () -> (PropertiesComponent) context.get().getPropertiesComponent();
        return new Placeholders(
                name -> Placeholders.property(component.get(), name),
                name -> function(component.get(), name),
                (function, name) -> {});
    }

    /** Lets what this thread does now read secrets: camel-main, setting {@code camel.*} keys before there is a route. */
    public static void configuring(CamelContext context, Runnable work) {
        GuardedProperties guard = install(context);
        guard.configuring = Thread.currentThread();
        try {
            work.run();
        } finally {
            guard.configuring = null;
        }
    }

    private boolean isConfiguring() {
        return Thread.currentThread().equals(configuring);
    }

    /** To be called when properties have changed: they are looked at again. */
    static void refresh(CamelContext context) {
        install(context).known = null;
    }

    /**
     * @param function the function's name, or empty for a property
     * @throws SecretRefused if that is a secret
     */
    void check(String function, String name) {
        if (isConfiguring()) {
            return;
        }
        if (Placeholders.isVault(function)) {
            throw SecretRefused.of(function + ":" + name);
        }
        String asked = name.replaceFirst("^\\?", "");
        String alone = function.isEmpty() ? asked : asked.replaceFirst(":.*", "");
        Known now = known();
        boolean ours = KeyNames.isSecret(alone) || isIn(now.ours(), alone);
        if (ours || (KeyNames.isSecretName(alone) || isIn(now.camels(), alone)) && isProcessing()) {
            throw SecretRefused.of(function.isEmpty() ? alone : function + ":" + alone);
        }
    }

    /** Checks every placeholder of a text, and what it refers to. */
    void checkAll(String text) {
        new Placeholders(name -> Placeholders.property(component, name), name -> function(component, name), this::check)
                .walk(text);
    }

    private static boolean isIn(Set<String> names, String name) {
        return names.contains(plain(name)) || names.contains(plain(StringHelper.camelCaseToDash(name)));
    }

    /** A property and the environment variable that Camel reads for it have the same. */
    private static String plain(String name) {
        return name.strip().toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    }

    private Known known() {
        Known now = known;
        if (now == null || System.nanoTime() - now.readAt() > KEEP) {
            Map<String, String> own = OwnProperties.of(context);
            Properties camels = component.loadProperties(key -> key.startsWith("camel.") && KeyNames.isSecretName(key));
            Set<String> ours = new HashSet<>();
            own.forEach((key, value) -> addIfSecret(ours, key, value));
            Set<String> theirs = new HashSet<>();
            camels.stringPropertyNames().forEach(key -> addSources(theirs, camels.getProperty(key)));
            now = new Known(ours, theirs, System.nanoTime());
            known = now;
        }
        return now;
    }

    private void addIfSecret(Set<String> names, String key, String value) {
        if (KeyNames.isSecret(key)) {
            names.add(plain(key));
            addSources(names, value);
        }
    }

    private void addSources(Set<String> names, String value) {
        new Placeholders(
                        name -> Placeholders.property(component, name),
                        name -> function(component, name),
                        (function, name) -> names.add(plain(name.replaceFirst(":.*", ""))))
                .walk(value);
    }

    /** Whether a processor is at work further down this thread's stack: then the text may be a message's. */
    private static boolean isProcessing() {
        return STACK.walk(
                frames -> frames.anyMatch(frame -> frame.getMethodName().equals("process")
                        && Processor.class.isAssignableFrom(frame.getDeclaringClass())));
    }

    /**
     * The values of all secrets that a context's properties, the environment and {@code -D} hold, as they are written and as
     * they are worth, for anyone who scrubs texts.
     */
    public static Set<String> secretValues(CamelContext context) {
        var component = (PropertiesComponent) context.getPropertiesComponent();
        Set<String> values = new LinkedHashSet<>();
        Set<String> sources = new HashSet<>();
        Placeholders placeholders = placeholders(context);
        Properties all = component.loadProperties();
        Map<String, String> own = OwnProperties.of(context);
        own.forEach(all::setProperty);
        for (String key : all.stringPropertyNames()) {
            if (KeyNames.isSecret(key) || KeyNames.isSecretName(key)) {
                values.add(all.getProperty(key));
                try {
                    String worth =
                            placeholders.resolve(key, all.getProperty(key)).text();
                    values.add(worth == null ? "" : worth);
                } catch (RuntimeException e) {
                    values.add(""); // a placeholder without a value stands for no secret
                }
                install(context).addSources(sources, all.getProperty(key));
            }
        }
        all.stringPropertyNames().stream()
                .filter(key -> sources.contains(plain(key)))
                .forEach(key -> values.add(all.getProperty(key)));
        System.getenv().forEach((name, value) -> {
            if (KeyNames.isSecretName(name) || sources.contains(plain(name))) {
                values.add(value);
            }
        });
        System.getProperties().stringPropertyNames().stream()
                .filter(name -> KeyNames.isSecretName(name) || sources.contains(plain(name)))
                .forEach(name -> values.add(System.getProperty(name)));
        return values;
    }

    /** Camel's parser, which is given no text that leads to a secret. */
    private static final class Parser extends DefaultPropertiesParser {
        private final GuardedProperties guard;
        private final PropertiesParser before;
        /** Values that camel-main has just been given, and hands in again: they are final. */
        private final ThreadLocal<Set<String>> resolved = ThreadLocal.withInitial(HashSet::new);

        Parser(GuardedProperties guard, PropertiesComponent component, PropertiesParser before) {
            super(component);
            this.guard = guard;
            this.before = before;
        }

        @Override
        public @Nullable String parseUri(
                String text, PropertiesLookup properties, boolean fallback, boolean keepUnresolved, boolean nested) {
            if (!guard.isConfiguring()) {
                resolved.remove();
                guard.checkAll(text);
            } else if (resolved.get().contains(text)) {
                return text;
            } else if (text.contains("{{")) {
                Placeholders.Value value = placeholders(guard.context).resolve("camel.", text);
                if (value.secret() && value.text() != null) {
                    resolved.get().add(value.text());
                    return value.text();
                }
            }
            return super.parseUri(text, properties, fallback, keepUnresolved, nested);
        }

        @Override
        public @Nullable String parseProperty(String key, String value, PropertiesLookup properties) {
            if (key != null) {
                guard.check("", key);
            }
            return before.parseProperty(key, value, properties);
        }

        @Override
        public @Nullable String customLookup(String key) {
            return before.customLookup(key);
        }
    }
}
