package dev.dromedar.sandbox;

/** What can be wrong with a server's TLS. */
public enum TlsFault {
    NONE,
    /** The certificate is by an authority that nobody knows. */
    UNKNOWN_CA,
    /** The certificate is for another host. */
    WRONG_HOST,
    EXPIRED,
    /** The server answers the handshake with something that is no TLS. */
    BROKEN_HANDSHAKE
}
