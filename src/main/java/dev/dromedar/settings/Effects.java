package dev.dromedar.settings;

import dev.dromedar.oauth.ClientAuthentication;
import java.util.List;

/** Reports keys of an API that are set and change nothing beside the others: their author expects that they do. */
final class Effects {
    private static final List<String> OF_ASSERTIONS = List.of(
            "audience",
            "assertion-lifetime",
            "assertion-type",
            "certificate-header",
            "key-algorithm",
            "key-id",
            "certificate",
            "private-key-password",
            "key-store-password",
            "key-alias");

    private final PropertyGroup group;

    Effects(PropertyGroup group) {
        this.group = group;
    }

    /**
     * Looks at all keys.
     *
     * @param authentication that the API's settings came to
     * @param proof whether tokens are bound by DPoP
     */
    void check(ClientAuthentication authentication, boolean proof) {
        if (authentication.key() == null) {
            String method = authentication.inWords();
            for (String key : OF_ASSERTIONS) {
                if (group.has(key)) {
                    none(
                            key,
                            "with " + method + ": it is for a client with a key (private-key or key-store)"
                                    + (key.equals("audience")
                                            ? ". For a parameter of the token request, as Auth0 requires it, set"
                                                    + " token-parameter.audience."
                                            : ". Remove it."));
                }
            }
            for (String claim : group.under("claim.").keySet()) {
                none(
                        "claim." + claim,
                        "with " + method + ": it is for the assertion of a client with a key. Remove it.");
            }
        } else {
            key("");
        }
        key("tls-");
        if (!proof) {
            for (String key : List.of("dpop-algorithm", "dpop-key")) {
                if (group.has(key)) {
                    none(key, "without DPoP. Set dpop = true, or remove it.");
                }
            }
        }
    }

    /** A key as text has no store's keys, and the other way round. */
    private void key(String beginning) {
        boolean stored = group.has(beginning + "key-store") || group.has(beginning + "key-store-type");
        boolean text = group.has(beginning + "private-key");
        for (String key : List.of("key-store-password", "key-alias")) {
            if (!stored && group.has(beginning + key)) {
                none(beginning + key, "without " + beginning + "key-store. Set that, or remove it.");
            }
        }
        if (!text && group.has(beginning + "private-key-password")) {
            none(beginning + "private-key-password", "without " + beginning + "private-key. Set that, or remove it.");
        }
    }

    private void none(String key, String why) {
        group.fault(key, "has no effect " + why);
    }
}
