package dev.dromedar.camel;

import dev.dromedar.settings.PropertiesEncoding;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.main.Main;
import org.apache.camel.spi.PackageScanResourceResolver;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.scan.DefaultPackageScanResourceResolver;

/**
 * Camel Main as the worker has it: settings of the current folder, servers for this machine alone unless configured otherwise, and secrets that
 * Camel's own {@code camel.*} keys may name, and nothing after them.
 */
public final class WorkerMain extends Main {
    /** Where the settings are. */
    public static final String SETTINGS = "application.properties";

    private static final String PROFILE = "camel.main.profile";
    private static final String LOOPBACK = "127.0.0.1";

    private boolean routes = true;

    public WorkerMain() {
        this(Path.of(""));
    }

    /** @param folder has the settings */
    public WorkerMain(Path folder) {
        GuardedSimple.bind(this::bind);
        setDefaultPropertyPlaceholderLocation(settings(folder));
        configure().setAutoConfigurationLogSummary(false);
        configure().httpManagementServer().setHost(LOOPBACK);
        configure().httpServer().setHost(LOOPBACK);
    }

    /**
     * Where the properties of a folder are, those that win first: of the profile, as {@code camel.main.profile} names it; then
     * {@code application.properties}; then those on the class path, for a worker in one jar.
     */
    public static String settings(Path folder) {
        Path file = folder.resolve(SETTINGS);
        String profile = profile(file);
        String ofProfile = profile.isEmpty() ? "" : SETTINGS.replace(".", "-" + profile + ".");
        return (profile.isEmpty() ? "" : "file:" + folder.resolve(ofProfile) + ";optional=true,")
                + "file:" + file + ";optional=true,"
                + (profile.isEmpty() ? "" : "classpath:" + ofProfile + ";optional=true,")
                + "classpath:" + SETTINGS + ";optional=true";
    }

    /** Read before the properties are: {@code -D}, the environment, the file. */
    private static String profile(Path file) {
        String set = System.getProperty(PROFILE, System.getenv("CAMEL_MAIN_PROFILE"));
        if (set == null && Files.isReadable(file)) {
            var properties = new Properties();
            try (InputStream content = Files.newInputStream(file)) {
                properties.load(content);
                set = properties.getProperty(PROFILE);
            } catch (IOException | IllegalArgumentException e) {
                set = null; // the start reports what is wrong with the file
            }
        }
        String profile = set == null ? "" : set.strip();
        return profile.matches("[A-Za-z0-9_-]+") ? profile : "";
    }

    /** Reads no route files, so that a check can. */
    public WorkerMain withoutRoutes() {
        routes = false;
        return this;
    }

    @Override
    protected void configureRoutes(CamelContext context) throws Exception {
        if (routes) {
            super.configureRoutes(context);
        }
    }

    @Override
    protected CamelContext createCamelContext() {
        var context = new WorkerContext();
        BeansByType.in(registry);
        context.getCamelContextExtension().setRegistry(registry);
        context.getGlobalOptions().put("CamelMainClass", getClass().getName()); // as Camel's own
        PropertiesEncoding.use(context, Path.of(SETTINGS));
        var files = new DefaultPackageScanResourceResolver() {
            @Override
            public Collection<Resource> findResources(String location) throws Exception {
                return super.findResources(location).stream()
                        .filter(file -> !isTest(file.getLocation()))
                        .toList();
            }
        };
        files.setCamelContext(context);
        context.getCamelContextExtension().addContextPlugin(PackageScanResourceResolver.class, files);
        return context;
    }

    /** Whether a name is that of a test of routes ({@code ./run test}): Camel would take it for a route file. */
    public static boolean isTest(String name) {
        return name.endsWith(".test.yaml") || name.endsWith(".test.yml");
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
