package dev.dromedar.camel;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.ScriptDefinition;
import org.apache.camel.model.SetHeaderDefinition;
import org.apache.camel.model.SetHeadersDefinition;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.jspecify.annotations.Nullable;

/**
 * Knows which of a message's headers the route has set itself. Those that direct a call, such as {@code CamelHttpUri} and
 * {@code CamelHttpMethod}, and those that carry a credential, such as {@code X-Api-Key}, take part in an API's call only if a
 * step of the route's ({@code setHeader}, {@code setHeaders}, a bean, a Processor, a script) put the very value there; one
 * that came with the message, or with an answer, does not. A credential is for the address of the first call that takes it.
 *
 * <p>Values are compared by identity, and the notes travel with the exchange and its copies. Thread-safe.
 */
final class RouteHeaders implements InterceptStrategy {
    private static final String PROPERTY = "dromedar.route-headers";

    /** @param usedBy the endpoint whose calls take this credential; null until the first, and for what directs a call */
    private record Own(Object value, @Nullable String usedBy) {}

    private final Predicate<@Nullable Object> isApi;

    /** @param isApi whether what a step names is an API */
    RouteHeaders(Predicate<@Nullable Object> isApi) {
        this.isApi = isApi;
    }

    @Override
    public Processor wrapProcessorInInterceptors(
            CamelContext context, NamedNode definition, Processor target, Processor next) {
        if (definition instanceof SetHeaderDefinition set) {
            Set<String> names = names(context, Set.of(set));
            return names.isEmpty() ? target : new Noting(target, names::contains, true);
        }
        if (definition instanceof SetHeadersDefinition sets) {
            Set<String> names = names(context, sets.getHeaders());
            return names.isEmpty() ? target : new Noting(target, names::contains, true);
        }
        boolean code = definition instanceof ProcessDefinition process && !isApi(context, process)
                || definition instanceof BeanDefinition
                || definition instanceof ScriptDefinition
                || definition instanceof ToDefinition to
                        && String.valueOf(to.getUri()).matches("(bean|class):.*");
        return code ? new Noting(target, name -> true, false) : target;
    }

    /** An API's own step sets no header. */
    private boolean isApi(CamelContext context, ProcessDefinition step) {
        return step.getRef() != null && isApi.test(context.getRegistry().lookupByName(step.getRef()));
    }

    /** Without those that a message names. */
    private static Set<String> names(CamelContext context, Iterable<SetHeaderDefinition> steps) {
        Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        for (SetHeaderDefinition step : steps) {
            String name = String.valueOf(step.getName());
            try {
                name = context.resolvePropertyPlaceholders(name);
            } catch (RuntimeException e) {
                continue; // the route cannot be built either, and Camel says why
            }
            if (!name.contains("${") && !name.contains("$simple{") && HeaderNames.isSpecial(name)) {
                names.add(name);
            }
        }
        return names;
    }

    /**
     * Takes out of a message what is to have no part in the call that is about to be made.
     *
     * @param directed whether this is a call of an API, so that nothing directs it but the route
     * @param endpoint that makes the call
     * @return what to {@link #restore}
     */
    static Map<String, Object> withhold(Exchange exchange, boolean directed, String endpoint) {
        boolean credentials = directed || Call.wasMade(exchange);
        if (!credentials || !exchange.getIn().hasHeaders()) {
            return Map.of();
        }
        Map<String, Own> own = own(exchange);
        Map<String, Own> used = null;
        Map<String, Object> withheld = Map.of();
        for (Iterator<Map.Entry<String, Object>> all =
                        exchange.getIn().getHeaders().entrySet().iterator();
                all.hasNext(); ) {
            Map.Entry<String, Object> header = all.next();
            String name = header.getKey();
            boolean directs = directed && HeaderNames.directs(name);
            if (!directs && !HeaderNames.isCredential(name)) {
                continue;
            }
            Own set = own.get(name);
            boolean isOwn = set != null && set.value() == header.getValue();
            String usedBy = set == null ? null : set.usedBy();
            if (isOwn && usedBy == null && !directs) {
                used = used == null ? copy(own) : used;
                used.put(name, new Own(header.getValue(), endpoint));
            } else if (!isOwn || !directs && !endpoint.equals(usedBy)) {
                withheld = withheld.isEmpty() ? new HashMap<>() : withheld;
                withheld.put(name, header.getValue());
                all.remove();
            }
        }
        if (used != null) {
            exchange.setProperty(PROPERTY, used);
        }
        return withheld;
    }

