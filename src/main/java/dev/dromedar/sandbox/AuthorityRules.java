package dev.dromedar.sandbox;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * One authority's rules as data.
 *
 * @param clientAssertions whether clients may authenticate with {@code private_key_jwt}
 * @param clientSecrets whether clients may authenticate with a shared secret, by Basic or in the body
 * @param assertionTypes accepted {@code typ} of an assertion; empty for any
 * @param algorithms of client assertions
 * @param assertionLifetime at most, from now and from {@code iat}
 * @param skew how far the clocks may be apart
 * @param nonces whether proofs need a nonce
 * @param invalidClientIs401 401 with a challenge (RFC 6749 section 5.2) instead of IdentityServer's 400
 * @param scopeAsArray {@code scope} of an access token as a JSON array, as IdentityServer does
 * @param tokenLifetime of access tokens of clients that have no other
 * @param lenient what passes where the strict end refuses
 * @param dialect where it differs from HelseID and Duende
 */
public record AuthorityRules(
        boolean clientAssertions,
        boolean clientSecrets,
        Set<String> assertionTypes,
        List<String> algorithms,
        Duration assertionLifetime,
        Duration skew,
        NonceUse nonces,
        ProofRules proofs,
        boolean invalidClientIs401,
        boolean scopeAsArray,
        Duration tokenLifetime,
        Set<Leniency> lenient,
        Dialect dialect) {

    public AuthorityRules {
        assertionTypes = Set.copyOf(assertionTypes);
        algorithms = List.copyOf(algorithms);
        lenient = Set.copyOf(lenient);
    }

    /** HelseID at its strictest. */
    public static AuthorityRules helseid() {
        return new AuthorityRules(
                true,
                false,
                Set.of("client-authentication+jwt"),
                ProofRules.NINE,
                Duration.ofSeconds(60),
                Duration.ofSeconds(5),
                NonceUse.STEPPED,
                ProofRules.NHN_JAVA,
                false,
                false,
                Duration.ofMinutes(5),
                Set.of(),
                Dialect.HELSEID);
    }

    /** Maskinporten: the signed grant, RS256 to RS512, 120 s, no claim that it does not know. */
    public static AuthorityRules maskinporten() {
        return of(true, false, List.of("RS256", "RS384", "RS512"), 120, Duration.ofMinutes(2), Dialect.MASKINPORTEN);
    }

    /** Microsoft Entra's v2 endpoint. */
    public static AuthorityRules entra() {
        return of(true, true, List.of("PS256", "RS256"), 600, Duration.ofHours(1), Dialect.ENTRA)
                .withInvalidClientAs401();
    }

    public static AuthorityRules keycloak() {
        return of(true, true, ProofRules.NINE, 60, Duration.ofMinutes(5), Dialect.KEYCLOAK)
                .withInvalidClientAs401();
    }

    /** An authority that takes whatever the RFCs leave open. */
    public static AuthorityRules oauth2() {
        return of(true, true, ProofRules.NINE, 300, Duration.ofMinutes(5), Dialect.OAUTH2)
                .withInvalidClientAs401()
                .with(Leniency.AUD_TOKEN_ENDPOINT);
    }

    /** SMART Backend Services. */
    public static AuthorityRules smartBackend() {
        return of(true, false, List.of("RS384", "ES384"), 300, Duration.ofMinutes(5), Dialect.SMART);
    }

    private static AuthorityRules of(
            boolean assertions,
            boolean secrets,
            List<String> algorithms,
            int longestAssertion,
            Duration tokenLifetime,
            Dialect dialect) {
        return new AuthorityRules(
                assertions,
                secrets,
                Set.of("JWT"),
                algorithms,
                Duration.ofSeconds(longestAssertion),
                Duration.ofSeconds(10),
                NonceUse.OFF,
                ProofRules.NODE_OIDC,
                false,
                false,
                tokenLifetime,
                Set.of(Leniency.CLIENT_ID_MAY_BE_ABSENT, Leniency.IAT_AND_NBF_MAY_BE_ABSENT),
                dialect);
    }

    /** Duende IdentityServer as it comes: shared secrets, assertions with any {@code typ}, proofs without a nonce. */
    public static AuthorityRules duende() {
        return new AuthorityRules(
                true,
                true,
                Set.of(),
                ProofRules.NINE,
                Duration.ofMinutes(5),
                Duration.ofMinutes(5),
                NonceUse.OFF,
                ProofRules.NODE_OIDC,
                false,
                true,
                Duration.ofHours(1),
                Set.of(
                        Leniency.CLIENT_ID_MAY_BE_ABSENT,
                        Leniency.AUD_TOKEN_ENDPOINT,
                        Leniency.AUD_ARRAY,
                        Leniency.IAT_AND_NBF_MAY_BE_ABSENT),
                Dialect.USUAL);
    }

    boolean allows(Leniency leniency) {
        return lenient.contains(leniency);
    }

    public AuthorityRules with(Leniency... more) {
        var all = EnumSet.noneOf(Leniency.class);
        all.addAll(lenient);
        all.addAll(List.of(more));
        return with(proofs, invalidClientIs401, tokenLifetime, all);
    }

    public AuthorityRules withProofs(ProofRules others) {
        return with(others, invalidClientIs401, tokenLifetime, lenient);
    }

    public AuthorityRules withInvalidClientAs401() {
        return with(proofs, true, tokenLifetime, lenient);
    }

    public AuthorityRules withTokenLifetime(Duration other) {
        return with(proofs, invalidClientIs401, other, lenient);
    }

    private AuthorityRules with(ProofRules otherProofs, boolean is401, Duration lifetime, Set<Leniency> leniencies) {
        return new AuthorityRules(
                clientAssertions,
                clientSecrets,
                assertionTypes,
                algorithms,
                assertionLifetime,
                skew,
                nonces,
                otherProofs,
                is401,
                scopeAsArray,
                lifetime,
                leniencies,
                dialect);
    }
}
