package dev.dromedar.oauth;

import dev.dromedar.keys.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * HelseID's claim {@code assertion_details}: for whom a client acts. One element is a JSON object, several are an array. The
 * shapes are those of HelseID's own libraries. Immutable.
 *
 * @param multiTenant whether this client acts for organisations that have delegated to its owner
 * @param trailingColon whether a parent alone is written with a colon at its end, as HelseID's .NET library does; its Java
 *     library does not
 * @param checkDigits whether the control digit (modulus 11) is checked; HelseID's published test numbers fail it
 * @param parent organisation number of the parent, or null
 * @param child organisation number of the child, or null
 * @param sfmJournal SFM journal id, or null
 * @param others further elements, word for word
 */
public record AssertionDetails(
        boolean multiTenant,
        boolean trailingColon,
        boolean checkDigits,
        @Nullable String parent,
        @Nullable String child,
        @Nullable String sfmJournal,
        List<Map<String, ?>> others) {

    public static final AssertionDetails NONE = new AssertionDetails(false, false, true, null, null, null, List.of());

    private static final String ORGANISATION = "helseid_authorization";
    private static final String SFM = "nhn:sfm:journal-id";
    private static final int[] WEIGHTS = {3, 2, 7, 6, 5, 4, 3, 2};

    /** @throws InvalidSettings if a number is none, or they do not fit the client's kind */
    public AssertionDetails {
        others = List.copyOf(others);
        check("parent", parent, checkDigits);
        check("child", child, checkDigits);
        if (multiTenant && child != null && parent == null) {
            throw new InvalidSettings(
                    "organisation-child",
                    "organisation child '" + child
                            + "' has no parent: a multi-tenant client must say both (HelseID: organisation numbers)");
        }
        if (!multiTenant && parent != null) {
            throw new InvalidSettings(
                    "organisation-parent",
                    "organisation parent '" + parent + "' is not said by a single-tenant client, whose"
                            + " parent HelseID knows: say the child alone, or set organisation-tenancy = multi");
        }
        for (Map<String, ?> other : others) {
            boolean twice = ORGANISATION.equals(other.get("type")) && (parent != null || child != null)
                    || SFM.equals(other.get("type")) && sfmJournal != null;
            if (twice) {
                throw new InvalidSettings(
                        "assertion-details",
                        "assertion details hold an element of the type '" + other.get("type")
                                + "', which is said in another way too: say it once");
            }
            if (!(other.get("type") instanceof String type) || type.isBlank()) {
                throw new InvalidSettings("assertion-details", "assertion details hold an element without a 'type'");
            }
        }
        if (sfmJournal != null && (sfmJournal.isBlank() || sfmJournal.length() > 200)) {
            throw new InvalidSettings("sfm-journal-id", "the SFM journal id is empty or longer than 200 characters");
        }
    }

    private static void check(String what, @Nullable String number, boolean digits) {
        if (number == null) {
            return;
        }
        if (!number.matches("\\d{9}")) {
            throw new InvalidSettings(
                    "organisation-" + what,
                    "organisation " + what + " " + (number.matches("[\\w :.-]{1,30}") ? "'" + number + "'" : "")
                            + " is no organisation number: nine digits are needed");
        }
        if (digits && !hasControlDigit(number)) {
            throw new InvalidSettings(
                    "organisation-" + what,
                    "organisation " + what + " '" + number + "' is no organisation number: its last digit"
                            + " does not fit the others (modulus 11). Correct it; for made-up numbers of a test environment set"
                            + " organisation-check = digits");
        }
    }

    /** Modulus 11, as the register of legal entities gives the ninth digit. */
    static boolean hasControlDigit(String number) {
        int sum = 0;
        for (int i = 0; i < WEIGHTS.length; i++) {
            sum += (number.charAt(i) - '0') * WEIGHTS[i];
        }
        int digit = (11 - sum % 11) % 11;
        return digit != 10 && digit == number.charAt(8) - '0';
    }

    /** The claim's value: an object, an array, or null for nothing to say. */
    public @Nullable Object claim() {
        List<Object> elements = new ArrayList<>();
        if (parent != null || child != null) {
            elements.add(organisation());
        }
        if (sfmJournal != null) {
            elements.add(Map.of("type", SFM, "value", Map.of("journal_id", sfmJournal)));
        }
        elements.addAll(others);
        return elements.isEmpty() ? null : elements.size() == 1 ? elements.get(0) : elements;
    }

    private Map<String, Object> organisation() {
        Map<String, Object> identifier = new LinkedHashMap<>();
        identifier.put("system", multiTenant ? "urn:oid:1.0.6523" : "urn:oid:2.16.578.1.12.4.1.4.101");
        identifier.put("type", "ENH");
        identifier.put(
                "value",
                multiTenant
                        ? "NO:ORGNR:" + parent + (child != null ? ":" + child : trailingColon ? ":" : "")
                        : String.valueOf(child));
        return Map.of(
                "type", ORGANISATION, "practitioner_role", Map.of("organization", Map.of("identifier", identifier)));
    }

    /**
     * Elements from JSON text: one object, or an array of them.
     *
     * @throws InvalidSettings if it is anything else; it is not quoted
     */
    public static List<Map<String, ?>> parse(String json) {
        return elements(json(json));
    }

    /**
     * Any JSON value.
     *
     * @throws InvalidSettings if it is none; it is not quoted
     */
    public static Object json(String json) {
        try {
            Object value = Json.object(("{\"v\":" + json + "}").getBytes(StandardCharsets.UTF_8))
                    .get("v");
            if (value != null) {
                return value;
            }
        } catch (IOException e) {
            // reported below, without its words
        }
        throw new InvalidSettings(
                "assertion-details", "assertion details are no JSON: write one object, or an array of objects");
    }

    /** Elements from what a route holds: a map, a list of maps, or JSON text. */
    public static List<Map<String, ?>> elements(@Nullable Object value) {
        if (value instanceof String text) {
            return parse(text);
        }
        List<Map<String, ?>> elements = new ArrayList<>();
        for (Object element : value instanceof List<?> list ? list : List.of(value == null ? "" : value)) {
            if (!(element instanceof Map<?, ?> map)) {
                throw new InvalidSettings(
                        "assertion-details", "assertion details must be one JSON object, or an array of objects");
            }
            Map<String, Object> copy = new LinkedHashMap<>();
            map.forEach((name, member) -> {
                if (member != null) {
                    copy.put(String.valueOf(name), member);
                }
            });
            elements.add(copy);
        }
        return elements;
    }
}
