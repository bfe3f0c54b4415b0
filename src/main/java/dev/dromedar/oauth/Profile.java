package dev.dromedar.oauth;

import static dev.dromedar.oauth.ClientAuthenticationMethod.CLIENT_SECRET_BASIC;
import static dev.dromedar.oauth.ClientAuthenticationMethod.CLIENT_SECRET_POST;
import static dev.dromedar.oauth.ClientAuthenticationMethod.PRIVATE_KEY_JWT;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An authority's rules, as data: the defaults of an API's settings and what its values may be.
 *
 * @param name as in the property {@code profile}
 * @param authenticationMethods what the authority takes; the first is the default
 * @param algorithms what a client assertion may be signed with
 * @param rsaAlgorithm what an RSA key signs with when neither it nor a property says
 * @param assertionType {@code typ} of the client assertion's header
 * @param assertionLifetime default life of a client assertion
 * @param longestAssertion longest life that the authority takes
 * @param proof whether DPoP is on unless a property says otherwise
 * @param proofAllowed whether the authority can bind tokens by DPoP at all
 * @param keepMetadata how long discovery is kept
 * @param scopeNeeded whether a request without scope is a mistake
 * @param rule where the authority says so, for the message when a value breaks the rule
 */
public record Profile(
        String name,
        List<ClientAuthenticationMethod> authenticationMethods,
        Set<SignatureAlgorithm> algorithms,
        SignatureAlgorithm rsaAlgorithm,
        String assertionType,
        Duration assertionLifetime,
        Duration longestAssertion,
        boolean proof,
        boolean proofAllowed,
        Duration keepMetadata,
        boolean scopeNeeded,
        String rule) {

    private static final Set<SignatureAlgorithm> ALL = EnumSet.allOf(SignatureAlgorithm.class);

    private static final List<Profile> KNOWN = List.of(
            new Profile(
                    "helseid",
                    List.of(PRIVATE_KEY_JWT),
                    ALL,
                    SignatureAlgorithm.PS256,
                    "client-authentication+jwt",
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(60),
                    true,
                    true,
                    Duration.ofHours(24),
                    true,
                    "HelseID security profile: client authentication is private_key_jwt alone, an assertion lives 60 s at"
                            + " most"),
            new Profile(
                    "duende",
                    List.of(CLIENT_SECRET_BASIC, CLIENT_SECRET_POST, PRIVATE_KEY_JWT),
                    ALL,
                    SignatureAlgorithm.RS256,
                    "client-authentication+jwt",
                    Duration.ofSeconds(60),
                    Duration.ofMinutes(5),
                    false,
                    true,
                    Duration.ofHours(24),
                    false,
                    "Duende IdentityServer"),
            new Profile(
                    "oauth2",
                    List.of(CLIENT_SECRET_BASIC, CLIENT_SECRET_POST, PRIVATE_KEY_JWT),
                    ALL,
                    SignatureAlgorithm.RS256,
                    "JWT",
                    Duration.ofSeconds(60),
                    Duration.ofMinutes(60),
                    false,
                    true,
                    Duration.ofHours(24),
                    false,
                    "RFC 6749, RFC 7523, RFC 9449"));

    public Profile {
        authenticationMethods = List.copyOf(authenticationMethods);
        algorithms = Set.copyOf(algorithms);
    }

    /** The profile of that name, or null. */
    public static @Nullable Profile named(String name) {
        return byName().get(name);
    }

    public static Set<String> names() {
        return byName().keySet();
    }

    private static Map<String, Profile> byName() {
        Map<String, Profile> profiles = new TreeMap<>();
        KNOWN.forEach(profile -> profiles.put(profile.name(), profile));
        return profiles;
    }
}
