package dev.dromedar.sandbox;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One authority's rules as data.
 *
 * @param clients how clients may authenticate, and how refusals and tokens look
 * @param assertions what a client assertion must be
 * @param nonces whether proofs need a nonce
 * @param proofs what a proof must be
 * @param tokenLifetime of access tokens
 * @param lenient what passes where the strict end refuses
 * @param dialect where it differs from HelseID and Duende
 */
public record AuthorityRules(
        Set<Trait> clients,
        Assertions assertions,
        NonceUse nonces,
        ProofRules proofs,
        Duration tokenLifetime,
        Set<Leniency> lenient,
        Dialect dialect) {

    /** What an authority does or does not. */
    public enum Trait {
        /** Clients may authenticate with {@code private_key_jwt}. */
        CLIENT_ASSERTIONS,
        /** Clients may authenticate with a shared secret, by Basic or in the body. */
        CLIENT_SECRETS,
        /** {@code invalid_client} is a 401 with a challenge (RFC 6749 section 5.2) instead of IdentityServer's 400. */
        INVALID_CLIENT_IS_401,
        /** {@code scope} of an access token is a JSON array, as IdentityServer writes it. */
        SCOPE_IS_ARRAY
    }

    /**
     * What a client assertion must be.
     *
     * @param types accepted {@code typ}; empty for any
     * @param algorithms accepted {@code alg}
     * @param lifetime at most, from now and from {@code iat}
     * @param skew how far the clocks may be apart
     */
    public record Assertions(Set<String> types, List<String> algorithms, Duration lifetime, Duration skew) {
        public Assertions {
            types = Set.copyOf(types);
            algorithms = List.copyOf(algorithms);
        }
    }

    public AuthorityRules {
        clients = Set.copyOf(clients);
        lenient = Set.copyOf(lenient);
    }

    /** HelseID at its strictest. */
    public static AuthorityRules helseid() {
        return new AuthorityRules(
                Set.of(Trait.CLIENT_ASSERTIONS),
                new Assertions(
                        Set.of("client-authentication+jwt"),
                        ProofRules.NINE,
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(5)),
                NonceUse.STEPPED,
                ProofRules.NHN_JAVA,
                Duration.ofMinutes(5),
                Set.of(),
                Dialect.HELSEID);
    }

    /** Maskinporten: the signed grant, RS256 to RS512, 120 s, no claim that it does not know. */
    public static AuthorityRules maskinporten() {
        return of(
                Set.of(Trait.CLIENT_ASSERTIONS),
                List.of("RS256", "RS384", "RS512"),
                120,
                Duration.ofMinutes(2),
                Dialect.MASKINPORTEN);
    }

    /** Microsoft Entra's v2 endpoint. */
    public static AuthorityRules entra() {
        return of(
                        Set.of(Trait.CLIENT_ASSERTIONS, Trait.CLIENT_SECRETS),
                        List.of("PS256", "RS256"),
                        600,
                        Duration.ofHours(1),
                        Dialect.ENTRA)
                .withInvalidClientAs401();
    }

    public static AuthorityRules keycloak() {
        return of(
                        Set.of(Trait.CLIENT_ASSERTIONS, Trait.CLIENT_SECRETS),
                        ProofRules.NINE,
                        60,
                        Duration.ofMinutes(5),
                        Dialect.KEYCLOAK)
                .withInvalidClientAs401();
    }

    /** An authority that accepts whatever the RFCs leave open. */
    public static AuthorityRules oauth2() {
        return of(
                        Set.of(Trait.CLIENT_ASSERTIONS, Trait.CLIENT_SECRETS),
                        ProofRules.NINE,
                        300,
                        Duration.ofMinutes(5),
                        Dialect.OAUTH2)
                .withInvalidClientAs401()
                .with(Leniency.AUD_TOKEN_ENDPOINT);
    }

    /** SMART Backend Services. */
    public static AuthorityRules smartBackend() {
        return of(
                Set.of(Trait.CLIENT_ASSERTIONS), List.of("RS384", "ES384"), 300, Duration.ofMinutes(5), Dialect.SMART);
    }

    /** The rules that a profile's authority keeps. */
    static AuthorityRules of(String profile) {
        return switch (profile) {
            case "helseid" -> helseid();
            case "duende" -> duende();
            case "maskinporten" -> maskinporten();
            case "entra" -> entra();
            case "keycloak" -> keycloak();
            case "smart-backend" -> smartBackend();
            case "oauth2" -> oauth2();
            default -> throw new IllegalArgumentException("there is no profile '" + profile + "'");
        };
    }

    private static AuthorityRules of(
            Set<Trait> clients,
            List<String> algorithms,
            int longestAssertion,
            Duration tokenLifetime,
            Dialect dialect) {
        return new AuthorityRules(
                clients,
                new Assertions(Set.of("JWT"), algorithms, Duration.ofSeconds(longestAssertion), Duration.ofSeconds(10)),
                NonceUse.OFF,
                ProofRules.NODE_OIDC,
                tokenLifetime,
                Set.of(Leniency.CLIENT_ID_MAY_BE_ABSENT, Leniency.IAT_AND_NBF_MAY_BE_ABSENT),
                dialect);
    }

    /** Duende IdentityServer as it comes: shared secrets, assertions with any {@code typ}, proofs without a nonce. */
    public static AuthorityRules duende() {
        return new AuthorityRules(
                Set.of(Trait.CLIENT_ASSERTIONS, Trait.CLIENT_SECRETS, Trait.SCOPE_IS_ARRAY),
                new Assertions(Set.of(), ProofRules.NINE, Duration.ofMinutes(5), Duration.ofMinutes(5)),
                NonceUse.OFF,
                ProofRules.NODE_OIDC,
                Duration.ofHours(1),
                Set.of(
                        Leniency.CLIENT_ID_MAY_BE_ABSENT,
                        Leniency.AUD_TOKEN_ENDPOINT,
                        Leniency.AUD_ARRAY,
                        Leniency.IAT_AND_NBF_MAY_BE_ABSENT),
                Dialect.DUENDE);
    }

    boolean has(Trait trait) {
        return clients.contains(trait);
    }

    boolean allows(Leniency leniency) {
        return lenient.contains(leniency);
    }

    public AuthorityRules with(Leniency... more) {
        var all = EnumSet.noneOf(Leniency.class);
        all.addAll(lenient);
        all.addAll(List.of(more));
        return new AuthorityRules(clients, assertions, nonces, proofs, tokenLifetime, all, dialect);
    }

    public AuthorityRules withInvalidClientAs401() {
        var all = EnumSet.of(Trait.INVALID_CLIENT_IS_401);
        all.addAll(clients);
        return new AuthorityRules(all, assertions, nonces, proofs, tokenLifetime, lenient, dialect);
    }

    /** The authority's metadata (RFC 8414 section 2). */
    Map<String, Object> metadata(String issuer, String origin, Set<String> scopes) {
        List<String> methods = new ArrayList<>();
        if (has(Trait.CLIENT_ASSERTIONS)) {
            methods.add("private_key_jwt");
        }
        if (has(Trait.CLIENT_SECRETS)) {
            methods.addAll(List.of("client_secret_basic", "client_secret_post"));
        }
        if (dialect.has(Dialect.Rule.CLIENT_CERTIFICATES)) {
            methods.add("tls_client_auth");
        }
        var metadata = new LinkedHashMap<String, Object>();
        if (!dialect.has(Dialect.Rule.NO_ISSUER_IN_METADATA)) {
            metadata.put("issuer", issuer);
        }
        metadata.put("jwks_uri", origin + Paths.JWKS);
        metadata.put("token_endpoint", origin + Paths.TOKEN);
        metadata.put("scopes_supported", scopes);
        metadata.put("grant_types_supported", dialect.grants());
        metadata.put("response_types_supported", List.of());
        metadata.put("token_endpoint_auth_methods_supported", methods);
        if (dialect.has(Dialect.Rule.DPOP)) {
            metadata.put("dpop_signing_alg_values_supported", proofs.algorithms());
        }
        return metadata;
    }
}
