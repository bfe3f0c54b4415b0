package dev.dromedar.settings;

import dev.dromedar.keys.Followed;
import dev.dromedar.keys.Secret;
import dev.dromedar.keys.SignatureAlgorithm;
import dev.dromedar.keys.SigningKey;
import dev.dromedar.keys.UnusableCredential;
import dev.dromedar.oauth.ApiSettings;
import dev.dromedar.oauth.AssertionDetails;
import dev.dromedar.oauth.Audience;
import dev.dromedar.oauth.ClientAuthentication;
import dev.dromedar.oauth.ClientAuthentication.AssertionForm;
import dev.dromedar.oauth.ClientAuthenticationMethod;
import dev.dromedar.oauth.Grant;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.KeyName;
import dev.dromedar.oauth.Profile;
import dev.dromedar.oauth.TlsIdentity;
import java.time.Duration;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads how a client authenticates at its authority, against the profile's rules. */
final class ClientReader {
    private static final Duration SECOND = Duration.ofSeconds(1);
    /** Claims and parameters that other properties say, or that nobody may. */
    private static final Set<String> OWN_CLAIMS =
            Set.of("iss", "sub", "aud", "jti", "iat", "nbf", "exp", "scope", "resource", "assertion_details");

    private final PropertyGroup group;
    private final CredentialReader credentials;
    private final Profile profile;

    ClientReader(PropertyGroup group, CredentialReader credentials, Profile profile) {
        this.group = group;
        this.credentials = credentials;
        this.profile = profile;
    }

    @Nullable
    ClientAuthentication authentication(@Nullable TlsIdentity certificate) {
        Map<String, Grant> grants = new LinkedHashMap<>();
        Arrays.stream(Grant.values()).forEach(grant -> grants.put(grant.propertyValue(), grant));
        Grant grant = group.choice("grant", grants);
        if (grant != null && !profile.grants().contains(grant)) {
            group.broken("grant", "'" + grant.propertyValue() + "'", profile);
            return null;
        }
        grant = grant == null ? profile.grants().get(0) : grant;
        boolean hasKey = group.has("private-key") || group.has("key-store") || group.has("key-store-type");
        ClientAuthenticationMethod method = method(grant, hasKey);
        AssertionForm form = form(grant);
        if (method == null || form == null) {
            readOthers();
            return null;
        }
        if (grant == Grant.JWT_BEARER && method != ClientAuthenticationMethod.NONE) {
            Followed<SigningKey> key = assertionKey(form);
            ClientAuthentication client = bySecret(method);
            return key == null || client == null
                    ? null
                    : new ClientAuthentication.JwtBearerGrant(key, form, profile.grantSaysAll(), client);
        }
        return switch (method) {
            case PRIVATE_KEY_JWT, NONE -> {
                if (group.has("client-secret")) {
                    group.fault(
                            "client-secret",
                            "is not used with " + words(method) + ". Remove it"
                                    + (profile.authenticationMethods().size() == 1
                                            ? ": " + profile.rule("client-authentication") + "."
                                            : ", or set client-authentication = client_secret_basic."));
                }
                Followed<SigningKey> key = assertionKey(form);
                yield key == null
                        ? null
                        : method == ClientAuthenticationMethod.NONE
                                ? new ClientAuthentication.JwtBearerGrant(key, form, profile.grantSaysAll(), null)
                                : new ClientAuthentication.PrivateKeyJwt(key, form);
            }
            case TLS_CLIENT_AUTH -> byCertificate(certificate);
            case CLIENT_SECRET_BASIC, CLIENT_SECRET_POST -> {
                if (hasKey) {
                    group.fault(
                            group.has("private-key")
                                    ? "private-key"
                                    : group.has("key-store") ? "key-store" : "key-store-type",
                            "is not used with " + method.registeredName()
                                    + ". Remove it, or set client-authentication = private_key_jwt.");
                }
                yield bySecret(method);
            }
        };
    }

    private @Nullable ClientAuthentication bySecret(ClientAuthenticationMethod method) {
        Followed<Secret> secret = credentials.secret();
        return secret == null
                ? null
                : method == ClientAuthenticationMethod.CLIENT_SECRET_BASIC
                        ? new ClientAuthentication.SecretBasic(secret)
                        : new ClientAuthentication.SecretPost(secret);
    }

