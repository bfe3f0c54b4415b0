package dev.dromedar.sandbox;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where an authority differs from client_credentials as HelseID and Duende have it.
 *
 * @param profile what the worker calls these rules, in its property {@code profile}
 * @param grants {@code grant_type} that are taken
 * @param slash the issuer ends with a slash
 * @param audienceIsTokenEndpoint {@code aud} of an assertion is the token endpoint instead of the issuer
 * @param keyNames how an assertion's header may name the key: {@code kid}, {@code x5t#S256}, {@code x5c}
 * @param claims the only claims an assertion may have; empty for any
 * @param certificates clients may authenticate by the certificate of their TLS connection (RFC 8705)
 * @param scopeForm what a scope must look like, as a regular expression
 * @param oneScope whether a request may name one scope only
 * @param resource whether {@code resource} is taken (RFC 8707)
 * @param details whether {@code assertion_details} is read, as HelseID does
 * @param dpop whether tokens can be bound by DPoP
 * @param metadataPath where the metadata is; null for the two usual places
 * @param issuerInMetadata SMART's metadata has none
 */
public record Dialect(
        String profile,
        Set<String> grants,
        boolean slash,
        boolean audienceIsTokenEndpoint,
        Set<String> keyNames,
        Set<String> claims,
        boolean certificates,
        String scopeForm,
        boolean oneScope,
        boolean resource,
        boolean details,
        boolean dpop,
        @Nullable String metadataPath,
        boolean issuerInMetadata) {

    public Dialect {
        grants = Set.copyOf(grants);
        keyNames = Set.copyOf(keyNames);
        claims = Set.copyOf(claims);
    }

    static final String CLIENT_CREDENTIALS = "client_credentials";
    static final String JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    /** The assertion of RFC 7523 section 2.1 is the only grant: it says scope and resource too, and nobody authenticates. */
    boolean jwtGrant() {
        return !grants.contains(CLIENT_CREDENTIALS);
    }

    static final Dialect USUAL = new Dialect(
            "duende",
            Set.of(CLIENT_CREDENTIALS),
            false,
            false,
            Set.of("kid"),
            Set.of(),
            false,
            ".*",
            false,
            true,
            false,
            true,
            null,
            true);

    static final Dialect HELSEID = new Dialect(
            "helseid",
            Set.of(CLIENT_CREDENTIALS),
            false,
            false,
            Set.of("kid"),
            Set.of(),
            false,
            ".*",
            false,
            true,
            true,
            true,
            null,
            true);

    static final Dialect MASKINPORTEN = new Dialect(
            "maskinporten",
            Set.of(JWT_BEARER),
            true,
            false,
            Set.of("kid", "x5c"),
            Set.of("iss", "aud", "scope", "iat", "exp", "jti", "resource", "consumer_org", "authorization_details"),
            false,
            ".*",
            false,
            true,
            false,
            false,
            Authority.OAUTH_DISCOVERY_PATH,
            true);

    static final Dialect ENTRA = new Dialect(
            "entra",
            Set.of(CLIENT_CREDENTIALS),
            false,
            true,
            Set.of("x5t#S256", "x5c"),
            Set.of(),
            false,
            "\\S+/\\.default",
            true,
            false,
            false,
            false,
            Authority.OPENID_DISCOVERY_PATH,
            true);

    static final Dialect KEYCLOAK = new Dialect(
            "keycloak",
            Set.of(CLIENT_CREDENTIALS),
            false,
            false,
            Set.of("kid"),
            Set.of(),
            true,
            ".*",
            false,
            true,
            false,
            true,
            Authority.OPENID_DISCOVERY_PATH,
            true);

    /** RFC 6749, 7523, 8705, 8707 and 9449 as they stand, with nothing of an authority's own. */
    static final Dialect OAUTH2 = new Dialect(
            "oauth2",
            Set.of(CLIENT_CREDENTIALS, JWT_BEARER),
            false,
            false,
            Set.of("kid", "x5t#S256", "x5c"),
            Set.of(),
            true,
            ".*",
            false,
            true,
            false,
            true,
            Authority.OAUTH_DISCOVERY_PATH,
            true);

    static final Dialect SMART = new Dialect(
            "smart-backend",
            Set.of(CLIENT_CREDENTIALS),
            false,
            true,
            Set.of("kid"),
            Set.of(),
            false,
            "system/\\S+",
            false,
            false,
            false,
            false,
            "/.well-known/smart-configuration",
            false);
}
