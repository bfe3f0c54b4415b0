package dev.dromedar.settings;

import dev.dromedar.keys.Followed;
import dev.dromedar.keys.SignatureAlgorithm;
import dev.dromedar.keys.SigningKey;
import dev.dromedar.keys.UnusableCredential;
import dev.dromedar.oauth.AssertionDetails;
import dev.dromedar.oauth.Audience;
import dev.dromedar.oauth.ClientAuthentication.AssertionForm;
import dev.dromedar.oauth.Grant;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.KeyName;
import dev.dromedar.oauth.Profile;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads how a client writes and signs its assertions, against the profile's rules. */
final class AssertionReader {
    private static final Duration SECOND = Duration.ofSeconds(1);

    /** Claims and parameters that other properties say, or that nobody may. */
    private static final Set<String> OWN_CLAIMS =
            Set.of("iss", "sub", "aud", "jti", "iat", "nbf", "exp", "scope", "resource", "assertion_details");

    private final PropertyGroup group;
    private final CredentialReader credentials;
    private final Profile profile;

    AssertionReader(PropertyGroup group, CredentialReader credentials, Profile profile) {
        this.group = group;
        this.credentials = credentials;
        this.profile = profile;
    }

    @Nullable
    AssertionForm form(Grant grant) {
        Duration lifetime = group.time("assertion-lifetime", profile.assertionLifetime(), SECOND, Duration.ofDays(1));
        if (lifetime.compareTo(profile.longestAssertion()) > 0) {
            group.fault(
                    "assertion-lifetime",
                    "'" + Durations.shown(lifetime) + "' is more than the "
                            + profile.longestAssertion().toSeconds() + "s that the authority takes: "
                            + profile.rule("assertion-lifetime") + ".");
        }
        String type = group.text("assertion-type");
        String audience = group.text("audience");
        if (type != null && !profile.assertionOpen()) {
            group.broken("assertion-type", "'" + type + "'", profile);
        }
        if (audience != null && !profile.assertionOpen()) {
            group.broken("audience", "'" + audience + "'", profile);
        }
        Map<String, KeyName> names = new LinkedHashMap<>();
        Arrays.stream(KeyName.values()).forEach(value -> names.put(value.propertyValue(), value));
        KeyName keyName = group.choice("certificate-header", names);
        if (keyName != null && !profile.keyName().contains(keyName)) {
            group.broken("certificate-header", "'" + keyName.propertyValue() + "'", profile);
            return null;
        }
        // "issuer" and "token-endpoint" stand for what they are at this authority
        Audience usual = "issuer".equals(audience)
                ? Audience.ISSUER
                : "token-endpoint".equals(audience) ? Audience.TOKEN_ENDPOINT : null;
        return new AssertionForm(
                type == null ? profile.assertionType() : type,
                lifetime,
                usual == null ? profile.audience() : usual,
                usual == null ? audience : null,
                keyName == null ? profile.keyName().get(0) : keyName,
                claims(grant == Grant.JWT_BEARER && !profile.grantSaysAll()));
    }

    @Nullable
    Followed<SigningKey> key(AssertionForm form) {
        if (!group.has("private-key") && !group.has("key-store") && !group.has("key-store-type")) {
            group.fault(
                    "private-key",
                    "missing. Set the private JWK of this client, for example {{secretfile:secrets/my-key.jwk.json}}.");
        }
        SignatureAlgorithm algorithm = group.choice("key-algorithm", CredentialReader.algorithms("RSA", "EC"));
        if (algorithm != null && !profile.algorithms().contains(algorithm)) {
            group.fault(
                    "key-algorithm",
                    "'" + algorithm + "' breaks a rule of the profile " + profile.name() + ": "
                            + profile.rule("private-key") + ".");
            group.checkOthers();
            return null;
        }
        return credentials.key("", algorithm, profile.rsaAlgorithm(), key -> usable(key, form));
    }

    private SigningKey usable(SigningKey key, AssertionForm form) {
        if (form.keyName() == KeyName.KID && key.keyId() == null) {
            throw new UnusableCredential(
                    "has no 'kid'. Add the kid under which its public key is registered: in the JWK, or as"
                            + " key-id");
        }
        if (form.keyName() != KeyName.KID && key.certificates().isEmpty()) {
            throw new UnusableCredential(
                    "has no certificate, which the header '" + form.keyName().propertyValue()
                            + "' is made of. Set certificate to the PEM certificate of this key");
        }
        if (!profile.algorithms().contains(key.algorithm())) {
            throw new UnusableCredential("signs with " + key.algorithm() + ", which breaks a rule of the profile "
                    + profile.name() + ": " + profile.rule("private-key"));
        }
        return key;
    }

    /** @param subject whether {@code sub} may be said: whom a grant is for */
    private Map<String, Object> claims(boolean subject) {
        Map<String, Object> claims = new TreeMap<>();
        group.under("claim.").forEach((claim, value) -> {
            if (OWN_CLAIMS.contains(claim) && !(subject && claim.equals("sub"))) {
                group.fault("claim." + claim, "has its own property, or is none to set. Remove it.");
            }
            try {
                claims.put(
                        claim, value.startsWith("{") || value.startsWith("[") ? AssertionDetails.json(value) : value);
            } catch (InvalidSettings e) {
                group.fault("claim." + claim, "begins like JSON and is none. Correct it.");
            }
        });
        return claims;
    }
}
