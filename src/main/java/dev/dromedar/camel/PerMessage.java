package dev.dromedar.camel;

import dev.dromedar.oauth.ApiSettings;
import dev.dromedar.oauth.AssertionDetails;
import dev.dromedar.oauth.ClientAuthentication;
import dev.dromedar.oauth.Customer;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.TokenRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/**
 * What a route asks for otherwise than the properties do, for all calls of one exchange from there on. Each is an exchange
 * property, or a header of the same name with {@code Camel} before it: headers that begin so are taken from no caller and
 * sent to no API, by Camel's own rule. Pure functions.
 */
final class PerMessage {
    /** The scopes, space-separated or as a collection, in the place of the property {@code scope}. */
    static final String SCOPE = "DromedarScope";
    /** The resources, as the scopes. */
    static final String RESOURCE = "DromedarResource";
    /** Organisation number of the parent that a multi-tenant client acts for (HelseID). */
    static final String PARENT = "DromedarOrganisationParent";
    /** Organisation number of the child (HelseID). */
    static final String CHILD = "DromedarOrganisationChild";
    /** SFM journal id (HelseID). */
    static final String SFM_JOURNAL = "DromedarSfmJournal";
    /** Further elements of {@code assertion_details}: JSON text, a map, or a list of maps (HelseID). */
    static final String DETAILS = "DromedarAssertionDetails";

    /** Organisation number of the one that has delegated the scope: {@code consumer_org} (Maskinporten). */
    static final String CONSUMER = "DromedarConsumerOrganisation";
    /** Organisation number of the one whose system user in Altinn the call is made as (Maskinporten). */
    static final String SYSTEM_USER = "DromedarSystemUser";
    /** What the vendor calls that system user, if it has such a name: {@code externalRef}. */
    static final String SYSTEM_USER_REFERENCE = "DromedarSystemUserReference";
    /** National identity number of the person that the token is for: {@code pid} (Maskinporten). Never shown or kept. */
    static final String CITIZEN = "DromedarCitizen";
    /** Further claims of the assertion: JSON text or a map. */
    static final String CLAIMS = "DromedarClaims";

    static final List<String> ALL = List.of(
            SCOPE,
            RESOURCE,
            PARENT,
            CHILD,
            SFM_JOURNAL,
            DETAILS,
            CONSUMER,
            SYSTEM_USER,
            SYSTEM_USER_REFERENCE,
            CITIZEN,
            CLAIMS);
    /** What may name a person. */
    private static final Set<String> PERSONAL = Set.of(CITIZEN, CLAIMS);

    private static final Set<String> PROPERTIES = Set.copyOf(ALL);

    /** All of the names begin so. */
    private static final String OURS = "Dromedar";

    private static final String HEADER = "Camel";
    /** Beside each name its header's: both are looked for in each call. */
    private static final Map<String, String> HEADERS =
            ALL.stream().collect(Collectors.toUnmodifiableMap(name -> name, name -> HEADER + name));

