package dev.dromedar.bench;

import dev.dromedar.Dromedar;
import dev.dromedar.sandbox.ProtectedApi;
import dev.dromedar.sandbox.Sandbox;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.ProcessorDefinition;

/** A Camel context with the product installed, and a route {@code direct:NAME} for each API. */
public final class Routes implements AutoCloseable {
    private final Sandbox sandbox;
    private final CamelContext context = new DefaultCamelContext();
    private final Map<String, String> properties = new LinkedHashMap<>();
    private final Map<String, String> addresses = new LinkedHashMap<>();
    private boolean anywhere = true;
    private boolean methodInAddress;

    public Routes(Sandbox sandbox) {
        this.sandbox = sandbox;
    }

    /** An API of the sandbox; its calls go to another server if that is said. */
    public Routes api(ProtectedApi api, String address) {
        return api(api.name(), api, address);
    }

    public Routes api(String name, ProtectedApi api, String address) {
        String prefix = "sandbox." + api.name() + ".";
        sandbox.properties().forEach((key, value) -> {
            if (key.startsWith(prefix)) {
                properties.put("dromedar.api." + name + "." + key.substring(prefix.length()), value);
            }
        });
        properties.put("dromedar.api." + name + ".base-address", address);
        addresses.put(name, address);
        return this;
    }

    /** No routes beyond one for each API. */
    public Routes lean() {
        anywhere = false;
        return this;
    }

    /** GET as an option of the endpoint, and not as a header, whose text costs Camel half a call to read. */
    public Routes methodInAddress() {
        methodInAddress = true;
        return this;
    }

    public Routes set(String key, String value) {
        properties.put(key, value);
        return this;
    }

    public ProducerTemplate start() throws Exception {
        var initial = new Properties();
        initial.putAll(properties);
        context.getPropertiesComponent().setInitialProperties(initial);
        Dromedar.install(context);
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                addresses.forEach((name, address) -> {
                    ProcessorDefinition<?> route = from("direct:" + name).routeId(name);
                    if (!methodInAddress) {
                        route = route.setHeader(Exchange.HTTP_METHOD, constant("GET"));
                    }
                    route.process(name).to(address + "/records" + (methodInAddress ? "?httpMethod=GET" : ""));
                    if (methodInAddress) {
                        from("direct:" + name + "-component")
                                .routeId(name + "-component")
                                .to("api:" + name + "/records");
                    }
                });
                if (!anywhere) {
                    return;
                }
                addresses.forEach((name, address) -> from("direct:" + name + "-anywhere")
                        .routeId(name + "-anywhere")
                        .setHeader(Exchange.HTTP_METHOD, constant("GET"))
                        .process(name)
                        .toD(address + "/${body}"));
            }
        });
        context.start();
        return context.createProducerTemplate();
    }

    public CamelContext context() {
        return context;
    }

    @Override
    public void close() {
        context.stop();
    }
}
