package dev.dromedar.camel;

import dev.dromedar.oauth.ApiSettings;
import dev.dromedar.oauth.AssertionDetails;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.TokenRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
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

    static final List<String> ALL = List.of(SCOPE, RESOURCE, PARENT, CHILD, SFM_JOURNAL, DETAILS);
    private static final String HEADER = "Camel";
    /** Beside each name its header's: both are looked for in each call. */
    private static final Map<String, String> HEADERS =
            ALL.stream().collect(Collectors.toUnmodifiableMap(name -> name, name -> HEADER + name));

    private static final String LOWER_HEADER = HEADER.toLowerCase(Locale.ROOT);
    private static final Set<String> LOWER =
            ALL.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());

    private PerMessage() {}

    /**
     * @throws InvalidSettings if a value may not be asked for, and for a header without {@code Camel} before it: a caller
     *     from outside could have set it
     */
    static TokenRequest request(Exchange exchange, ApiSettings settings) {
        boolean any = false;
        for (String name : ALL) {
            if (exchange.getMessage().getHeader(name) != null) {
                throw new InvalidSettings(
                        "the header " + name + " is not read, because it may have come with the message"
                                + " from outside. Set the exchange property " + name + ", or the header " + HEADER
                                + name + ".");
            }
            any |= value(exchange, name) != null;
        }
        if (!any) {
            return settings.request();
        }
        Object scopes = value(exchange, SCOPE);
        Object resources = value(exchange, RESOURCE);
        TokenRequest usual = settings.request();
        Set<String> scope = scopes == null ? usual.scope() : words(SCOPE, scopes);
        List<String> resource = resources == null ? usual.resource() : List.copyOf(words(RESOURCE, resources));
        Map<String, String> faults = settings.profile().faults(scope, resource);
        if (!faults.isEmpty()) {
            List<String> told = new ArrayList<>();
            faults.forEach((key, fault) -> told.add((key.equals("scope") ? SCOPE : RESOURCE) + " " + fault));
            throw new InvalidSettings(told);
        }
        return new TokenRequest(scope, resource, details(exchange, settings).claim());
    }

    private static AssertionDetails details(Exchange exchange, ApiSettings settings) {
        AssertionDetails usual = settings.assertionDetails();
        Object parent = value(exchange, PARENT);
        Object child = value(exchange, CHILD);
        Object journal = value(exchange, SFM_JOURNAL);
        Object others = value(exchange, DETAILS);
        if (parent == null && child == null && journal == null && others == null) {
            return usual;
        }
        if (!settings.profile().assertionDetails()) {
            throw new InvalidSettings("the message sets an organisation or assertion details, which the profile "
                    + settings.profile().name() + " does not know. Set them for HelseID's APIs alone.");
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

    private static @Nullable Object value(Exchange exchange, String name) {
        Object property = exchange.getProperty(name);
        return property != null ? property : exchange.getMessage().getHeader(HEADERS.get(name));
    }

    private static String text(String name, Object value) {
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
