package dev.dromedar.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What HelseID checks of the claim {@code assertion_details}: check 11, and 12 as far as an assertion alone shows it. */
final class AssertionDetailsCheck {
    private static final String ORGNR = "helseid://claims/client/claims/orgnr_";
    private static final String SINGLE = "urn:oid:2.16.578.1.12.4.1.4.101";
    private static final String MULTI = "urn:oid:1.0.6523";

    private AssertionDetailsCheck() {}

    /** Gives the claims that the access token gets for it. */
    static Map<String, Object> check(Jws assertion, Client client) {
        Map<String, Object> claims = new LinkedHashMap<>();
        if (assertion.claims().has("authorization_details")) {
            throw new Refusal(
                    Check.DOUBLE_STRUCTURE,
                    "access_denied",
                    "HID-DOUBLE-STRUCTURE authorization_details belongs in a request object, not in an assertion");
        }
        JsonNode details = assertion.claims().get("assertion_details");
        if (details == null) {
            return claims;
        }
        List<JsonNode> elements = new ArrayList<>();
        if (details.isObject()) {
            elements.add(details);
        } else if (details.isArray() && details.size() > 1) {
            details.forEach(elements::add);
        } else {
            throw malformed("assertion_details must be one object, or an array of several");
        }
        Set<String> types = new HashSet<>();
        for (JsonNode element : elements) {
            String type = element.path("type").asText("");
            if (!types.add(type)) {
                throw new Refusal(
                        Check.DOUBLE_STRUCTURE,
                        "access_denied",
                        "HID-DOUBLE-STRUCTURE the type '" + type + "' comes twice");
            }
            switch (type) {
                case "helseid_authorization" -> claims.putAll(organisation(element, client));
                case "nhn:sfm:journal-id" -> {
                    if (!element.path("value").path("journal_id").isTextual()) {
                        throw malformed("nhn:sfm:journal-id has no value.journal_id");
                    }
                    claims.put(
                            "nhn:sfm:journal-id",
                            element.path("value").path("journal_id").asText());
                }
                default -> {
                    if (!client.detailTypes().contains(type)) {
                        throw malformed("the type " + Refusal.shown(type) + " is not known here");
                    }
                }
            }
        }
        return claims;
    }

    private static Map<String, String> organisation(JsonNode element, Client client) {
        JsonNode identifier =
                element.path("practitioner_role").path("organization").path("identifier");
        String system = identifier.path("system").asText("");
        String value = identifier.path("value").asText("");
        if (!identifier.path("type").asText("").equals("ENH")) {
            throw malformed("practitioner_role.organization.identifier.type must be 'ENH'");
        }
        if (!system.equals(client.multiTenant() ? MULTI : SINGLE)) {
            throw denied(
                    client.multiTenant() ? "HID-1006" : "HID-1005",
                    "system " + Refusal.shown(system) + " is not for a "
                            + (client.multiTenant() ? "multi-tenant" : "single-tenant") + " client");
        }
        Map<String, String> claims = new LinkedHashMap<>();
        if (!client.multiTenant()) {
            claims.put(ORGNR + "child", child(value, client));
            return claims;
        }
        String[] parts = value.split(":", -1);
        boolean whole = parts.length >= 3 && parts.length <= 4 && parts[0].equals("NO") && parts[1].equals("ORGNR");
        if (!whole || parts[2].isEmpty()) {
            throw malformed("value " + Refusal.shown(value) + " must be NO:ORGNR:<parent>[:<child>]");
        }
        String parent = nine(parts[2]);
        if (!client.parents().contains(parent)) {
            throw denied("HID-1001", "parent '" + parent + "' has not delegated to this client's owner");
        }
        claims.put(ORGNR + "parent", parent);
        if (parts.length == 4 && !parts[3].isEmpty()) {
            claims.put(ORGNR + "child", nine(parts[3]));
        }
        return claims;
    }

    private static String child(String value, Client client) {
        String child = nine(value);
        if (!client.children().contains(child)) {
            throw denied("HID-1002", "child '" + child + "' is not allowed for this client");
        }
        return child;
    }

    private static String nine(String number) {
        if (!number.matches("\\d{9}")) {
            throw denied("HID-1004", "organisation number " + Refusal.shown(number) + " is not nine digits");
        }
        return number;
    }

    private static Refusal malformed(String words) {
        return new Refusal(Check.ASSERTION_DETAILS, "invalid_request", "HID-1007 " + words);
    }

    private static Refusal denied(String code, String words) {
        return new Refusal(Check.ASSERTION_DETAILS, "access_denied", code + " " + words);
    }
}
