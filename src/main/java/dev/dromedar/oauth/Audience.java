package dev.dromedar.oauth;

/** Whom an assertion is for. */
public enum Audience {
    ISSUER,
    TOKEN_ENDPOINT
}
