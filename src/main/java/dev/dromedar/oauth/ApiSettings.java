package dev.dromedar.oauth;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * All that one API's client needs to know. Checked by whoever reads it, so that all faults are told at once.
 *
 * @param name of the API, in routes, logs, metrics, console and JMX
 * @param baseAddress credentials go to this address and below it, nowhere else
 * @param authority the issuer identifier, to the letter
 * @param proof whether tokens are bound by DPoP (RFC 9449)
 * @param request what is asked for unless a message asks for something else
 * @param scopePolicy what to do when less is granted than asked
 * @param timeLimit the most a caller waits for a token, all attempts together
 * @param renewAhead how long before its end a token is renewed at most; short-lived tokens have less
 * @param repeatableBody the largest request body, in bytes, that is held in memory so that it can be sent again after a 401
 */
public record ApiSettings(
        String name,
        URI baseAddress,
        Profile profile,
        String authority,
        String clientId,
        ClientAuthentication authentication,
        boolean proof,
        @Nullable SigningKey proofKey,
        SignatureAlgorithm proofAlgorithm,
        TokenRequest request,
        ScopePolicy scopePolicy,
        Duration timeLimit,
        Duration renewAhead,
        int repeatableBody) {

    /** What to do when the authority grants less scope than was asked for, or names a {@code rejected_scope}. */
    public enum ScopePolicy {
        FAIL,
        WARN,
        ACCEPT
    }
}
