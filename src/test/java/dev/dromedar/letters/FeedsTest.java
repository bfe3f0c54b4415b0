package dev.dromedar.letters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dromedar.camel.CamelCli;
import dev.dromedar.cluster.Store;
import dev.dromedar.cluster.StoreSettings;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.ResolveEndpointFailedException;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FeedsTest {
    private final Path temp;

    FeedsTest(@TempDir Path temp) {
        this.temp = temp;
    }

    @Test
    void advancesOnlyWhenThePageIsDoneAndTellsGapsAndLag() throws Exception {
        var broken = new AtomicBoolean(true);
        try (var context = new DefaultCamelContext()) {
            CamelCli.off(context);
            Store.install(context, settings(), exchange -> null, exchange -> null);
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:page")
                            .to("dromedar:feed/events?start=100")
                            .setBody(header(Feeds.FROM))
                            .process(exchange -> {
                                if (broken.get()) {
                                    throw new IllegalStateException("broken");
                                }
                                long from = exchange.getIn().getBody(Long.class);
                                exchange.getIn().setHeader(Feeds.COUNT, 8);
                                exchange.getIn().setHeader(Feeds.LAST, from + 9);
                                exchange.getIn().setHeader(Feeds.NEWEST, String.valueOf(from + 29));
                            })
                            .to("dromedar:feed/events?advance=true&start=100");
                }
            });
            context.start();
            var template = context.createProducerTemplate();
            Feeds feeds = context.getRegistry().lookupByNameAndType("dromedar-feeds", Feeds.class);

            assertThatThrownBy(() -> template.sendBody("direct:page", "")).hasRootCauseMessage("broken");
            assertThat(feeds.all()).containsExactly(new Feeds.Status("events", null, null, 0, 0));
            assertThat(positions()).isEmpty();
            broken.set(false);
            assertThat(template.requestBody("direct:page", "", Long.class)).isEqualTo(100);

            assertThat(feeds.all()).containsExactly(new Feeds.Status("events", 109L, 20L, 1, 2));
            assertThat(positions()).isEqualTo(Map.of("events", 109L));
            rewind(50);
            assertThat(template.requestBody("direct:page", "", Long.class)).isEqualTo(51);
        }
    }

    @Test
    void aRewindWinsOverThePageThatIsWorkedOn() {
        try (var database = LocalDatabase.forWorkers(new StoreFolder(temp, StoreFolder.Use.FEEDS))) {
            var positions = new FeedPositions(database);
            FeedPositions.Position found = positions.advance("events", null, 10);
            assertThat(found).isNotNull();

            positions.set("events", 3);

            assertThat(positions.advance("events", found, 20)).isNull();
            assertThat(positions.all()).isEqualTo(Map.of("events", 3L));
        }
    }

    @Test
    void aPageThatIsAdvancedLateMovesNothingThoughThePositionIsWhereItWas() {
        try (var database = LocalDatabase.forWorkers(new StoreFolder(temp, StoreFolder.Use.FEEDS))) {
            var positions = new FeedPositions(database);
            positions.set("events", 10);
            FeedPositions.Position late = positions.position("events");
            FeedPositions.Position moved = positions.advance("events", late, 20);
            positions.set("events", 10);

            assertThat(positions.advance("events", late, 20))
                    .as("it was rewound")
                    .isNull();
            assertThat(positions.advance("events", moved, 30)).isNull();
            assertThat(positions.all()).isEqualTo(Map.of("events", 10L));
        }
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                Long.MIN_VALUE,
                Long.MIN_VALUE + 1,
                -1,
                0,
                999_999_999_999_999_999L,
                1_000_000_000_000_000_000L,
                Long.MAX_VALUE - 2,
                Long.MAX_VALUE - 1
            })
    void everyNumberThatIsStoredIsReadMovedOnFromAndRewound(long last) throws Exception {
        try (var context = feeds(Long.MIN_VALUE)) {
            var template = context.createProducerTemplate();
            assertThat(advance(template, Map.of(Feeds.LAST, last))).isEqualTo(Long.MIN_VALUE);

            assertThat(advance(template, Map.of())).isEqualTo(last + 1);
            assertThat(positions()).isEqualTo(Map.of("events", last));
            rewind(7);
            assertThat(advance(template, Map.of())).isEqualTo(8);
            rewind(last);
            assertThat(advance(template, Map.of())).isEqualTo(last + 1);
        }
    }

    static Stream<Object> notStored() {
        return Stream.of(
                Long.MAX_VALUE,
                new BigInteger("9223372036854775808"),
                new BigDecimal("1e400"),
                "1e999999999",
                "9".repeat(100_000),
                1.5,
                9.3e18,
                Double.NaN,
                "12a",
                List.of(1),
                Map.of());
    }

    @ParameterizedTest
    @MethodSource("notStored")
    void whatCannotBeAPositionFailsTheRunAndMovesNothing(Object last) throws Exception {
        try (var context = feeds(1)) {
            var template = context.createProducerTemplate();
            advance(template, Map.of(Feeds.LAST, 5));

            assertThatThrownBy(() -> advance(template, Map.of(Feeds.LAST, last)))
                    .hasRootCauseInstanceOf(StoreFailure.class)
                    .rootCause()
                    .hasMessageStartingWith("Feed events: the header DromedarFeedLast is not a whole number from ");
            assertThatThrownBy(() -> advance(template, Map.of(Feeds.LAST, 6, Feeds.COUNT, "many")))
                    .as("looked at before anything is stored")
                    .rootCause()
                    .hasMessageContaining(Feeds.COUNT);

            assertThat(advance(template, Map.of())).isEqualTo(6);
        }
    }

    /** @return where the feed went on, before the headers moved it */
    private static long advance(ProducerTemplate template, Map<String, Object> headers) {
        return template.requestBodyAndHeader("direct:page", "", "then", headers, Long.class);
    }

    private DefaultCamelContext feeds(long start) throws Exception {
        var context = new DefaultCamelContext();
        CamelCli.off(context);
        Store.install(context, settings(), exchange -> null, exchange -> null);
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:page")
                        .to("dromedar:feed/events?start=" + start)
                        .setBody(header(Feeds.FROM))
                        .process(exchange -> {
                            Map<?, ?> then = exchange.getIn().getHeader("then", Map.class);
                            then.forEach((name, value) -> exchange.getIn().setHeader((String) name, value));
                        })
                        .to("dromedar:feed/events?advance=true&start=" + start);
            }
        });
        context.start();
        return context;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "feed/../../x",
                "feed/..",
                "feed/a/b",
                "feed/",
                "feed",
                "feed/A",
                "feed/a--b",
                "feed/a-",
                "feed/a%2Fb",
                "feed/a%00b",
                "feed/a.b",
                "feed/a b",
                "feed/æ",
                "feed/a?advance=maybe",
                "feed/a?start=1.5",
                "feed/a?start=9223372036854775808",
                "feed/a?begin=1",
                "feeds/a",
                "dead-leters",
                "dead-letters/x"
            })
    void anAddressThatIsNoFeedIsRefusedByTheWorkerAndByTheLookAtRouteFiles(String address) throws Exception {
        try (var worker = new DefaultCamelContext();
                var look = new DefaultCamelContext()) {
            Store.install(worker, settings(), exchange -> null, exchange -> null);
            look.addComponent(StoreComponent.SCHEME, StoreComponent.forChecks());

            assertThatThrownBy(() -> worker.getEndpoint("dromedar:" + address))
                    .isInstanceOf(ResolveEndpointFailedException.class);
            assertThatThrownBy(() -> look.getEndpoint("dromedar:" + address))
                    .isInstanceOf(ResolveEndpointFailedException.class);
            assertThat(temp).isEmptyDirectory();
        }
    }

    @Test
    void aNameOfAnyLengthIsRefusedWithoutOverflowingTheStack() {
        assertThatThrownBy(() -> Feeds.checkName("a-".repeat(100_000)))
                .hasMessageContaining("is not a name for a feed");
    }

    private Map<String, Long> positions() {
        return Feeds.command(temp.resolve("feeds"), FeedPositions::all);
    }

    private void rewind(long position) {
        Feeds.command(temp.resolve("feeds"), positions -> {
            positions.set("events", position);
            return position;
        });
    }

    private StoreSettings settings() {
        var letters = new DeadLetterSettings(
                temp.resolve("letters"), Duration.ofDays(1), 1_000_000, null, false, 0, Duration.ZERO);
        return new StoreSettings(letters, temp.resolve("feeds"), null);
    }
}
