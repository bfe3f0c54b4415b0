package dev.dromedar.camel;

import org.apache.camel.CamelContext;
import org.apache.camel.spi.CliConnectorFactory;

/**
 * Camel's command line ({@code camel ps}, {@code camel get}, {@code camel trace}), whose connector writes what it shows to
 * {@code .camel} in the user's home and takes commands from there, to run code among them. Camel turns it on wherever it is on
 * the class path; here it is off unless {@code dromedar.camel-cli = true}.
 */
public final class CamelCli {
    private CamelCli() {}

    /** Before the context starts: on if its properties say so. */
    static void asConfigured(CamelContext context) {
        String wanted = context.resolvePropertyPlaceholders("{{dromedar.camel-cli:false}}");
        set(context, wanted.strip().equalsIgnoreCase("true"));
    }

    /** For a context that only looks at something. */
    public static void off(CamelContext context) {
        set(context, false);
    }

    private static void set(CamelContext context, boolean on) {
        CliConnectorFactory connector = context.getCamelContextExtension().getContextPlugin(CliConnectorFactory.class);
        if (connector != null) {
            connector.setEnabled(on);
            connector.setRuntime("Dromedar");
            connector.setRuntimeVersion(CamelCli.class.getPackage().getImplementationVersion());
        }
    }
}
