package dev.dromedar.oauth;

import java.io.IOException;

/** A proxy gave no tunnel (RFC 9110 section 9.3.6): its answer is not the one of the server behind it. */
public final class ProxyRefusal extends IOException {
    private static final long serialVersionUID = 1;

    /**
     * A refusal with that HTTP status.
     *
     * @param proxy host and port
     */
    public ProxyRefusal(Object proxy, int status) {
        super("the proxy " + proxy + " refused the connection (HTTP " + status + ")"
                + switch (status) {
                    case 401, 407 -> ". Check proxy-user and proxy-password";
                    case 400, 404, 405, 501 -> ". Check its address: what answers there may be no proxy";
                    default -> ". Ask its operator to allow it";
                });
    }
}
