package dev.dromedar.oauth;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** HelseID's {@code HID-...} codes in our words. They stand in {@code error_description}, which itself is never shown. */
final class HelseIdErrors {
    private static final Pattern CODE = Pattern.compile("\\bHID-[A-Z0-9]+(-[A-Z0-9]+)*");

    private static final Map<String, String> WORDS = Map.of(
            "HID-1001",
            "this client may not act for this parent organisation. Have the organisation delegate to your own in Altinn,"
                    + " or correct the number",
            "HID-1002",
            "this client may not act for this child organisation. Have it added to the client, or correct the number",
            "HID-1003",
            "the client's list of child organisations contradicts itself. Have HelseID's support look at the client",
            "HID-1004",
            "an organisation number is not nine digits",
            "HID-1005",
            "this client is not set up to say a parent organisation. Have it made multi-tenant, or set"
                    + " organisation-tenancy = single and say the child alone",
            "HID-1006",
            "this client is not set up to say a child organisation. Have it allowed, or say none",
            "HID-1007",
            "the client assertion was malformed. Check claim.* and assertion-details",
            "HID-1008",
            "this client may not use a shared secret. Set client-authentication = private_key_jwt",
            "HID-1009",
            "claims in the assertion are not taken with this grant. Remove claim.*",
            "HID-1010",
            "the client is set up in a way that contradicts itself. Have HelseID's support look at the client");

    private HelseIdErrors() {}

    /** What a code in a description means, or null if it holds none. */
    static @Nullable String explain(@Nullable Object description) {
        if (!(description instanceof String text)) {
            return null;
        }
        Matcher found = CODE.matcher(text);
        if (!found.find() || found.group().length() > 40) {
            return null;
        }
        String code = found.group();
        if (code.startsWith("HID-DOUBLE-STRUCTURE")) {
            return code + ": the same details were sent twice. Say each in one way alone.";
        }
        String words = WORDS.get(code);
        return words == null
                ? code + ": HelseID's list of error codes tells what it means."
                : code + ": " + words + ".";
    }
}
