package dev.dromedar.camel;

import dev.dromedar.oauth.ApiSnapshot;
import dev.dromedar.oauth.Time;
import dev.dromedar.sandbox.Sandbox;
import dev.dromedar.settings.Placeholders;
import dev.dromedar.settings.SecretFileFunction;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.ExchangeBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.jspecify.annotations.Nullable;

/** A Camel context of somebody's own, with the APIs of a sandbox installed, as an embedding developer would. */
public final class Worker implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();

    final Sandbox sandbox;
    final DefaultCamelContext context = new DefaultCamelContext();
    private final Map<String, String> properties = new LinkedHashMap<>();

    Worker() {
        this(Sandbox.start());
    }

    Worker(Sandbox sandbox) {
        this.sandbox = sandbox;
        context.getCamelContextExtension().setName("test-" + COUNT.incrementAndGet());
        for (String api : new String[] {"health-records", "health-records-bearer", "orders"}) {
            sandbox.properties().forEach((key, value) -> {
                if (key.startsWith("sandbox." + api + ".")) {
                    properties.put("dromedar.api." + key.substring("sandbox.".length()), value);
                }
            });
        }
    }

    /** Resolves placeholders that name other properties of a map or a file. */
    public static Placeholders placeholders(Map<String, String> properties) {
        return new Placeholders(
                properties::get,
                name -> name.equals("secretfile") ? new SecretFileFunction() : null,
                (function, name) -> {});
    }

    Worker set(String key, String value) {
        properties.put(key, value);
        return this;
    }

    /** An API of a plain OAuth authority, by a client secret; more of its keys and values behind it. */
    Worker api(String name, Object base, Object tokenEndpoint, String... more) {
        String prefix = "dromedar.api." + name + '.';
        set(prefix + "profile", "oauth2");
        set(prefix + "base-address", base.toString());
        set(prefix + "authority", "https://authority.example");
        set(prefix + "token-endpoint", tokenEndpoint.toString());
        set(prefix + "client-id", "worker");
        set(prefix + "client-secret", "s3cr3t");
        for (int i = 0; i < more.length; i += 2) {
            set(prefix + more[i], more[i + 1]);
        }
        return this;
    }

    ApiSnapshot seen(String api) {
        Apis apis = context.hasService(Apis.class);
        return Objects.requireNonNull(Objects.requireNonNull(apis).clients().named(api))
                .snapshot();
    }

    Worker unset(String key) {
        properties.remove(key);
        return this;
    }

    /** A route {@code direct:name} that names the API and then sends to an address; both as a route author writes them. */
    Worker route(String name, String... steps) {
        var yaml = new StringBuilder(
                "- route:\n    id: " + name + "\n    from:\n      uri: direct:" + name + "\n      steps:\n");
        for (String step : steps) {
            yaml.append("        - ").append(step.replace("\n", "\n          ")).append('\n');
        }
        routes.put(name + ".yaml", yaml.toString());
        return this;
    }

    /** Routes as a file has them. */
    Worker yaml(String text) {
        routes.put("file" + routes.size() + ".yaml", text);
        return this;
    }

    private final Map<String, String> routes = new LinkedHashMap<>();

    Worker start(RoutesBuilder... more) throws Exception {
        return start(Time.SYSTEM, more);
    }

    Worker start(Time time, RoutesBuilder... more) throws Exception {
        var all = new Properties();
        all.putAll(properties);
        context.getPropertiesComponent().setInitialProperties(all);
        Installation.install(context, time);
        for (RoutesBuilder builder : more) {
            context.addRoutes(builder);
        }
        for (var route : routes.entrySet()) {
            PluginHelper.getRoutesLoader(context)
                    .loadRoutes(ResourceHelper.fromString(route.getKey(), route.getValue()));
        }
        context.start();
        return this;
    }

    /** Sends to {@code direct:name}; the exchange tells how it went. */
    Exchange send(String name, @Nullable Object body) {
        try (ProducerTemplate template = context.createProducerTemplate()) {
            return template.send(
                    "direct:" + name,
                    ExchangeBuilder.anExchange(context).withBody(body).build());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Sends a message with a header. */
    Exchange sendWith(String name, String header, String value) {
        try (ProducerTemplate template = context.createProducerTemplate()) {
            return template.send(
                    "direct:" + name,
                    ExchangeBuilder.anExchange(context)
                            .withHeader(header, value)
                            .build());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    Exchange send(String name) {
        return send(name, null);
    }

    String address(String api) {
        return sandbox.api(api).baseAddress().toString();
    }

    @Override
    public void close() {
        context.stop();
        sandbox.close();
    }
}
