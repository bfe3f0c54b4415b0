package dev.dromedar.sandbox;

/** When a server demands a nonce in proofs, and how long one is good (RFC 9449 sections 8 and 9). */
public enum NonceUse {
    /** None demanded. One that this server never gave is refused all the same: it belongs to another server. */
    OFF,
    /** Changes every 60 s and is accepted two steps either way, as node-oidc-provider does. */
    STEPPED,
    /** Every answer brings a new one; older ones stay good for two minutes. */
    EVERY_ANSWER,
    /** Every answer brings a new one, and each is good for one request. */
    SINGLE_USE
}
