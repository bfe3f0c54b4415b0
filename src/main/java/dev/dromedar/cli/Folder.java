package dev.dromedar.cli;

import dev.dromedar.audit.Audit;
import dev.dromedar.audit.AuditSettings;
import dev.dromedar.camel.Apis;
import dev.dromedar.camel.WorkerMain;
import dev.dromedar.cluster.StoreSettings;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.settings.PropertiesEncoding;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Properties;
import java.util.function.IntSupplier;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.jspecify.annotations.Nullable;

/**
 * The folder of a site, with {@code application.properties} and {@code routes/}.
 *
 * @param path empty for the folder that the process runs in
 */
record Folder(Path path) {
    private static final String PROPERTIES = "application.properties";

    static Folder current() {
        return new Folder(Path.of(""));
    }

    Path properties() {
        return path.resolve(PROPERTIES);
    }

    Path routes() {
        return path.resolve("routes");
    }

    boolean hasProperties() {
        return Files.isReadable(properties()) || Folder.class.getResource("/" + PROPERTIES) != null;
    }

    /** Where Camel finds the properties. */
    String propertiesLocation() {
        return WorkerMain.settings(path);
    }

    /** Which route files a worker reads unless its properties say otherwise. */
    String routePatterns() {
        return "file:" + routes() + "/*.yaml,file:" + routes() + "/*.xml";
    }

    /** A context with this folder's properties, to read them as the worker does. It is not started; the caller closes it. */
    DefaultCamelContext context() {
        var context = new DefaultCamelContext();
        PropertiesEncoding.use(context, properties());
        context.getPropertiesComponent().setLocation(propertiesLocation());
        return context;
    }

    /**
     * What this folder's properties say about dead letters, feeds and the cluster.
     *
     * @throws dev.dromedar.oauth.InvalidSettings with every fault of these properties
     */
    StoreSettings storeSettings() {
        try (var context = context()) {
            return Apis.storeSettings(context);
        } catch (IOException e) {
            throw new IllegalStateException("A context that never started closes", e);
        }
    }

    /**
     * What this folder's properties say about the audit's file, or null if it has none.
     *
     * @throws dev.dromedar.oauth.InvalidSettings with every fault of these properties
     */
    @Nullable
    AuditSettings auditSettings() {
        try (var context = context()) {
            return Apis.auditSettings(context);
        } catch (IOException e) {
            throw new IllegalStateException("A context that never started closes", e);
        }
    }

    /**
     * Runs an action of an operator, with a record before and after where this folder has an audit file.
     *
     * @param act such as {@code dead-letters replay}
     * @param on what it is done to
     * @throws dev.dromedar.oauth.InvalidSettings if it cannot be recorded; then nothing was done
     */
    int audited(String act, String on, IntSupplier work) {
        AuditSettings settings = hasProperties() ? auditSettings() : null;
        if (settings == null) {
            return work.getAsInt();
        }
        String user = System.getProperty("user.name", "?");
        String sudo = System.getenv("SUDO_USER");
        String who = sudo == null || sudo.isBlank() ? user : user + " (sudo by " + sudo + ")";
        try (Audit audit = Audit.ofCommand(settings)) {
            if (!audit.acted(who, act, on, null)) {
                throw new InvalidSettings(
                        "dromedar.audit: the record could not be written (" + audit.fault() + "). Nothing was done.");
            }
            String outcome = "failed";
            try {
                int status = work.getAsInt();
                outcome = status == ExitStatus.DONE ? "done" : "failed, or done in part";
                return status;
            } finally {
                audit.acted(who, act, on, outcome);
            }
        }
    }

    /**
     * A property as it is written, for what is needed before there is a context, or without one: {@code -D}, then the
     * environment, then the file.
     */
    String written(String key, String otherwise) {
        String override = override(key);
        return (override != null ? override : load().getProperty(key, otherwise)).strip();
    }

    /** A property of a context: {@code -D}, then the environment, then the file, placeholders resolved. */
    static String value(CamelContext context, String key, String otherwise) {
        String override = override(key);
        return (override != null ? override : context.resolvePropertyPlaceholders("{{" + key + ":" + otherwise + "}}"))
                .strip();
    }

    static boolean isTrue(CamelContext context, String key) {
        return value(context, key, "false").equalsIgnoreCase("true");
    }

    private static @Nullable String override(String key) {
        return System.getProperty(
                key,
                System.getenv(key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_')));
    }

    private Properties load() {
        var properties = new Properties();
        if (Files.isReadable(properties())) {
            try (Reader content = Files.newBufferedReader(properties(), PropertiesEncoding.of(properties()))) {
                properties.load(content);
            } catch (IOException | IllegalArgumentException e) {
                properties.clear(); // the start reports what is wrong with the file
            }
        }
        return properties;
    }
}
