package dev.dromedar.camel;

import dev.dromedar.oauth.ForeignText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.Expression;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.model.DynamicRouterDefinition;
import org.apache.camel.model.EnrichDefinition;
import org.apache.camel.model.ExpressionNode;
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
import org.apache.camel.support.EndpointHelper;
import org.apache.camel.support.LanguageSupport;
import org.apache.camel.util.StringHelper;
import org.jspecify.annotations.Nullable;

/**
 * Makes the steps that compute where they send a message: {@code toD}, {@code wireTap}, {@code enrich}, {@code pollEnrich},
 * {@code poll}, {@code recipientList}, {@code routingSlip} and {@code dynamicRouter}, each with a {@link DynamicAddress} in
 * the place of its expression. Thread-safe.
 */
public final class DynamicSteps implements ProcessorFactory {
    /** Languages that are code of the route's. What they give is looked at when they have given it. */
    private static final Set<String> CODE =
            Set.of("method", "bean", "ref", "groovy", "java", "joor", "js", "mvel", "ognl", "python", "spel");

    private final ProcessorFactory others;
    private final ApiPlaces places;
    private final Options options;

    DynamicSteps(CamelContext context, ProcessorFactory others, ApiPlaces places) {
        this.others = others;
        this.places = places;
        this.options = new Options(context);
    }

    /**
     * What a step's address is written in.
     *
     * @param language null for an expression of Java
     * @param delimiter between the addresses of a list; null if there is one address
     */
    private record Source(
            @Nullable String language,
            String text,
            @Nullable String delimiter) {}

    private static @Nullable Source source(NamedNode definition) {
        if (definition instanceof ToDynamicDefinition to) {
            boolean isStatic = to instanceof WireTapDefinition<?> tap && "false".equals(tap.getDynamicUri());
            String uri = to.getEndpointProducerBuilder() == null
                    ? to.getUri()
                    : to.getEndpointProducerBuilder().getRawUri();
            return uri == null ? null : isStatic ? new Source("constant", uri, null) : ofUri(uri);
        }
        if (definition instanceof PollDefinition poll) {
            return poll.getUri() == null ? null : ofUri(poll.getUri());
        }
        if (definition instanceof EnrichDefinition || definition instanceof PollEnrichDefinition) {
            return ofExpression(((ExpressionNode) definition).getExpression(), null);
        }
        if (definition instanceof RecipientListDefinition<?> list) {
            return ofExpression(list.getExpression(), otherwise(list.getDelimiter(), ","));
        }
        if (definition instanceof RoutingSlipDefinition<?> slip) {
            return ofExpression(slip.getExpression(), otherwise(slip.getUriDelimiter(), ","));
        }
        if (definition instanceof DynamicRouterDefinition<?> router) {
            return ofExpression(router.getExpression(), otherwise(router.getUriDelimiter(), ","));
        }
        return null;
    }

    private static String otherwise(@Nullable String value, String otherwise) {
        return value == null || value.isEmpty() ? otherwise : value;
    }

    private static Source ofUri(String uri) {
        if (uri.startsWith("language:")) {
            String rest = StringHelper.after(uri, "language:");
            return new Source(StringHelper.before(rest, ":", rest), StringHelper.after(rest, ":", ""), null);
        }
        return new Source("simple", uri, null);
    }

    private static @Nullable Source ofExpression(
            @Nullable ExpressionDefinition expression, @Nullable String delimiter) {
        if (expression == null) {
            return null;
        }
        ExpressionDefinition inner =
                expression.getExpressionType() == null ? expression : expression.getExpressionType();
        if (inner.getExpressionValue() != null && inner.getExpression() == null) {
            return new Source(null, "", delimiter);
        }
        boolean trims = !"false".equals(inner.getTrim());
        String text = String.valueOf(inner.getExpression());
        return new Source(inner.getLanguage(), trims ? text.strip() : text, delimiter);
    }

    /** Why a step's address would be more than data of a message, and what to do; null if it would not. */
    public static @Nullable String fault(CamelContext context, NamedNode step) {
        Source source = source(step);
        if (source == null
                || source.language() == null
                || source.language().equals("constant")
                || CODE.contains(source.language())) {
            return null;
        }
        String name = ((ProcessorDefinition<?>) step).getShortName();
        if (!isSimple(source)) {
            return "the address of " + name + " is unsafe: the language '" + source.language()
                    + "' takes all of it from the" + " message." + AddressTemplate.WRITE_IT;
        }
        Options options = new Options(context);
        for (AddressTemplate template : templates(context, source)) {
            String fault = template.isUnresolved() ? null : template.fault(options);
            if (fault != null) {
                return "the address of " + name + " is unsafe: " + fault;
            }
        }
        return null;
    }

    private static boolean isSimple(Source source) {
        return "simple".equals(source.language()) || "simple-no-file".equals(source.language());
    }

