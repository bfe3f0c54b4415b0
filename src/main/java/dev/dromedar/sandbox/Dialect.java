package dev.dromedar.sandbox;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where an authority differs from client_credentials as HelseID and Duende have it.
 *
 * @param jwtGrant the only grant is RFC 7523 section 2.1: the assertion says scope and resource, nobody authenticates
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
        boolean jwtGrant,
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
        keyNames = Set.copyOf(keyNames);
        claims = Set.copyOf(claims);
    }

    static final Dialect USUAL = new Dialect(
            false, false, false, Set.of("kid"), Set.of(), false, ".*", false, true, false, true, null, true);

    static final Dialect HELSEID =
            new Dialect(false, false, false, Set.of("kid"), Set.of(), false, ".*", false, true, true, true, null, true);

    static final Dialect MASKINPORTEN = new Dialect(
            true,
            true,
            false,
            Set.of("kid", "x5c"),
            Set.of("iss", "aud", "scope", "iat", "exp", "jti", "resource", "consumer_org"),
            false,
            ".*",
            false,
            true,
            false,
            false,
            Authority.OAUTH_DISCOVERY_PATH,
            true);

    static final Dialect ENTRA = new Dialect(
            false,
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
            false,
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

    static final Dialect SMART = new Dialect(
            false,
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
