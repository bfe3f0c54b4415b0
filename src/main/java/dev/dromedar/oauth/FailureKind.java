package dev.dromedar.oauth;

import org.jspecify.annotations.Nullable;

/** Why a call did not succeed, coarse enough to count. */
public enum FailureKind {
    /** There was no token, so nothing was sent. */
    NO_TOKEN("no-token"),
    /** The target was not under the API's base address, or the body could not be sent again: refused here. */
    REFUSED_HERE("refused-here"),
    /** No connection, no answer in time, TLS. */
    NETWORK("network"),
    /** HTTP 401, after the one recovery. */
    UNAUTHORIZED("unauthorized"),
    /** HTTP 403. */
    FORBIDDEN("forbidden"),
    /** HTTP 429. */
    TOO_MANY_REQUESTS("too-many-requests"),
    /** Any other HTTP 4xx. */
    CLIENT_ERROR("client-error"),
    /** HTTP 5xx. */
    SERVER_ERROR("server-error");

    private final String label;

    FailureKind(String label) {
        this.label = label;
    }

    /** Its name in metrics and JSON. */
    public String label() {
        return label;
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
