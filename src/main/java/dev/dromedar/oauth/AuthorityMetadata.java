package dev.dromedar.oauth;

import java.net.URI;
import java.util.List;

/**
 * What we use of an authority's metadata (RFC 8414 section 2).
 *
 * @param issuer exactly as configured; the audience of client assertions
 * @param tokenEndpoint where tokens are asked for
 * @param proofAlgorithms {@code dpop_signing_alg_values_supported} (RFC 9449 section 5.1), empty if not said
 * @param authenticationMethods {@code token_endpoint_auth_methods_supported}, empty if not said
 */
public record AuthorityMetadata(
        String issuer, URI tokenEndpoint, List<String> proofAlgorithms, List<String> authenticationMethods) {
    public AuthorityMetadata {
        proofAlgorithms = List.copyOf(proofAlgorithms);
        authenticationMethods = List.copyOf(authenticationMethods);
    }
}
