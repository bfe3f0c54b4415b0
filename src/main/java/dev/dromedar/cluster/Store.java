package dev.dromedar.cluster;

import dev.dromedar.letters.DeadLetterStore;
import dev.dromedar.letters.DeadLetters;
import dev.dromedar.letters.DeadLettersSetup;
import dev.dromedar.letters.Feeds;
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
     * @param api says which API an exchange's last call was for
     * @param answer the body by which an API refused it, or null
     */
    public static void install(
            CamelContext context,
            StoreSettings settings,
            Function<Exchange, @Nullable String> api,
            Function<Exchange, @Nullable String> answer) {
        try {
            ClusterSettings clustered = settings.cluster();
            if (clustered == null) {
                Feeds feeds = Feeds.in(settings.feedFolder());
                addFeeds(context, feeds);
                DeadLettersSetup.install(
                        context,
                        settings.deadLetters(),
                        DeadLetterStore::forWorker,
                        feeds,
                        api,
                        answer,
                        Clock.systemUTC());
                return;
            }
            Cluster cluster = ClusterSetup.install(context, clustered);
            Feeds feeds = Feeds.in(cluster.database());
            addFeeds(context, feeds);
            var former = new FormerRows(cluster.database());
            DeadLetters letters = DeadLettersSetup.install(
                    context,
                    settings.deadLetters(),
                    wanted -> new DeadLetterStore(cluster.database(), wanted, former::moveInto),
                    feeds,
                    api,
                    answer,
                    Clock.systemUTC());
            letters.keepInterruptedRuns(clustered::repeats, cluster.firings()::isHeld);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("Camel does not take the dead letters", e);
        }
    }

    private static void addFeeds(CamelContext context, Feeds feeds) throws Exception {
        context.addService(feeds);
        context.getRegistry().bind("dromedar-feeds", feeds);
    }
}
