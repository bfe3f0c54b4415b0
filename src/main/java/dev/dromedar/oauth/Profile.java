package dev.dromedar.oauth;

import static dev.dromedar.keys.SignatureAlgorithm.ES384;
import static dev.dromedar.keys.SignatureAlgorithm.PS256;
import static dev.dromedar.keys.SignatureAlgorithm.RS256;
import static dev.dromedar.keys.SignatureAlgorithm.RS384;
import static dev.dromedar.keys.SignatureAlgorithm.RS512;
import static dev.dromedar.oauth.ClientAuthenticationMethod.CLIENT_SECRET_BASIC;
import static dev.dromedar.oauth.ClientAuthenticationMethod.CLIENT_SECRET_POST;
import static dev.dromedar.oauth.ClientAuthenticationMethod.NONE;
import static dev.dromedar.oauth.ClientAuthenticationMethod.PRIVATE_KEY_JWT;
import static dev.dromedar.oauth.ClientAuthenticationMethod.TLS_CLIENT_AUTH;

import dev.dromedar.keys.SignatureAlgorithm;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An authority's rules, as data: the defaults of an API's settings and what its values may be. What differs between
 * authorities is here and nowhere else.
 *
 * @param name as in the property {@code profile}
 * @param grants how a token can be asked for; the first is the default
 * @param grantSaysAll whether a JWT grant says scope and resource as claims and no subject, and the request nothing besides;
 *     otherwise it is as RFC 7523 and RFC 7521 section 4.1 have it
 * @param authenticationMethods what the authority takes; the first is the default
 * @param algorithms what an assertion may be signed with
 * @param rsaAlgorithm what an RSA key signs with when neither it nor a property says
 * @param assertionType {@code typ} of the assertion's header
 * @param audience {@code aud} of the assertion unless a property says otherwise
 * @param assertionOpen whether properties may say another {@code typ} and {@code aud}
 * @param assertionLifetime default life of an assertion
 * @param longestAssertion longest life that the authority takes
 * @param keyName how the assertion's header names the key; the first is the default
 * @param slash whether the issuer must end with a slash
 * @param proof whether DPoP is on unless a property says otherwise
 * @param proofAllowed whether the authority can bind tokens by DPoP at all
 * @param resources how many resource indicators the authority takes (RFC 8707)
 * @param metadataPath where the metadata is, below the authority's address; null for the two usual places
 * @param issuerInMetadata whether the metadata names the issuer, so that it is compared
 * @param keepMetadata how long discovery is kept
 * @param scopeNeeded whether a request without scope is a mistake
 * @param scopeForm what a scope looks like, as a regular expression
 * @param scopes how many a request may name
 * @param assertionDetails whether the assertion may have HelseID's claim {@code assertion_details}
 * @param rules for the message when a value breaks one: where the authority says so, by property key
 */
