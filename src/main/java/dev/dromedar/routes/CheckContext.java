package dev.dromedar.routes;

import dev.dromedar.camel.BeansByType;
import dev.dromedar.camel.CamelCli;
import dev.dromedar.camel.GuardedProperties;
import dev.dromedar.camel.RunSummary;
import dev.dromedar.letters.StoreComponent;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.apache.camel.CamelContext;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.StartupSummaryLevel;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.LoadablePropertiesSource;
import org.apache.camel.spi.PropertiesSource;
import org.apache.camel.spi.Registry;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.support.DefaultEndpoint;
import org.apache.camel.support.DefaultRegistry;
import org.apache.camel.support.service.ServiceHelper;
import org.jspecify.annotations.Nullable;

/** A context like another one, with stand-ins for all that opens something. It is never started. */
final class CheckContext implements AutoCloseable {
    private final DefaultCamelContext camel;
    private final GuardedProperties guard;

    /** @param apis names that have a stand-in where the context has none */
    CheckContext(CamelContext context, Set<String> apis) {
        var registry = new DefaultRegistry(context.getRegistry());
        BeansByType.in(registry);
        apis.stream()
                .filter(api -> registry.lookupByName(api) == null)
                .forEach(api -> registry.bind(api, (Processor) exchange -> {}));
        camel = new NeverStarted(registry);
        camel.getCamelContextExtension().setName(RouteFiles.CONTEXT_NAME);
        camel.disableJMX();
        camel.setSourceLocationEnabled(true);
        camel.setAutoStartup(false);
        camel.setStartupSummaryLevel(StartupSummaryLevel.Off);
        if (context.getApplicationContextClassLoader() != null) {
            camel.setApplicationContextClassLoader(context.getApplicationContextClassLoader());
        }
        camel.getPropertiesComponent().addPropertiesSource(new PropertiesOf(context));
        guard = GuardedProperties.share(context, camel);
        CamelCli.off(camel);
        RouteIds.install(camel);
        RouteText.install(camel);
        camel.init();
        // What the worker makes itself, of components and beans, cannot be made for a context that never starts.
        camel.addComponent(StoreComponent.SCHEME, StoreComponent.forChecks());
        context.getComponentNames().forEach(this::standIn);
        if (registry.lookupByName(RunSummary.NAME) == null) {
            registry.bind(RunSummary.NAME, new RunSummary());
        }
    }

    DefaultCamelContext camel() {
        return camel;
    }

    GuardedProperties guard() {
        return guard;
    }

    /** Resolves placeholders, or gives the text as it is where one cannot be resolved. */
    String resolved(String text) {
        try {
            return camel.resolvePropertyPlaceholders(text);
        } catch (RuntimeException e) {
            return text;
        }
    }

    boolean has(String component) {
        return camel.getComponent(component, true, false) != null;
    }

    private void standIn(String component) {
        if (!has(component)) {
            camel.addComponent(component, new StandIn());
        }
    }

    @Override
    public void close() throws IOException {
        camel.close();
    }

    /** Camel would keep a list of the endpoints to start, and look through the whole of it for each new one. */
    private static final class NeverStarted extends DefaultCamelContext {
        NeverStarted(Registry registry) {
            super(registry);
        }

        @Override
        public void addService(Object service, boolean stopOnShutdown, boolean forceStart) throws Exception {
            if (service instanceof Endpoint endpoint) {
                endpoint.setCamelContext(this);
                ServiceHelper.initService(endpoint);
            } else {
                super.addService(service, stopOnShutdown, forceStart);
            }
        }
    }

    /** The names of all components that are on the class path. */
    static Set<String> components() {
        Set<String> names = new TreeSet<>();
        try {
            var lists = CheckContext.class
                    .getClassLoader()
                    .getResources("META-INF/services/org/apache/camel/component.properties");
            while (lists.hasMoreElements()) {
                URL list = lists.nextElement();
                try (InputStream content = list.openStream()) {
                    var properties = new Properties();
                    properties.load(content);
                    names.addAll(
                            List.of(properties.getProperty("components", "").split("\\s+")));
                }
            }
        } catch (IOException e) {
            names.clear();
        }
        names.remove("");
        return names;
    }

    /** A component that takes any address with any options, and does nothing. */
    private static final class StandIn extends DefaultComponent {
        @Override
        protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) {
            parameters.clear();
            return new DefaultEndpoint(uri, this) {
                @Override
                public Producer createProducer() {
                    throw new UnsupportedOperationException("nothing is started here");
                }

                @Override
                public Consumer createConsumer(Processor processor) {
                    throw new UnsupportedOperationException("nothing is started here");
                }
            };
        }
    }

    /** The properties of another context, functions not included: those every context has. */
    private static final class PropertiesOf implements PropertiesSource, LoadablePropertiesSource {
        private final CamelContext context;
        /** Camel loads all for each placeholder that it looks up. */
        private final Properties all;

        PropertiesOf(CamelContext context) {
            this.context = context;
            all = context.getPropertiesComponent().loadProperties();
        }

        @Override
        public String getName() {
            return "the worker's properties";
        }

        @Override
        public @Nullable String getProperty(String name) {
            return context.getPropertiesComponent().resolveProperty(name).orElse(null);
        }

        @Override
        public Properties loadProperties() {
            return all;
        }

        @Override
        public Properties loadProperties(Predicate<String> filter) {
            return context.getPropertiesComponent().loadProperties(filter);
        }

        @Override
        public void reloadProperties(String location) {}
    }
}
