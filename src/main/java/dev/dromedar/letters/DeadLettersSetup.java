package dev.dromedar.letters;

import java.time.Clock;
import java.util.function.Function;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.builder.DeadLetterChannelBuilder;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.support.EventNotifierSupport;
import org.jspecify.annotations.Nullable;

/** Puts dead letters and feeds into a Camel context. */
public final class DeadLettersSetup {
    private DeadLettersSetup() {}

    /**
     * Installs dead letters, and the component that routes reach them and feeds by. Call once, before routes are added.
     *
     * @param api says which API an exchange's last call was for
     * @param answer the body by which an API refused it, or null; asked where letters are sealed, or a property says so
     */
    public static DeadLetters install(
            CamelContext context,
            DeadLetterSettings settings,
            Function<DeadLetterSettings, DeadLetterStore> store,
            Feeds feeds,
            Function<Exchange, @Nullable String> api,
            Function<Exchange, @Nullable String> answer,
            Clock clock)
            throws Exception {
        boolean answers = settings.secretKey() != null
                || "true".equals(context.resolvePropertyPlaceholders("{{dromedar.dead-letters.answers:false}}"));
        var deadLetters = new DeadLetters(
                context,
                settings,
                store,
                api,
                answers ? answer : none -> null,
                clock,
                letters -> DeadLettersManagement.register(context, letters));
        context.addComponent(StoreComponent.SCHEME, new StoreComponent(deadLetters, feeds));
        context.addRoutePolicyFactory((camel, routeId, route) -> new RunPolicy(deadLetters));
        if (settings.everyRoute()) {
            var everywhere = new DeadLetterChannelBuilder(DeadLetters.ADDRESS);
            everywhere.maximumRedeliveries(settings.redeliveries());
            everywhere.redeliveryDelay(settings.redeliveryDelay().toMillis());
            context.getCamelContextExtension().setErrorHandlerFactory(everywhere);
        }
        context.getManagementStrategy().addEventNotifier(new Redeliveries(context));
        context.addService(deadLetters);
        context.getRegistry().bind("dromedar-dead-letters", deadLetters);
        context.getRegistry().bind("dromedar-dead-letters-health", new DeadLettersHealth(deadLetters));
        return deadLetters;
    }

    /**
     * Counts: Camel takes its own count off the exchange before the dead letter gets it. Camel is not to make events for it as long
     * as nothing fails, which costs each exchange: it asks while the context starts, and the first step that fails lets it.
     */
    private static final class Redeliveries extends EventNotifierSupport {
        private final CamelContext context;

        Redeliveries(CamelContext context) {
            this.context = context;
            // Not the failed events: Camel reports redeliveries only to their listeners
            setIgnoreCamelContextEvents(true);
            setIgnoreCamelContextInitEvents(true);
            setIgnoreRouteEvents(true);
            setIgnoreServiceEvents(true);
            setIgnoreStepEvents(true);
            setIgnoreExchangeCreatedEvent(true);
            setIgnoreExchangeCompletedEvent(true);
            setIgnoreExchangeSendingEvents(true);
            setIgnoreExchangeSentEvents(true);
            setIgnoreExchangeAsyncProcessingStartedEvents(true);
        }

        @Override
        public boolean isIgnoreExchangeEvents() {
            return !context.isStarted();
        }

        @Override
        public void notify(CamelEvent event) {
            if (event instanceof CamelEvent.ExchangeRedeliveryEvent redelivery) {
                RouteRun run = RouteRun.of(redelivery.getExchange());
                if (run != null) {
                    run.triedAgain();
                }
            }
        }
    }
}