public record Profile(
        String name,
        List<Grant> grants,
        boolean grantSaysAll,
        List<ClientAuthenticationMethod> authenticationMethods,
        Set<SignatureAlgorithm> algorithms,
        SignatureAlgorithm rsaAlgorithm,
        String assertionType,
        Audience audience,
        boolean assertionOpen,
        Duration assertionLifetime,
        Duration longestAssertion,
        List<KeyName> keyName,
        boolean slash,
        boolean proof,
        boolean proofAllowed,
        int resources,
        @Nullable String metadataPath,
        boolean issuerInMetadata,
        Duration keepMetadata,
        boolean scopeNeeded,
        String scopeForm,
        int scopes,
        boolean assertionDetails,
        Map<String, String> rules) {

    /** How a token is asked for. */
    public enum Grant {
        /** RFC 6749 section 4.4. */
        CLIENT_CREDENTIALS("client_credentials"),
        /** RFC 7523 section 2.1: the assertion is the grant. */
        JWT_BEARER("jwt-bearer");

        private final String propertyValue;

        Grant(String propertyValue) {
            this.propertyValue = propertyValue;
        }

        public String propertyValue() {
            return propertyValue;
        }
    }

    /** Whom an assertion is for. */
    public enum Audience {
        ISSUER,
        TOKEN_ENDPOINT
    }

    /** How the header of an assertion names the key. */
    public enum KeyName {
        KID,
        X5T_S256,
        X5C;

        public String propertyValue() {
            return this == X5T_S256 ? "x5t#S256" : name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    public Profile {
        grants = List.copyOf(grants);
        authenticationMethods = List.copyOf(authenticationMethods);
        algorithms = Set.copyOf(algorithms);
        keyName = List.copyOf(keyName);
        rules = Map.copyOf(rules);
    }

    private static final Set<SignatureAlgorithm> ALL = EnumSet.allOf(SignatureAlgorithm.class);
    private static final int ANY = Integer.MAX_VALUE;

    private static final List<Profile> KNOWN = List.of(
            new Draft("helseid")
                    .methods(PRIVATE_KEY_JWT)
                    .rsa(PS256)
                    .type("client-authentication+jwt")
                    .lifetime(10, 60)
                    .keyNames(KeyName.KID)
                    .proof(true, true)
                    .resources(1)
                    .scope(true, ".+")
                    .details()
                    .rule("client-authentication", "HelseID's security profile takes private_key_jwt alone (SK2)")
                    .rule("assertion-lifetime", "HelseID takes a client assertion that lives 60 s at most")
                    .rule("audience", "HelseID takes its issuer identifier alone, in one string")
                    .rule("resource", "HelseID takes one resource")
                    .rule("certificate-header", "HelseID finds the key by kid")
                    .done(),
            new Draft("duende")
                    .methods(CLIENT_SECRET_BASIC, CLIENT_SECRET_POST, PRIVATE_KEY_JWT, TLS_CLIENT_AUTH)
                    .type("client-authentication+jwt")
                    .assertionOpen()
                    .lifetime(60, 300)
                    .proof(false, true)
                    .resources(ANY)
                    .rule("client-authentication", "Duende IdentityServer has no such client authentication")
                    .rule("assertion-lifetime", "Duende IdentityServer takes an assertion for 5 minutes at most")
                    .done(),
            new Draft("maskinporten")
                    .grants(Grant.JWT_BEARER)
                    .grantSaysAll()
                    .methods(NONE)
                    .algorithms(RS256, RS384, RS512)
                    .type("JWT")
                    .lifetime(60, 120)
                    .keyNames(KeyName.KID, KeyName.X5C)
                    .slash()
                    .resources(ANY)
                    .metadata("/.well-known/oauth-authorization-server", true)
                    .scope(true, ".+")
                    .rule(
                            "client-authentication",
                            "Maskinporten's JWT grant has no client authentication: the signed grant is the proof")
                    .rule("private-key", "Maskinporten takes RS256, RS384 and RS512 alone")
                    .rule("assertion-lifetime", "Maskinporten takes a grant that lives 120 s at most")
                    .rule("audience", "Maskinporten takes its issuer alone, with the slash at its end")
                    .rule("authority", "Maskinporten's issuer ends with a slash, for example https://maskinporten.no/")
                    .rule("dpop", "Maskinporten gives Bearer tokens alone")
                    .rule("certificate-header", "Maskinporten finds the key by kid, or by x5c")
                    .done(),
            new Draft("entra")
                    .methods(CLIENT_SECRET_POST, CLIENT_SECRET_BASIC, PRIVATE_KEY_JWT)
                    .algorithms(PS256, RS256)
                    .rsa(PS256)
                    .type("JWT")
                    .audience(Audience.TOKEN_ENDPOINT)
                    .lifetime(300, 600)
                    .keyNames(KeyName.X5T_S256, KeyName.X5C)
                    .resources(0)
                    .scope(true, "\\S+/\\.default")
                    .scopes(1)
                    .rule(
                            "client-authentication",
                            "Microsoft Entra takes a client secret or an assertion signed with a"
                                    + " certificate's key")
                    .rule(
                            "private-key",
                            "Microsoft Entra takes PS256 and RS256, with the certificate that is registered")
                    .rule("assertion-lifetime", "Microsoft Entra takes an assertion that lives 10 minutes at most")
                    .rule("audience", "Microsoft Entra takes its token endpoint alone")
                    .rule("resource", "Microsoft Entra's v2 endpoint knows no resource: it is a part of the scope")
                    .rule(
                            "scope",
                            "Microsoft Entra's client_credentials takes one scope, the API's identifier with"
                                    + " /.default at its end")
                    .rule("dpop", "Microsoft Entra does not bind tokens by RFC 9449")
                    .rule("certificate-header", "Microsoft Entra finds the key by x5t#S256, or by x5c")
                    .done(),
            new Draft("keycloak")
                    .methods(CLIENT_SECRET_BASIC, CLIENT_SECRET_POST, PRIVATE_KEY_JWT, TLS_CLIENT_AUTH)
                    .type("JWT")
                    .assertionOpen()
                    .lifetime(30, 60)
                    .proof(false, true)
                    .resources(0)
                    .rule("client-authentication", "Keycloak has no such client authentication")
                    .rule("assertion-lifetime", "Keycloak takes an assertion that lives 60 s at most")
                    .rule("resource", "Keycloak does not know resource (RFC 8707) and would pass over it: use a scope")
                    .done(),
            new Draft("smart-backend")
                    .methods(PRIVATE_KEY_JWT)
                    .algorithms(RS384, ES384)
                    .rsa(RS384)
                    .type("JWT")
                    .audience(Audience.TOKEN_ENDPOINT)
                    .lifetime(60, 300)
                    .keyNames(KeyName.KID)
                    .resources(0)
                    .metadata("/.well-known/smart-configuration", false)
                    .scope(true, "system/\\S+")
                    .rule("client-authentication", "SMART Backend Services takes private_key_jwt alone")
                    .rule("private-key", "SMART Backend Services takes RS384 and ES384")
                    .rule(
                            "assertion-lifetime",
                            "SMART Backend Services takes an assertion that lives 5 minutes at most")
                    .rule("audience", "SMART Backend Services takes the token endpoint alone")
                    .rule("resource", "SMART Backend Services knows no resource")
                    .rule("certificate-header", "SMART Backend Services finds the key by kid")
                    .rule("scope", "SMART Backend Services has scopes that begin with system/")
                    .rule("dpop", "SMART Backend Services gives Bearer tokens alone")
                    .done(),
            new Draft("oauth2")
                    .grants(Grant.CLIENT_CREDENTIALS, Grant.JWT_BEARER)
                    .methods(CLIENT_SECRET_BASIC, CLIENT_SECRET_POST, PRIVATE_KEY_JWT, TLS_CLIENT_AUTH)
                    .type("JWT")
                    .assertionOpen()
                    .lifetime(60, 3600)
                    .keyNames(KeyName.KID, KeyName.X5T_S256, KeyName.X5C)
                    .proof(false, true)
                    .resources(ANY)
                    .rule(
                            "client-authentication",
                            "client_credentials takes a secret, a key or a certificate (RFC 6749 section 4.4), and"
                                    + " jwt-bearer none or a secret (RFC 7521 section 4.1)")
                    .done());

    /** The profile of that name, or null. */
    public static @Nullable Profile named(String name) {
        return byName().get(name);
    }

    public static Set<String> names() {
        return byName().keySet();
    }

    /** What the authority says of a property's value, for a message. */
    public String rule(String key) {
        return rules.getOrDefault(key, "RFC 6749, RFC 7523, RFC 8705 and RFC 9449");
    }

    /** What is wrong with what a request asks for, in words that follow the property key; by that key. */
    public Map<String, String> faults(Set<String> scope, List<String> resource) {
        Map<String, String> faults = new TreeMap<>();
        for (String one : scope) {
            if (!one.matches("[\\x21\\x23-\\x5b\\x5d-\\x7e]+")) {
                tell(faults, "scope", "holds a character that no scope may have (RFC 6749 section 3.3).");
            } else if (!one.matches(scopeForm)) {
                tell(
                        faults,
                        "scope",
                        "'" + one + "' breaks a rule of the profile " + name + ": " + rule("scope") + ".");
            }
        }
        if (scope.size() > scopes) {
            tell(
                    faults,
                    "scope",
                    "has " + scope.size() + " scopes, which breaks a rule of the profile " + name + ": " + rule("scope")
                            + ".");
        }
        if (resource.size() > resources) {
            tell(
                    faults,
                    "resource",
                    "has " + resource.size() + (resource.size() == 1 ? " value" : " values")
                            + ", which breaks a rule of the profile " + name + ": " + rule("resource") + ".");
        }
        for (String one : resource) {
            try {
                var uri = new java.net.URI(one);
                if (!uri.isAbsolute() || uri.getRawFragment() != null) {
                    tell(faults, "resource", "'" + one + "' must be an absolute URI without '#' (RFC 8707 section 2).");
                }
            } catch (java.net.URISyntaxException e) {
                tell(faults, "resource", "'" + one + "' is no URI (RFC 8707 section 2).");
            }
        }
        return faults;
    }

    private static void tell(Map<String, String> faults, String key, String fault) {
        faults.merge(key, fault, (one, other) -> one + " And " + other);
    }

    private static Map<String, Profile> byName() {
        Map<String, Profile> profiles = new TreeMap<>();
        KNOWN.forEach(profile -> profiles.put(profile.name(), profile));
        return profiles;
    }

    /** Reads as a table: only what differs from the usual is said. */
    private static final class Draft {
        private final String name;
        private final Map<String, String> rules = new TreeMap<>();
        private List<Grant> grants = List.of(Grant.CLIENT_CREDENTIALS);
        private boolean grantSaysAll;
        private List<ClientAuthenticationMethod> methods = List.of();
        private Set<SignatureAlgorithm> algorithms = ALL;
        private SignatureAlgorithm rsa = RS256;
        private String type = "";
        private Audience audience = Audience.ISSUER;
        private boolean assertionOpen;
        private Duration lifetime = Duration.ZERO;
        private Duration longest = Duration.ZERO;
        private List<KeyName> keyNames = List.of(KeyName.KID, KeyName.X5T_S256, KeyName.X5C);
        private boolean slash;
        private boolean proof;
        private boolean proofAllowed;
        private int resources;
        private @Nullable String metadata;
        private boolean issuer = true;
        private boolean scopeNeeded;
        private String scopeForm = ".+";
        private int scopes = ANY;
        private boolean details;

        Draft(String name) {
            this.name = name;
        }

        Draft grants(Grant... values) {
            grants = List.of(values);
            return this;
        }

        Draft grantSaysAll() {
            grantSaysAll = true;
            return this;
        }

        Draft methods(ClientAuthenticationMethod... values) {
            methods = List.of(values);
            return this;
        }

        Draft algorithms(SignatureAlgorithm... values) {
            algorithms = Set.of(values);
            return this;
        }

        Draft rsa(SignatureAlgorithm value) {
            rsa = value;
            return this;
        }

        Draft type(String value) {
            type = value;
            return this;
        }

        Draft audience(Audience value) {
            audience = value;
            return this;
        }

        Draft assertionOpen() {
            assertionOpen = true;
            return this;
        }

        Draft lifetime(int seconds, int most) {
            lifetime = Duration.ofSeconds(seconds);
            longest = Duration.ofSeconds(most);
            return this;
        }

        Draft keyNames(KeyName... values) {
            keyNames = List.of(values);
            return this;
        }

        Draft slash() {
            slash = true;
            return this;
        }

        Draft proof(boolean usual, boolean allowed) {
            proof = usual;
            proofAllowed = allowed;
            return this;
        }

        Draft resources(int most) {
            resources = most;
            return this;
        }

        Draft metadata(String path, boolean namesIssuer) {
            metadata = path;
            issuer = namesIssuer;
            return this;
        }

        Draft scope(boolean needed, String form) {
            scopeNeeded = needed;
            scopeForm = form;
            return this;
        }

        Draft scopes(int most) {
            scopes = most;
            return this;
        }

        Draft details() {
            details = true;
            return this;
        }

        Draft rule(String key, String words) {
            rules.put(key, words);
            return this;
        }

        Profile done() {
            return new Profile(
                    name,
                    grants,
                    grantSaysAll,
                    methods,
                    algorithms,
                    rsa,
                    type,
                    audience,
                    assertionOpen,
                    lifetime,
                    longest,
                    keyNames,
                    slash,
                    proof,
                    proofAllowed,
                    resources,
                    metadata,
                    issuer,
                    Duration.ofHours(24),
                    scopeNeeded,
                    scopeForm,
                    scopes,
                    details,
                    rules);
        }
    }
}
