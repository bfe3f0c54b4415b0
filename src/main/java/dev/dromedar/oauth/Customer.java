package dev.dromedar.oauth;

import dev.dromedar.keys.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whom one call is for, as claims of the client's assertion: Maskinporten's {@code consumer_org}, {@code
 * authorization_details} of Altinn's system users and {@code pid}, and further claims. Immutable. Its text names no person.
 *
 * @param consumerOrganisation organisation number of the one that has delegated the scope, or null
 * @param systemUser organisation number of the one whose system user in Altinn the call is made as, or null
 * @param systemUserReference {@code externalRef} of that system user, or null for the one without
 * @param citizen national identity number of the person that the token is for, or null
 * @param others further claims, as JSON
 */
public record Customer(
        @Nullable String consumerOrganisation,
        @Nullable String systemUser,
        @Nullable String systemUserReference,
        @Nullable String citizen,
        Map<String, Object> others) {

    /** No one in particular. */
    public static final Customer NONE = new Customer(null, null, null, null, Map.of());

    static final String CONSUMER = "consumer_org";
    static final String DETAILS = "authorization_details";
    static final String CITIZEN = "pid";

    /** Claims that say whom a call is for; a message that names an organisation replaces both that name one. */
    private static final Set<String> ORGANISATION = Set.of(CONSUMER, DETAILS);

    /** Claims that the protocol, or a property or message of their own, says (RFC 7519 section 4.1, RFC 7523 section 3). */
    private static final Set<String> PROTOCOL = Set.of(
            "iss", "aud", "jti", "iat", "nbf", "exp", "scope", "resource", "client_id", "cnf", "assertion_details");

    private static final int MOST_CLAIMS = 20;
    private static final int LONGEST_NAME = 100;
    private static final int LONGEST_CLAIMS = 4096;
    private static final int LONGEST_REFERENCE = 200;
    private static final int[] FIRST_DIGIT = {3, 7, 6, 1, 8, 9, 4, 5, 2, 1};
    private static final int[] SECOND_DIGIT = {5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1};

    public Customer {
        others = others.isEmpty() ? Map.of() : claims(others);
        if (systemUserReference != null && systemUser == null) {
            throw new InvalidSettings(
                    "a reference of a system user is set, and no system user. Set DromedarSystemUser to its organisation");
        }
        if (systemUser != null && consumerOrganisation != null) {
            throw new InvalidSettings(
                    "DromedarConsumerOrganisation and DromedarSystemUser both say whom the call is for. Set one of them");
        }
        if (systemUserReference != null && !isReference(systemUserReference)) {
            throw new InvalidSettings(
                    "the reference of the system user is empty, has control characters, or has more than "
                            + LONGEST_REFERENCE + " characters");
        }
        if (citizen != null && !isCitizen(citizen)) {
            throw new InvalidSettings(
                    "DromedarCitizen is no national identity number: eleven digits are needed, of which the"
                            + " last two fit the others (modulus 11)"); // never quoted
        }
    }

    /**
     * What organisation numbers may be.
     *
     * @param own the client's own organisation, for which it requests tokens without saying so, or null if it is not known
     * @param checkDigits whether the control digit is checked
     */
    public record Rules(@Nullable String own, boolean checkDigits) {
        public static final Rules USUAL = new Rules(null, true);

        /**
         * An organisation number that a token can be requested for.
         *
         * @param what the name that it was set by
         * @throws InvalidSettings if it is none, or the client's own
         */
        public String organisation(String what, String number) {
            if (!ForeignText.isNumber(number, 9) || number.length() != 9) {
                throw new InvalidSettings(what + (ForeignText.isWord(number, 30) ? " '" + number + "'" : "")
                        + " is no organisation number: nine digits are needed");
            }
            if (checkDigits && !AssertionDetails.hasControlDigit(number)) {
                throw new InvalidSettings(
                        what + " '" + number + "' is no organisation number: its last digit does not fit"
                                + " the others (modulus 11). Correct it; for made-up numbers of a test environment set"
                                + " organisation-check = digits");
            }
            if (number.equals(own)) {
                throw new InvalidSettings(
                        what + " '" + number + "' is the client's own organisation (own-organisation), which"
                                + " the authority refuses: remove it, and the token is for your own organisation");
            }
            return number;
        }
    }

    /** Whether its further claims say the subject, which only a grant that leaves it open may (RFC 7523 section 3). */
    public boolean saysSubject() {
        return others.containsKey("sub");
    }

    /** Whether it needs claims that only the JWT grant has. */
    public boolean needsGrant() {
        return consumerOrganisation != null || systemUser != null || citizen != null;
    }

    /** The claims of an assertion; empty for no one in particular. */
    public Map<String, Object> claims() {
        Map<String, Object> claims = new TreeMap<>(others);
        if (consumerOrganisation != null) {
            claims.put(CONSUMER, consumerOrganisation);
        }
        if (systemUser != null) {
            Map<String, Object> user = new LinkedHashMap<>();
            user.put("type", "urn:altinn:systemuser");
            user.put("systemuser_org", Map.of("authority", "iso6523-actorid-upis", "ID", "0192:" + systemUser));
            if (systemUserReference != null) {
                user.put("externalRef", systemUserReference);
            }
            claims.put(DETAILS, List.of(user));
        }
        if (citizen != null) {
            claims.put(CITIZEN, citizen);
        }
        return claims;
    }

    /** Those of an API's properties that stay beside a message's: an organisation of the message is the only one. */
    static Map<String, Object> beside(Map<String, Object> ofProperties, Map<String, Object> ofMessage) {
        if (ofMessage.keySet().stream().noneMatch(ORGANISATION::contains)) {
            return ofProperties;
        }
        Map<String, Object> left = new TreeMap<>(ofProperties);
        left.keySet().removeAll(ORGANISATION);
        return left;
    }

    /**
     * Further claims from what a route holds: a map, or JSON text.
     *
     * @throws InvalidSettings if it is anything else; it is not quoted
     */
    public static Map<String, Object> parse(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> claims = new TreeMap<>();
            map.forEach((name, member) -> {
                if (member != null) {
                    claims.put(String.valueOf(name), member);
                }
            });
            return claims;
        }
        if (value instanceof CharSequence text && text.length() <= LONGEST_CLAIMS) {
            try {
                Map<String, Object> claims = new TreeMap<>();
                Json.object(text.toString().getBytes(StandardCharsets.UTF_8)).forEach((name, member) -> {
                    if (member != null) {
                        claims.put(name, member);
                    }
                });
                return claims;
            } catch (IOException e) {
                // reported below, without its words
            }
        }
        throw new InvalidSettings("DromedarClaims is no JSON object of at most " + LONGEST_CLAIMS
                + " characters. Set it to a map or to JSON text");
    }

    private static Map<String, Object> claims(Map<String, Object> claims) {
        List<String> faults = new ArrayList<>();
        if (claims.size() > MOST_CLAIMS) {
            faults.add("DromedarClaims has more than " + MOST_CLAIMS + " claims. Set fewer");
        }
        for (String name : claims.keySet()) {
            String shown = ForeignText.line(name, LONGEST_NAME);
            if (PROTOCOL.contains(name)) {
                String instead = name.equals("scope")
                        ? "Set DromedarScope"
                        : name.equals("resource") ? "Set DromedarResource" : "Remove it";
                faults.add("DromedarClaims has '" + name + "', which is the protocol's. " + instead);
            } else if (ORGANISATION.contains(name) || name.equals(CITIZEN)) {
                faults.add("DromedarClaims has '" + name + "', which has a property of its own. Set Dromedar"
                        + (name.equals(CONSUMER)
                                ? "ConsumerOrganisation"
                                : name.equals(CITIZEN) ? "Citizen" : "SystemUser"));
            } else if (name.isBlank() || name.length() > LONGEST_NAME || !shown.equals(name)) {
                faults.add("DromedarClaims has the name '" + shown + "', which no claim can have. Use at most "
                        + LONGEST_NAME + " printable characters");
            }
        }
        if (!faults.isEmpty()) {
            throw new InvalidSettings(faults);
        }
        try {
            String json = Json.write(claims);
            if (json.length() <= LONGEST_CLAIMS && Json.copy(claims) instanceof Map<?, ?> copy) {
                Map<String, Object> checked = new TreeMap<>();
                copy.forEach((name, value) -> checked.put(String.valueOf(name), value));
                return Collections.unmodifiableMap(checked);
            }
        } catch (IllegalArgumentException | StackOverflowError e) { // a map may hold itself
            // reported below, without its words
        }
        throw new InvalidSettings(
                "DromedarClaims cannot be written as JSON of at most " + LONGEST_CLAIMS + " characters. Set less");
    }

    private static boolean isReference(String text) {
        return !text.isBlank()
                && text.length() <= LONGEST_REFERENCE
                && text.chars().noneMatch(c -> Character.isISOControl(c) || Character.isSurrogate((char) c));
    }

    /** Eleven digits with both control digits, as birth numbers, D numbers and synthetic ones have them. */
    static boolean isCitizen(String text) {
        return text.length() == 11
                && ForeignText.isNumber(text, 11)
                && sum(text, FIRST_DIGIT) % 11 == 0
                && sum(text, SECOND_DIGIT) % 11 == 0;
    }

    private static int sum(String digits, int[] weights) {
        int sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += (digits.charAt(i) - '0') * weights[i];
        }
        return sum;
    }

    /** Without the person and without the values of further claims. */
    @Override
    public String toString() {
        return "Customer(" + consumerOrganisation + ", " + systemUser + ", " + (citizen == null ? "no citizen" : "***")
                + ", " + others.keySet() + ")";
    }
}
