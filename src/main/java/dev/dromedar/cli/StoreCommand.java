package dev.dromedar.camel;

import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.store.StoreCommands;
import dev.dromedar.store.StoreSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import org.apache.camel.impl.DefaultCamelContext;

/** The commands on what is kept: reads the settings that the worker in this folder reads, and starts nothing. */
public final class StoreCommand {
    private StoreCommand() {}

    /**
     * Runs {@code dead-letters ...}, {@code feed ...} or {@code cluster ...}.
     *
     * @param command {@code dead-letters}, {@code feed} or {@code cluster}
     * @param args its words
     * @return the process's status, 0 if all was done
     */
    public static int run(String command, List<String> args, PrintStream out) {
        try (var context = new DefaultCamelContext(false)) {
            context.getPropertiesComponent()
                    .setLocation(
                            "file:application.properties;optional=true,classpath:application.properties;optional=true");
            StoreSettings settings = Apis.storeSettings(context);
            return StoreCommands.run(command, args, settings, out);
        } catch (InvalidSettings e) {
            e.faults().forEach(out::println);
            return 1;
        } catch (IOException e) {
            throw new IllegalStateException("A context that never started closes", e);
        }
    }
}
