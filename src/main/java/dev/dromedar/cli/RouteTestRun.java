package dev.dromedar.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import dev.dromedar.camel.Apis;
import dev.dromedar.camel.CamelCli;
import dev.dromedar.camel.GuardedSimple;
import dev.dromedar.camel.WorkerMain;
import dev.dromedar.cluster.OpenStore;
import dev.dromedar.letters.DeadLetters;
import dev.dromedar.letters.Feeds;
import dev.dromedar.letters.Letter;
import dev.dromedar.oauth.ForeignText;
import dev.dromedar.oauth.Time;
import dev.dromedar.ops.FailureLog;
import dev.dromedar.routes.RouteIds;
import dev.dromedar.routes.StartFaults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Message;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.ModelLifecycleStrategySupport;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.NodeIdFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Runs one test of routes: a worker of its own with all route files of the site, none of which fires by itself. */
final class RouteTestRun {
    /** For one firing, and then for what it has set going. */
    private static final long LIMIT_SECONDS = 30;

    private static final int MOST_LETTERS = 100;

    /** Exchange property: the time that the test gives, which the exchange's copies have too. */
    private static final String TIME = "DromedarTestTime";

    private static final String FIRE = "direct:dromedar-test-";

    private final Folder folder;
    private final ReplacedApis apis;
    private final TestClock clock;

    RouteTestRun(Folder folder, ReplacedApis apis, TestClock clock) {
        this.folder = folder;
        this.apis = apis;
        this.clock = clock;
    }

    /**
     * What was there after a test.
     *
     * @param fault why it could not be run, or null
     * @param failure why the exchange failed, or null
     */
    record Outcome(
            @Nullable String fault,
            @Nullable String failure,
            @Nullable String body,
            Map<String, String> headers,
            List<StandIns.Sent> sent,
            List<Letter> letters,
            Map<String, String> feeds,
            List<String> log) {
        static Outcome broken(String fault, List<String> log) {
            return new Outcome(fault, null, null, Map.of(), List.of(), List.of(), Map.of(), log);
        }
    }

    Outcome run(RouteTest test) {
        clock.set(test.given().time());
        apis.begin(test.given());
        var log = new Log();
        Path data = null;
        WorkerMain main = null;
        var standIns = new StandIns(apis);
        try {
            data = Files.createTempDirectory("dromedar-test");
            log.begin();
            main = main(test, data, standIns);
            main.start();
            log.forget();
            String fault = feeds(main.getCamelContext(), test.given().feeds());
            Outcome outcome =
                    fault == null ? send(main.getCamelContext(), test, standIns) : Outcome.broken(fault, List.of());
            return new Outcome(
                    outcome.fault(),
                    outcome.failure(),
                    outcome.body(),
                    outcome.headers(),
                    outcome.sent(),
                    outcome.letters(),
                    outcome.feeds(),
                    log.lines());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Outcome.broken("The test was interrupted.", log.lines());
        } catch (Exception e) {
            CamelContext context = main == null ? null : main.getCamelContext();
            return Outcome.broken(StartFaults.explain(e, context, folder.routePatterns()), log.lines());
        } finally {
            if (main != null) {
                main.stop();
            }
            log.end();
            apis.end();
            delete(data);
        }
    }

    private WorkerMain main(RouteTest test, Path data, StandIns standIns) {
        WorkerMain main = Worker.configured(folder);
        Properties properties = new Properties();
        properties.putAll(apis.properties());
        properties.setProperty(
                "dromedar.dead-letters.folder", data.resolve("dead-letters").toString());
        properties.setProperty("dromedar.feed.folder", data.resolve("feeds").toString());
        main.setDefaultPropertyPlaceholderLocation(
                "classpath:no-settings-but-those-of-the-test.properties;optional=true");
        main.setOverrideProperties(properties);
        main.configure().setAutoConfigurationEnvironmentVariablesEnabled(false);
        main.configure().setJmxEnabled(false);
        main.configure().setStartupSummaryLevel(org.apache.camel.StartupSummaryLevel.Off);
        main.configure().setShutdownTimeout(5);
        main.configure().addConfiguration(new CamelConfiguration() {
            @Override
            public void configure(CamelContext context) {
                CamelCli.off(context);
                context.getCamelContextExtension().registerEndpointCallback(standIns);
                StandIns.withoutRemoteResources(context);
                Apis.install(context, new Time(clock, System::nanoTime));
                if (test.given().time() != null) {
                    GuardedSimple.rewrite(context, RouteTestRun::atGivenTime);
                }
            }
        });
        main.addMainListener(new MainListenerSupport() {
            @Override
            public void beforeConfigure(BaseMainSupport base) {
                FailureLog.install(base.getCamelContext());
                RouteIds.install(base.getCamelContext());
                ((ModelCamelContext) base.getCamelContext())
                        .addModelLifecycleStrategy(new Untriggered(base.getCamelContext()));
            }
        });
        return main;
    }

    private static String atGivenTime(String expression) {
        return expression.replaceAll(
                "\\$(simple)?\\{\\s*(date(-with-timezone)?:)now\\b", "\\${$2exchangeProperty." + TIME);
    }

    /** Each route begins where the test sends to it, unless another route can. */
    private static final class Untriggered extends ModelLifecycleStrategySupport {
        private final CamelContext context;

        private Untriggered(CamelContext context) {
            this.context = context;
        }

