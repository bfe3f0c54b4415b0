package dev.dromedar.letters;

import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.camel.CamelContext;
import org.apache.camel.ErrorHandlerFactory;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.StreamCache;
import org.apache.camel.model.errorhandler.DeadLetterChannelDefinition;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.support.RoutePolicySupport;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;
import org.quartz.Scheduler;
import org.quartz.Trigger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The dead letters of one Camel context: keeps what failed in routes that send it to {@code dromedar:dead-letters}, and replays
 * what somebody asks for. Opens its store when the first route names it, and makes none otherwise. Thread-safe.
 */
public final class DeadLetters extends ServiceSupport {
    /** Where a route sends what failed. */
    static final String ADDRESS = "dromedar:dead-letters";

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);
    private static final String REPLAY = "dromedar.replay";
    private static final DateTimeFormatter ID =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS-").withZone(ZoneOffset.UTC);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final AtomicLong LAST_ID = new AtomicLong();
    private static final int WARN_AT_PERCENT = 80;
    private static final long LOOK_SECONDS = 10;
    private static final long HOUSEKEEPING_SECONDS = 60;

    private final CamelContext context;
    private final DeadLetterSettings settings;
    private final Function<DeadLetterSettings, DeadLetterStore> store;
    private final Function<Exchange, @Nullable String> api;
    private final Function<Exchange, @Nullable String> answer;
    private final Clock clock;
    private final SteadyTime steady;
    private final Consumer<DeadLetters> whenStarted;
    private volatile @Nullable DeadLetterStore letters;
    private volatile DeadLetterStore.@Nullable Usage usage;
    private @Nullable ScheduledExecutorService worker;
    private volatile @Nullable String fault;
    private volatile @Nullable String damage;
    private volatile boolean warned;
    private volatile @Nullable Predicate<String> repeats;

    /**
     * What health and the status page show.
     *
     * @param open whether a route uses dead letters; otherwise the rest is nothing
     * @param letters of all states
     * @param bytes of all letters
     * @param mostBytes the bound
     * @param fault why the last letter could not be kept, or null
     */
    public record Status(
            boolean open,
            long letters,
            long bytes,
            long mostBytes,
            @Nullable String fault) {}

    DeadLetters(
            CamelContext context,
            DeadLetterSettings settings,
            Function<DeadLetterSettings, DeadLetterStore> store,
            Function<Exchange, @Nullable String> api,
            Function<Exchange, @Nullable String> answer,
            Clock clock,
            Consumer<DeadLetters> whenStarted) {
        this.context = context;
        this.settings = settings;
        this.store = store;
        this.api = api;
        this.answer = answer;
        this.clock = clock;
        this.whenStarted = whenStarted;
        this.steady = new SteadyTime(clock, System::nanoTime);
    }

    RoutePolicy policy(CamelContext camel, String routeId, NamedNode route) {
        return new RoutePolicySupport() {
            @Override
            public void onExchangeBegin(Route entered, Exchange exchange) {
                enter(entered, exchange);
                tellInterruptedRun(entered, exchange);
            }

            @Override
            public void onExchangeDone(Route left, Exchange exchange) {
                keepWhatItsErrorHandlingCouldNot(left, exchange);
                RouteRun.leave(exchange, left.getRouteId());
            }
        };
    }

    /** An error in the error handling itself: the failure never came here. */
    private void keepWhatItsErrorHandlingCouldNot(Route route, Exchange exchange) {
        RouteRun run = RouteRun.of(exchange);
        if (letters != null
                && run != null
                && run.route().equals(route.getRouteId())
                && !run.hasOutcome()
                && exchange.getException() != null
                && exchange.getException().getCause() instanceof Error error
                && sendsHere(route)) {
            exchange.setProperty(Exchange.EXCEPTION_CAUGHT, error);
            keep(exchange);
        }
    }

    private boolean sendsHere(Route route) {
        ErrorHandlerFactory own = route.getErrorHandlerFactory();
        return (own == null ? context.getCamelContextExtension().getErrorHandlerFactory() : own)
                        instanceof DeadLetterChannelDefinition channel
                && String.valueOf(channel.getDeadLetterUri()).startsWith(ADDRESS);
    }

    private void enter(Route route, Exchange exchange) {
        if (letters == null) {
            return;
        }
        Message message = exchange.getIn();
        if (message.getBody() instanceof InputStream && !(message.getBody() instanceof StreamCache)) {
            StreamCache cache = context.getStreamCachingStrategy().cache(exchange);
            if (cache != null) {
                message.setBody(cache);
            }
        }
        RouteRun.enter(exchange, route.getRouteId(), (Letter) exchange.removeProperty(REPLAY));
    }

    /**
     * Opens the store and starts replaying.
     *
     * @throws StoreFailure if it cannot be opened; then the route that names it does not start
     */
    synchronized void open() {
        if (letters != null) {
            return;
        }
        DeadLetterStore opened = store.apply(settings);
        letters = opened;
        opened.takeOverFormer();
        tellInterrupted(opened);
        DeadLetterStore.Usage found = count(opened);
        LOG.info("Dead letters: {} kept, {} percent of the room used", found.letters(), found.percent());
        worker = context.getExecutorServiceManager().newSingleThreadScheduledExecutor(this, "dromedar-dead-letters");
        worker.scheduleWithFixedDelay(() -> guarded(this::replayAsked), 1000, 500, TimeUnit.MILLISECONDS);
        worker.scheduleWithFixedDelay(() -> guarded(this::look), LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
        worker.scheduleWithFixedDelay(() -> guarded(this::keepHouse), 5, HOUSEKEEPING_SECONDS, TimeUnit.SECONDS);
        worker.schedule(() -> guarded(opened::verify), 2, TimeUnit.SECONDS);
    }

    private static void tellInterrupted(DeadLetterStore store) {
        for (Letter letter : store.findInterrupted()) {
            LOG.warn(
                    "Dead letter {} of route {}: its replay was interrupted and may have done its work. It is not replayed"
                            + " again by itself: look at it, then replay or discard it.",
                    letter.id(),
                    letter.route());
        }
    }

    private DeadLetterStore needed() {
        DeadLetterStore store = letters;
        if (store == null) {
            throw new StoreFailure("No route of this worker uses dead letters. Send what fails to " + ADDRESS
                    + " (deadLetterChannel), or set dromedar.dead-letters.every-route = true.");
        }
        return store;
    }

    /**
     * From now on the run of a node that died is kept, not done again, for routes that are not to be repeated.
     *
     * @param repeats whether a route is
     */
    public void keepInterruptedRuns(Predicate<String> repeats) {
        this.repeats = repeats;
    }

    /** The run of a node that died begins again here, or becomes a letter. */
    private void tellInterruptedRun(Route route, Exchange exchange) {
        Predicate<String> isRepeated = repeats;
        if (isRepeated == null
                || !(exchange.getIn().getHeader("trigger") instanceof Trigger trigger)
                || !trigger.getKey().getGroup().equals(Scheduler.DEFAULT_RECOVERY_GROUP)
                || !route.getEndpoint().equals(exchange.getFromEndpoint())) {
            return;
        }
        String due = trigger.getJobDataMap()
                .getString(Scheduler.FAILED_JOB_ORIGINAL_TRIGGER_SCHEDULED_FIRETIME_IN_MILLISECONDS);
        String words = "its run of " + (due == null ? "before" : Instant.ofEpochMilli(Long.parseLong(due)))
                + " was interrupted when node " + trigger.getKey().getName().replaceAll("^recover_|_\\d+$", "")
                + " died, and may have done its work, wholly or in part";
        if (isRepeated.test(route.getRouteId())) {
            LOG.warn("Route {}: {}. It begins again here.", route.getRouteId(), words);
        } else {
            keepInterrupted(route, exchange, words);
        }
    }

    private void keepInterrupted(Route route, Exchange exchange, String words) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        exchange.setRouteStop(true);
        try {
            open();
            needed().add(
                            new Letter(
                                    newId(now), route.getRouteId(), null, now, now, 1, Letter.State.INTERRUPTED, words),
                            KeptMessage.of(
                                    exchange.getIn().getBody(), exchange.getIn().getHeaders(), exchange));
            LOG.warn(
                    "Route {}: {}. It is not to be repeated by itself, and is a dead letter now.",
                    route.getRouteId(),
                    words);
        } catch (StoreFailure e) {
            fault = e.getMessage();
            exchange.setException(e);
        }
    }

    /** Keeps the failed run that this exchange is in. Called by the route's error handler. */
    void keep(Exchange exchange) {
        try {
            keepOrTell(exchange);
        } catch (Error e) {
            RouteRun run = RouteRun.of(exchange);
            var lost = new StoreFailure(
                    "the dead letter could not be made: " + e.getClass().getSimpleName());
            fault = lost.getMessage();
            LOG.error("Route {} failed, and {}", run == null ? exchange.getFromRouteId() : run.route(), fault);
            if (run == null) {
                throw lost;
            }
            run.notKept(lost);
        }
    }

    private void keepOrTell(Exchange exchange) {
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
            DeadLetterStore store = needed();
            KeptMessage input = run == null
                    ? KeptMessage.of(
                            exchange.getIn().getBody(), exchange.getIn().getHeaders(), exchange)
                    : run.input(exchange);
            input = input.withAnswer(answer.apply(exchange));
            if (again != null) {
                store.failed(letter, input);
            } else {
                store.add(letter, input);
                DeadLetterStore.Usage counted = usage;
                usage = counted == null ? null : counted.withOneMore();
            }
            fault = null;
            LOG.error(
                    "Dead letter {}: route {} failed after {} attempt(s): {}",
                    letter.id(),
                    letter.route(),
                    letter.attempts(),
                    words);
        } catch (StoreFailure e) {
            fault = e.getMessage();
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
    static String newId(Instant time) {
        long millis = LAST_ID.updateAndGet(last -> Math.max(last + 1, time.toEpochMilli()));
        var id = new StringBuilder(ID.format(Instant.ofEpochMilli(millis)));
        for (int i = 0; i < 6; i++) {
            id.append("abcdefghjkmnpqrstuvwxyz23456789".charAt(RANDOM.nextInt(31)));
        }
        return id.toString();
    }

    private void guarded(Runnable work) {
        try {
            if (context.isStarted()) {
                work.run();
            }
        } catch (RuntimeException | Error e) {
            if (e instanceof StoreFailure failure && failure.isDamage()) {
                reportDamage(failure);
            } else if (fault == null) {
                LOG.warn("Dead letters: {}", e.getMessage(), e instanceof StoreFailure ? null : e);
            }
            fault = String.valueOf(e.getMessage());
        }
    }

    /** Once, and until the worker is restarted: letters may be lost that no look at the rest finds. */
    private void reportDamage(StoreFailure failure) {
        if (damage == null) {
            LOG.error("Dead letters: {}", failure.getMessage());
        }
        damage = failure.getMessage();
    }

    private void replayAsked() {
        DeadLetterStore store = needed();
        while (context.isStarted()) {
            Letter letter = store.claim();
            if (letter == null) {
                return;
            }
            replay(store, letter);
        }
    }

    /** Sends a letter into its route, from the beginning. On the one thread of this node; the claim keeps other nodes away. */
    private void replay(DeadLetterStore store, Letter letter) {
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
            notReplayed(store, letter, input, String.valueOf(e.getMessage()));
            return;
        }
        try {
            route.getProcessor().process(exchange);
        } catch (Exception e) {
            exchange.setException(e);
        }
        if (exchange.getException() != null) {
            refused(store, letter, input, exchange.getException());
            return;
        }
        untilItWorks(() -> {
            if (store.done(letter)) {
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

    private void notReplayed(DeadLetterStore store, Letter letter, @Nullable KeptMessage input, String why) {
        untilItWorks(() -> {
            if (input == null) {
                store.release(letter);
            } else {
                store.failed(letter.notReplayed(why), input);
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
                fault = e.getMessage();
                if (!pause()) {
                    throw e;
                }
            }
        }
    }

    /** Waits a second; false if the worker stops. */
    private boolean pause() {
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
        synchronized (this) {
            return worker != null && !Thread.currentThread().isInterrupted();
        }
    }

    /** For a route that no longer keeps its failures, or could not start: the letter must not go with the failure. */
    private void refused(DeadLetterStore store, Letter letter, KeptMessage input, Exception failure) {
        untilItWorks(() -> {
            Letter now = store.find(letter.id());
            if (now != null && now.state() != Letter.State.KEPT) {
                store.failed(letter.failedAgain(letter.api(), clock.instant(), 1, KeptMessage.words(failure)), input);
            }
        });
        LOG.warn(
                "Dead letter {} of route {}: replay failed: {}",
                letter.id(),
                letter.route(),
                KeptMessage.words(failure));
    }

    /** Whether a letter could be kept, and how much room there is. */
    private void look() {
        DeadLetterStore store = needed();
        store.probe();
        DeadLetterStore.Usage now = count(store);
        if (fault != null && now.percent() < WARN_AT_PERCENT) {
            LOG.info("Dead letters can be kept again");
            fault = null;
        }
    }

    private DeadLetterStore.Usage count(DeadLetterStore store) {
        DeadLetterStore.Usage now = store.usage();
        usage = now;
        warnBeforeFull(now);
        return now;
    }

    void keepHouse() {
        DeadLetterStore store = needed();
        store.takeOverFormer();
        tellInterrupted(store);
        Instant now = steady.now();
        if (steady.jumped() != null) {
            LOG.warn(
                    "The clock of this machine jumped by {}: no dead letter is removed for its age within the next hour",
                    steady.jumped());
        }
        int removed = now == null ? 0 : store.removeBefore(now.minus(settings.keep()));
        if (removed > 0) {
            LOG.warn("{} dead letter(s) removed: older than dromedar.dead-letters.keep = {}", removed, settings.keep());
        }
        store.tidy();
    }

    private void warnBeforeFull(DeadLetterStore.Usage now) {
        boolean nearlyFull = now.percent() >= WARN_AT_PERCENT;
        if (nearlyFull && !warned) {
            LOG.warn(
                    "Dead letters use {} percent of {} MB. When they are full, failed exchanges are not kept: replay or"
                            + " discard letters, or raise dromedar.dead-letters.megabytes.",
                    now.percent(),
                    now.mostBytes() / 1_000_000);
        }
        warned = nearlyFull;
    }

    /** Whether it works, and how full it is; as of some seconds ago. Asks nobody. */
    public Status status() {
        DeadLetterStore.Usage known = usage;
        String wrong = damage == null ? fault : damage;
        return known == null
                ? new Status(false, 0, 0, settings.mostBytes(), wrong)
                : new Status(true, known.letters(), known.bytes(), known.mostBytes(), wrong);
    }

    /** The oldest letters, oldest first; none if no route uses dead letters. */
    public List<Letter> list(int most) {
        DeadLetterStore store = letters;
        return store == null ? List.of() : store.list(null, "", most);
    }

    /** The oldest letters after one, oldest first; none if no route uses dead letters. */
    List<Letter> list(String after, int most) {
        DeadLetterStore store = letters;
        return store == null ? List.of() : store.list(null, after, most);
    }

    public @Nullable Letter find(String id) {
        return needed().find(id);
    }

    /** What came into the route. May hold personal data: show it to those who may see it. */
    public KeptMessage input(Letter letter) {
        return needed().message(letter);
    }

    /** One letter in full but for its body, a line each; empty if it is gone. */
    public List<String> details(String id) {
        Letter letter = find(id);
        return letter == null ? List.of() : LetterText.details(letter, input(letter));
    }

    /**
     * Asks for a replay; a worker starts it within a second or two. False if the letter is gone, asked for or running.
     *
     * @param who asks, for the log
     */
    public boolean replay(String id, String who) {
        boolean asked = needed().ask(id);
        LOG.info(
                "Dead letter {}: replay requested by {}{}",
                id,
                who,
                asked ? "" : ", but there is no such letter to replay");
        return asked;
    }

    /**
     * Removes a letter for good. False if it is gone, or running.
     *
     * @param who asks, for the log
     */
    public boolean discard(String id, String who) {
        boolean discarded = needed().discard(id);
        LOG.info("Dead letter {}: {} by {}", id, discarded ? "discarded" : "not there to be discarded", who);
        if (discarded) {
            count(needed());
        }
        return discarded;
    }

    @Override
    protected void doStart() {
        whenStarted.accept(this);
    }

    @Override
    protected void doStop() {
        ScheduledExecutorService stopping;
        synchronized (this) {
            stopping = worker;
            worker = null;
        }
        if (stopping != null) {
            // Without the lock: a replay that ends now needs it
            context.getExecutorServiceManager().shutdownGraceful(stopping);
        }
        DeadLetterStore closing = letters;
        letters = null;
        usage = null;
        if (closing != null) {
            closing.close();
        }
    }
}
