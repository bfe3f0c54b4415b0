package dev.dromedar.oauth;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an authority's {@code error_description} says, in our words: HelseID's {@code HID-...} codes, Microsoft Entra's
 * {@code AADSTS...} codes, and what else it speaks of. The description itself is never shown.
 */
final class ErrorDescription {
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
            "this client is not set up to say a child organisation. Have it allowed, or say none; a multi-tenant client says"
                    + " its parent too (organisation-parent)",
            "HID-1007",
            "the client assertion was malformed. Check claim.* and assertion-details",
            "HID-1008",
            "this client may not use a shared secret. Set client-authentication = private_key_jwt",
            "HID-1009",
            "claims in the assertion are not taken with this grant. Remove claim.*",
            "HID-1010",
            "the client is set up in a way that contradicts itself. Have HelseID's support look at the client");

    private ErrorDescription() {}

    private static final Pattern ENTRA = Pattern.compile("\\bAADSTS(\\d{5,7})\\b");

    private static final Pattern MASKINPORTEN = Pattern.compile("\\bMP-(\\d{3})\\b");

    /** After Digdir's published list of causes and cures, by code. */
    private static final Map<String, String> MASKINPORTEN_WORDS = Map.ofEntries(
            Map.entry("011", "the grant has expired or is not valid yet. Check this machine's clock"),
            Map.entry("012", "the grant was used before, and is taken once. Look for another worker with this client's key"),
            Map.entry("100", "the client was not authenticated. Check client-id, and that the client exists in the environment"
                    + " that authority names"),
            Map.entry("110", "the audience (aud) is another environment's. Check authority, with the slash at its end"),
            Map.entry("120", "the certificate that signed is not valid. Check its expiry, and that it is of the environment"
                    + " that authority names"),
            Map.entry("121", "the key has expired: one lives a year from its registration. Register it, or a new one, again"),
            Map.entry("250", "the organisation has not delegated the scope. Check consumer_org, and the delegation in Altinn"),
            Map.entry("251", "the organisation in consumer_org has not delegated the scope to yours. Have it delegated in"
                    + " Altinn, or correct the number"));

    /** What the first digit of a code of Maskinporten's speaks of. */
    private static final Map<Character, String> MASKINPORTEN_KINDS = Map.of(
            '0', "the grant was not accepted. Check this machine's clock, and claim.*",
            '1', "the client was not authenticated. Check client-id, that its key is registered and not expired, and authority",
            '2', "the scope was not granted. Check scope, and that it is granted or delegated to this client",
            '3', "the request was forbidden. Check resource, claim.*, and what this client may do");

    /** From Microsoft's published list of error codes. */
    private static final Map<String, String> ENTRA_WORDS = Map.of(
            "700016",
            "there is no such application in this tenant. Check client-id, and the tenant in authority",
            "7000215",
            "the client secret is wrong. Set the secret's value, not its id",
            "7000222",
            "the client secret has expired. Make a new one in the portal",
            "700027",
            "the certificate is not registered for this application, or the assertion was not signed with its key",
            "700024",
            "the assertion is not valid now. Check this machine's clock, and assertion-lifetime",
            "70011",
            "the scope is not one that it takes. Set scope to the API's identifier with /.default at its end",
            "1002012",
            "the scope is not one that it takes. Set scope to the API's identifier with /.default at its end",
            "500011",
            "the API that scope names is not known in this tenant. Check the identifier before /.default",
            "90002",
            "there is no such tenant. Check authority");

    /** What a description may speak of without a code; the first that fits is told. */
    private static final Map<Pattern, String> HINTS = hints();

    private static Map<Pattern, String> hints() {
        Map<Pattern, String> hints = new java.util.LinkedHashMap<>();
        hints.put(word("jti|replay(ed)?|already been used|has been used"), "an assertion that was used before");
        hints.put(word("aud|audience"), "the audience (aud): correct audience or authority");
        hints.put(
                word("x5t|x5c|certificate"), "the certificate: register it, or correct certificate (tls-certificate)");
        hints.put(
                word("kid|key id|not registered for this client|no matching key|unknown key"),
                "the key: register its public half, or correct its kid");
        hints.put(word("signature"), "the signature: the registered key is another one than private-key");
        hints.put(word("alg|algorithm"), "the algorithm: see key-algorithm");
        hints.put(
                word("exp|iat|nbf|expired|lifetime|clock|not yet valid|in the future"),
                "time: check this machine's clock, and assertion-lifetime");
        hints.put(word("secret"), "the secret: it is wrong or has expired");
        hints.put(word("claims?"), "a claim: see claim.*, and the rules of the authority");
        hints.put(word("not known|unknown client|client .* not found"), "the client: client-id is not known there");
        hints.put(word("scope"), "the scope");
        return hints;
    }

    private static Pattern word(String words) {
        return Pattern.compile("(?<![\\w-])(" + words + ")(?![\\w-])", Pattern.CASE_INSENSITIVE);
    }

    /** What a description speaks of, in our words and before what else it may be, or nothing. */
    static String hint(@Nullable Object description) {
        if (description instanceof String text && text.length() < 4000) {
            for (var hint : HINTS.entrySet()) {
                if (hint.getKey().matcher(text).find()) {
                    return "The authority speaks of " + hint.getValue() + ".";
                }
            }
        }
        return "";
    }

    /** What a code in a description means, or null if it holds none. */
    static @Nullable String explain(@Nullable Object description) {
        if (!(description instanceof String text)) {
            return null;
        }
        Matcher entra = ENTRA.matcher(text);
        if (entra.find()) {
            String words = ENTRA_WORDS.get(entra.group(1));
            return entra.group() + ": "
                    + (words == null ? "Microsoft's list of error codes tells what it means" : words) + ".";
        }
        Matcher maskinporten = MASKINPORTEN.matcher(text);
        if (maskinporten.find()) {
            String code = maskinporten.group(1);
            String words = MASKINPORTEN_WORDS.getOrDefault(code, MASKINPORTEN_KINDS.get(code.charAt(0)));
            return maskinporten.group() + ": "
                    + (words == null ? "Digdir's page on Maskinporten's errors tells what it means" : words) + ".";
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
