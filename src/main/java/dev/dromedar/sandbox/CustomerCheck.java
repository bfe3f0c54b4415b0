package dev.dromedar.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What Maskinporten checks of the claims that say whom a grant is for: {@code consumer_org}, {@code authorization_details} of
 * Altinn's system users, and {@code pid}.
 */
final class CustomerCheck {
    private static final String AUTHORITY = "iso6523-actorid-upis";
    private static final String PREFIX = "0192:";
    private static final int[] FIRST = {3, 7, 6, 1, 8, 9, 4, 5, 2, 1};
    private static final int[] SECOND = {5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1};

    private CustomerCheck() {}

    /** Gives the claims that the access token gets for them. */
    static Map<String, Object> check(Jws grant, Client client) {
        Map<String, Object> claims = new LinkedHashMap<>();
        Customers customers = client.customers();
        claims.put("consumer", identifier(customers.own()));
        JsonNode consumer = grant.claims().get("consumer_org");
        if (consumer != null) {
            claims.put("consumer", identifier(consumer(consumer, customers)));
            claims.put("supplier", identifier(customers.own()));
        }
        JsonNode details = grant.claims().get("authorization_details");
        if (details != null) {
            claims.put("authorization_details", systemUser(details, customers));
        }
        JsonNode pid = grant.claims().get("pid");
        if (pid != null) {
            claims.put("pid", citizen(pid));
        }
        return claims;
    }

    private static Map<String, String> identifier(String organisation) {
        return Map.of("authority", AUTHORITY, "ID", PREFIX + organisation);
    }

    private static String consumer(JsonNode claim, Customers customers) {
        String organisation = claim.isTextual() ? claim.textValue() : "";
        if (!organisation.matches("\\d{9}")) {
            throw refused("invalid_request", "consumer_org is " + Refusal.shown(claim) + ", must be nine digits");
        }
        if (organisation.equals(customers.own())) {
            throw refused("invalid_request", "consumer_org is the client's own organisation: send none");
        }
        if (!customers.hasDelegated(organisation)) {
            throw refused(
                    "invalid_scope",
                    "MP-251 consumer_org '" + organisation + "' has not delegated this client's scope");
        }
        return organisation;
    }

    /** The claim with what a token has besides. */
    private static Object systemUser(JsonNode details, Customers customers) {
        if (!details.isArray() || details.size() != 1 || !details.get(0).isObject()) {
            throw malformed("must be an array of one object");
        }
        JsonNode one = details.get(0);
        only(one, Set.of("type", "systemuser_org", "externalRef"));
        if (!one.path("type").asText().equals("urn:altinn:systemuser")) {
            throw malformed("has the type " + Refusal.shown(one.get("type")));
        }
        JsonNode organisation = one.path("systemuser_org");
        only(organisation, Set.of("authority", "ID"));
        String id = organisation.path("ID").asText();
        if (!organisation.path("authority").asText().equals(AUTHORITY) || !id.matches(PREFIX + "\\d{9}")) {
            throw malformed("must name an organisation by " + AUTHORITY + " and 0192:<nine digits>");
        }
        JsonNode reference = one.get("externalRef");
        if (reference != null
                && (!reference.isTextual() || reference.textValue().isEmpty())) {
            throw malformed("has an externalRef that is no text");
        }
        @Nullable String named = reference == null ? null : reference.textValue();
        if (!customers.hasSystemUser(id.substring(PREFIX.length()), named)) {
            throw refused(
                    "invalid_request",
                    "organisation '" + id + "' has no system user"
                            + (named == null ? "" : " with the externalRef " + Refusal.shown(named))
                            + " for this client's system");
        }
        return details;
    }

    private static void only(JsonNode object, Set<String> known) {
        object.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                throw malformed("has the member " + Refusal.shown(name) + ", which is not known here");
            }
        });
    }

    private static String citizen(JsonNode claim) {
        String pid = claim.isTextual() ? claim.textValue() : "";
        if (!pid.matches("\\d{11}") || sum(pid, FIRST) % 11 != 0 || sum(pid, SECOND) % 11 != 0) {
            throw refused("invalid_request", "pid is no national identity number"); // and is not repeated
        }
        return pid;
    }

    private static int sum(String digits, int[] weights) {
        int sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += (digits.charAt(i) - '0') * weights[i];
        }
        return sum;
    }

    private static Refusal malformed(String words) {
        return refused("invalid_request", "authorization_details " + words);
    }

    private static Refusal refused(String error, String words) {
        return new Refusal(Check.CUSTOMER, error, words);
    }
}
