package dev.dromedar;

import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;

/** An application of its own that calls an API once and prints the answer. Argument: a file of properties. */
final class Embedder {
    private Embedder() {}

    public static void main(String[] args) throws Exception {
        var properties = new Properties();
        try (Reader file = Files.newBufferedReader(Path.of(args[0]), StandardCharsets.UTF_8)) {
            properties.load(file);
        }
        try (var context = new DefaultCamelContext()) {
            context.getPropertiesComponent().setInitialProperties(properties);
            Dromedar.install(context);
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:orders")
                            .setHeader("CamelHttpMethod", constant("GET"))
                            .process("orders")
                            .to("{{dromedar.api.orders.base-address}}/orders");
                }
            });
            context.start();
            try (var template = context.createProducerTemplate()) {
                System.out.println("answer: " + template.requestBody("direct:orders", null, String.class));
            }
        }
    }
}