        @Override
        public void onAddRouteDefinition(RouteDefinition route) {
            String id = route.idOrCreate(context.getCamelContextExtension().getContextPlugin(NodeIdFactory.class));
            if (!Boolean.TRUE.equals(route.isTemplate())
                    && route.getInput() != null
                    && !route.getInput().getEndpointUri().matches("(direct|seda|kamelet|ref):.*")) {
                route.getInput().setUri(FIRE + id);
            }
            route.setAutoStartup("true");
        }
    }

    /** Puts feeds where the test says; the routes that name them have opened the store. Returns a fault, or null. */
    private static @Nullable String feeds(CamelContext context, Map<String, Object> given) throws IOException {
        Feeds feeds = context.hasService(Feeds.class);
        List<String> known = feeds == null
                ? List.of()
                : feeds.all().stream().map(Feeds.Status::name).toList();
        for (String feed : given.keySet()) {
            if (!known.contains(feed)) {
                return "feeds: no route names the feed '" + feed + "'." + Misuse.didYouMean(feed, known);
            }
        }
        if (!given.isEmpty()) {
            try (OpenStore store = OpenStore.with(Apis.storeSettings(context))) {
                store.feeds(positions -> {
                    given.forEach((feed, position) -> {
                        if (position instanceof Long number) {
                            positions.set(feed, number);
                        } else {
                            positions.set(feed, position.toString());
                        }
                    });
                    return null;
                });
            }
        }
        return null;
    }

    private Outcome send(CamelContext context, RouteTest test, StandIns standIns) throws InterruptedException {
        RouteTest.When when = test.when();
        String to = when.to();
        if (when.fire() != null) {
            RouteDefinition route = ((ModelCamelContext) context).getRouteDefinition(when.fire());
            if (route == null) {
                List<String> ids = ((ModelCamelContext) context)
                        .getRouteDefinitions().stream()
                                .map(RouteDefinition::getRouteId)
                                .toList();
                return Outcome.broken(
                        "There is no route '" + when.fire() + "'." + Misuse.didYouMean(when.fire(), ids)
                                + " There are: " + String.join(", ", ids) + ".",
                        List.of());
            }
            to = route.getInput().getEndpointUri();
        }
        String address = to == null ? "" : to;
        try (ProducerTemplate template = context.createProducerTemplate()) {
            CompletableFuture<Exchange> sent =
                    CompletableFuture.supplyAsync(() -> template.send(address, ExchangePattern.InOnly, exchange -> {
                        Message message = exchange.getMessage();
                        message.setBody(when.body());
                        when.headers().forEach(message::setHeader);
                        if (test.given().time() != null) {
                            exchange.setProperty(
                                    TIME, java.util.Date.from(test.given().time()));
                        }
                    }));
            Exchange exchange = sent.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            settle(context);
            return outcome(context, exchange, standIns);
        } catch (TimeoutException e) {
            return Outcome.broken("The route did not end within " + LIMIT_SECONDS + " s.", List.of());
        } catch (ExecutionException e) {
            return Outcome.broken(String.valueOf(e.getMessage()), List.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for what the exchange has set going by {@code seda:} or {@code wireTap}. */
    private static void settle(CamelContext context) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (context.getInflightRepository().size() > 0 && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    private static Outcome outcome(CamelContext context, Exchange exchange, StandIns standIns) {
        Exception thrown = exchange.getException();
        String known = Apis.failure(exchange);
        DeadLetters letters = context.hasService(DeadLetters.class);
        List<Letter> kept = letters == null ? List.of() : letters.list(MOST_LETTERS);
        Exception caught = thrown == null && !kept.isEmpty()
                ? exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class)
                : thrown; // one that became a dead letter is handled
        String failure = caught == null ? null : known != null ? known : String.valueOf(caught.getMessage());
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        exchange.getMessage().getHeaders().forEach((name, value) -> headers.put(name, String.valueOf(value)));
        Feeds feeds = context.hasService(Feeds.class);
        Map<String, String> positions = new LinkedHashMap<>();
        if (feeds != null) {
            feeds.all().forEach(feed -> {
                String text =
                        feed.position() == null ? feed.text() : feed.position().toString();
                if (text != null) {
                    positions.put(feed.name(), text);
                }
            });
        }
        return new Outcome(
                null,
                failure,
                exchange.getMessage().getBody(String.class),
                headers,
                standIns.sent(),
                kept,
                positions,
                List.of());
    }

    private static void delete(@Nullable Path data) {
        if (data == null) {
            return;
        }
        try (var files = Files.walk(data)) {
            for (Iterator<Path> each = files.sorted(Comparator.reverseOrder()).iterator(); each.hasNext(); ) {
                Files.deleteIfExists(each.next());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Keeps the lines of a run's log in the place of printing them. */
    private static final class Log extends AppenderBase<ILoggingEvent> {
        private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        private final List<Appender<ILoggingEvent>> others = new ArrayList<>();
        private final List<String> lines = new ArrayList<>();
        private @Nullable Level level;

        void begin() {
            root.iteratorForAppenders().forEachRemaining(others::add);
            others.forEach(root::detachAppender);
            level = root.getLevel();
            root.setLevel(Level.INFO);
            setContext(root.getLoggerContext());
            start();
            root.addAppender(this);
        }

        void end() {
            root.detachAppender(this);
            stop();
            others.forEach(root::addAppender);
            root.setLevel(level);
        }

        @Override
        protected synchronized void append(ILoggingEvent event) {
            lines.add(event.getLevel() + " " + ForeignText.line(event.getFormattedMessage()));
        }

        /** What was logged until the worker had started. */
        synchronized void forget() {
            lines.clear();
        }

        synchronized List<String> lines() {
            return List.copyOf(lines);
        }
    }
}
