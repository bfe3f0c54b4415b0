package dev.dromedar.ops;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.dromedar.camel.CamelCli;
import dev.dromedar.letters.StoreFailure;
import dev.dromedar.sandbox.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.support.RoutePolicySupport;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

@Tag("long")
class FailureLogTest {
    private final Logger log = (Logger) LoggerFactory.getLogger("dromedar.failures");
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    @BeforeEach
    void listen() {
        lines.start();
        log.addAppender(lines);
        log.setLevel(Level.INFO);
    }

    @AfterEach
    void leave() {
        log.detachAppender(lines);
        log.setLevel(null);
    }

    @Test
    void tellsAnApisRefusalInOneLineWithItsPlaceAndWithoutTheQuery() throws Exception {
        fail(new HttpOperationFailedException("http://x/?person=12057900499", 503, "no", null, Map.of(), null));

        assertThat(lines.list).hasSize(1);
        assertThat(lines.list.get(0).getFormattedMessage()).isEqualTo("Failed at call.yaml:7, call/step: HTTP 503");
        assertThat(lines.list.get(0).getThrowableProxy()).isNull();
    }

    @Test
    void tellsAConnectionThatIsCutOffInOneLine() throws Exception {
        fail(new NoHttpResponseException("localhost:1 failed to respond"));

        assertThat(lines.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly(
                        "Failed at call.yaml:7, call/step: it closed the connection before its answer was whole"
                                + " (localhost:1 failed to respond). A restart there does so, or a limit of a proxy between; its"
                                + " owner's log says more.");
    }

    @Test
    void logsInTheSameWayForARouteWithAnErrorHandlerOfItsOwn() throws Exception {
        fail(
                new HttpOperationFailedException("http://x/?person=12057900499", 503, "no", null, Map.of(), null),
                "errorHandler: {defaultErrorHandler: {}}");

        assertThat(lines.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly("Failed at call.yaml:7, call/step: HTTP 503");
    }

    @Test
    void namesTheAddressOfACallWithoutCredentialsAndTheApiThatItIsFor() throws Exception {
        try (Sandbox sandbox = Sandbox.start();
                Worker worker = new Worker(Worker.apis(sandbox, "orders"), Map.of(), main -> main.configure()
                        .addRoutesBuilder(new RouteBuilder() {
                            @Override
                            public void configure() {
                                FailureLog.install(getContext());
                            }
                        }))) {
            String base = sandbox.api("orders").baseAddress() + "";
            worker.context().addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:bare").to(base + "/records?person=12057900499").id("bare");
                    from("direct:away")
                            .to("http://localhost:1/x?person=12057900499")
                            .id("away");
                }
            });
            for (String route : List.of("direct:bare", "direct:away")) {
                worker.context().createProducerTemplate().send(route, exchange -> {});
            }

            assertThat(lines.list).hasSize(2);
            assertThat(lines.list.get(0).getFormattedMessage())
                    .endsWith("/bare: " + base + "/records: HTTP 401. The call to the API 'orders' had no credentials."
                            + " Put process: {ref: orders} right before it; it holds for one call.");
            assertThat(lines.list.get(1).getFormattedMessage())
                    .contains("/away: http://localhost:1/x: ", "nothing answers there")
                    .doesNotContain("12057900499");
        }
    }

    @Test
    void tellsWhatNobodyExpectedWithItsStackTrace() throws Exception {
        fail(new IllegalStateException("a bug"));

        assertThat(lines.list).hasSize(1);
        assertThat(lines.list.get(0).getFormattedMessage()).contains("a bug", "call/step");
        assertThat(lines.list.get(0).getThrowableProxy()).isNotNull();
    }

    @Test
    void aStoreSaysItselfWhatIsWrong() throws Exception {
        fail(new StoreFailure("Feed x: the position stays."));

        assertThat(lines.list).hasSize(1);
        assertThat(lines.list.get(0).getFormattedMessage()).contains("Feed x: the position stays.");
        assertThat(lines.list.get(0).getThrowableProxy()).isNull();
    }

    @Test
    void saysPlaceApiAddressStatusAndAdviceHoweverLongTheNamesAre() throws Exception {
        String route = "route-".repeat(20) + "end";
        String file = "a folder with spaces/" + "file-".repeat(20) + ".yaml";
        try (var context = new DefaultCamelContext()) {
            CamelCli.off(context);
            context.setSourceLocationEnabled(true);
            FailureLog.install(context);
            context.getRegistry().bind("broken", (org.apache.camel.Processor) exchange -> {
                exchange.setProperty(
                        "DromedarFailure", "orders: GET https://x/records: HTTP 503. The API itself failed.");
                throw new HttpOperationFailedException("https://x/records?person=1", 503, "no", null, Map.of(), null);
            });
            PluginHelper.getRoutesLoader(context)
                    .loadRoutes(ResourceHelper.fromString(file, """
                    - route:
                        id: %s
                        from:
                          uri: direct:call
                          steps:
                            - setBody: {constant: x}
                            - process: {id: %s, ref: broken}
                    """.formatted(route, "step-" + route)));
            context.start();
            context.createProducerTemplate().send("direct:call", exchange -> {});
        }

        assertThat(lines.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly("Failed at " + file + ":7, " + route + "/step-" + route
                        + ": orders: GET https://x/records: HTTP 503. The API itself failed.");
    }

    /** Camel's consumers would each log a failure once more, with a stack trace and the query. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "timer:in?repeatCount=1&delay=0",
                "timer:in?repeatCount=1&delay=-1",
                "scheduler:in?repeatCount=1&initialDelay=0",
                "seda:in",
                "file:FOLDER?repeatCount=1&initialDelay=0",
                "quartz:in?trigger.repeatCount=0&trigger.repeatInterval=1"
            })
    void logsAFailureOnceWhateverTheRouteBeginsWith(String from, @TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("a"), "text");
        var root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
        Level before = root.getLevel();
        root.setLevel(Level.WARN);
        root.addAppender(lines);
        log.setAdditive(false);
        var done = new CountDownLatch(1);
        try (var context = new DefaultCamelContext()) {
            CamelCli.off(context);
            FailureLog.install(context);
            context.addRoutePolicyFactory((camel, id, route) -> new RoutePolicySupport() {
                @Override
                public void onExchangeDone(Route route, Exchange exchange) {
                    done.countDown();
                }
            });
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from(from.replace("FOLDER", folder.toString()))
                            .routeId("in")
                            .process(exchange -> {
                                throw new HttpOperationFailedException(
                                        "http://x/?person=12057900499", 503, "no", null, Map.of(), null);
                            });
                }
            });
            context.start();
            if (from.startsWith("seda")) {
                context.createProducerTemplate().sendBody(from, "text");
            }
            assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            root.detachAppender(lines);
            root.setLevel(before);
            log.setAdditive(true);
        }

        assertThat(lines.list)
                .filteredOn(
                        event -> !event.getLoggerName().endsWith("CamelJob") // these are off in dromedar-logback.xml
                                && !event.getLoggerName().endsWith("GenericFileOnCompletion")
                                && !event.getLoggerName().startsWith("org.quartz")
                                && !event.getFormattedMessage().startsWith("Shutting down while"))
                .extracting(ILoggingEvent::getFormattedMessage)
                .singleElement()
                .asString()
                .endsWith("HTTP 503");
    }

    private static void fail(Exception failure) throws Exception {
        fail(failure, "description: fails");
    }

    private static void fail(Exception failure, String attribute) throws Exception {
        try (var context = new DefaultCamelContext()) {
            CamelCli.off(context);
            context.setSourceLocationEnabled(true);
            FailureLog.install(context);
            context.getRegistry().bind("broken", (org.apache.camel.Processor) exchange -> {
                throw failure;
            });
            PluginHelper.getRoutesLoader(context)
                    .loadRoutes(ResourceHelper.fromString("call.yaml", """
                    - route:
                        id: call
                        ATTRIBUTE
                        from:
                          uri: direct:call
                          steps:
                            - process: {id: step, ref: broken}
                    """.replace("ATTRIBUTE", attribute)));
            context.start();
            context.createProducerTemplate().send("direct:call", exchange -> {});
        }
    }
}
