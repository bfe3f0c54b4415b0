package dev.dromedar;

import dev.dromedar.camel.ApiCheck;
import dev.dromedar.camel.Apis;
import dev.dromedar.camel.Installation;
import dev.dromedar.cli.Commands;
import dev.dromedar.cli.Worker;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.PublicApi;
import dev.dromedar.ops.Operations;
import java.util.Properties;
import org.apache.camel.CamelContext;

/**
 * Dromedar: the APIs of a Camel context, each with an OAuth 2.0 client of its own. {@link #install} puts them into your own
 * context, before its routes are added:
 *
 * <pre>{@code
 * var context = new DefaultCamelContext(); // its properties name the APIs: dromedar.api.orders.base-address = ...
 * Dromedar.install(context);
 * context.addRoutes(new OrderRoutes());
 * context.start();
 * }</pre>
 *
 * {@link #apis} calls them from Java, without Camel running. {@link #main} runs a worker with a context of its own.
 */
@PublicApi
public final class Dromedar {
    private Dromedar() {}

    /**
     * Installs the APIs that the context's {@code dromedar.*} properties name. Call once, before routes are added; what is
     * installed stops with the context.
     *
     * @return calls the same APIs from Java
     * @throws InvalidSettings with every fault of the properties; then nothing is installed
     */
    public static Door install(CamelContext context) {
        Apis apis = Installation.install(context);
        Operations.install(context, apis.clients(), api -> ApiCheck.lines(apis.clients(), api));
        return new Door(apis, false);
    }

    /**
     * The door to the APIs of a context that has them {@linkplain #install installed}, such as one of Spring Boot's.
     *
     * @throws IllegalStateException if it has none
     */
    public static Door door(CamelContext context) {
        Apis apis = context.hasService(Apis.class);
        if (apis == null) {
            throw new IllegalStateException("This Camel context has no APIs. Call Dromedar.install(context) first.");
        }
        return new Door(apis, false);
    }

    /**
     * The APIs that properties name, without Camel running: no route, schedule, store or management port is there, and only
     * keys of {@code dromedar.api} and {@code dromedar.tls} have an effect. Environment variables and {@code -D} override
     * the properties, as in a worker. Close it when it is of no more use:
     *
     * <pre>{@code
     * var properties = new Properties();
     * properties.load(reader); // dromedar.api.orders.base-address = ...
     * try (Door door = Dromedar.apis(properties)) {
     *     var request = HttpRequest.newBuilder(URI.create("https://api2.example.no/orders/7")).build();
     *     System.out.println(door.api("orders").send(request, BodyHandlers.ofString()).body());
     * }
     * }</pre>
     *
     * @throws InvalidSettings with every fault of the properties; then nothing is left open
     */
    public static Door apis(Properties properties) {
        return new Door(Installation.alone(properties), true);
    }

    /** Runs the worker of the current folder until it is stopped, or a command. A worker loads nothing of the commands. */
    public static void main(String[] args) {
        Terminal.cleanOutput();
        System.exit(args.length == 0 ? Worker.run(Dromedar::install) : Commands.run(args));
    }
}
