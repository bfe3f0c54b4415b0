package dev.dromedar.oauth;

import dev.dromedar.keys.SigningKey;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What to do when an authority gives no token, in sentences that name the property keys. Pure functions. */
final class RefusalAdvice {
    /** Errors whose cause can be one of many, so that the description is listened to. */
    private static final Set<String> HINTED = Set.of("invalid_client", "invalid_grant", "invalid_request");

    private RefusalAdvice() {}

    /**
     * Advice on a refusal.
     *
     * @param error of the answer; its code may be null
     * @param status of the answer
     * @param proof whether the client's tokens are bound by DPoP
     */
    static String of(
            AuthorityError error,
            int status,
            TokenRequest request,
            ClientAuthentication authentication,
            boolean proof) {
        String explained = ErrorDescription.explain(error.description());
        if (explained != null) {
            return explained;
        }
        String code = error.code() == null ? "" : error.code();
        String advice = advice(code, status, request, authentication, proof);
        boolean secret = authentication instanceof ClientAuthentication.SecretBasic
                || authentication instanceof ClientAuthentication.SecretPost;
        String hint = HINTED.contains(code) ? ErrorDescription.hint(error.description(), secret) : "";
        if (hint.isEmpty()) {
            return advice;
        }
        return hint + " " + (advice.startsWith("Check ") ? "Otherwise check " + advice.substring(6) : advice);
    }

    private static String advice(
            String code, int status, TokenRequest request, ClientAuthentication authentication, boolean proof) {
        return switch (code) {
            case "invalid_client" -> client(authentication);
            case "invalid_grant" ->
                "Check client-id, the audience, this machine's clock, and that the public key"
                        + (authentication.key() == null ? "" : " of " + named(authentication.key()))
                        + " is registered for this client.";
            case "invalid_scope", "insufficient_scope" ->
                request.scope().isEmpty()
                        ? "This client requests no scope, and the authority wants one: set scope."
                        : "Check that this client is granted every scope it requests: "
                                + String.join(" ", request.scope()) + ".";
            case "unauthorized_client" ->
                status == 401 // RFC 6749 section 5.2 knows 401 for a failed authentication alone
                        ? client(authentication) + " Otherwise check that this client may use "
                                + authentication.grantType() + "."
                        : "Check that this client may use " + authentication.grantType()
                                + ", and its credentials: some authorities say this for a wrong one.";
            case "unsupported_grant_type" ->
                "Check that this authority offers " + authentication.grantType() + " to this client.";
            case "invalid_target" -> "Check the property 'resource': " + String.join(" ", request.resource()) + ".";
            case "invalid_dpop_proof" ->
                proof
                        ? "Check this machine's clock, and that the client is registered for DPoP."
                        : "The authority requires DPoP of this client: set dpop = true.";
            case "access_denied", "forbidden" ->
                request.assertionDetails() != null
                        ? "Check the organisation numbers, and what this client may do for them."
                        : "The authority knows the client and denies it this token. Check that the client is granted"
                                + " access to the API (scope, resource or audience) at the authority.";
            case "" -> client(authentication) + unsaid(status, authentication);
            default ->
                status == 401 || status == 403
                        ? client(authentication)
                        : "Search the authority's documentation for this error; its log says more.";
        };
    }

    private static String client(ClientAuthentication authentication) {
        SigningKey key = authentication.key();
        if (key != null) {
            return "Check client-id, that the public key of " + named(key)
                    + " is registered for this client and not expired, and this machine's clock.";
        }
        if (authentication instanceof ClientAuthentication.PlatformAssertion) {
            return "Check client-id, and that the authority trusts the issuer of client-assertion-file for this client, by its"
                    + " iss, sub and aud: ./run check shows them.";
        }
        return authentication instanceof ClientAuthentication.TlsCertificate
                ? "Check client-id, and that the client certificate is registered for this client and not expired; some"
                        + " authorities need its intermediate certificates too: append them to tls-certificate."
                : "Check client-id and client-secret, and that the secret is not expired.";
    }

    /** For an answer that names no error: what differs between authorities most often. */
    private static String unsaid(int status, ClientAuthentication authentication) {
        String more = authentication.key() != null
                ? " Some authorities expect another audience in the assertion: try audience = token-endpoint."
                : authentication instanceof ClientAuthentication.SecretBasic
                        ? " Some authorities take the secret in the body alone: try client-authentication ="
                                + " client_secret_post."
                        : "";
        return more
                + (status == 403 ? " A firewall or gateway before the authority may have answered in its place." : "");
    }

    private static String named(SigningKey key) {
        return key.keyId() != null
                ? "kid '" + key.keyId() + "'"
                : key.certificates().isEmpty()
                        ? "thumbprint '" + key.thumbprint() + "'"
                        : "the certificate '"
                                + SigningKey.thumbprint(key.certificates().get(0)) + "'";
    }

    /** Advice on an answer that is no refusal of the client: the authority itself, or the way to it, is at fault. */
    static String onOutage(@Nullable String error, int status) {
        return switch (status) {
            case 404, 405 -> " Check the authority's address, or token-endpoint.";
            case 429 -> " It receives too many requests: wait, and find out who else uses this client.";
            default ->
                status / 100 == 3
                        ? " It redirects, and credentials do not follow."
                        : status >= 500 || "server_error".equals(error) || "temporarily_unavailable".equals(error)
                                ? " The fault is at the authority: contact its operator."
                                : "";
        };
    }
}
