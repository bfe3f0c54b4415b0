package dev.dromedar.ops;

import dev.dromedar.Dromedar;
import dev.dromedar.sandbox.Sandbox;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.main.Main;
import org.jspecify.annotations.Nullable;

/** A whole worker against a sandbox, with its management server on a free port, in this JVM. */
public final class Worker implements AutoCloseable {
    private final Main main = new Main();
    private final int port = freePort();
    private final Path token = Path.of("target", "tokens", "management-" + port + ".token");
    private final HttpClient http = HttpClient.newHttpClient();

    Worker(Map<String, String> apis, Map<String, String> properties) {
        this(apis, properties, main -> {});
    }

    /** @param prepare before the start */
    Worker(Map<String, String> apis, Map<String, String> properties, Consumer<Main> prepare) {
        Map<String, Object> all = new LinkedHashMap<>(apis);
        all.put("camel.main.name", "worker-" + port);
        all.put("camel.main.shutdownTimeout", "5");
        all.put("camel.management.enabled", "true");
        all.put("camel.management.host", "127.0.0.1");
        all.put("camel.management.port", String.valueOf(port));
        all.put("dromedar.management.token-file", token.toString());
        all.put("camel.management.healthCheckEnabled", "true");
        all.put("camel.management.metricsEnabled", "true");
        all.put("camel.metrics.enabled", "true");
        all.put("camel.health.exposureLevel", "full");
        all.putAll(properties);
        main.setDefaultPropertyPlaceholderLocation("false");
        all.forEach((key, value) -> main.addInitialProperty(key, value.toString()));
        main.configure().addConfiguration(new CamelConfiguration() {
            @Override
            public void configure(CamelContext context) {
                Dromedar.install(context);
            }
        });
        main.configure().addRoutesBuilder(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:call")
                        .routeId("call")
                        .setHeader("CamelHttpMethod", constant("GET"))
                        .process(exchange -> getContext()
                                .getRegistry()
                                .lookupByNameAndType(
                                        exchange.getMessage().getHeader("api", String.class), Processor.class)
                                .process(exchange))
                        .setHeader("CamelHttpUri", header("at"))
                        .to("http://localhost");
            }
        });
        prepare.accept(main);
        main.start();
    }

    /** Properties of the APIs of a sandbox, as a site would write them. */
    public static Map<String, String> apis(Sandbox sandbox, String... names) {
        Map<String, String> properties = new LinkedHashMap<>();
        for (String name : names) {
            String prefix = "sandbox." + name + ".";
            sandbox.properties().forEach((key, value) -> {
                if (key.startsWith(prefix)) {
                    properties.put("dromedar.api." + name + "." + key.substring(prefix.length()), value);
                }
            });
        }
        return properties;
    }

    CamelContext context() {
        return main.getCamelContext();
    }

    int port() {
        return port;
    }

    /** One call of an API; the failure, or null. */
    @Nullable
    Exception call(String api) {
        try (ProducerTemplate template = context().createProducerTemplate()) {
            String base = context().resolvePropertyPlaceholders("{{dromedar.api." + api + ".base-address}}");
            return template.send("direct:call", exchange -> {
                        exchange.getMessage().setHeader("api", api);
                        exchange.getMessage().setHeader("at", base + "/records?person=12057900499");
                    })
                    .getException();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The token of the management port, as whoever may read its file has it. */
    String token() {
        try {
            return Files.readString(token).strip();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    Path tokenFile() {
        return token;
    }

    /** What the management port shows to the worker's own user. */
    HttpResponse<String> get(String path, String... headers) {
        try {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                    .header("Authorization", "Bearer " + token());
            if (headers.length > 0) {
                request.headers(headers);
            }
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Sends a request as it is written, which Java's client does not do: it has a Host of its own.
     *
     * @param head request line and headers, without the empty line; {@code PORT} is the worker's
     * @return the whole answer
     */
    String raw(String head) throws IOException {
        try (var socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(20_000);
            String request = head.replace("PORT", String.valueOf(port)).replace("\n", "\r\n")
                    + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {
        main.stop();
    }
}
