package dev.dromedar.cli;

import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.sandbox.Sandbox;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sandbox that a worker or a command starts for itself where {@code dromedar.sandbox.enabled} is true. Reads that key;
 * nobody else does.
 */
final class OwnSandbox implements AutoCloseable {
    private static final String KEY = "dromedar.sandbox.enabled";

    private @Nullable Runnable stop;

    /**
     * Starts it if the context's properties say so, and gives its settings to the context as {@code {{sandbox...}}}.
     *
     * @throws InvalidSettings if the sandbox is not installed
     */
    void startIfEnabled(CamelContext context) {
        if (Folder.isTrue(context, KEY)) {
            try {
                stop = Running.start(context);
            } catch (NoClassDefFoundError e) {
                throw new InvalidSettings(
                        KEY + ": lib/dromedar-sandbox.jar is missing. Put it back, or set the key to false.");
            }
        }
    }

    boolean runs() {
        return stop != null;
    }

    @Override
    public void close() {
        if (stop != null) {
            stop.run();
        }
    }

    /** The sandbox's classes are named here only, since they may be missing. */
    private static final class Running {
        /** Here and not above: the logging is configured before the first logger is made. */
        private static final Logger LOG = LoggerFactory.getLogger(OwnSandbox.class);

        private Running() {}

        static Runnable start(CamelContext context) {
            Sandbox sandbox = Sandbox.start(Sandbox.Options.plain().withRefusals(refusal -> {
                if (!refusal.contains(": use_dpop_nonce: ")) { // a step of the protocol, no failure
                    LOG.info("The sandbox refused {}", refusal);
                }
            }));
            sandbox.selfService("health-records");
            LOG.info(
                    "Sandbox: HelseID's rules at {}, Duende's at {}; what they have seen is at {}/seen and {}/seen",
                    sandbox.helseid().issuer(),
                    sandbox.duende().issuer(),
                    sandbox.helseid().issuer(),
                    sandbox.duende().issuer());
            var properties = new Properties();
            properties.putAll(sandbox.properties());
            context.getPropertiesComponent().setInitialProperties(properties);
            return sandbox::close;
        }
    }
}
