package dev.dromedar.store;

import java.time.Clock;
import java.util.function.Function;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/** Puts what outlives the process into a Camel context. */
public final class Store {
    private Store() {}

    /**
     * Installs dead letters and feeds, and the cluster if the settings name a database. Call once, before routes are added.
     *
     * @param api tells which API an exchange's last call was for
     */
    public static void install(CamelContext context, StoreSettings settings, Function<Exchange, @Nullable String> api) {
        try {
            ClusterSettings clustered = settings.cluster();
            if (clustered == null) {
                var feeds = new Feeds(new FilePointers(settings.feedFolder()));
                context.getRegistry().bind("dromedar-feeds", feeds);
                DeadLetters.install(
                        context, settings.deadLetters(), FileLetters::forWorker, feeds, api, Clock.systemUTC());
                return;
            }
            Cluster cluster = Cluster.install(context, clustered);
            var feeds = new Feeds(new DatabasePointers(cluster.database(), clustered.name()));
            context.getRegistry().bind("dromedar-feeds", feeds);
            DeadLetters letters = DeadLetters.install(
                    context,
                    settings.deadLetters(),
                    wanted -> new DatabaseLetters(cluster.database(), clustered, wanted),
                    feeds,
                    api,
                    Clock.systemUTC());
            letters.keepInterruptedRunsOf(clustered);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("Camel does not take the dead letters", e);
        }
    }
}
