package dev.dromedar.camel;

import java.io.IOException;
import java.util.Objects;
import org.apache.camel.CamelContext;
import org.apache.camel.Expression;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.model.EnrichDefinition;
import org.apache.camel.model.PollDefinition;
import org.apache.camel.model.PollEnrichDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RecipientListDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RoutingSlipDefinition;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.model.WireTapDefinition;
import org.apache.camel.model.language.ExpressionDefinition;
import org.apache.camel.reifier.DynamicRouterReifier;
import org.apache.camel.reifier.EnrichReifier;
import org.apache.camel.reifier.PollEnrichReifier;
import org.apache.camel.reifier.PollReifier;
import org.apache.camel.reifier.RecipientListReifier;
import org.apache.camel.reifier.RoutingSlipReifier;
import org.apache.camel.reifier.ToDynamicReifier;
import org.apache.camel.reifier.WireTapReifier;
import org.apache.camel.spi.ProcessorFactory;
import org.apache.camel.spi.Resource;
import org.jspecify.annotations.Nullable;

/**
 * Makes the steps that compute where they send a message: {@code toD}, {@code wireTap}, {@code enrich}, {@code pollEnrich},
 * {@code poll}, {@code recipientList}, {@code routingSlip} and {@code dynamicRouter}, each with a {@link DynamicAddress} in
 * the place of its expression. Thread-safe.
 */
public final class DynamicSteps implements ProcessorFactory {
    private final ProcessorFactory others;
    private final ApiPlaces places;
    private final Options options;

    DynamicSteps(CamelContext context, ProcessorFactory others, ApiPlaces places) {
        this.others = others;
        this.places = places;
        this.options = new Options(context);
    }

    @Override
    public @Nullable Processor createProcessor(Route route, NamedNode definition) throws Exception {
        refuseHyphens(definition);
        StepAddress address = StepAddress.of(definition);
        boolean mayBeFixed = !(definition instanceof ToDynamicDefinition || definition instanceof EnrichDefinition);
        if (address == null || mayBeFixed && address.isFixed()) {
            return others.createProcessor(route, definition);
        }
        refuse(route, definition);
        if (definition instanceof WireTapDefinition<?> tap) {
            return new WireTapReifier(route, tap) {
                @Override
                protected Expression createExpression(String uri) {
                    return instead(route, address, super.createExpression(uri));
                }
            }.createProcessor();
        }
        if (definition instanceof ToDynamicDefinition to) {
            if (to.getEndpointProducerBuilder() != null) {
                to.setUri(address.text());
                to.setEndpointProducerBuilder(null);
            }
            return new ToDynamicReifier<>(route, to) {
                @Override
                protected Expression createExpression(String uri) {
                    return instead(route, address, super.createExpression(uri));
                }
            }.createProcessor();
        }
        return lists(route, (ProcessorDefinition<?>) definition, address);
    }

    private Processor lists(Route route, ProcessorDefinition<?> definition, StepAddress address) throws Exception {
        if (definition instanceof PollDefinition) {
            return new PollReifier(route, definition) {
                @Override
                protected Expression createExpression(String uri) {
                    return instead(route, address, super.createExpression(uri));
                }
            }.createProcessor();
        }
        if (definition instanceof EnrichDefinition) {
            return new EnrichReifier(route, definition) {
                @Override
                protected Expression createExpression(ExpressionDefinition expression) {
                    return instead(route, address, super.createExpression(expression));
                }
            }.createProcessor();
        }
        if (definition instanceof PollEnrichDefinition) {
            return new PollEnrichReifier(route, definition) {
                @Override
                protected Expression createExpression(ExpressionDefinition expression) {
                    return instead(route, address, super.createExpression(expression));
                }
            }.createProcessor();
        }
        if (definition instanceof RecipientListDefinition) {
            return new RecipientListReifier(route, definition) {
                @Override
                protected Expression createExpression(ExpressionDefinition expression) {
                    return instead(route, address, super.createExpression(expression));
                }
            }.createProcessor();
        }
        if (definition instanceof RoutingSlipDefinition) {
            return new RoutingSlipReifier(route, definition) {
                @Override
                protected Expression createExpression(ExpressionDefinition expression) {
                    return instead(route, address, super.createExpression(expression))
                            .withoutThrowing();
                }
            }.createProcessor();
        }
        return new DynamicRouterReifier(route, definition) {
            @Override
            protected Expression createExpression(ExpressionDefinition expression) {
                return instead(route, address, super.createExpression(expression))
                        .withoutThrowing();
            }
        }.createProcessor();
    }

    private DynamicAddress instead(Route route, StepAddress address, Expression written) {
        CamelContext context = route.getCamelContext();
        return new DynamicAddress(context, places, options, address.templates(context), written, address.delimiter());
    }

    /** Camel's YAML would make another name of it without a word. */
    private static void refuseHyphens(NamedNode definition) throws IOException {
        if (!(definition instanceof ToDefinition to)
                || !String.valueOf(to.getUri()).startsWith(AddressTemplate.API + ":")) {
            return;
        }
        RouteDefinition route = ProcessorDefinitionHelper.getRoute(definition);
        Resource file = route == null ? null : route.getResource();
        if (file != null && file.getLocation().matches(".*\\.ya?ml")) {
            ApiComponent.Hyphen hyphen = ApiComponent.hyphen(RouteFileText.withoutComments(RouteFileText.of(file)));
            if (hyphen != null) {
                throw at(definition, hyphen.fault());
            }
        }
    }

    /** A route of a file is not made: its author is there to mend it. One of Java code is looked at as it runs. */
    private static void refuse(Route route, NamedNode definition) {
        RouteDefinition of = ProcessorDefinitionHelper.getRoute(definition);
        Resource file = of == null ? null : of.getResource();
        String fault = file == null || !file.getLocation().startsWith("file:")
                ? null
                : StepAddress.fault(route.getCamelContext(), definition);
        if (fault != null) {
            throw at(definition, fault);
        }
    }

    private static IllegalArgumentException at(NamedNode step, String fault) {
        return new IllegalArgumentException(
                Objects.requireNonNullElse(Places.of((ProcessorDefinition<?>) step), "") + ": " + fault);
    }

    @Override
    public @Nullable Processor createChildProcessor(Route route, NamedNode definition, boolean mandatory)
            throws Exception {
        return others.createChildProcessor(route, definition, mandatory);
    }

    @Override
    public Processor createProcessor(CamelContext context, String definition, Object[] arguments) throws Exception {
        return others.createProcessor(context, definition, arguments);
    }
}
