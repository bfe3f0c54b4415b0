package dev.dromedar.oauth;

import dev.dromedar.keys.Json;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is asked for: everything of a token request that the client itself does not fix. With the client it is the identity
 * of a token, so two requests that are equal share one.
 *
 * @param scope sorted, because its order means nothing (RFC 6749 section 3.3); empty asks for what the authority allows
 * @param resource RFC 8707; each an absolute URI; sorted, since their order means nothing either
 * @param assertionDetails HelseID's {@code assertion_details}: a JSON object or array as maps and lists, or null
 * @param claims further claims of the assertion, see {@link Customer#claims}; they may name a person
 */
public record TokenRequest(
        Set<String> scope, List<String> resource, @Nullable Object assertionDetails, Map<String, Object> claims) {
    public TokenRequest {
        scope = Collections.unmodifiableSortedSet(new TreeSet<>(scope));
        resource = List.copyOf(new TreeSet<>(resource));
        if (assertionDetails instanceof Map<?, ?> || assertionDetails instanceof List<?>) {
            assertionDetails = Json.copy(assertionDetails);
        }
        Map<String, Object> copy = new TreeMap<>();
        claims.forEach((name, value) -> copy.put(name, Json.copy(value)));
        claims = Collections.unmodifiableMap(copy);
    }

    public TokenRequest(Set<String> scope, List<String> resource, @Nullable Object assertionDetails) {
        this(scope, resource, assertionDetails, Map.of());
    }

    public static TokenRequest ofScope(Set<String> scope) {
        return new TokenRequest(scope, List.of(), null);
    }

    /**
     * The organisation that it is for, by Maskinporten's claims or HelseID's, in a form to compare and to show; empty for none.
     * Requests for several persons of one organisation are one customer's.
     */
    public String organisation() {
        if (claims.get(Customer.CONSUMER) instanceof String consumer) {
            return consumer;
        }
        Object system = member(first(claims.get(Customer.DETAILS)), "systemuser_org");
        if (member(system, "ID") instanceof String id) {
            return id;
        }
        for (Object element :
                assertionDetails instanceof List<?> list ? list : Collections.singletonList(assertionDetails)) {
            Object role = member(member(element, "practitioner_role"), "organization");
            if (member(member(role, "identifier"), "value") instanceof String value) {
                return value;
            }
        }
        return "";
    }

    private static @Nullable Object first(@Nullable Object value) {
        return value instanceof List<?> list && !list.isEmpty() ? list.get(0) : null;
    }

    private static @Nullable Object member(@Nullable Object object, String name) {
        return object instanceof Map<?, ?> map ? map.get(name) : null;
    }

    /** Without values that may name a person. */
    @Override
    public String toString() {
        return "TokenRequest(" + scope + ", " + resource + ", " + organisation() + ", " + claims.keySet() + ")";
    }
}
