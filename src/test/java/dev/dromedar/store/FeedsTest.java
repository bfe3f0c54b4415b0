package dev.dromedar.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeedsTest {
    private final Path temp;

    FeedsTest(@TempDir Path temp) {
        this.temp = temp;
    }

    @Test
    void advancesOnlyWhenThePageIsDoneAndTellsGapsAndLag() throws Exception {
        var broken = new AtomicBoolean(true);
        try (var context = new DefaultCamelContext()) {
            Store.install(context, settings(), exchange -> null);
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
            broken.set(false);
            assertThat(template.requestBody("direct:page", "", Long.class)).isEqualTo(100);

            assertThat(feeds.all()).containsExactly(new Feeds.Status("events", 109L, 20L, 1, 2));
        }
    }

    @Test
    void aRewindWinsOverThePageThatIsWorkedOn() {
        var pointers = new FilePointers(temp.resolve("feeds"));
        assertThat(pointers.advance("events", null, 10)).isTrue();

        pointers.set("events", 3);

        assertThat(pointers.advance("events", 10L, 20)).isFalse();
        assertThat(pointers.all()).isEqualTo(Map.of("events", 3L));
    }

    @Test
    void aPointerOfANewerVersionIsNotGuessedAt() throws Exception {
        Files.writeString(temp.resolve("events.pointer"), "2 10\n");

        assertThatThrownBy(() -> new FilePointers(temp).position("events"))
                .isInstanceOf(StoreFailure.class)
                .hasMessageContaining("is no feed pointer of format 1");
    }

    private StoreSettings settings() {
        var letters = new DeadLetterSettings(
                temp.resolve("letters"), Duration.ofDays(1), 1_000_000, null, false, 0, Duration.ZERO);
        return new StoreSettings(letters, temp.resolve("feeds"), null);
    }
}
