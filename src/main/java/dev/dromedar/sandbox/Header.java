package dev.dromedar.sandbox;

import java.util.List;

/** One header field. */
public record Header(String name, String value) {
    /** The challenge of an API that wants a nonce (RFC 9449 section 9), with the nonce to use. */
    public static List<Header> useNonce(String nonce) {
        return List.of(
                new Header(
                        "WWW-Authenticate", "DPoP error=\"use_dpop_nonce\", error_description=\"use the nonce given\""),
                new Header("DPoP-Nonce", nonce));
    }

    /** The challenge of an API that does not take the token (RFC 6750 section 3.1, RFC 9449 section 7.1). */
    public static List<Header> invalidToken(String scheme) {
        return List.of(new Header("WWW-Authenticate", scheme + " error=\"invalid_token\""));
    }
}