    private static List<AddressTemplate> templates(CamelContext context, Source source) {
        if (!isSimple(source) && !"constant".equals(source.language())) {
            return List.of();
        }
        String text = source.text();
        try {
            text = EndpointHelper.resolveEndpointUriPropertyPlaceholders(context, text);
            AddressTemplate whole =
                    isSimple(source) ? AddressTemplate.of(context, text) : AddressTemplate.constant(text);
            String delimiter = source.delimiter();
            return delimiter == null || delimiter.equals("false") ? List.of(whole) : whole.split(delimiter);
        } catch (RuntimeException e) {
            return List.of(); // it cannot be read, which Camel reports
        }
    }

    @Override
    public @Nullable Processor createProcessor(Route route, NamedNode definition) throws Exception {
        refuseHyphens(definition);
        Source source = source(definition);
        boolean fixed = source == null
                || !(definition instanceof ToDynamicDefinition || definition instanceof EnrichDefinition)
                        && ("constant".equals(source.language())
                                || isSimple(source) && !LanguageSupport.hasSimpleFunction(source.text()));
        if (source == null || fixed) {
            return others.createProcessor(route, definition);
        }
        refuse(route, definition);
        if (definition instanceof WireTapDefinition<?> tap) {
            return new WireTapReifier(route, tap) {
                @Override
                protected Expression createExpression(String uri) {
                    return instead(route, source, super.createExpression(uri));
                }
            }.createProcessor();
        }
        if (definition instanceof ToDynamicDefinition to) {
            if (to.getEndpointProducerBuilder() != null) {
                to.setUri(source.text());
                to.setEndpointProducerBuilder(null);
            }
            return new ToDynamicReifier<>(route, to) {
                @Override
                protected Expression createExpression(String uri) {
                    return instead(route, source, super.createExpression(uri));
                }
            }.createProcessor();
        }
        return lists(route, (ProcessorDefinition<?>) definition, source);
    }

    private Processor lists(Route route, ProcessorDefinition<?> definition, Source source) throws Exception {
        if (definition instanceof PollDefinition) {
            return new PollReifier(route, definition) {
                @Override
                protected Expression createExpression(String uri) {
                    return instead(route, source, super.createExpression(uri));
                }
            }.createProcessor();
        }
        if (definition instanceof EnrichDefinition) {
            return new EnrichReifier(route, definition) {
                @Override
                protected Expression createExpression(ExpressionDefinition expression) {
                    return instead(route, source, super.createExpression(expression));
                }
            }.createProcessor();
        }
        if (definition instanceof PollEnrichDefinition) {
            return new PollEnrichReifier(route, definition) {
                @Override
                protected Expression createExpression(ExpressionDefinition expression) {
                    return instead(route, source, super.createExpression(expression));
                }
            }.createProcessor();
        }
        if (definition instanceof RecipientListDefinition) {
            return new RecipientListReifier(route, definition) {
                @Override
                protected Expression createExpression(ExpressionDefinition expression) {
                    return instead(route, source, super.createExpression(expression));
                }
            }.createProcessor();
        }
        if (definition instanceof RoutingSlipDefinition) {
            return new RoutingSlipReifier(route, definition) {
                @Override
                protected Expression createExpression(ExpressionDefinition expression) {
                    return instead(route, source, super.createExpression(expression))
                            .withoutThrowing();
                }
            }.createProcessor();
        }
        return new DynamicRouterReifier(route, definition) {
            @Override
            protected Expression createExpression(ExpressionDefinition expression) {
                return instead(route, source, super.createExpression(expression))
                        .withoutThrowing();
            }
        }.createProcessor();
    }

    private DynamicAddress instead(Route route, Source source, Expression written) {
        CamelContext context = route.getCamelContext();
        return new DynamicAddress(context, places, options, templates(context, source), written, source.delimiter());
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
            try (InputStream content = file.getInputStream()) {
                ApiComponent.Hyphen hyphen = ApiComponent.hyphen(
                        ForeignText.withoutComments(new String(content.readAllBytes(), StandardCharsets.UTF_8)));
                if (hyphen != null) {
                    throw new IllegalArgumentException(
                            Objects.requireNonNullElse(Places.of((ProcessorDefinition<?>) definition), "") + ": "
                                    + hyphen.fault());
                }
            }
        }
    }

    /** A route of a file is not made: its author is there to mend it. One of Java code is looked at as it runs. */
    private static void refuse(Route route, NamedNode definition) {
        RouteDefinition of = ProcessorDefinitionHelper.getRoute(definition);
        Resource file = of == null ? null : of.getResource();
        String fault = file == null || !file.getLocation().startsWith("file:")
                ? null
                : fault(route.getCamelContext(), definition);
        if (fault != null) {
            throw new IllegalArgumentException(
                    Objects.requireNonNullElse(Places.of((ProcessorDefinition<?>) definition), "") + ": " + fault);
        }
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
