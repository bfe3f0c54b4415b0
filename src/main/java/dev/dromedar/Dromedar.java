package dev.dromedar;

import dev.dromedar.camel.ApiCheck;
import dev.dromedar.camel.Apis;
import dev.dromedar.cli.Commands;
import dev.dromedar.cli.Worker;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.PublicApi;
import dev.dromedar.ops.Operations;
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
 * {@link #main} runs a worker with a context of its own.
 */
@PublicApi
public final class Dromedar {
    private Dromedar() {}

    /**
     * Installs the APIs that the context's {@code dromedar.*} properties name. Call once, before routes are added; what is
     * installed stops with the context.
     *
     * @throws InvalidSettings with every fault of the properties; then nothing is installed
     */
    public static void install(CamelContext context) {
        Apis apis = Apis.install(context);
        Operations.install(context, apis.clients(), api -> ApiCheck.lines(apis.clients(), api));
    }

    /** Runs the worker of the current folder until it is stopped, or a command. A worker loads nothing of the commands. */
    public static void main(String[] args) {
        Terminal.cleanOutput();
        System.exit(args.length == 0 ? Worker.run(Dromedar::install) : Commands.run(args));
    }
}
