package dev.dromedar.sandbox;

/** What an authority lets pass where the sources disagree. None of these by default. */
public enum Leniency {
    /** The Java library of HelseID sends none. */
    CLIENT_ID_MAY_BE_ABSENT,
    /** Older pages of HelseID, and most other authorities. */
    ASSERTION_TYP_JWT,
    /** The practice before January 2025. */
    AUD_TOKEN_ENDPOINT,
    AUD_TRAILING_SLASH,
    AUD_ARRAY,
    /** HelseID has announced to refuse a used {@code jti} but not the day. */
    ASSERTION_JTI_MAY_REPEAT,
    /** RFC 7523 asks for neither {@code iat} nor {@code nbf}. */
    IAT_AND_NBF_MAY_BE_ABSENT
}
