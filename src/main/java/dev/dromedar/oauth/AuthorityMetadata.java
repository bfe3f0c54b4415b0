package dev.dromedar.oauth;

import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What we use of an authority's metadata (RFC 8414 section 2).
 *
 * @param issuer exactly as configured
 * @param tokenEndpoint where tokens are asked for
 * @param certificateTokenEndpoint where a client with a certificate asks (RFC 8705 section 5), or null for the same
 * @param grantTypes {@code grant_types_supported}; each list is empty if the authority does not say
 * @param authenticationMethods {@code token_endpoint_auth_methods_supported}
 * @param assertionAlgorithms {@code token_endpoint_auth_signing_alg_values_supported}
 * @param proofAlgorithms {@code dpop_signing_alg_values_supported} (RFC 9449 section 5.1)
 * @param scopes {@code scopes_supported}
 */
public record AuthorityMetadata(
        String issuer,
        URI tokenEndpoint,
        @Nullable URI certificateTokenEndpoint,
        List<String> grantTypes,
        List<String> authenticationMethods,
        List<String> assertionAlgorithms,
        List<String> proofAlgorithms,
        List<String> scopes) {
    public AuthorityMetadata {
        grantTypes = List.copyOf(grantTypes);
        authenticationMethods = List.copyOf(authenticationMethods);
        assertionAlgorithms = List.copyOf(assertionAlgorithms);
        proofAlgorithms = List.copyOf(proofAlgorithms);
        scopes = List.copyOf(scopes);
    }

    /** What is known of an authority whose token endpoint a property says. */
    static AuthorityMetadata configured(String issuer, URI tokenEndpoint) {
        return new AuthorityMetadata(
                issuer, tokenEndpoint, null, List.of(), List.of(), List.of(), List.of(), List.of());
    }

    URI tokenEndpoint(boolean withCertificate) {
        return withCertificate && certificateTokenEndpoint != null ? certificateTokenEndpoint : tokenEndpoint;
    }
}
