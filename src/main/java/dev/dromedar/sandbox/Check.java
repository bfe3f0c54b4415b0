package dev.dromedar.sandbox;

/**
 * What the sandbox checks. Refusals are counted by these names. The number is the check's place in the list that the sandbox
 * was built from.
 */
public enum Check {
    FORM_POST(1, "RFC 6749 section 3.2"),
    REPEATED_PARAMETER(1, "RFC 6749 section 3.2"),
    GRANT_TYPE(2, "RFC 6749 section 4.4.2"),
    CLIENT_ID(3, "HelseID: client_id in the body; RFC 7523 section 3"),
    CLIENT_AUTHENTICATION(4, "RFC 6749 section 2.3, RFC 7521 section 4.2"),
    ASSERTION_TYP(5, "HelseID: typ of a client assertion"),
    ASSERTION_ALG(6, "RFC 7515 section 4.1.1, HelseID: algorithms"),
    ASSERTION_KEY(7, "RFC 7515 section 4.1.4"),
    ASSERTION_SIGNATURE(7, "RFC 7523 section 3 item 9"),
    ASSERTION_AUD(8, "RFC 7523 section 3 item 3, HelseID: aud is the issuer"),
    ASSERTION_LIFETIME(9, "RFC 7523 section 3 items 4 to 6, HelseID: at most 60 s"),
    ASSERTION_JTI(10, "RFC 7523 section 3 item 7"),
    ASSERTION_DETAILS(11, "HelseID: organisation numbers in assertion_details"),
    DOUBLE_STRUCTURE(12, "HelseID: the same structure twice"),
    CUSTOMER(11, "Maskinporten: whom a grant is for"),
    ASSERTION_CLAIMS(10, "Maskinporten: claims it does not know"),
    CERTIFICATE(4, "RFC 8705 section 2"),
    CERTIFICATE_BINDING(34, "RFC 8705 section 3"),
    SCOPE(13, "RFC 6749 section 3.3"),
    RESOURCE(14, "RFC 8707 section 2"),
    PROOF_REQUIRED(15, "RFC 9449 section 5"),
    NONCE(16, "RFC 9449 sections 8 and 9"),
    CLIENT_SECRET(19, "RFC 6749 section 2.3.1"),
    SCHEME(23, "RFC 9449 section 7"),
    PROOF_FORM(24, "RFC 9449 section 4.3 items 1 and 2"),
    PROOF_TYP(25, "RFC 9449 section 4.3 item 4"),
    PROOF_ALG(26, "RFC 9449 section 4.3 item 5"),
    PROOF_JWK(27, "RFC 9449 section 4.3 item 7"),
    PROOF_SIGNATURE(28, "RFC 9449 section 4.3 item 6"),
    PROOF_JTI(29, "RFC 9449 section 11.1"),
    PROOF_HTM(30, "RFC 9449 section 4.3 item 8"),
    PROOF_HTU(31, "RFC 9449 section 4.3 item 9"),
    PROOF_IAT(32, "RFC 9449 section 4.3 item 11"),
    PROOF_ATH(33, "RFC 9449 section 4.3 item 12"),
    KEY_BINDING(34, "RFC 9449 section 6"),
    ACCESS_TOKEN(35, "RFC 9068 section 4"),
    TOKEN_SCOPE(35, "RFC 6750 section 3.1"),
    EXCHANGE(35, "Altinn: exchange of a token of Maskinporten; RFC 8693 section 2"),
    FOREIGN_CREDENTIALS(39, "RFC 6750 section 5.3: credentials go to their own API only");

    private final int number;
    private final String source;

    Check(int number, String source) {
        this.number = number;
        this.source = source;
    }

    public int number() {
        return number;
    }

    public String source() {
        return source;
    }
}
