package dev.dromedar.letters;

import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends letters whose replay is requested into their routes again. */
final class Replays {
    /** The property of an exchange with the letter that it replays, until its route has begun. */
    static final String REPLAY = "dromedar.replay";

    private static final Logger LOG = LoggerFactory.getLogger(Replays.class);

    private final CamelContext context;
    private final DeadLetterStore store;
    private final Clock clock;
    private final StoreCondition condition;
    private final BooleanSupplier goesOn;

    /** @param goesOn whether the worker is to wait for a store that is away */
    Replays(
            CamelContext context,
            DeadLetterStore store,
            Clock clock,
            StoreCondition condition,
            BooleanSupplier goesOn) {
        this.context = context;
        this.store = store;
        this.clock = clock;
        this.condition = condition;
        this.goesOn = goesOn;
    }

    /** Replays what is requested, one letter after the other. */
    void all() {
        while (context.isStarted()) {
            Letter letter = store.claims().claim();
            if (letter == null) {
                return;
            }
            replay(letter);
        }
    }

    /** Sends a letter into its route, from the beginning. On the one thread of this node; the claim keeps other nodes away. */
    private void replay(Letter letter) {
        KeptMessage input = null;
        Route route;
        Exchange exchange;
        try {
            input = store.messageToReplay(letter);
            route = runningRoute(letter.route());
            exchange = route.getEndpoint().createExchange();
            exchange.getExchangeExtension().setFromRouteId(letter.route());
            input.into(exchange);
            exchange.setProperty(REPLAY, letter);
        } catch (StoreFailure | IOException e) {
            notReplayed(letter, input, String.valueOf(e.getMessage()));
            return;
        }
        try {
            route.getProcessor().process(exchange);
        } catch (Exception e) {
            exchange.setException(e);
        }
        if (exchange.getException() != null) {
            refused(letter, input, exchange.getException());
            return;
        }
        untilItWorks(() -> {
            if (store.claims().done(letter)) {
                LOG.info("Dead letter {} of route {} was replayed and is done", letter.id(), letter.route());
                return;
            }
            Letter now = store.find(letter.id());
            if (now == null || now.state() != Letter.State.KEPT) { // kept again by its route
                LOG.warn(
                        "Dead letter {} of route {} was replayed here, and meanwhile it was replayed again or discarded"
                                + " elsewhere, since this node was considered dead. Its work may be done twice.",
                        letter.id(),
                        letter.route());
            }
        });
    }

    private Route runningRoute(String id) {
        Route route = context.getRoute(id);
        if (route == null || !context.getRouteController().getRouteStatus(id).isStarted()) {
            throw new StoreFailure("there is no running route '" + id + "' in this worker");
        }
        return route;
    }

    private void notReplayed(Letter letter, @Nullable KeptMessage input, String why) {
        untilItWorks(() -> {
            if (input == null) {
                store.claims().release(letter);
            } else {
                store.claims().failed(letter.notReplayed(why), input);
            }
        });
        LOG.warn("Dead letter {} of route {} was not replayed: {}", letter.id(), letter.route(), why);
    }

    /** The work is done or has failed, and that must get into the store, however long it is away. Ends with the worker. */
    private void untilItWorks(Runnable step) {
        while (true) {
            try {
                step.run();
                return;
            } catch (StoreFailure e) {
                condition.failed(e);
                if (!pause()) {
                    throw e;
                }
            }
        }
    }

    /** Waits a second; false if the worker stops. */
    private boolean pause() {
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
        return goesOn.getAsBoolean() && !Thread.currentThread().isInterrupted();
    }

    /** For a route that no longer keeps its failures, or could not start: the letter must not go with the failure. */
    private void refused(Letter letter, KeptMessage input, Exception failure) {
        untilItWorks(() -> {
            Letter now = store.find(letter.id());
            if (now != null && now.state() != Letter.State.KEPT) {
                store.claims()
                        .failed(
                                letter.failedAgain(letter.api(), clock.instant(), 1, KeptMessage.words(failure)),
                                input);
            }
        });
        LOG.warn(
                "Dead letter {} of route {}: replay failed: {}",
                letter.id(),
                letter.route(),
                KeptMessage.words(failure));
    }
}
