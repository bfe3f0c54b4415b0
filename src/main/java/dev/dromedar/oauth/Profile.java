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
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An authority's rules, as data: the defaults of an API's settings and what its values may be. What differs between
 * authorities is in the table of this class and nowhere else; the sentences that cite a rule are made from it. Immutable.
 *
 * @param name as in the property {@code profile}
 * @param title what the authority is called in messages
 * @param grants how a token can be requested; the first is the default
 * @param authenticationMethods what the authority accepts; the first is the default
 * @param assertion what an assertion looks like
 * @param requests what can be requested
 * @param metadata where the authority describes itself
 */
public record Profile(
        String name,
        String title,
        List<Grant> grants,
        List<ClientAuthenticationMethod> authenticationMethods,
        AssertionRules assertion,
        RequestRules requests,
        Metadata metadata) {

    /**
     * Where an authority describes itself.
     *
     * @param path of the metadata, below the authority's address; null for the two usual places
     * @param form what it holds
     */
    record Metadata(@Nullable String path, MetadataForm form) {}

    /** What metadata say of the issuer. */
    enum MetadataForm {
        /** They name it, and it is compared (RFC 8414 section 3.3). */
        NAMES_ISSUER,
        /** They name it, and it ends with a slash. */
        NAMES_ISSUER_WITH_SLASH,
        /** SMART's need not. */
        WITHOUT_ISSUER
    }

    public Profile {
        grants = List.copyOf(grants);
        authenticationMethods = List.copyOf(authenticationMethods);
    }

    private static final Metadata USUAL = new Metadata(null, MetadataForm.NAMES_ISSUER);
    private static final List<Grant> CREDENTIALS = List.of(Grant.CLIENT_CREDENTIALS);
    private static final List<KeyName> KID_OR_X5C = List.of(KeyName.KID, KeyName.X5C);
    private static final List<KeyName> X5T_OR_X5C = List.of(KeyName.X5T_S256, KeyName.X5C);
    private static final List<ClientAuthenticationMethod> ANY_METHOD =
            List.of(CLIENT_SECRET_BASIC, CLIENT_SECRET_POST, PRIVATE_KEY_JWT, TLS_CLIENT_AUTH);
    private static final String USUAL_TYPE = "JWT";
    private static final String OWN_TYPE = "client-authentication+jwt";

    private static final Map<String, Profile> KNOWN = table(
            new Profile(
                    "helseid",
                    "HelseID",
                    CREDENTIALS,
                    List.of(PRIVATE_KEY_JWT), // SK2
                    AssertionRules.fixed(
                            OWN_TYPE, Audience.ISSUER, List.of(KeyName.KID), AssertionRules.preferred(PS256), 10, 60),
                    RequestRules.helseId(),
                    USUAL),
            new Profile(
                    "duende",
                    "Duende IdentityServer",
                    CREDENTIALS,
                    ANY_METHOD,
                    AssertionRules.open(OWN_TYPE, 60, 300),
                    RequestRules.open(),
                    USUAL),
            new Profile(
                    "maskinporten",
                    "Maskinporten",
                    List.of(Grant.JWT_BEARER),
                    List.of(NONE),
                    AssertionRules.fixed(USUAL_TYPE, Audience.ISSUER, KID_OR_X5C, List.of(RS256, RS384, RS512), 60, 120)
                            .sayingAll(),
                    RequestRules.bearer(".+", "", RequestRules.ANY),
                    new Metadata("/.well-known/oauth-authorization-server", MetadataForm.NAMES_ISSUER_WITH_SLASH)),
            new Profile(
                    "entra",
                    "Microsoft Entra",
                    CREDENTIALS,
                    List.of(CLIENT_SECRET_POST, CLIENT_SECRET_BASIC, PRIVATE_KEY_JWT),
                    AssertionRules.fixed(
                                    USUAL_TYPE, Audience.TOKEN_ENDPOINT, X5T_OR_X5C, List.of(PS256, RS256), 300, 600)
                            .orOfPlatforms(),
                    RequestRules.entra(),
                    USUAL),
            new Profile(
                    "keycloak",
                    "Keycloak",
                    CREDENTIALS,
                    ANY_METHOD,
                    AssertionRules.open(USUAL_TYPE, 30, 60),
                    RequestRules.open().withoutResource(),
                    USUAL),
            new Profile(
                    "smart-backend",
                    "SMART Backend Services",
                    CREDENTIALS,
                    List.of(PRIVATE_KEY_JWT),
                    AssertionRules.fixed(
                            USUAL_TYPE, Audience.TOKEN_ENDPOINT, List.of(KeyName.KID), List.of(RS384, ES384), 60, 300),
                    RequestRules.bearer("system/\\S+", "has scopes that begin with system/", 0),
                    new Metadata("/.well-known/smart-configuration", MetadataForm.WITHOUT_ISSUER)),
            new Profile(
                    "oauth2",
                    "RFC 6749",
                    List.of(Grant.values()),
                    ANY_METHOD,
                    AssertionRules.open(USUAL_TYPE, 60, 3600),
                    RequestRules.open(),
                    USUAL));

    private static Map<String, Profile> table(Profile... profiles) {
        return Collections.unmodifiableMap(
                new TreeMap<>(Stream.of(profiles).collect(Collectors.toMap(Profile::name, Function.identity()))));
    }

    /** The profile of that name, or null. */
    public static @Nullable Profile named(String name) {
        return KNOWN.get(name);
    }

    public static Set<String> names() {
        return KNOWN.keySet();
    }

    /** The authority's rule for a property's value, as a sentence without its full stop, for a message. */
    public String rule(String key) {
        return switch (key) {
            case "client-authentication" ->
                grants.contains(Grant.CLIENT_CREDENTIALS)
                        ? title + " accepts "
                                + AssertionRules.words(authenticationMethods.stream()
                                        .map(ClientAuthenticationMethod::registeredName)
                                        .toList())
                                + (grants.contains(Grant.JWT_BEARER)
                                        ? "; jwt-bearer accepts none or a secret (RFC 7521 section 4.1)"
                                        : "")
                        : title + "'s JWT grant has no client authentication: the signed grant is the proof";
            case "authority" -> title + "'s issuer ends with a slash";
            default -> {
                String ofAssertion = assertion.rule(key);
                String rule = ofAssertion == null ? requests.rule(key) : ofAssertion;
                yield rule == null ? "RFC 6749, RFC 7523, RFC 8705 and RFC 9449" : title + " " + rule;
            }
        };
    }

    /** What is wrong with what a request asks for, in words that follow the property key; by that key. */
    public Map<String, String> faults(Set<String> scope, List<String> resource) {
        return requests.faults(scope, resource, key -> "breaks a rule of the profile " + name + ": " + rule(key) + ".");
    }

    public boolean grantSaysAll() {
        return assertion.form() == AssertionRules.Form.GRANT_SAYS_ALL;
    }

    public List<SignatureAlgorithm> algorithms() {
        return assertion.algorithms();
    }

    /** What an RSA key signs with when neither it nor a property says. */
    public SignatureAlgorithm rsaAlgorithm() {
        return assertion.rsaAlgorithm();
    }

    public String assertionType() {
        return assertion.type();
    }

    public Audience audience() {
        return assertion.audience();
    }

    /** Whether the authority can be set up to accept an assertion that the platform signs. */
    public boolean assertionOfPlatforms() {
        return assertion.ofPlatforms();
    }

    /** Whether properties may say another {@code typ} and {@code aud}. */
    public boolean assertionOpen() {
        return assertion.form() == AssertionRules.Form.OPEN;
    }

    public Duration assertionLifetime() {
        return assertion.lifetime();
    }

    public Duration longestAssertion() {
        return assertion.longest();
    }

    public List<KeyName> keyName() {
        return assertion.keyNames();
    }

    /** Whether the issuer must end with a slash. */
    public boolean slash() {
        return metadata.form() == MetadataForm.NAMES_ISSUER_WITH_SLASH;
    }

    /** Whether DPoP is on unless a property says otherwise. */
    public boolean proof() {
        return requests.proof() == RequestRules.Proof.USUAL;
    }

    /** Whether the authority can bind tokens by DPoP at all. */
    public boolean proofAllowed() {
        return requests.proof() != RequestRules.Proof.NEVER;
    }

    /** Whether a request without scope is a mistake. */
    public boolean scopeNeeded() {
        return requests.scope().needed();
    }

    /** Whether the assertion may have HelseID's claim {@code assertion_details}. */
    public boolean assertionDetails() {
        return requests.assertionDetails();
    }

    @Nullable
    String metadataPath() {
        return metadata.path();
    }

    boolean issuerInMetadata() {
        return metadata.form() != MetadataForm.WITHOUT_ISSUER;
    }

    /** How long metadata are kept. */
    Duration keepMetadata() {
        return Duration.ofHours(24);
    }
}
