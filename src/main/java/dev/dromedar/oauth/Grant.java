package dev.dromedar.oauth;

/** How a token is requested. */
public enum Grant {
    /** RFC 6749 section 4.4. */
    CLIENT_CREDENTIALS,
    /** RFC 7523 section 2.1: the assertion is the grant. */
    JWT_BEARER;

    public String propertyValue() {
        return this == JWT_BEARER ? "jwt-bearer" : "client_credentials";
    }
}
