package dev.dromedar.camel;

import dev.dromedar.settings.PropertiesEncoding;
import java.nio.file.Path;
import org.apache.camel.CamelContext;
import org.apache.camel.main.Main;

/**
 * Camel Main as the worker has it: settings of the current folder, servers for this machine alone unless told, and secrets that
 * Camel's own {@code camel.*} keys may name, and nothing after them.
 */
public final class WorkerMain extends Main {
    /** Where the settings are. */
    public static final String SETTINGS = "application.properties";

    private static final String LOOPBACK = "127.0.0.1";

    public WorkerMain() {
        GuardedSimple.bind(this::bind);
        setDefaultPropertyPlaceholderLocation(
                "file:" + SETTINGS + ";optional=true,classpath:" + SETTINGS + ";optional=true");
        configure().setAutoConfigurationLogSummary(false);
        configure().httpManagementServer().setHost(LOOPBACK);
        configure().httpServer().setHost(LOOPBACK);
    }

    @Override
    protected CamelContext createCamelContext() {
        CamelContext context = super.createCamelContext();
        PropertiesEncoding.use(context, Path.of(SETTINGS));
        return context;
    }

    /** Sets all {@code camel.*} keys; route files are read later. */
    @Override
    protected void autoconfigure(CamelContext context) {
        GuardedProperties.configuring(context, () -> {
            try {
                super.autoconfigure(context);
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