    /** What is noted of an exchange's headers, to be put back by {@link #notes(Exchange, Object)}. */
    static @Nullable Object notes(Exchange exchange) {
        return exchange.getProperty(PROPERTY);
    }

    static void notes(Exchange exchange, @Nullable Object before) {
        exchange.setProperty(PROPERTY, before);
    }

    /** A header's value if a step of the route has set it, or null. */
    static @Nullable Object ofRoute(Exchange exchange, String name) {
        Own set = own(exchange).get(name);
        return set != null && set.value() == exchange.getMessage().getHeader(name) ? set.value() : null;
    }

    /** Sets a header of a message, as a step of the route would that writes its value. */
    static void set(Exchange exchange, String name, String value) {
        exchange.getIn().setHeader(name, value);
        if (HeaderNames.isSpecial(name)) {
            Map<String, Own> own = copy(own(exchange));
            own.put(name, new Own(value, null));
            exchange.setProperty(PROPERTY, own);
        }
    }

    /** Whether a message has headers that direct a call. Without any, none of them need be looked for. */
    static boolean direct(Message message) {
        if (message.hasHeaders()) {
            for (String name : message.getHeaders().keySet()) {
                if (HeaderNames.directs(name)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Puts back what was withheld, for the route to read. */
    static void restore(Exchange exchange, Map<String, Object> withheld) {
        if (withheld.isEmpty()) {
            return;
        }
        withheld.forEach((name, value) -> {
            exchange.getIn().getHeaders().putIfAbsent(name, value);
            exchange.getMessage().getHeaders().putIfAbsent(name, value);
        });
    }

    /** Never changed once it is on an exchange, since its copies share it. */
    @SuppressWarnings("unchecked")
    private static Map<String, Own> own(Exchange exchange) {
        return exchange.getProperty(PROPERTY) instanceof Map<?, ?> own ? (Map<String, Own>) own : Map.of();
    }

    private static Map<String, Own> copy(Map<String, Own> own) {
        Map<String, Own> copy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        copy.putAll(own);
        return copy;
    }

    /** A step of the route's: what it leaves in the message is the route's own. */
    private static final class Noting extends DelegateAsyncProcessor {
        private final Predicate<String> names;
        private final boolean always;

        /**
         * @param names that the step can set, in any case
         * @param always whether a value that was there before is the step's too
         */
        Noting(Processor step, Predicate<String> names, boolean always) {
            super(step);
            this.names = names;
            this.always = always;
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            Map<String, Object> before = always ? Map.of() : special(exchange);
            return super.process(exchange, done -> {
                note(exchange, before);
                callback.done(done);
            });
        }

        private void note(Exchange exchange, Map<String, Object> before) {
            if (!exchange.getMessage().hasHeaders()) {
                return;
            }
            Map<String, Own> own = null;
            for (Map.Entry<String, Object> header :
                    exchange.getMessage().getHeaders().entrySet()) {
                if (isSpecial(header) && before.get(header.getKey()) != header.getValue()) {
                    own = own == null ? copy(own(exchange)) : own;
                    own.put(header.getKey(), new Own(header.getValue(), null));
                }
            }
            if (own != null) {
                exchange.setProperty(PROPERTY, own);
            }
        }

        private Map<String, Object> special(Exchange exchange) {
            Map<String, Object> special = Map.of();
            if (!exchange.getMessage().hasHeaders()) {
                return special;
            }
            for (Map.Entry<String, Object> header :
                    exchange.getMessage().getHeaders().entrySet()) {
                if (isSpecial(header)) {
                    special = special.isEmpty() ? new TreeMap<>(String.CASE_INSENSITIVE_ORDER) : special;
                    special.put(header.getKey(), header.getValue());
                }
            }
            return special;
        }

        private boolean isSpecial(Map.Entry<String, Object> header) {
            return header.getValue() != null && names.test(header.getKey()) && HeaderNames.isSpecial(header.getKey());
        }
    }
}
