package dev.dromedar.camel;

import dev.dromedar.oauth.Clients;
import dev.dromedar.oauth.KeyRotation;
import dev.dromedar.oauth.Time;
import dev.dromedar.settings.KeyNames;
import dev.dromedar.settings.Settings;
import dev.dromedar.settings.TrustedAuthorities;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Replaces the key of an API's client as the properties of a context configure it, apart from all other APIs. */
public final class KeyRotations {
    private static final Logger LOG = LoggerFactory.getLogger(KeyRotations.class);
    private static final Logger AUDIT = LoggerFactory.getLogger("dromedar.audit");

    private KeyRotations() {}

    /**
     * Rotates, or goes on with a rotation; see {@link KeyRotation}. Each step is in the log and the audit. Blocks.
     *
     * @param told gets a line of text after each thing that was done
     * @throws dev.dromedar.oauth.OAuthException if it stopped; says why
     */
    public static void run(CamelContext context, String api, boolean dryRun, Consumer<String> told)
            throws IOException, InterruptedException {
        Map<String, String> own = new TreeMap<>();
        OwnProperties.of(context).forEach((key, value) -> {
            if (!key.startsWith(KeyNames.API_PREFIX) || key.startsWith(KeyNames.API_PREFIX + api + '.')) {
                own.put(key, value);
            }
        });
        Settings settings = Settings.read(own, GuardedProperties.placeholders(context));
        var trusted = TrustedAuthorities.with(settings.caFile());
        try (var clients = new Clients(settings.apis(), trusted.context(), Duration.ofSeconds(5), Time.SYSTEM)) {
            clients.rotation(api, time -> Thread.sleep(time.toMillis()), line -> {
                        if (!dryRun) {
                            LOG.info("{}: {}", api, line);
                            AUDIT.atInfo()
                                    .addKeyValue("api", api)
                                    .addKeyValue("step", line)
                                    .log("key rotation");
                        }
                        told.accept(line);
                    })
                    .run(dryRun);
        }
    }
}
