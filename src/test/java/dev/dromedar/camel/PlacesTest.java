package dev.dromedar.camel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.Test;

/** The line of a step is the one in which its author finds it. */
class PlacesTest {
    @Test
    void aStepHasTheLineThatItIsWrittenIn() throws Exception {
        String yaml = """
                - route:
                    from:
                      uri: direct:x
                      steps:
                        - to: {uri: "mock:a"}
                        - to: {uri: "mock:b"}
                        - to: {uri: "mock:c"}
                        - to:
                            uri: mock:d
                        - to:
                            uri: mock:e
                        - log: to
                        - log: to
                        - to: mock:f
                        - setBody: {constant: x}
                        - setBody: {constant: "to: {"}
                """;
        try (var context = new DefaultCamelContext()) {
            PluginHelper.getRoutesLoader(context).loadRoutes(ResourceHelper.fromString("x.yaml", yaml));
            RouteDefinition route = context.getRouteDefinitions().get(0);

            List<Integer> lines = route.getOutputs().stream()
                    .map(step -> Places.line(route.getResource(), step))
                    .toList();

            assertThat(lines).containsExactly(5, 6, 7, 8, 10, 12, 13, 14, 15, 16);
        }
    }

    @Test
    void aRouteBeginsInTheLineOfItsFrom() throws Exception {
        String yaml = """
                - route: {id: a, from: {uri: "direct:a", steps: [{log: x}]}}
                - route: {id: b, from: {uri: "direct:b", steps: [{log: x}]}}
                - route:
                    id: c
                    from: {uri: "direct:c", steps: [{log: x}]}
                - from: {uri: "direct:d", steps: [{log: x}]}
                - from: {uri: "direct:e", steps: [{log: x}]}
                - from:
                    uri: direct:f
                    steps:
                      - log: x
                """;
        try (var context = new DefaultCamelContext()) {
            PluginHelper.getRoutesLoader(context).loadRoutes(ResourceHelper.fromString("x.yaml", yaml));
            List<RouteDefinition> routes = context.getRouteDefinitions();

            assertThat(routes.stream()
                            .map(route -> Places.line(route.getResource(), route.getInput()))
                            .toList())
                    .containsExactly(1, 2, 5, 6, 7, 8);
        }
    }
}