    private static final String LOWER_HEADER = HEADER.toLowerCase(Locale.ROOT);
    private static final Set<String> LOWER =
            ALL.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());

    private PerMessage() {}

    /** Stands in the exchange for a value once it has been read, so that no trace or log of Camel's shows it. */
    private static final class Unshown {
        private final Object value;

        Unshown(Object value) {
            this.value = value;
        }

        @Override
        public String toString() {
            return "***";
        }
    }

    /**
     * What a message requests.
     *
     * @throws InvalidSettings if a value may not be requested, and for a header without {@code Camel} before it: a caller
     *     from outside could have set it
     */
    static TokenRequest request(Exchange exchange, ApiSettings settings) {
        Map<String, Object> values = Map.of();
        for (String name : ALL) {
            if (exchange.getMessage().getHeader(name) != null) {
                throw new InvalidSettings(
                        "the header " + name + " is not read, because it may have come with the message"
                                + " from outside. Set the exchange property " + name + ", or the header " + HEADER
                                + name + ".");
            }
            Object property = exchange.getProperty(name);
            Object value = property != null ? property : exchange.getMessage().getHeader(HEADERS.get(name));
            if (value != null) {
                values = values.isEmpty() ? new HashMap<>() : values;
                values.put(name, value instanceof Unshown unshown ? unshown.value : value);
                hide(exchange, name, value, property != null);
            }
        }
        return request(values, settings);
    }

    /** Whether a message requests anything at all; each look for one of the names costs. */
    static boolean isAny(Exchange exchange) {
        return hasOurs(exchange.getMessage()) || hasOurs(exchange);
    }

    private static boolean hasOurs(Message message) {
        if (message.hasHeaders()) {
            for (String name : message.getHeaders().keySet()) {
                if (name.regionMatches(true, 0, OURS, 0, OURS.length())
                        || name.regionMatches(true, 0, HEADER + OURS, 0, HEADER.length() + OURS.length())) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean hasOurs(Exchange exchange) {
        if (exchange.hasProperties()) {
            for (String name : exchange.getProperties().keySet()) {
                if (name.startsWith(OURS) && PROPERTIES.contains(name)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static void hide(Exchange exchange, String name, Object value, boolean property) {
        if (!PERSONAL.contains(name) || value instanceof Unshown) {
            return;
        }
        if (property) {
            exchange.setProperty(name, new Unshown(value));
        } else {
            exchange.getMessage().setHeader(HEADERS.get(name), new Unshown(value));
        }
    }

    /**
     * What these values request.
     *
     * @param values by the names of {@link #ALL}
     * @throws InvalidSettings if one may not be requested
     */
    static TokenRequest request(Map<String, Object> values, ApiSettings settings) {
        TokenRequest usual = settings.tokens().request();
        if (values.isEmpty()) {
            return usual;
        }
        Object scopes = values.get(SCOPE);
        Object resources = values.get(RESOURCE);
        Set<String> scope = scopes == null ? usual.scope() : words(SCOPE, scopes);
        List<String> resource = resources == null ? usual.resource() : List.copyOf(words(RESOURCE, resources));
        Map<String, String> faults = settings.authority().profile().faults(scope, resource);
        if (!faults.isEmpty()) {
            List<String> told = new ArrayList<>();
            faults.forEach((key, fault) -> told.add((key.equals("scope") ? SCOPE : RESOURCE) + " " + fault));
            throw new InvalidSettings(told);
        }
        return new TokenRequest(
                scope,
                resource,
                details(values, settings).claim(),
                customer(values, settings).claims());
    }

    private static AssertionDetails details(Map<String, Object> values, ApiSettings settings) {
        AssertionDetails usual = settings.tokens().assertionDetails();
        Object parent = values.get(PARENT);
        Object child = values.get(CHILD);
        Object journal = values.get(SFM_JOURNAL);
        Object others = values.get(DETAILS);
        if (parent == null && child == null && journal == null && others == null) {
            return usual;
        }
        if (!settings.authority().profile().assertionDetails()) {
            throw new InvalidSettings("the message sets an organisation or assertion details, which the profile "
                    + settings.authority().profile().name() + " does not know. Set them for HelseID's APIs alone"
                    + (settings.client().authentication() instanceof ClientAuthentication.JwtBearerGrant
                            ? "; here it is " + CONSUMER + " or " + SYSTEM_USER + "."
                            : "."));
        }
        return new AssertionDetails(
                usual.multiTenant(),
                usual.trailingColon(),
                usual.checkDigits(),
                parent != null ? text(PARENT, parent) : usual.parent(),
                // A parent of the message brings its own child, or none: never the child of another parent.
                child != null ? text(CHILD, child) : parent != null ? null : usual.child(),
                journal != null ? text(SFM_JOURNAL, journal) : usual.sfmJournal(),
                others != null ? AssertionDetails.elements(others) : usual.others());
    }

    private static Customer customer(Map<String, Object> values, ApiSettings settings) {
        Object claims = values.get(CLAIMS);
        Customer.Rules rules = settings.tokens().customers();
        var customer = new Customer(
                organisation(CONSUMER, values, rules),
                organisation(SYSTEM_USER, values, rules),
                values.containsKey(SYSTEM_USER_REFERENCE)
                        ? text(SYSTEM_USER_REFERENCE, values.get(SYSTEM_USER_REFERENCE))
                        : null,
                values.containsKey(CITIZEN) ? text(CITIZEN, values.get(CITIZEN)) : null,
                claims == null ? Map.of() : Customer.parse(claims));
        boolean grant = settings.client().authentication() instanceof ClientAuthentication.JwtBearerGrant;
        if (customer.needsGrant() && !grant) {
            throw new InvalidSettings(CONSUMER + ", " + SYSTEM_USER + " and " + CITIZEN
                    + " are claims of the JWT grant (Maskinporten), and the"
                    + " profile " + settings.authority().profile().name() + " has another. "
                    + (settings.authority().profile().assertionDetails()
                            ? "HelseID is sent " + PARENT + " or " + CHILD + "."
                            : "Remove them, or set " + CLAIMS + "."));
        }
        if (claims != null && settings.client().authentication().key() == null) {
            throw new InvalidSettings(CLAIMS + " are claims of an assertion, and a client with "
                    + settings.client().authentication().inWords() + " signs none. Remove it.");
        }
        if (customer.saysSubject() && !(grant && !settings.authority().profile().grantSaysAll())) {
            throw new InvalidSettings(CLAIMS + " has 'sub', which is the client itself here. Remove it.");
        }
        return customer;
    }

    private static @Nullable String organisation(String name, Map<String, Object> values, Customer.Rules rules) {
        Object value = values.get(name);
        return value == null ? null : rules.organisation(name, text(name, value));
    }

    private static String text(String name, @Nullable Object value) {
        if (!(value instanceof String || value instanceof Number)
                || value.toString().isBlank()) {
            throw new InvalidSettings(name + " is no text, or empty. Set it to a value, or remove it.");
        }
        return value.toString().strip();
    }

    private static Set<String> words(String name, Object value) {
        Set<String> words = new TreeSet<>();
        for (Object word : value instanceof Collection<?> many ? many : List.of(value)) {
            words.addAll(List.of(text(name, word == null ? "" : word).split("\\s+")));
        }
        if (words.isEmpty()) {
            throw new InvalidSettings(name + " is empty. Set it to a value, or remove it.");
        }
        return words;
    }

    /**
     * Whether a header is one of these, with or without {@code Camel} before it.
     *
     * @param header in lower case
     */
    static boolean isOurs(String header) {
        return LOWER.contains(header.startsWith(LOWER_HEADER) ? header.substring(LOWER_HEADER.length()) : header);
    }
}
