package dev.dromedar.camel;

import java.util.List;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.NamedNode;
import org.apache.camel.model.DynamicRouterDefinition;
import org.apache.camel.model.EnrichDefinition;
import org.apache.camel.model.ExpressionNode;
import org.apache.camel.model.PollDefinition;
import org.apache.camel.model.PollEnrichDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RecipientListDefinition;
import org.apache.camel.model.RoutingSlipDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.model.WireTapDefinition;
import org.apache.camel.model.language.ExpressionDefinition;
import org.apache.camel.support.EndpointHelper;
import org.apache.camel.support.LanguageSupport;
import org.apache.camel.util.StringHelper;
import org.jspecify.annotations.Nullable;

/**
 * What a step that computes its address writes it in, and whether that is safe.
 *
 * @param language null for an expression of Java
 * @param delimiter between the addresses of a list; null if there is one address
 */
public record StepAddress(
        @Nullable String language, String text, @Nullable String delimiter) {
    /** Languages that are code of the route's. What they give is looked at when they have given it. */
    private static final Set<String> CODE =
            Set.of("method", "bean", "ref", "groovy", "java", "joor", "js", "mvel", "ognl", "python", "spel");

    /** A step's, or null if it computes none. */
    static @Nullable StepAddress of(NamedNode definition) {
        if (definition instanceof ToDynamicDefinition to) {
            boolean isStatic = to instanceof WireTapDefinition<?> tap && "false".equals(tap.getDynamicUri());
            String uri = to.getEndpointProducerBuilder() == null
                    ? to.getUri()
                    : to.getEndpointProducerBuilder().getRawUri();
            return uri == null ? null : isStatic ? new StepAddress("constant", uri, null) : ofUri(uri);
        }
        if (definition instanceof PollDefinition poll) {
            return poll.getUri() == null ? null : ofUri(poll.getUri());
        }
        if (definition instanceof EnrichDefinition || definition instanceof PollEnrichDefinition) {
            return ofExpression(((ExpressionNode) definition).getExpression(), null);
        }
        if (definition instanceof RecipientListDefinition<?> list) {
            return ofExpression(list.getExpression(), orComma(list.getDelimiter()));
        }
        if (definition instanceof RoutingSlipDefinition<?> slip) {
            return ofExpression(slip.getExpression(), orComma(slip.getUriDelimiter()));
        }
        if (definition instanceof DynamicRouterDefinition<?> router) {
            return ofExpression(router.getExpression(), orComma(router.getUriDelimiter()));
        }
        return null;
    }

    private static String orComma(@Nullable String delimiter) {
        return delimiter == null || delimiter.isEmpty() ? "," : delimiter;
    }

    private static StepAddress ofUri(String uri) {
        if (uri.startsWith("language:")) {
            String rest = StringHelper.after(uri, "language:");
            return new StepAddress(StringHelper.before(rest, ":", rest), StringHelper.after(rest, ":", ""), null);
        }
        return new StepAddress("simple", uri, null);
    }

    private static @Nullable StepAddress ofExpression(
            @Nullable ExpressionDefinition expression, @Nullable String delimiter) {
        if (expression == null) {
            return null;
        }
        ExpressionDefinition inner =
                expression.getExpressionType() == null ? expression : expression.getExpressionType();
        if (inner.getExpressionValue() != null && inner.getExpression() == null) {
            return new StepAddress(null, "", delimiter);
        }
        boolean trims = !"false".equals(inner.getTrim());
        String text = String.valueOf(inner.getExpression());
        return new StepAddress(inner.getLanguage(), trims ? text.strip() : text, delimiter);
    }

    /** Why a step's address would be more than data of a message, and what to do; null if it would not. */
    public static @Nullable String fault(CamelContext context, NamedNode step) {
        StepAddress address = of(step);
        if (address == null
                || address.language() == null
                || address.isConstant()
                || CODE.contains(address.language())) {
            return null;
        }
        String name = ((ProcessorDefinition<?>) step).getShortName();
        if (!address.isSimple()) {
            return "the address of " + name + " is unsafe: the language '" + address.language()
                    + "' takes all of it from the message." + AddressTemplate.WRITE_IT;
        }
        Options options = new Options(context);
        for (AddressTemplate template : address.templates(context)) {
            String fault = template.isUnresolved() ? null : template.fault(options);
            if (fault != null) {
                return "the address of " + name + " is unsafe: " + fault;
            }
        }
        return null;
    }

    private boolean isConstant() {
        return "constant".equals(language);
    }

    private boolean isSimple() {
        return "simple".equals(language) || "simple-no-file".equals(language);
    }

    /** Whether no message has a part in it. */
    boolean isFixed() {
        return isConstant() || isSimple() && !LanguageSupport.hasSimpleFunction(text);
    }

    /** What the route wrote of it, address by address; none if it is code or cannot be read, which Camel reports. */
    List<AddressTemplate> templates(CamelContext context) {
        if (!isSimple() && !isConstant()) {
            return List.of();
        }
        try {
            String resolved = EndpointHelper.resolveEndpointUriPropertyPlaceholders(context, text);
            AddressTemplate whole =
                    isSimple() ? AddressTemplate.of(context, resolved) : AddressTemplate.constant(resolved);
            return delimiter == null || delimiter.equals("false") ? List.of(whole) : whole.split(delimiter);
        } catch (RuntimeException e) {
            return List.of();
        }
    }
}
