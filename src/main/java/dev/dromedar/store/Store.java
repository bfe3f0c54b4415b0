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
     * Installs dead letters. Call once, before routes are added.
     *
     * @param api tells which API an exchange's last call was for
     */
    public static void install(CamelContext context, StoreSettings settings, Function<Exchange, @Nullable String> api) {
        try {
            DeadLetters.install(context, settings.deadLetters(), FileLetters::forWorker, api, Clock.systemUTC());
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("Camel does not take the dead letters", e);
        }
    }
}
