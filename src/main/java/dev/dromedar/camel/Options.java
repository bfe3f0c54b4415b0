package dev.dromedar.camel;

import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.EndpointUriFactory;

/** The names of parameters that an HTTP endpoint takes as its options, as Camel's catalogue has them. Thread-safe. */
final class Options {
    /** Taken by Camel itself, of any endpoint. */
    private static final Set<String> OF_ALL = Set.of("bridgeerrorhandler", "exchangepattern", "lazystartproducer");

    private final CamelContext context;
    private final Map<String, Set<String>> names = new ConcurrentHashMap<>();
    private final Map<String, Set<String>> prefixes = new ConcurrentHashMap<>();

    Options(CamelContext context) {
        this.context = context;
    }

    /** Whether it is an option, in any of the spellings that Camel takes. */
    boolean has(String scheme, String parameter) {
        String name = spelling(parameter);
        Set<String> known = names.computeIfAbsent(scheme, this::read);
        int nested = name.indexOf('.');
        int indexed = name.indexOf('[');
        int end = nested < 0 ? indexed : indexed < 0 ? nested : Math.min(nested, indexed);
        return known.contains(name)
                || OF_ALL.contains(name)
                || end > 0 && known.contains(name.substring(0, end))
                || prefixes.getOrDefault(scheme, Set.of()).stream().anyMatch(name::startsWith);
    }

    private Set<String> read(String scheme) {
        EndpointUriFactory factory = context.getCamelContextExtension().getEndpointUriFactory(scheme);
        if (factory == null) {
            return Set.of();
        }
        Set<String> starts = new HashSet<>();
        factory.multiValuePrefixes().values().forEach(prefix -> starts.add(spelling(prefix)));
        prefixes.put(scheme, Set.copyOf(starts));
        Set<String> all = new HashSet<>();
        factory.propertyNames().forEach(name -> all.add(spelling(name)));
        return Set.copyOf(all);
    }

    private static String spelling(String name) {
        return name.replace("-", "").replace("%2D", "").replace("%2d", "").toLowerCase(Locale.ROOT);
    }
}