    private static String words(ClientAuthenticationMethod method) {
        return method == ClientAuthenticationMethod.NONE ? "the JWT grant" : method.registeredName();
    }

    private void readOthers() {
        KeyNames.OF_AN_API.forEach(group::check);
        group.under("claim.");
    }

    private @Nullable ClientAuthenticationMethod method(Grant grant, boolean hasKey) {
        Map<String, ClientAuthenticationMethod> methods = new LinkedHashMap<>();
        for (var method : ClientAuthenticationMethod.values()) {
            methods.put(method.registeredName(), method);
        }
        ClientAuthenticationMethod method = group.choice("client-authentication", methods);
        if (method == null && group.has("client-authentication")) {
            return null;
        }
        if (grant == Grant.JWT_BEARER) {
            // Client authentication is optional with this grant (RFC 7521 section 4.1); by a secret, where it is open
            boolean bySecret = method == ClientAuthenticationMethod.CLIENT_SECRET_BASIC
                    || method == ClientAuthenticationMethod.CLIENT_SECRET_POST;
            if (method == null || method == ClientAuthenticationMethod.NONE) {
                return ClientAuthenticationMethod.NONE;
            }
            if (!bySecret || !profile.authenticationMethods().contains(method)) {
                group.broken("client-authentication", "'" + method.registeredName() + "'", profile);
                return null;
            }
            return method;
        }
        if (method == null) {
            method = hasKey
                            && !group.has("client-secret")
                            && profile.authenticationMethods().contains(ClientAuthenticationMethod.PRIVATE_KEY_JWT)
                    ? ClientAuthenticationMethod.PRIVATE_KEY_JWT
                    : profile.authenticationMethods().get(0);
        }
        if (!profile.authenticationMethods().contains(method)) {
            group.broken("client-authentication", "'" + method.registeredName() + "'", profile);
            return null;
        }
        return method;
    }

    private @Nullable AssertionForm form(Grant grant) {
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

    private @Nullable Followed<SigningKey> assertionKey(AssertionForm form) {
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
            readOthers();
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

    private @Nullable ClientAuthentication byCertificate(@Nullable TlsIdentity certificate) {
        for (String key : List.of("private-key", "client-secret", "key-store")) {
            if (group.has(key)) {
                group.fault(
                        key, "is not used with tls_client_auth. Remove it; the certificate's key is tls-private-key.");
            }
        }
        if (certificate == null) {
            if (!group.has("tls-private-key") && !group.has("tls-key-store")) {
                group.fault(
                        "tls-certificate",
                        "missing. Set tls-certificate and tls-private-key, or tls-key-store, for tls_client_auth.");
            }
            return null;
        }
        if ("api".equals(group.text("tls-certificate-for"))) {
            group.fault(
                    "tls-certificate-for",
                    "'api' keeps the certificate from the authority, and tls_client_auth shows it"
                            + " there. Set it to 'both'.");
        }
        return new ClientAuthentication.TlsCertificate(certificate);
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

    ApiSettings.KeyLife keyLife(@Nullable ClientAuthentication authentication) {
        String value = group.text("key-expires");
        if (value == null) {
            return ApiSettings.KeyLife.UNKNOWN;
        }
        if (authentication instanceof ClientAuthentication.TlsCertificate) {
            group.fault("key-expires", "has no effect with tls_client_auth: the certificate says its end. Remove it.");
        }
        try {
            return new ApiSettings.KeyLife(LocalDate.parse(value));
        } catch (DateTimeParseException e) {
            group.fault("key-expires", "'" + value + "' is no date. Write it like 2027-03-01.");
            return ApiSettings.KeyLife.UNKNOWN;
        }
    }

    @Nullable
    Followed<SigningKey> proofKey(boolean proof, @Nullable ClientAuthentication authentication) {
        Boolean clients = group.choice("dpop-key", Map.of("own", false, "client", true));
        if (clients == null || !clients || !proof || authentication == null) {
            return null;
        }
        if (authentication instanceof ClientAuthentication.PrivateKeyJwt jwt) {
            if (group.has("dpop-algorithm")) {
                group.fault(
                        "dpop-algorithm",
                        "is not used with dpop-key = client: the client's key has its own. Remove it.");
            }
            return jwt.credential();
        }
        group.fault(
                "dpop-key",
                "'client' needs a client with a key. Set client-authentication = private_key_jwt, or 'own'.");
        return null;
    }
}
