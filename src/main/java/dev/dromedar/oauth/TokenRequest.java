package dev.dromedar.oauth;

import dev.dromedar.keys.Json;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is asked for: everything of a token request that the client itself does not fix. With the client it is the identity
 * of a token, so two requests that are equal share one.
 *
 * @param scope sorted, because its order means nothing (RFC 6749 section 3.3); empty asks for what the authority allows
 * @param resource RFC 8707; each an absolute URI; sorted, since their order means nothing either
 * @param assertionDetails HelseID's {@code assertion_details}: a JSON object or array as maps and lists, or null
 */
public record TokenRequest(
        Set<String> scope, List<String> resource, @Nullable Object assertionDetails) {
    public TokenRequest {
        scope = Collections.unmodifiableSortedSet(new TreeSet<>(scope));
        resource = List.copyOf(new TreeSet<>(resource));
        if (assertionDetails instanceof Map<?, ?> || assertionDetails instanceof List<?>) {
            assertionDetails = Json.copy(assertionDetails);
        }
    }

    public static TokenRequest ofScope(Set<String> scope) {
        return new TokenRequest(scope, List.of(), null);
    }
}
