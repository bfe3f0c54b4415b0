package dev.dromedar.sandbox;

import java.time.Duration;
import java.util.List;

/**
 * What a server demands of a proof beyond RFC 9449 section 4.3, where servers differ.
 *
 * @param algorithms accepted, in the order in which a challenge names them
 * @param age how long ago a proof may have been signed
 * @param skew how far the clocks may be apart, either way
 * @param exactHtu compare {@code htu} character by character instead of normalised (RFC 3986 sections 6.2.2 and 6.2.3)
 * @param queryInHtu whether {@code htu} may have a query or fragment, which is then ignored
 * @param maxLength of a proof in characters
 */
public record ProofRules(
        List<String> algorithms, Duration age, Duration skew, boolean exactHtu, boolean queryInHtu, int maxLength) {
    static final List<String> NINE =
            List.of("ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512");

    /** NHN's C# sample, the strictest known: one second and five of skew. */
    public static final ProofRules NHN_CSHARP =
            new ProofRules(NINE, Duration.ofSeconds(1), Duration.ofSeconds(5), false, false, 4000);
    /** NHN's Java sample. */
    public static final ProofRules NHN_JAVA =
            new ProofRules(NINE, Duration.ofSeconds(10), Duration.ofSeconds(5), false, false, 4000);
    /** FHI's API package: a minute, five of skew, and neither PS384 nor PS512. */
    public static final ProofRules FHI = new ProofRules(
            List.of("ES256", "ES384", "ES512", "PS256", "RS256", "RS384", "RS512"),
            Duration.ofMinutes(1),
            Duration.ofMinutes(5),
            false,
            true,
            4000);
    /** node-oidc-provider. */
    public static final ProofRules NODE_OIDC =
            new ProofRules(NINE, Duration.ofMinutes(5), Duration.ofMinutes(5), false, true, 16_000);

    public ProofRules {
        algorithms = List.copyOf(algorithms);
    }

    public ProofRules withExactHtu() {
        return new ProofRules(algorithms, age, skew, true, queryInHtu, maxLength);
    }

    public ProofRules withAlgorithms(String... others) {
        return new ProofRules(List.of(others), age, skew, exactHtu, queryInHtu, maxLength);
    }
}
