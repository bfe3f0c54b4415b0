package dev.dromedar.oauth;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How a client proves who it is at the token endpoint, by its registered name (RFC 7591 section 2, OpenID Connect). */
public enum ClientAuthenticationMethod {
    PRIVATE_KEY_JWT,
    CLIENT_SECRET_BASIC,
    CLIENT_SECRET_POST,
    /** RFC 8705 section 2.1: by the certificate of the TLS connection. */
    TLS_CLIENT_AUTH,
    /** The grant itself is the proof (RFC 7523 section 2.1). */
    NONE;

    /** The name that metadata and properties use. */
    public String registeredName() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static @Nullable ClientAuthenticationMethod ofName(String name) {
        for (var method : values()) {
            if (method.registeredName().equals(name)) {
                return method;
            }
        }
        return null;
    }
}
