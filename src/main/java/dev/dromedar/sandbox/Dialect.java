package dev.dromedar.sandbox;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where an authority differs from client_credentials as HelseID and Duende have it: a table that says each rule once.
 *
 * @param profile what the worker calls these rules, in its property {@code profile}
 * @param grants {@code grant_type} values that are accepted
 * @param keyNames how an assertion's header may name the key: {@code kid}, {@code x5t#S256}, {@code x5c}
 * @param claims the only claims an assertion may have; empty for any
 * @param scopeForm what a scope must look like, as a regular expression
 * @param metadataPath where the metadata is; null for the two usual places
 * @param rules what holds besides
 */
public record Dialect(
        String profile,
        Set<String> grants,
        Set<String> keyNames,
        Set<String> claims,
        String scopeForm,
        @Nullable String metadataPath,
        Set<Rule> rules) {

    /** A rule that an authority has or has not. */
    public enum Rule {
        /** The issuer ends with a slash. */
        ISSUER_ENDS_WITH_SLASH,
        /** {@code aud} of an assertion is the token endpoint instead of the issuer. */
        AUDIENCE_IS_TOKEN_ENDPOINT,
        /** Clients may authenticate by the certificate of their TLS connection (RFC 8705). */
        CLIENT_CERTIFICATES,
        /** A request names one scope. */
        ONE_SCOPE,
        /** {@code resource} is accepted (RFC 8707). */
        RESOURCE,
        /** {@code assertion_details} is read, as HelseID does. */
        ASSERTION_DETAILS,
        /** A grant says whom it is for by {@code consumer_org}, {@code authorization_details} and {@code pid}, as at Maskinporten. */
        CUSTOMERS,
        /** A client may trust a platform that signs its assertions. */
        PLATFORM_ASSERTIONS,
        /** Tokens can be bound by DPoP (RFC 9449). */
        DPOP,
        /** The metadata names no issuer, as SMART's does not. */
        NO_ISSUER_IN_METADATA
    }

    static final String CLIENT_CREDENTIALS = "client_credentials";
    static final String JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    private static final Set<String> ANY_CLAIM = Set.of();
    private static final String ANY_SCOPE = ".*";

    public Dialect {
        grants = Set.copyOf(grants);
        keyNames = Set.copyOf(keyNames);
        claims = Set.copyOf(claims);
        rules = Set.copyOf(rules);
    }

    boolean has(Rule rule) {
        return rules.contains(rule);
    }

    /** The assertion of RFC 7523 section 2.1 is the only grant: it says scope and resource too, and nobody authenticates. */
    boolean jwtGrant() {
        return !grants.contains(CLIENT_CREDENTIALS);
    }

    static final Dialect DUENDE = new Dialect(
            "duende",
            Set.of(CLIENT_CREDENTIALS),
            Set.of("kid"),
            ANY_CLAIM,
            ANY_SCOPE,
            null,
            Set.of(Rule.RESOURCE, Rule.DPOP, Rule.PLATFORM_ASSERTIONS));

    static final Dialect HELSEID = new Dialect(
            "helseid",
            Set.of(CLIENT_CREDENTIALS),
            Set.of("kid"),
            ANY_CLAIM,
            ANY_SCOPE,
            null,
            Set.of(Rule.RESOURCE, Rule.DPOP, Rule.ASSERTION_DETAILS));

    static final Dialect MASKINPORTEN = new Dialect(
            "maskinporten",
            Set.of(JWT_BEARER),
            Set.of("kid", "x5c"),
            Set.of(
                    "iss",
                    "aud",
                    "scope",
                    "iat",
                    "exp",
                    "jti",
                    "resource",
                    "consumer_org",
                    "authorization_details",
                    "pid"),
            ANY_SCOPE,
            Paths.OAUTH_DISCOVERY,
            Set.of(Rule.ISSUER_ENDS_WITH_SLASH, Rule.RESOURCE, Rule.CUSTOMERS));

    static final Dialect ENTRA = new Dialect(
            "entra",
            Set.of(CLIENT_CREDENTIALS),
            Set.of("x5t#S256", "x5c"),
            ANY_CLAIM,
            "\\S+/\\.default",
            Paths.OPENID_DISCOVERY,
            Set.of(Rule.AUDIENCE_IS_TOKEN_ENDPOINT, Rule.ONE_SCOPE, Rule.PLATFORM_ASSERTIONS));

    static final Dialect KEYCLOAK = new Dialect(
            "keycloak",
            Set.of(CLIENT_CREDENTIALS),
            Set.of("kid"),
            ANY_CLAIM,
            ANY_SCOPE,
            Paths.OPENID_DISCOVERY,
            Set.of(Rule.CLIENT_CERTIFICATES, Rule.RESOURCE, Rule.DPOP, Rule.PLATFORM_ASSERTIONS));

    /** RFC 6749, 7523, 8705, 8707 and 9449 as they stand, with nothing of an authority's own. */
    static final Dialect OAUTH2 = new Dialect(
            "oauth2",
            Set.of(CLIENT_CREDENTIALS, JWT_BEARER),
            Set.of("kid", "x5t#S256", "x5c"),
            ANY_CLAIM,
            ANY_SCOPE,
            Paths.OAUTH_DISCOVERY,
            Set.of(Rule.CLIENT_CERTIFICATES, Rule.RESOURCE, Rule.DPOP, Rule.PLATFORM_ASSERTIONS));

    static final Dialect SMART = new Dialect(
            "smart-backend",
            Set.of(CLIENT_CREDENTIALS),
            Set.of("kid"),
            ANY_CLAIM,
            "system/\\S+",
            "/.well-known/smart-configuration",
            Set.of(Rule.AUDIENCE_IS_TOKEN_ENDPOINT, Rule.NO_ISSUER_IN_METADATA));
}
