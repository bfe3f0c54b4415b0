package dev.dromedar;

import dev.dromedar.camel.Apis;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.main.Main;

/** The worker. {@link #install} puts the APIs into somebody's Camel context; {@link #main} runs one of its own. */
public final class Dromedar {
    private Dromedar() {}

    /**
     * Installs the APIs that the context's {@code dromedar.*} properties name. Call once, before routes are added; what is
     * installed stops with the context.
     *
     * @throws dev.dromedar.oauth.InvalidSettings with every fault of the properties; then nothing is installed
     */
    public static Apis install(CamelContext context) {
        return Apis.install(context);
    }

    /** Runs the worker on {@code application.properties} and {@code routes/} of the current folder until it is stopped. */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    static int run(String[] args) {
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", "dromedar-logback.xml");
        }
        var main = new Main();
        main.setDefaultPropertyPlaceholderLocation(
                "file:application.properties;optional=true,classpath:application.properties;optional=true");
        main.configure().setRoutesIncludePattern("file:routes/*.yaml,file:routes/*.xml");
        main.configure().addConfiguration(new Configuration());
        try {
            main.run(args);
            return main.getExitCode();
        } catch (Exception e) {
            e.printStackTrace();
            return 1;
        }
    }

    /** Runs when the properties are there and routes are not: its exceptions end the start. */
    private static final class Configuration implements CamelConfiguration {
        @Override
        public void configure(CamelContext context) {
            install(context);
        }
    }
}
