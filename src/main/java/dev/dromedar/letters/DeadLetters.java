package dev.dromedar.letters;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;
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
    private static final long LOOK_SECONDS = 10;
    private static final long HOUSEKEEPING_SECONDS = 60;

    private final CamelContext context;
    private final DeadLetterSettings settings;
    private final Function<DeadLetterSettings, DeadLetterStore> store;
    private final Clock clock;
    private final StoreCondition condition = new StoreCondition();
    private final FailedRuns failedRuns;
    private final SteadyTime steady;
    private final Consumer<DeadLetters> whenStarted;
    private volatile @Nullable DeadLetterStore letters;
    private @Nullable ScheduledExecutorService worker;
    private volatile @Nullable Predicate<String> repeats;
    private volatile Predicate<Exchange> isOurs = run -> true;

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
        this.clock = clock;
        this.failedRuns = new FailedRuns(api, answer, clock, condition);
        this.whenStarted = whenStarted;
        this.steady = new SteadyTime(clock, System::nanoTime);
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
        DeadLetterStore.Usage found;
        try {
            opened.takeOverFormer();
            tellInterrupted(opened);
            found = condition.count(opened);
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
        letters = opened;
        LOG.info("Dead letters: {} kept, {} percent of the room used", found.letters(), found.percent());
        worker = context.getExecutorServiceManager().newSingleThreadScheduledExecutor(this, "dromedar-dead-letters");
        var replays = new Replays(context, opened, clock, condition, this::goesOn);
        worker.scheduleWithFixedDelay(() -> guarded(replays::all), 1000, 500, TimeUnit.MILLISECONDS);
        worker.scheduleWithFixedDelay(
                () -> guarded(() -> condition.look(needed())), LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
        worker.scheduleWithFixedDelay(() -> guarded(this::keepHouse), 5, HOUSEKEEPING_SECONDS, TimeUnit.SECONDS);
        worker.schedule(() -> guarded(opened::verify), 2, TimeUnit.SECONDS);
    }

    private static void tellInterrupted(DeadLetterStore store) {
        for (Letter letter : store.claims().findInterrupted()) {
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
     * @param isOurs whether no other node has taken over the run of an exchange
     */
    public void keepInterruptedRuns(Predicate<String> repeats, Predicate<Exchange> isOurs) {
        this.isOurs = isOurs;
        this.repeats = repeats;
    }

    @Nullable
    Predicate<String> repeats() {
        return repeats;
    }

    boolean isOpen() {
        return letters != null;
    }

    /** Keeps the failed run that this exchange is in. Called by the route's error handler. */
    void keep(Exchange exchange) {
        failedRuns.keep(this::needed, exchange);
    }

    void keepInterrupted(Route route, Exchange exchange, String words) {
        failedRuns.interrupted(
                () -> {
                    open();
                    return needed();
                },
                route,
                exchange,
                words,
                isOurs);
    }

    private synchronized boolean goesOn() {
        return worker != null;
    }

    private void guarded(Runnable work) {
        try {
            if (context.isStarted()) {
                work.run();
            }
        } catch (RuntimeException | Error e) {
            condition.report(e);
        }
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

    /** Whether it works, and how full it is; as of some seconds ago. Asks nobody. */
    public Status status() {
        DeadLetterStore.Usage known = condition.usage();
        String wrong = condition.fault();
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
            condition.count(needed());
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
        condition.closed();
        if (closing != null) {
            closing.close();
        }
    }
}
