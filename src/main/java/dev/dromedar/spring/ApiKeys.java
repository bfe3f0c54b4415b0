package dev.dromedar.spring;

/**
 * The keys of one API under {@code dromedar.api.<name>.*}, for an editor's completion. Nothing is bound to it: the worker reads
 * the values itself, so that every fault is told at once. It has no getters, because what has getters is printed.
 */
@SuppressWarnings({"unused", "PMD"})
public final class ApiKeys {
    /** The most content codings of an answer, one upon another. Default 2. */
    public void setAnswerEncodings(String value) {}

    /** The most header lines of an answer. Default 200. */
    public void setAnswerHeaderCount(String value) {}

    /** The most bytes of an answer's status line and headers. Default 64KB. */
    public void setAnswerHeaderSize(String value) {}

    /** The largest body of an answer, decoded. Default 1GB. */
    public void setAnswerSize(String value) {}

    /** See the table of properties in README.md. */
    public void setAssertionDetails(String value) {}

    /** How long a client assertion is good for. Default: the profile's; 10s for helseid. */
    public void setAssertionLifetime(String value) {}

    /** See the table of properties in README.md. */
    public void setAssertionType(String value) {}

    /** See the table of properties in README.md. */
    public void setAudience(String value) {}

    /** The authority's issuer identifier. Required. */
    public void setAuthority(String value) {}

    /** Credentials go to this address and below it, nowhere else. Required. */
    public void setBaseAddress(String value) {}

    /** The longest a call may take, its answer's body included. Default 5m. */
    public void setCallTimeLimit(String value) {}

    /** See the table of properties in README.md. */
    public void setCertificate(String value) {}

    /** See the table of properties in README.md. */
    public void setCertificateHeader(String value) {}

    /** private_key_jwt, client_secret_basic or client_secret_post. Default: the profile's. */
    public void setClientAuthentication(String value) {}

    /** The client, as registered with the authority. Required. */
    public void setClientId(String value) {}

    /** The shared secret, best as {@literal {{env:NAME}}} or {@literal {{secretfile:path}}}. */
    public void setClientSecret(String value) {}

    /** See the table of properties in README.md. */
    public void setConnectTimeLimit(String value) {}

    /** A header that each call carries an id of its own in, such as nhn-event-id. Default none. */
    public void setCorrelationHeader(String value) {}

    /** Whether tokens are bound by DPoP. Default: the profile's. */
    public void setDpop(String value) {}

    /** Of the proof key that is made for this process. Default ES256. */
    public void setDpopAlgorithm(String value) {}

    /** See the table of properties in README.md. */
    public void setDpopKey(String value) {}

    /** See the table of properties in README.md. */
    public void setGrant(String value) {}

    /** What the client's key signs with. Default: the key's own alg. */
    public void setKeyAlgorithm(String value) {}

    /** See the table of properties in README.md. */
    public void setKeyAlias(String value) {}

    /** See the table of properties in README.md. */
    public void setKeyId(String value) {}

    /** See the table of properties in README.md. */
    public void setKeyStore(String value) {}

    /** See the table of properties in README.md. */
    public void setKeyStorePassword(String value) {}

    /** See the table of properties in README.md. */
    public void setKeyStoreType(String value) {}

    /** See the table of properties in README.md. */
    public void setMetadataPath(String value) {}

    /** See the table of properties in README.md. */
    public void setOrganisationCheck(String value) {}

    /** See the table of properties in README.md. */
    public void setOrganisationChild(String value) {}

    /** See the table of properties in README.md. */
    public void setOrganisationParent(String value) {}

    /** See the table of properties in README.md. */
    public void setOrganisationTenancy(String value) {}

    /** See the table of properties in README.md. */
    public void setOrganisationTrailingColon(String value) {}

    /** The client's private key, best as {@literal {{secretfile:path}}}. */
    public void setPrivateKey(String value) {}

    /** See the table of properties in README.md. */
    public void setPrivateKeyPassword(String value) {}

    /** The authority's kind: helseid, duende, oauth2. Required. */
    public void setProfile(String value) {}

    /** See the table of properties in README.md. */
    public void setProxy(String value) {}

    /** See the table of properties in README.md. */
    public void setProxyFor(String value) {}

    /** See the table of properties in README.md. */
    public void setProxyPassword(String value) {}

    /** See the table of properties in README.md. */
    public void setProxyUser(String value) {}

    /** How long before its end a token is renewed at most. Default 1m. */
    public void setRenewAhead(String value) {}

    /** The largest body, in bytes, that is kept to be sent again after a 401. Default 1048576. */
    public void setRepeatableBody(String value) {}

    /** Resource indicators (RFC 8707), separated by spaces. */
    public void setResource(String value) {}

    /** Scopes to ask for, separated by spaces. */
    public void setScope(String value) {}

    /** When less scope is granted than asked: fail, warn or accept. Default warn. */
    public void setScopePolicy(String value) {}

    /** See the table of properties in README.md. */
    public void setSfmJournalId(String value) {}

    /** The most a caller waits for a token. Default 20s. */
    public void setTimeLimit(String value) {}

    /** See the table of properties in README.md. */
    public void setTlsCaFile(String value) {}

    /** See the table of properties in README.md. */
    public void setTlsCertificate(String value) {}

    /** See the table of properties in README.md. */
    public void setTlsCertificateFor(String value) {}

    /** See the table of properties in README.md. */
    public void setTlsKeyAlias(String value) {}

    /** See the table of properties in README.md. */
    public void setTlsKeyStore(String value) {}

    /** See the table of properties in README.md. */
    public void setTlsKeyStorePassword(String value) {}

    /** See the table of properties in README.md. */
    public void setTlsKeyStoreType(String value) {}

    /** Whether weak TLS of a partner is accepted. Default false. */
    public void setTlsLegacy(String value) {}

    /** See the table of properties in README.md. */
    public void setTlsPrivateKey(String value) {}

    /** See the table of properties in README.md. */
    public void setTlsPrivateKeyPassword(String value) {}

    /** See the table of properties in README.md. */
    public void setTokenEndpoint(String value) {}

    /** Hosts that the metadata may name a token endpoint at, besides the authority's own. Default none. */
    public void setTokenEndpointHost(String value) {}
}
