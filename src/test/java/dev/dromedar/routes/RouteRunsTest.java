package dev.dromedar.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RouteRunsTest {

    @Test
    void theLastTwentyRunsAreKeptTheNewestFirst() throws Exception {
        try (var context = new DefaultCamelContext()) {
            var runs = new RouteRuns(context);
            ProducerTemplate template = started(context, runs);
            assertThat(runs.values()).singleElement().satisfies(route -> assertThat(route)
                    .containsEntry("id", "work")
                    .containsEntry("total", 0L)
                    .containsEntry("runs", List.of()));

            for (int i = 0; i < 21; i++) {
                template.request("direct:work", fails(i == 0 || i == 20));
            }

            Map<String, @Nullable Object> route = runs.values().get(0);
            assertThat(route).containsEntry("total", 21L).containsEntry("totalFailed", 2L);
            assertThat(kept(route)).hasSize(20);
            assertThat(kept(route).get(0))
                    .containsEntry("failed", true)
                    .containsEntry("error", "IllegalStateException");
            assertThat(kept(route).subList(1, 20))
                    .allSatisfy(run ->
                            assertThat(run).containsEntry("failed", false).containsEntry("error", null));
        }
    }

    @Test
    void runsOfManyThreadsAreAllCounted() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try (var context = new DefaultCamelContext()) {
            var runs = new RouteRuns(context);
            ProducerTemplate template = started(context, runs);
            Callable<Exchange> each = () -> {
                for (int i = 0; i < 99; i++) {
                    template.request("direct:work", fails(false));
                }
                return template.request("direct:work", fails(true));
            };

            for (Future<Exchange> one : threads.invokeAll(List.of(each, each, each, each, each, each, each, each))) {
                one.get();
            }

            assertThat(runs.values().get(0)).containsEntry("total", 800L).containsEntry("totalFailed", 8L);
            assertThat(kept(runs.values().get(0))).hasSize(20);
        } finally {
            threads.shutdownNow();
        }
    }

    private static ProducerTemplate started(DefaultCamelContext context, RouteRuns runs) throws Exception {
        context.addRoutePolicyFactory(runs);
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:work").routeId("work").process(exchange -> {
                    if (exchange.getMessage().getBody(boolean.class)) {
                        throw new IllegalStateException("not shown");
                    }
                });
            }
        });
        context.start();
        return context.createProducerTemplate();
    }

    private static Processor fails(boolean fails) {
        return exchange -> exchange.getMessage().setBody(fails);
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> kept(Map<String, @Nullable Object> route) {
        return Objects.requireNonNull((List<Map<String, Object>>) route.get("runs"));
    }
}
