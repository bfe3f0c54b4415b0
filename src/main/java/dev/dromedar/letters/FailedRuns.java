package dev.dromedar.letters;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes dead letters of runs that failed, and of those that a dead node did not end. */
final class FailedRuns {
    private static final Logger LOG = LoggerFactory.getLogger(FailedRuns.class);
    private static final DateTimeFormatter ID =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS-").withZone(ZoneOffset.UTC);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final AtomicLong LAST_ID = new AtomicLong();

    private final Function<Exchange, @Nullable String> api;
    private final Function<Exchange, @Nullable String> answer;
    private final Clock clock;
    private final StoreCondition condition;

    /**
     * @param api says which API an exchange's last call was for
     * @param answer the body by which an API refused it, or null
     */
    FailedRuns(
            Function<Exchange, @Nullable String> api,
            Function<Exchange, @Nullable String> answer,
            Clock clock,
            StoreCondition condition) {
        this.api = api;
        this.answer = answer;
        this.clock = clock;
        this.condition = condition;
    }

    /** Keeps the failed run that this exchange is in. Called by the route's error handler. */
    void keep(Supplier<DeadLetterStore> store, Exchange exchange) {
        try {
            keepOrTell(store, exchange);
        } catch (Error e) {
            RouteRun run = RouteRun.of(exchange);
            var lost = new StoreFailure(
                    "the dead letter could not be made: " + e.getClass().getSimpleName());
            condition.failed(lost);
            LOG.error(
                    "Route {} failed, and {}",
                    run == null ? exchange.getFromRouteId() : run.route(),
                    lost.getMessage());
            if (run == null) {
                throw lost;
            }
            run.notKept(lost);
        }
    }

    private void keepOrTell(Supplier<DeadLetterStore> opened, Exchange exchange) {
        RouteRun run = RouteRun.of(exchange);
        Throwable failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        int attempts = run == null ? 1 : run.attempts();
        Letter again = run == null ? null : run.replayed();
        String words = KeptMessage.words(failure);
        Letter letter = again != null
                ? again.failedAgain(api.apply(exchange), clock.instant(), attempts, words)
                : letter(run, exchange, attempts, words);
        if (run != null && !run.firstFailure(letter.id())) {
            return;
        }
        try {
            DeadLetterStore store = opened.get();
            KeptMessage input = run == null
                    ? KeptMessage.of(
                            exchange.getIn().getBody(), exchange.getIn().getHeaders(), exchange)
                    : run.input(exchange);
            input = input.withAnswer(answer.apply(exchange));
            if (again != null) {
                store.claims().failed(letter, input);
            } else {
                store.add(letter, input);
                condition.oneMore();
            }
            condition.works();
            LOG.error(
                    "Dead letter {}: route {} failed after {} attempt(s): {}",
                    letter.id(),
                    letter.route(),
                    letter.attempts(),
                    words);
        } catch (StoreFailure e) {
            condition.failed(e);
            LOG.error(
                    "Route {} failed, and what came into it could not be kept as a dead letter: {} It failed because: {}",
                    letter.route(),
                    e.getMessage(),
                    words);
            if (run == null) {
                throw e;
            }
            // Not thrown: Camel would log the first failure in full, queries included. The run fails at its end instead
            run.notKept(e);
        }
    }

    private Letter letter(@Nullable RouteRun run, Exchange exchange, int attempts, String words) {
        String route = run != null ? run.route() : String.valueOf(exchange.getFromRouteId());
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        return new Letter(newId(now), route, api.apply(exchange), now, now, attempts, Letter.State.KEPT, words);
    }

    /** Of this worker each later than the one before, since letters are listed and replayed in the order of their ids. */
    private static String newId(Instant time) {
        long millis = LAST_ID.updateAndGet(last -> Math.max(last + 1, time.toEpochMilli()));
        var id = new StringBuilder(ID.format(Instant.ofEpochMilli(millis)));
        for (int i = 0; i < 6; i++) {
            id.append("abcdefghjkmnpqrstuvwxyz23456789".charAt(RANDOM.nextInt(31)));
        }
        return id.toString();
    }

    /**
     * Keeps what came into the run of a node that died, and ends the run that would repeat it. Waits while the database is away:
     * if this node dies or is considered dead meanwhile, another takes it over.
     *
     * @param words what happened to it
     * @param isOurs whether no other node has taken it over
     */
    void interrupted(
            Supplier<DeadLetterStore> store, Route route, Exchange exchange, String words, Predicate<Exchange> isOurs) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        exchange.setRouteStop(true);
        var letter = new Letter(newId(now), route.getRouteId(), null, now, now, 1, Letter.State.INTERRUPTED, words);
        KeptMessage input =
                KeptMessage.of(exchange.getIn().getBody(), exchange.getIn().getHeaders(), exchange);
        for (boolean again = false; ; again = true) {
            try {
                if (again && !isOurs.test(exchange)) {
                    LOG.info("Route {}: {}. Another node has taken it over meanwhile.", letter.route(), words);
                    return;
                }
                store.get().add(letter, input);
                condition.works();
                LOG.warn(
                        "Route {}: {}. It is not to be repeated by itself, and is a dead letter now.",
                        letter.route(),
                        words);
                return;
            } catch (StoreFailure e) {
                condition.failed(e);
                if (!e.isAway() || exchange.getContext().isStopping()) {
                    LOG.error(
                            "Route {}: {}. It is not repeated by itself, and {}: {}",
                            letter.route(),
                            words,
                            e.isAway()
                                    ? "another node is to keep it as a dead letter, since this one stops. If there is none,"
                                            + " find out what it has done"
                                    : "could not be kept as a dead letter: find out what it has done, and do the rest by hand",
                            e.getMessage());
                    exchange.setException(e);
                    return;
                }
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
            }
        }
    }
}
