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
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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
        Assertion assertion,
        RequestRules requests,
        Metadata metadata) {

    /** How a token is requested. */
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
            return this == X5T_S256 ? "x5t#S256" : name().toLowerCase(Locale.ROOT);
        }
    }

    /** What an assertion is, beside its values. */
    enum Form {
        /** Its {@code typ} and {@code aud} are the authority's. */
        FIXED,
        /** Properties may say another {@code typ} and {@code aud}. */
        OPEN,
        /**
         * Fixed; as a grant it says scope and resource as claims and has no subject, and the request says nothing besides.
         * Otherwise a grant is as RFC 7523 and RFC 7521 section 4.1 have it.
         */
        GRANT_SAYS_ALL
    }

    /**
     * What an assertion looks like.
     *
     * @param type {@code typ} of its header
     * @param audience {@code aud} unless a property says otherwise
     * @param keyNames how its header names the key; the first is the default
     * @param algorithms what it may be signed with; what an RSA key signs with if neither it nor a property says is the first
     *     of them that is RSA's
     * @param lifetime default, from {@code iat} to {@code exp}
     * @param longest longest lifetime that the authority accepts
     */
    record Assertion(
            Form form,
            String type,
            Audience audience,
            List<KeyName> keyNames,
            List<SignatureAlgorithm> algorithms,
            Duration lifetime,
            Duration longest) {}

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
    private static final List<KeyName> ANY_NAME = List.of(KeyName.values());
    private static final List<SignatureAlgorithm> ANY_ALGORITHM = List.of(SignatureAlgorithm.values());
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
                    new Assertion(
                            Form.FIXED,
                            OWN_TYPE,
                            Audience.ISSUER,
                            List.of(KeyName.KID),
                            preferred(PS256),
                            seconds(10),
                            seconds(60)),
                    RequestRules.helseId(),
                    USUAL),
            new Profile(
                    "duende",
                    "Duende IdentityServer",
                    CREDENTIALS,
                    ANY_METHOD,
                    new Assertion(
                            Form.OPEN, OWN_TYPE, Audience.ISSUER, ANY_NAME, ANY_ALGORITHM, seconds(60), seconds(300)),
                    RequestRules.open(),
                    USUAL),
            new Profile(
                    "maskinporten",
                    "Maskinporten",
                    List.of(Grant.JWT_BEARER),
                    List.of(NONE),
                    new Assertion(
                            Form.GRANT_SAYS_ALL,
                            USUAL_TYPE,
                            Audience.ISSUER,
                            List.of(KeyName.KID, KeyName.X5C),
                            List.of(RS256, RS384, RS512),
                            seconds(60),
                            seconds(120)),
                    RequestRules.bearer(".+", "", RequestRules.ANY),
                    new Metadata("/.well-known/oauth-authorization-server", MetadataForm.NAMES_ISSUER_WITH_SLASH)),
            new Profile(
                    "entra",
                    "Microsoft Entra",
                    CREDENTIALS,
                    List.of(CLIENT_SECRET_POST, CLIENT_SECRET_BASIC, PRIVATE_KEY_JWT),
                    new Assertion(
                            Form.FIXED,
                            USUAL_TYPE,
                            Audience.TOKEN_ENDPOINT,
                            List.of(KeyName.X5T_S256, KeyName.X5C),
                            List.of(PS256, RS256),
                            seconds(300),
                            seconds(600)),
                    RequestRules.bearer(
                                    "\\S+/\\.default",
                                    "accepts one scope, the API's identifier with /.default at its end",
                                    0)
                            .oneScope(),
                    USUAL),
            new Profile(
                    "keycloak",
                    "Keycloak",
                    CREDENTIALS,
                    ANY_METHOD,
                    new Assertion(
                            Form.OPEN, USUAL_TYPE, Audience.ISSUER, ANY_NAME, ANY_ALGORITHM, seconds(30), seconds(60)),
                    RequestRules.open().withoutResource(),
                    USUAL),
            new Profile(
                    "smart-backend",
                    "SMART Backend Services",
                    CREDENTIALS,
                    List.of(PRIVATE_KEY_JWT),
                    new Assertion(
                            Form.FIXED,
                            USUAL_TYPE,
                            Audience.TOKEN_ENDPOINT,
                            List.of(KeyName.KID),
                            List.of(RS384, ES384),
                            seconds(60),
                            seconds(300)),
                    RequestRules.bearer("system/\\S+", "has scopes that begin with system/", 0),
                    new Metadata("/.well-known/smart-configuration", MetadataForm.WITHOUT_ISSUER)),
            new Profile(
                    "oauth2",
                    "RFC 6749",
                    List.of(Grant.CLIENT_CREDENTIALS, Grant.JWT_BEARER),
                    ANY_METHOD,
                    new Assertion(
                            Form.OPEN,
                            USUAL_TYPE,
                            Audience.ISSUER,
                            ANY_NAME,
                            ANY_ALGORITHM,
                            seconds(60),
                            seconds(3600)),
                    RequestRules.open(),
                    USUAL));

    private static Map<String, Profile> table(Profile... profiles) {
        Map<String, Profile> table = new TreeMap<>();
        for (Profile profile : profiles) {
            table.put(profile.name(), profile);
        }
        return table;
    }

    private static Duration seconds(int seconds) {
        return Duration.ofSeconds(seconds);
    }

    /** All algorithms, this one first. */
    private static List<SignatureAlgorithm> preferred(SignatureAlgorithm first) {
        return Stream.concat(Stream.of(first), ANY_ALGORITHM.stream())
                .distinct()
                .toList();
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
        List<String> algorithms =
                assertion.algorithms().stream().map(Enum::name).toList();
        return switch (key) {
            case "client-authentication" ->
                grants.contains(Grant.CLIENT_CREDENTIALS)
                        ? title + " accepts "
                                + words(authenticationMethods.stream()
                                        .map(ClientAuthenticationMethod::registeredName)
                                        .toList())
                                + (grants.contains(Grant.JWT_BEARER)
                                        ? "; jwt-bearer accepts none or a secret (RFC 7521 section 4.1)"
                                        : "")
                        : title + "'s JWT grant has no client authentication: the signed grant is the proof";
            case "assertion-lifetime" ->
                title + " accepts an assertion that lives " + words(assertion.longest()) + " at most";
            case "audience" ->
                title + " accepts only its " + (audience() == Audience.ISSUER ? "issuer identifier" : "token endpoint")
                        + ", exactly as it is";
            case "private-key" -> title + " accepts " + words(algorithms);
            case "certificate-header" ->
                title + " finds the key by "
                        + assertion.keyNames().stream()
                                .map(KeyName::propertyValue)
                                .collect(Collectors.joining(", or by "));
            case "authority" -> title + "'s issuer ends with a slash";
            default -> {
                String rule = requests.rule(key);
                yield rule == null ? "RFC 6749, RFC 7523, RFC 8705 and RFC 9449" : title + " " + rule;
            }
        };
    }

    private static String words(List<String> values) {
        int last = values.size() - 1;
        return last == 0
                ? "only " + values.get(0)
                : String.join(", ", values.subList(0, last)) + " and " + values.get(last);
    }

    private static String words(Duration time) {
        return time.toSeconds() < 180 ? time.toSeconds() + " s" : time.toMinutes() + " minutes";
    }

    /** What is wrong with what a request asks for, in words that follow the property key; by that key. */
    public Map<String, String> faults(Set<String> scope, List<String> resource) {
        return requests.faults(scope, resource, key -> "breaks a rule of the profile " + name + ": " + rule(key) + ".");
    }

    public boolean grantSaysAll() {
        return assertion.form() == Form.GRANT_SAYS_ALL;
    }

    public List<SignatureAlgorithm> algorithms() {
        return assertion.algorithms();
    }

    /** What an RSA key signs with when neither it nor a property says. */
    public SignatureAlgorithm rsaAlgorithm() {
        return assertion.algorithms().stream()
                .filter(algorithm -> algorithm.keyType().equals("RSA"))
                .findFirst()
                .orElse(RS256);
    }

    public String assertionType() {
        return assertion.type();
    }

    public Audience audience() {
        return assertion.audience();
    }

    /** Whether properties may say another {@code typ} and {@code aud}. */
    public boolean assertionOpen() {
        return assertion.form() == Form.OPEN;
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
