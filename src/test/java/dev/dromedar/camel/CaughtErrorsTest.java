package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dromedar.letters.DeadLetters;
import dev.dromedar.letters.Letter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.Route;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.RoutePolicySupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("long")
@Timeout(60)
class CaughtErrorsTest {
    private final Path temp;
    private final Worker worker = new Worker();
    private final AtomicBoolean thrown = new AtomicBoolean();
    private final CountDownLatch next = new CountDownLatch(1);

    CaughtErrorsTest(@TempDir Path temp) {
        this.temp = temp;
    }

    @AfterEach
    void close() {
        worker.close();
    }

    /** The first time an error, then nothing. */
    private Processor once(Error error) {
        return exchange -> {
            if (thrown.compareAndSet(false, true)) {
                throw error;
            }
            next.countDown();
        };
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "timer:in?period=20&delay=0",
                "timer:in?delay=-1",
                "scheduler:in?delay=20&initialDelay=0",
                "quartz:in?trigger.repeatInterval=50&trigger.repeatCount=-1",
                "seda:in",
                "seda:in?concurrentConsumers=1&multipleConsumers=true",
                "direct:in",
                "file:FOLDER?delay=20&initialDelay=0&sortBy=file:name"
            })
    void anErrorMakesALetterAndTheRouteGoesOn(String from) throws Exception {
        worker.set("dromedar.dead-letters.folder", temp.resolve("letters").toString())
                .set("dromedar.dead-letters.every-route", "true");
        Path files = Files.createDirectory(temp.resolve("files"));
        Files.writeString(files.resolve("a"), "first");
        Files.writeString(files.resolve("b"), "second");
        worker.start(new RouteBuilder() {
            @Override
            public void configure() {
                from(from.replace("FOLDER", files.toString())).routeId("in").process(once(new StackOverflowError()));
            }
        });
        if (from.startsWith("seda") || from.startsWith("direct")) {
            try (ProducerTemplate template = worker.context.createProducerTemplate()) {
                template.sendBody(from, "first");
                template.sendBody(from, "second");
            }
        }

        assertThat(next.await(120, TimeUnit.SECONDS)).isTrue();

        DeadLetters store = Objects.requireNonNull(worker.context.getRegistry().findSingleByType(DeadLetters.class));
        for (int i = 0; i < 1000 && store.list(1000).isEmpty(); i++) { // runs of Quartz may overlap
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        List<Letter> letters = store.list(1000);
        assertThat(letters).hasSize(1);
        assertThat(letters.get(0).route()).isEqualTo("in");
        assertThat(letters.get(0).cause()).isEqualTo("StackOverflowError");
    }

    @ParameterizedTest
    @MethodSource("errors")
    void everyErrorIsTheFailureOfItsExchange(Error error) throws Exception {
        worker.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:in").process(once(error));
            }
        });

        Exchange failed = worker.send("in");

        assertThat(failed.getException()).hasCause(error);
        assertThat(worker.send("in").getException()).isNull();
    }

    static Stream<Error> errors() {
        return Stream.of(
                new StackOverflowError(),
                new OutOfMemoryError("Java heap space"),
                new NoClassDefFoundError("org/example/Missing"),
                new ExceptionInInitializerError("x"),
                new AssertionError("x"));
    }

    private interface Shape extends BiConsumer<RouteBuilder, Processor> {}

    static Stream<Arguments> shapes() {
        return Stream.of(
                shape("split", (in, error) -> in.from("direct:in")
                        .split(in.constant("a,b").tokenize(","))
                        .process(error)),
                shape("split in parallel", (in, error) -> in.from("direct:in")
                        .split(in.constant("a,b").tokenize(","))
                        .parallelProcessing()
                        .stopOnException()
                        .process(error)),
                shape("multicast", (in, error) -> {
                    in.from("direct:in").multicast().stopOnException().to("direct:a", "direct:b");
                    in.from("direct:a").process(error);
                    in.from("direct:b").log("b");
                }),
                shape("multicast in parallel", (in, error) -> {
                    in.from("direct:in")
                            .multicast()
                            .parallelProcessing()
                            .stopOnException()
                            .to("direct:a", "direct:b");
                    in.from("direct:a").process(error);
                    in.from("direct:b").log("b");
                }),
                shape("direct", (in, error) -> {
                    in.from("direct:in").to("direct:a");
                    in.from("direct:a").process(error);
                }),
                shape("threads", (in, error) -> in.from("direct:in").threads(2).process(error)),
                shape("loop", (in, error) -> in.from("direct:in").loop(2).process(error)),
                shape("expression", (in, error) -> in.from("direct:in").setHeader("x", in.method(new Object() {
                    @SuppressWarnings({"unused", "EffectivelyPrivate"})
                    public String text(Exchange exchange) throws Exception {
                        error.process(exchange);
                        return "";
                    }
                }))),
                shape("predicate", (in, error) -> in.from("direct:in")
                        .filter(exchange -> {
                            process(error, exchange);
                            return true;
                        })
                        .log("in")),
                shape("aggregation", (in, error) -> in.from("direct:in")
                        .split(in.constant("a,b").tokenize(","), (gathered, part) -> {
                            process(error, part);
                            return part;
                        })
                        .log("part")),
                shape("error handling", (in, error) -> in.from("direct:in")
                        .onException(IllegalStateException.class)
                        .onWhen(exchange -> {
                            process(error, exchange);
                            return true;
                        })
                        .handled(true)
                        .end()
                        .throwException(new IllegalStateException("x"))));
    }

    private static void process(Processor error, Exchange exchange) {
        try {
            error.process(exchange);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static Arguments shape(String name, Shape shape) {
        return Arguments.of(name, shape);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("shapes")
    void anErrorEndsItsExchangeWhereverItIs(String name, BiConsumer<RouteBuilder, Processor> shape) throws Exception {
        var error = new StackOverflowError(name);
        worker.start(new RouteBuilder() {
            @Override
            public void configure() {
                shape.accept(this, once(error));
            }
        });

        Exchange failed = worker.send("in", "a");

        assertThat(failed.getException()).hasRootCause(error);
        assertThat(worker.send("in", "a").getException()).isNull();
        assertThat(worker.context.getInflightRepository().size()).isZero();
    }

    static Stream<Arguments> aggregations() {
        return Stream.of(
                shape("split", (in, error) -> in.from("direct:in")
                        .split(in.bodyAs(String.class).tokenize(","), aggregating(error))
                        .parallelProcessing()
                        .to("log:part?level=DEBUG")
                        .end()),
                shape("multicast", (in, error) -> in.from("direct:in")
                        .multicast(aggregating(error))
                        .parallelProcessing()
                        .to("log:one?level=DEBUG", "log:two?level=DEBUG")
                        .end()),
                shape("multicast that shares its unit of work, with a time limit", (in, error) -> in.from("direct:in")
                        .multicast(aggregating(error))
                        .parallelProcessing()
                        .shareUnitOfWork()
                        .timeout(100_000)
                        .to("log:one?level=DEBUG", "log:two?level=DEBUG")
                        .end()),
                shape("split that streams", (in, error) -> in.from("direct:in")
                        .split(in.bodyAs(String.class).tokenize(","), aggregating(error))
                        .parallelProcessing()
                        .streaming()
                        .to("log:part?level=DEBUG")
                        .end()),
                shape("recipient list", (in, error) -> in.from("direct:in")
                        .recipientList(in.constant("log:one?level=DEBUG,log:two?level=DEBUG"))
                        .parallelProcessing()
                        .aggregationStrategy(aggregating(error))
                        .end()),
                shape("at the end", (in, error) -> in.from("direct:in")
                        .multicast(new AggregationStrategy() {
                            @Override
                            public Exchange aggregate(Exchange before, Exchange next) {
                                return next;
                            }

                            @Override
                            public void onCompletion(Exchange result) {
                                process(error, result);
                            }
                        })
                        .parallelProcessing()
                        .to("log:one?level=DEBUG", "log:two?level=DEBUG")
                        .end()));
    }

    private static AggregationStrategy aggregating(Processor error) {
        return (before, next) -> {
            process(error, next);
            return next;
        };
    }

    /** Camel calls a strategy on a thread of the pool, and catches exceptions alone: the exchange had no end. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("aggregations")
    void anErrorOfAnAggregationEndsItsExchange(String name, BiConsumer<RouteBuilder, Processor> shape)
            throws Exception {
        anErrorEndsItsExchangeWhereverItIs(name, shape);
    }

    @Test
    void aStackThatTrulyOverflowsIsAFailureToo() throws Exception {
        worker.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:in").process(exchange -> {
                    if (exchange.getMessage().getBody(Integer.class) > 0) {
                        assertThat(deeper(1)).isPositive();
                    }
                });
            }
        });

        assertThat(worker.send("in", 1).getException()).hasRootCauseInstanceOf(StackOverflowError.class);
        assertThat(worker.send("in", 0).getException()).isNull();
    }

    private static int deeper(int depth) {
        return depth < 0 ? depth : 1 + deeper(depth + 1);
    }

    @Test
    void anErrorInTheErrorHandlingMakesALetterToo() throws Exception {
        worker.set("dromedar.dead-letters.folder", temp.resolve("letters").toString())
                .set("dromedar.dead-letters.every-route", "true");
        worker.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:in")
                        .routeId("in")
                        .onException(IllegalStateException.class)
                        .onWhen(exchange -> {
                            throw new StackOverflowError("too deep");
                        })
                        .handled(true)
                        .end()
                        .throwException(new IllegalStateException("x"));
            }
        });

        worker.send("in", "text");

        assertThat(Objects.requireNonNull(worker.context.getRegistry().findSingleByType(DeadLetters.class))
                        .list(100))
                .extracting(Letter::cause)
                .containsExactly("StackOverflowError: too deep");
    }

    @Test
    void onCompletionThatFailsEndsNothingElse() throws Exception {
        worker.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("seda:in")
                        .onCompletion()
                        .process(once(new NoClassDefFoundError("x")))
                        .end()
                        .log("in");
            }
        });

        try (ProducerTemplate template = worker.context.createProducerTemplate()) {
            template.sendBody("seda:in?waitForTaskToComplete=Never", "first");
            template.sendBody("seda:in?waitForTaskToComplete=Never", "second");
        }

        assertThat(next.await(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void anErrorBeforeTheStepsOfARouteEndsItsExchangeAlsoAfterARestart() throws Exception {
        worker.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:in")
                        .routeId("in")
                        .routePolicy(new RoutePolicySupport() {
                            @Override
                            public void onExchangeBegin(Route route, Exchange exchange) {
                                throw new NoClassDefFoundError("x");
                            }
                        })
                        .log("never");
            }
        });

        for (int start = 0; start < 3; start++) {
            assertThat(worker.send("in").getException()).hasCauseInstanceOf(NoClassDefFoundError.class);
            worker.context.getRouteController().stopRoute("in");
            worker.context.getRouteController().startRoute("in");
        }
    }

    @Test
    void aPollThatFailsOutsideOfItsRouteIsDoneAgain() throws Exception {
        worker.context.getRegistry().bind("filter", (org.apache.camel.component.file.GenericFileFilter<Object>)
                file -> {
                    if (thrown.compareAndSet(false, true)) {
                        throw new NoClassDefFoundError("x");
                    }
                    return true;
                });
        Files.writeString(temp.resolve("a"), "text");
        worker.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("file:" + temp + "?delay=20&initialDelay=0&filter=#filter").process(exchange -> next.countDown());
            }
        });

        assertThat(next.await(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void memoryThatIsExhaustedIsToldToTheProcessThatOwnsIt() throws Exception {
        var told = new AtomicReference<OutOfMemoryError>();
        var error = new OutOfMemoryError("Java heap space");
        try (var context = new DefaultCamelContext()) {
            CamelCli.off(context);
            CaughtErrors.install(context);
            CaughtErrors.whenMemoryIsExhausted(context, told::set);
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:thread").process(exchange -> {
                        throw new OutOfMemoryError("unable to create native thread");
                    });
                    from("direct:heap").process(exchange -> {
                        throw error;
                    });
                }
            });
            context.start();
            ProducerTemplate template = context.createProducerTemplate();
            template.send("direct:thread", exchange -> {});
            assertThat(told).hasNullValue();

            template.send("direct:heap", exchange -> {});
            assertThat(told).hasValue(error);
        }
    }
}
