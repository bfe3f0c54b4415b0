package dev.dromedar.routes;

import dev.dromedar.oauth.Addresses;
import dev.dromedar.settings.KeyNames;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.CatchDefinition;
import org.apache.camel.model.ChoiceDefinition;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.EnrichDefinition;
import org.apache.camel.model.FilterDefinition;
import org.apache.camel.model.FinallyDefinition;
import org.apache.camel.model.MulticastDefinition;
import org.apache.camel.model.PollDefinition;
import org.apache.camel.model.PollEnrichDefinition;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RecipientListDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RoutingSlipDefinition;
import org.apache.camel.model.SetHeaderDefinition;
import org.apache.camel.model.SetHeadersDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.model.language.ExpressionDefinition;
import org.jspecify.annotations.Nullable;

/**
 * Follows a route step by step: a call to an API without {@code process} right before it is a fault, and one that comes after
 * an answer and does not say its method a warning, since Camel sends the answer on by POST. Where a step may do either
 * elsewhere, such as a bean or another route, neither is reported.
 */
final class ApiCalls {
    private static final String METHOD = "CamelHttpMethod";

    private final CheckContext context;
    private final Map<String, URI> bases = new LinkedHashMap<>();

    ApiCalls(CheckContext context, Set<String> apis) {
        this.context = context;
        for (String api : apis) {
            try {
                bases.put(
                        api,
                        new URI(context.camel()
                                .resolvePropertyPlaceholders("{{" + KeyNames.API_PREFIX + api + ".base-address}}")
                                .strip()));
            } catch (RuntimeException | URISyntaxException e) {
                bases.remove(api); // missing or wrong, which is a fault of the settings
            }
        }
        bases.values().removeIf(base -> base.getHost() == null || base.getScheme() == null);
    }

    /** What is known of the message between two steps. */
    private enum Known {
        NO,
        YES,
        PERHAPS
    }

    /**
     * What is known after a step.
     *
     * @param signed whether credentials of an API wait for the next call
     * @param method whether the next call has its own
     */
    private record State(Known signed, boolean answered, Known method) {
        static final State UNKNOWN = new State(Known.PERHAPS, false, Known.PERHAPS);

        State or(State other) {
            return new State(
                    signed == other.signed ? signed : Known.PERHAPS,
                    answered || other.answered,
                    method == other.method ? method : Known.PERHAPS);
        }
    }

    void check(
            RouteDefinition route,
            BiConsumer<ProcessorDefinition<?>, String> fault,
            BiConsumer<ProcessorDefinition<?>, String> warning) {
        String from = String.valueOf(route.getInput().getEndpointUri());
        // What calls this route may have named the API; an interceptor may
        boolean isCalled = from.matches("(?i)(direct|seda|kamelet|disruptor|vm|ref):.*") || intercepted(route);
        new Walk(fault, warning)
                .steps(route.getOutputs(), isCalled ? State.UNKNOWN : new State(Known.NO, false, Known.NO));
    }

    private static boolean intercepted(RouteDefinition route) {
        return route.getOutputs().stream().anyMatch(step -> step.getShortName().startsWith("intercept"));
    }

    private final class Walk {
        private final BiConsumer<ProcessorDefinition<?>, String> fault;
        private final BiConsumer<ProcessorDefinition<?>, String> warning;

        Walk(BiConsumer<ProcessorDefinition<?>, String> fault, BiConsumer<ProcessorDefinition<?>, String> warning) {
            this.fault = fault;
            this.warning = warning;
        }

        State steps(List<ProcessorDefinition<?>> steps, State state) {
            State now = state;
            for (ProcessorDefinition<?> step : steps) {
                now = after(step, now);
            }
            return now;
        }

        private State after(ProcessorDefinition<?> step, State before) {
            if (step instanceof ProcessDefinition process) {
                boolean ours = process.getRef() != null && bases.containsKey(context.resolved(process.getRef()));
                return ours ? new State(Known.YES, before.answered(), before.method()) : State.UNKNOWN;
            }
            if (step instanceof BeanDefinition) {
                return State.UNKNOWN;
            }
            if (setsMethod(step)) {
                return new State(before.signed(), before.answered(), Known.YES);
            }
            String address = address(step);
            if (address != null) {
                return afterCall(step, address, before);
            }
            if (step instanceof RecipientListDefinition || step instanceof RoutingSlipDefinition) {
                return State.UNKNOWN;
            }
            return afterBlock(step, before);
        }

