package dev.dromedar.oauth;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an authority's {@code error_description} says, in our words: HelseID's {@code HID-...} codes, Microsoft Entra's
 * {@code AADSTS...} codes, and what else it speaks of. The description itself is shown by
 * {@link AuthorityWords} alone.
 */
final class ErrorDescription {
    private static final int LONGEST_CODE = 40;
    private static final String ENTRA = "AADSTS";
    private static final String MASKINPORTEN = "MP-";

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

    /** After Digdir's published list of causes and cures, by code. */
    private static final Map<String, String> MASKINPORTEN_WORDS = Map.ofEntries(
            Map.entry("011", "the grant has expired or is not valid yet. Check this machine's clock"),
            Map.entry(
                    "012",
                    "the grant was used before, and is taken once. Look for another worker with this client's key"),
            Map.entry(
                    "100",
                    "the client was not authenticated. Check client-id, and that the client exists in the environment"
                            + " that authority names"),
            Map.entry("110", "the audience (aud) is another environment's. Check authority, with the slash at its end"),
            Map.entry(
                    "120",
                    "the certificate that signed is not valid. Check its expiry, and that it is of the environment"
                            + " that authority names"),
            Map.entry(
                    "121",
                    "the key has expired: one lives a year from its registration. Register it, or a new one, again"),
            Map.entry(
                    "250",
                    "the organisation has not delegated the scope. Check consumer_org, and the delegation in Altinn"),
            Map.entry(
                    "251",
                    "the organisation in consumer_org has not delegated the scope to yours. Have it delegated in"
                            + " Altinn, or correct the number"));

    /** What the first digit of a code of Maskinporten's speaks of. */
    private static final Map<Character, String> MASKINPORTEN_KINDS = Map.of(
            '0', "the grant was not accepted. Check this machine's clock, and claim.*",
            '1',
                    "the client was not authenticated. Check client-id, that its key is registered and not expired, and authority",
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

    private static final List<String> SECRETS = List.of("secret", "secrets", "client_secret", "client-secret");

    private static final String SECRET = "the secret: it is wrong or has expired";

    /** What a description may speak of without a code; the first that fits is reported. */
    private static final Map<List<String>, String> HINTS = hints();

    private static Map<List<String>, String> hints() {
        Map<List<String>, String> hints = new LinkedHashMap<>();
        hints.put(
                List.of("jti", "replay", "replayed", "already been used", "has been used"),
                "an assertion that was used before");
        hints.put(
                List.of("consumer_org"),
                "consumer_org: it must be another organisation than the client's own, and one that has delegated the scope");
        hints.put(
                List.of("authorization_details", "systemuser", "system user"),
                "the system user: the organisation must have approved it for this client's system, and its externalRef must"
                        + " be the one it was made with");
        hints.put(
                List.of("integration types", "integration type"),
                "the scope, which is for logged-in users: this client needs another integration type");
        hints.put(List.of("aud", "audience"), "the audience (aud): correct audience or authority");
        hints.put(
                List.of("x5t", "x5c", "certificate"),
                "the certificate: register it, or correct certificate (tls-certificate)");
        hints.put(
                List.of("kid", "key id", "not registered for this client", "no matching key", "unknown key"),
                "the key: register its public half, or correct its kid");
        hints.put(List.of("signature"), "the signature: the registered key is another one than private-key");
        hints.put(List.of("alg", "algorithm"), "the algorithm: see key-algorithm");
        hints.put(
                List.of("exp", "iat", "nbf", "expired", "lifetime", "clock", "not yet valid", "in the future"),
                "time: check this machine's clock, and assertion-lifetime");
        hints.put(SECRETS, SECRET);
        hints.put(List.of("claim", "claims"), "a claim: see claim.*, and the rules of the authority");
        hints.put(
                List.of("not known", "unknown client", "client not found"), "the client: client-id is not known there");
        hints.put(List.of("scope"), "the scope");
        return hints;
    }

    /**
     * What a description speaks of, in our words and before what else it may be, or nothing.
     *
     * @param secret whether the client authenticates by a secret, which no clock and no lifetime of ours decide on
     */
    static String hint(@Nullable Object description, boolean secret) {
        if (description instanceof String text && text.length() < 4000) {
            if (secret && speaksOfSecret(text)) {
                return "The authority speaks of " + SECRET + ".";
            }
            for (var hint : HINTS.entrySet()) {
                boolean spokenOf = ForeignText.find(text, hint.getKey().toArray(String[]::new)) >= 0
                        || hint.getKey().contains("client not found") && speaksOfMissingClient(text);
                if (spokenOf) {
                    return "The authority speaks of " + hint.getValue() + ".";
                }
            }
        }
        return "";
    }

    /** By its name, or by what has expired: of all that such a client sends, a proof (RFC 9449) alone can do so besides. */
    private static boolean speaksOfSecret(String text) {
        return ForeignText.find(text, SECRETS.toArray(String[]::new)) >= 0
                || ForeignText.find(text, "expired") >= 0
                        && ForeignText.find(text, "jwt", "assertion", "proof", "token") < 0;
    }

    /** A client that is named and then not found. */
    private static boolean speaksOfMissingClient(String text) {
        int client = ForeignText.find(text, "client");
        return client >= 0 && ForeignText.find(text.substring(client), "not found") >= 0;
    }

    /** What a code in a description means, or null if it holds none. */
    static @Nullable String explain(@Nullable Object description) {
        if (!(description instanceof String text)) {
            return null;
        }
        String entra = ForeignText.code(text, ENTRA, ENTRA.length() + 7);
        if (entra != null
                && entra.length() >= ENTRA.length() + 5
                && ForeignText.isNumber(entra.substring(ENTRA.length()), 7)) {
            String words = ENTRA_WORDS.get(entra.substring(ENTRA.length()));
            return entra + ": " + (words == null ? "Microsoft's list of error codes explains it" : words) + ".";
        }
        String maskinporten = ForeignText.code(text, MASKINPORTEN, MASKINPORTEN.length() + 3);
        if (maskinporten != null && ForeignText.isNumber(maskinporten.substring(MASKINPORTEN.length()), 3)) {
            String code = maskinporten.substring(MASKINPORTEN.length());
            String words = MASKINPORTEN_WORDS.getOrDefault(code, MASKINPORTEN_KINDS.get(code.charAt(0)));
            return maskinporten + ": " + (words == null ? "Digdir's page on Maskinporten's errors explains it" : words)
                    + ".";
        }
        String code = ForeignText.code(text, "HID-", LONGEST_CODE);
        if (code == null) {
            return null;
        }
        if (code.startsWith("HID-DOUBLE-STRUCTURE")) {
            return code + ": the same details were sent twice. Say each in one way alone.";
        }
        String words = WORDS.get(code);
        return words == null ? code + ": HelseID's list of error codes explains it." : code + ": " + words + ".";
    }
}
