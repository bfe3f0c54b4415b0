package dev.dromedar.cli;

import org.apache.camel.CamelContext;
import org.apache.camel.model.ModelLifecycleStrategySupport;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.NodeIdFactory;

/** Each route begins where the test sends to it, unless another route can. */
final class Untriggered extends ModelLifecycleStrategySupport {
    private static final String FIRE = "direct:dromedar-test-";

    private final CamelContext context;

    Untriggered(CamelContext context) {
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