        private State afterCall(ProcessorDefinition<?> step, String address, State before) {
            if (address.startsWith("api:")) { // has its own credentials and its own method
                return new State(before.signed() == Known.YES ? Known.PERHAPS : before.signed(), true, before.method());
            }
            if (!address.matches("(?i)https?:.*")) {
                boolean leaves = address.matches("(?i)(log|file|mock|seda|dromedar):.*");
                return leaves ? before : State.UNKNOWN;
            }
            String api = apiOf(address);
            if (step instanceof PollDefinition || step instanceof PollEnrichDefinition) {
                if (api != null || before.signed() == Known.YES) {
                    fault.accept(
                            step,
                            "'" + step.getShortName()
                                    + "' sends no credentials. Call the API by 'to', or by 'enrich', with"
                                    + " process: {ref: " + (api == null ? "..." : api) + "} right before it.");
                }
                return before;
            }
            if (api != null && before.signed() == Known.NO) {
                fault.accept(
                        step,
                        "this call to the API '" + api + "' has no credentials. Put process: {ref: " + api
                                + "} right before it; it holds for one call.");
            }
            boolean own = address.matches("(?i).*[?&]httpMethod=.*");
            if (before.answered() && before.method() == Known.NO && !own) {
                warning.accept(
                        step,
                        "this call comes after an answer and has no method of its own: Camel sends the answer to it by POST."
                                + " Put setHeader: {name: CamelHttpMethod, constant: GET} before it, or the method that you"
                                + " mean.");
            }
            return new State(Known.NO, true, Known.NO);
        }

        private State afterBlock(ProcessorDefinition<?> step, State before) {
            if (step instanceof ChoiceDefinition choice) {
                State after = choice.getOtherwise() == null
                        ? before
                        : steps(choice.getOtherwise().getOutputs(), before);
                for (var branch : choice.getWhenClauses()) {
                    after = after.or(steps(branch.getOutputs(), before));
                }
                return after;
            }
            List<ProcessorDefinition<?>> inside = step.getOutputs();
            if (inside.isEmpty()) {
                return before;
            }
            if (step instanceof MulticastDefinition) {
                inside.forEach(branch -> after(branch, before));
                return State.UNKNOWN;
            }
            boolean isOther = step instanceof CatchDefinition || step instanceof FinallyDefinition;
            State end = steps(inside, isOther ? State.UNKNOWN : before);
            return isOther || step instanceof FilterDefinition ? before.or(end) : end;
        }
    }

    private static boolean setsMethod(ProcessorDefinition<?> step) {
        return step instanceof SetHeaderDefinition header && METHOD.equalsIgnoreCase(header.getName())
                || step instanceof SetHeadersDefinition headers
                        && headers.getHeaders().stream().anyMatch(header -> METHOD.equalsIgnoreCase(header.getName()));
    }

    /** Where a step sends, as far as its file says; null for a step that does not. */
    private @Nullable String address(ProcessorDefinition<?> step) {
        String written = step instanceof ToDynamicDefinition dynamic
                ? dynamic.getUri()
                : step instanceof PollDefinition poll
                        ? poll.getUri()
                        : step instanceof EnrichDefinition enrich
                                ? text(enrich.getExpression())
                                : step instanceof PollEnrichDefinition poll
                                        ? text(poll.getExpression())
                                        : step instanceof EndpointRequiredDefinition sends
                                                ? sends.getEndpointUri()
                                                : null;
        return written == null ? null : context.resolved(written).strip();
    }

    private static @Nullable String text(@Nullable ExpressionDefinition expression) {
        return expression == null ? null : String.valueOf(expression.getExpression());
    }

    /** The API with the longest base address above an address, or null. What a message adds to it does not matter. */
    private @Nullable String apiOf(String address) {
        String plain =
                address.replaceFirst("[?].*", "").replaceFirst("\\$\\{.*", "").replaceFirst("\\{\\{.*", "");
        String found = null;
        try {
            var uri = new URI(plain.replaceFirst("^(?i)(https?):(//)?", "$1://"));
            for (var base : bases.entrySet()) {
                if (Addresses.isUnder(base.getValue(), uri)
                        && (found == null
                                || base.getValue().toString().length()
                                        > String.valueOf(bases.get(found)).length())) {
                    found = base.getKey();
                }
            }
        } catch (URISyntaxException e) {
            return null;
        }
        return found;
    }
}
