package dev.dromedar.cli;

import dev.dromedar.camel.Apis;
import dev.dromedar.camel.CamelCli;
import dev.dromedar.camel.GuardedSimple;
import dev.dromedar.camel.Installation;
import dev.dromedar.camel.WorkerMain;
import dev.dromedar.cluster.OpenStore;
import dev.dromedar.letters.Feeds;
import dev.dromedar.oauth.Time;
import dev.dromedar.ops.FailureLog;
import dev.dromedar.routes.RouteIds;
import dev.dromedar.routes.StartFaults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
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
import org.apache.camel.component.seda.SedaEndpoint;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.WireTapDefinition;
import org.jspecify.annotations.Nullable;

/** Runs one test of routes: a worker of its own with all route files of the site, none of which fires by itself. */
final class RouteTestRun {
    /** For one firing, and then for what it has set going. */
    private static final long LIMIT_SECONDS = 30;

    private static final int QUIET_LOOKS = 40;

    /** Exchange property: the time that the test gives, which the exchange's copies have too. */
    private static final String TIME = "DromedarTestTime";

    private final Folder folder;
    private final ReplacedApis apis;
    private final TestClock clock;

    RouteTestRun(Folder folder, ReplacedApis apis, TestClock clock) {
        this.folder = folder;
        this.apis = apis;
        this.clock = clock;
    }

    RouteTestOutcome run(RouteTest test) {
        clock.set(test.given().time());
        apis.begin(test.given());
        var log = new KeptLog();
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
            return fault == null
                    ? send(main.getCamelContext(), test, standIns, log)
                    : RouteTestOutcome.broken(fault, log.lines());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return RouteTestOutcome.broken("The test was interrupted.", log.lines());
        } catch (Exception e) {
            CamelContext context = main == null ? null : main.getCamelContext();
            return RouteTestOutcome.broken(StartFaults.explain(e, context, folder.routePatterns()), log.lines());
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
                Installation.install(context, new Time(clock, System::nanoTime));
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

    private RouteTestOutcome send(CamelContext context, RouteTest test, StandIns standIns, KeptLog log)
            throws InterruptedException {
        RouteTest.When when = test.when();
        String to = when.to();
        if (when.fire() != null) {
            RouteDefinition route = ((ModelCamelContext) context).getRouteDefinition(when.fire());
            if (route == null) {
                List<String> ids = ((ModelCamelContext) context)
                        .getRouteDefinitions().stream()
                                .map(RouteDefinition::getRouteId)
                                .toList();
                return RouteTestOutcome.broken(
                        "There is no route '" + when.fire() + "'." + Misuse.didYouMean(when.fire(), ids)
                                + " There are: " + String.join(", ", ids) + ".",
                        log.lines());
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
            settle((ModelCamelContext) context);
            return RouteTestOutcome.of(context, exchange, standIns.sent(), log.lines());
        } catch (TimeoutException e) {
            return RouteTestOutcome.broken("The route did not end within " + LIMIT_SECONDS + " s.", log.lines());
        } catch (ExecutionException e) {
            return RouteTestOutcome.broken(String.valueOf(e.getMessage()), log.lines());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for what the exchange has set going by {@code seda:} or {@code wireTap}. */
    private static void settle(ModelCamelContext context) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        boolean taps = context.getRouteDefinitions().stream()
                .anyMatch(route -> !ProcessorDefinitionHelper.filterTypeInOutputs(
                                route.getOutputs(), WireTapDefinition.class)
                        .isEmpty());
        List<SedaEndpoint> queues = context.getEndpoints().stream()
                .filter(SedaEndpoint.class::isInstance)
                .map(SedaEndpoint.class::cast)
                .filter(queue -> !queue.getConsumers().isEmpty())
                .toList();
        // Camel counts a tap from when it has a thread, and what was in a queue from when its route has begun
        int wanted = taps || !queues.isEmpty() ? QUIET_LOOKS : 1;
        int quiet = 0;
        while (quiet < wanted && System.nanoTime() < end) {
            boolean busy = context.getInflightRepository().size() > 0
                    || queues.stream().anyMatch(queue -> queue.getCurrentQueueSize() > 0);
            quiet = busy ? 0 : quiet + 1;
            if (quiet < wanted) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
        }
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
}
