package dev.dromedar.sandbox;

/** Where an authority answers. */
final class Paths {
    static final String EXCHANGE = "/authentication/api/v1/exchange/maskinporten";
    static final String STANDARD_EXCHANGE = "/connect/exchange";
    static final String TOKEN = "/connect/token";
    static final String JWKS = "/.well-known/jwks";
    /** OpenID Connect Discovery section 4. */
    static final String OPENID_DISCOVERY = "/.well-known/openid-configuration";
    /** RFC 8414 section 3. */
    static final String OAUTH_DISCOVERY = "/.well-known/oauth-authorization-server";

    private Paths() {}
}
