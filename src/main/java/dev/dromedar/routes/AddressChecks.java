package dev.dromedar.routes;

import org.apache.camel.Endpoint;
import org.apache.camel.LineNumberAware;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Resource;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.support.EndpointHelper;
import org.apache.camel.util.URISupport;
import org.jspecify.annotations.Nullable;

/** Whether there is what an address of a route file names, and with the options that it gives. */
final class AddressChecks {
    private final CheckContext context;
    private final DefaultCamelContext camel;
    private final RouteFaults faults;

    AddressChecks(CheckContext context, RouteFaults faults) {
        this.context = context;
        this.camel = context.camel();
        this.faults = faults;
    }

    /**
     * Checks all of an address.
     *
     * @param from whether a route begins there
     * @return the resolved address, or null if it is faulty
     */
    @Nullable
    String check(Resource file, LineNumberAware step, String address, boolean from) {
        String scheme = checkScheme(file, step, address);
        if (scheme == null) {
            return null;
        }
        try {
            // Camel leaves out an option whose placeholder is optional and not set: {{?name}}
            String resolved = EndpointHelper.resolveEndpointUriPropertyPlaceholders(camel, address);
            Endpoint endpoint = camel.getEndpoint(resolved);
            String fault = wrongWay(endpoint, scheme, from);
            if (fault == null && from && context.has("quartz")) {
                fault = QuartzSchedule.fault(camel, endpoint);
            }
            if (fault == null) {
                return resolved;
            }
            faults.add(file, step, fault);
        } catch (Exception | LinkageError e) {
            faults.add(
                    file,
                    step,
                    "the address '" + shown(address) + "' is not valid: " + CamelTexts.badAddress(address, e));
        }
        return null;
    }

    /** A component that only calls, such as http, in 'from'; or one that only triggers, such as timer, in a step. */
    private static @Nullable String wrongWay(Endpoint endpoint, String scheme, boolean from) {
        for (Class<?> type = endpoint.getClass(); type != null; type = type.getSuperclass()) {
            UriEndpoint described = type.getAnnotation(UriEndpoint.class);
            if (described != null) {
                return from && described.producerOnly()
                        ? "a route cannot begin with '" + scheme
                                + ":', which only sends. Begin with a trigger such as timer or"
                                + " quartz, and call the address in a step 'to'."
                        : !from && described.consumerOnly()
                                ? "a step cannot send to '" + scheme + ":', which only starts routes. Use it in 'from'."
                                : null;
            }
        }
        return null;
    }

    /**
     * Checks the component of an address alone. A fault that is reported elsewhere is not reported again.
     *
     * @return the component's name, or null if there is none
     */
    @Nullable
    String checkScheme(Resource file, LineNumberAware step, String address) {
        String resolved;
        try {
            resolved = camel.resolvePropertyPlaceholders(address);
        } catch (RuntimeException e) {
            return null;
        }
        int colon = resolved.indexOf(':');
        if (colon < 0
                || resolved.startsWith("${")
                || resolved.substring(0, colon).contains("$")) {
            return resolved;
        }
        String scheme = resolved.substring(0, colon);
        try {
            if (context.has(scheme)) {
                return scheme;
            }
            faults.add(
                    file,
                    step,
                    "there is no component '" + scheme + "' for the address '" + shown(address) + "'. "
                            + CamelTexts.addComponent(scheme, CheckContext.components()));
        } catch (RuntimeException | LinkageError e) {
            faults.add(
                    file, step, "the component '" + scheme + "' cannot be made: " + CamelTexts.badAddress(address, e));
        }
        return null;
    }

    static String withoutOptions(String address) {
        int query = address.indexOf('?');
        return query < 0 ? address : address.substring(0, query);
    }

    /** Without options and passwords. */
    static String shown(String address) {
        return withoutOptions(URISupport.sanitizeUri(address));
    }
}
