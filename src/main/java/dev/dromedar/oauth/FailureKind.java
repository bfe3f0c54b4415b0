package dev.dromedar.oauth;

import org.jspecify.annotations.Nullable;

/** Why a call did not succeed, coarse enough to count. */
public enum FailureKind {
    /** There was no token, so nothing was sent. */
    NO_TOKEN("no-token", ""),
    /** The target was not under the base address, the body could not be sent again, or the answer exceeds a limit of ours. */
    REFUSED_HERE("refused-here", ""),
    /** The API's {@code rate} or {@code concurrency} would have been exceeded for too long. */
    LIMITED("limited", ""),
    /** Nothing was sent, since the API is known to be down. */
    BREAKER_OPEN("breaker-open", ""),
    /** No connection, no answer in time, TLS. */
    NETWORK("network", ""),
    /** HTTP 401, after the one recovery. */
    UNAUTHORIZED(
            "unauthorized",
            "The API does not take this token, and would reject a new one too. Ask its owner about audience, scope and DPoP"
                    + " of this client."),
    /** HTTP 403. */
    FORBIDDEN("forbidden", "The token is good and may not do this. Check scope, and what the API's owner has granted."),
    /** HTTP 429. */
    TOO_MANY_REQUESTS("too-many-requests", "The API wants fewer calls. Call less often."),
    /** Any other HTTP 4xx. */
    CLIENT_ERROR("client-error", "The API rejects the request. Check method, address and body."),
    /** HTTP 5xx. */
    SERVER_ERROR("server-error", "The API itself failed, and its owner's log says more.");

    private final String label;
    private final String advice;

    FailureKind(String label, String advice) {
        this.label = label;
        this.advice = advice;
    }

    /** Its name in metrics and JSON. */
    public String label() {
        return label;
    }

    /** What to do about an HTTP status of this kind, as sentences; empty where the failure itself says it. */
    public String advice() {
        return advice;
    }

    /** What an HTTP status counts as, or null if it is no failure. */
    public static @Nullable FailureKind ofStatus(int status) {
        if (status < 400) {
            return null;
        }
        return switch (status) {
            case 401 -> UNAUTHORIZED;
            case 403 -> FORBIDDEN;
            case 429 -> TOO_MANY_REQUESTS;
            default -> status < 500 ? CLIENT_ERROR : SERVER_ERROR;
        };
    }
}
