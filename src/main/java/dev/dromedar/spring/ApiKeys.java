package dev.dromedar.spring;

/**
 * The keys of one API under {@code dromedar.api.<name>.*}, for an editor's completion; written from the declarations in
 * {@code settings}. Nothing is bound to it: the worker reads the values itself, so that every fault is reported at once. It
 * has no getters, because what has getters is printed.
 */
@SuppressWarnings({"unused", "PMD"})
public final class ApiKeys {
    /** The kind of authority, which sets the defaults and the limits; oauth2 for any that has no profile of its own. Default: required. */
    public void setProfile(String value) {}

    /** Address of the API. Credentials go to this address and below it, nowhere else. Default: required. */
    public void setBaseAddress(String value) {}

    /** Issuer identifier of the authority, exactly as its metadata has it; the metadata is found from here. Default: required. */
    public void setAuthority(String value) {}

    /** The client as registered with the authority. Default: required. */
    public void setClientId(String value) {}

    /** Private key of the client: a JWK with kid, or PEM with key-id; best as {@literal {{secretfile:path}}}. Default: required for private_key_jwt. */
    public void setPrivateKey(String value) {}

    /** Algorithm of the client assertion's signature. Default: the key's alg; otherwise PS256 at HelseID and Entra, RS256 elsewhere, and the curve's own for EC. */
    public void setKeyAlgorithm(String value) {}

    /** How long a client assertion is valid. HelseID allows at most 60s. Default: 10s at helseid, 60s elsewhere but 5m at entra. */
    public void setAssertionLifetime(String value) {}

    /** A file with a client assertion that the platform writes and renews, read anew for each token request: no secret at all. At keycloak, entra, duende and oauth2. Default: none. */
    public void setClientAssertionFile(String value) {}

    /** The shared secret, best as {@literal {{secretfile:path}}} or {@literal {{env:NAME}}}. Default: required for a shared secret. */
    public void setClientSecret(String value) {}

    /** The day on which the key or secret expires at the authority, as 2027-03-01: shown in every view, with a warning from 14 days before. A certificate says its own end. Default: none. */
    public void setKeyExpires(String value) {}

    /** Where the client's keys are registered, for ./run keys rotate (HelseID Selvbetjening): https://api.selvbetjening.nhn.no. The client needs the scope nhn:selvbetjening/client. Default: none. */
    public void setKeyRegistry(String value) {}

    /** How long before its end the client's key is replaced unattended, like 30d; needs key-registry and a key in a file of its own. Default: none. */
    public void setKeyRotation(String value) {}

    /** How the client authenticates at the token endpoint. With grant = jwt-bearer: none, or a secret besides. Default: the profile's first; the key, if only that is set. */
    public void setClientAuthentication(String value) {}

    /** Scopes to request, separated by spaces. Default: none; required for some profiles. */
    public void setScope(String value) {}

    /** Resource indicators (RFC 8707), separated by spaces. Default: none. */
    public void setResource(String value) {}

    /** Whether tokens are bound by DPoP (RFC 9449). Default: true at helseid, false elsewhere. */
    public void setDpop(String value) {}

    /** Algorithm of the proof key that this process generates for itself. Default: ES256. */
    public void setDpopAlgorithm(String value) {}

    /** What happens when the authority grants less scope than requested. Default: warn. */
    public void setScopePolicy(String value) {}

    /** Longest wait of a call for a token, all attempts together. Default: 20s. */
    public void setTimeLimit(String value) {}

    /** How long before its expiry a token is renewed at most; a quarter of its life if that is shorter. Default: 1m. */
    public void setRenewAhead(String value) {}

    /** A header that carries an id of its own in each call, such as nhn-event-id; an id that the route sets is kept, and must be a token (RFC 9110) of at most 128 characters. Default: none. */
    public void setCorrelationHeader(String value) {}

    /** Largest request body, in bytes, that is kept so that it can be sent again after a 401. Default: 1048576. */
    public void setRepeatableBody(String value) {}

    /** Longest time of a call, from its beginning to the last byte of its answer. Default: 5m. */
    public void setCallTimeLimit(String value) {}

    /** Largest body of an answer, after decoding; large bodies are kept on disk. Default: 1GB. */
    public void setAnswerSize(String value) {}

    /** Most requests of this process to the API, as 10/s, 600/m or 1000/h: evenly spaced, one each 100 ms at 10/s. Each waits for its turn. Default: none. */
    public void setRate(String value) {}

    /** Most calls of this process to the API at the same time, from the request to the end of the answer. Default: none. */
    public void setConcurrency(String value) {}

    /** Longest wait of a call for rate, and for concurrency; a call that would wait longer fails. Default: 10s. */
    public void setLimitWait(String value) {}

    /** After so many outages in a row (no connection, no answer, HTTP 5xx) calls fail at once, until one that tries succeeds. Refusals (4xx) are no outages. Default: none. */
    public void setBreaker(String value) {}

    /** How long the breaker stays open before one call tries. Default: 30s. */
    public void setBreakerTime(String value) {}

    /** How a token is requested; jwt-bearer is RFC 7523 section 2.1. Only oauth2 leaves the choice open. Default: the profile's. */
    public void setGrant(String value) {}

    /** aud of the assertion: issuer, token-endpoint, or a text. Open at duende, keycloak and oauth2. Default: the profile's. */
    public void setAudience(String value) {}

    /** typ of the assertion. Open at duende, keycloak and oauth2. Default: the profile's. */
    public void setAssertionType(String value) {}

    /** How the assertion names the key: by kid (the only way at helseid and smart-backend) or by its certificate (the only way at entra). Default: the profile's first. */
    public void setCertificateHeader(String value) {}

    /** own: a key generated by this process; client: the client's key signs proofs too. Default: own. */
    public void setDpopKey(String value) {}

    /** Path of the metadata below the authority. Default: the profile's, or the two usual places. */
    public void setMetadataPath(String value) {}

    /** The token endpoint, for an authority without metadata. Default: found by discovery. */
    public void setTokenEndpoint(String value) {}

    /** The kid: selects from a JWK set, and names a PEM or stored key. Default: the key's own. */
    public void setKeyId(String value) {}

    /** Password of an encrypted PEM key. Default: none. */
    public void setPrivateKeyPassword(String value) {}

    /** PEM certificates of the key, its own first. Default: those beside the key. */
    public void setCertificate(String value) {}

    /** A file of keys; for PKCS11 the token's configuration. Default: none. */
    public void setKeyStore(String value) {}

    /** Type of the key store; Windows-MY needs no file. Default: seen from the file. */
    public void setKeyStoreType(String value) {}

    /** Password of the key store. Default: none. */
    public void setKeyStorePassword(String value) {}

    /** Alias of the key, where a key store has several. Default: the only key. */
    public void setKeyAlias(String value) {}

    /** A PEM file of certificate authorities that this API and its authority are trusted by, besides the JDK's and dromedar.tls.ca-file. Default: none. */
    public void setTlsCaFile(String value) {}

    /** PEM certificates of the TLS client, its own first. Default: those beside the key. */
    public void setTlsCertificate(String value) {}

    /** Private key of the TLS client certificate, in the forms of private-key. Default: none. */
    public void setTlsPrivateKey(String value) {}

    /** Password of an encrypted PEM key. Default: none. */
    public void setTlsPrivateKeyPassword(String value) {}

    /** A file with the TLS client certificate and its key. Default: none. */
    public void setTlsKeyStore(String value) {}

    /** Type of that key store. Default: seen from the file. */
    public void setTlsKeyStoreType(String value) {}

    /** Password of that key store. Default: none. */
    public void setTlsKeyStorePassword(String value) {}

    /** Alias of the TLS key, where a key store has several. Default: the only key. */
    public void setTlsKeyAlias(String value) {}

    /** Whom the TLS client certificate is presented to. Default: both. */
    public void setTlsCertificateFor(String value) {}

    /** A forward proxy, for example http://proxy.example.no:3128. Default: none. */
    public void setProxy(String value) {}

    /** Who is reached through the proxy. Default: both. */
    public void setProxyFor(String value) {}

    /** User at the proxy. Default: none. */
    public void setProxyUser(String value) {}

    /** Password at the proxy. Default: none. */
    public void setProxyPassword(String value) {}

    /** Longest wait for a connection to the authority. Default: 5s. */
    public void setConnectTimeLimit(String value) {}

    /** Most header fields of an answer. Default: 200. */
    public void setAnswerHeaderCount(String value) {}

    /** Most bytes of an answer's status line and headers, interim answers, chunk extensions and trailers included. Default: 64KB. */
    public void setAnswerHeaderSize(String value) {}

    /** Most content codings of an answer, one upon the other. Default: 2. */
    public void setAnswerEncodings(String value) {}

    /** Accept a server that cannot do better: TLS 1.2 with any suite that Java still enables, RSA keys from 1024 bits, SHA-1 signatures, and its name in the common name alone. Certificate and name are still checked. A warning is logged at start and daily, and shown in every view. Default: false. */
    public void setTlsLegacy(String value) {}

    /** Hosts, such as token.example.no:8443, at which the metadata may name a token endpoint besides the authority's own origin, separated by spaces. Default: none. */
    public void setTokenEndpointHost(String value) {}

    /** Where the authority's token is exchanged for the one that goes to the API, as at Altinn. Default: none. */
    public void setExchange(String value) {}

    /** How it is exchanged: get sends it as Bearer and takes the answer as the token; token-exchange is RFC 8693. Default: get. */
    public void setExchangeGrant(String value) {}

    /** audience of the exchange (RFC 8693 section 2.1). Default: none. */
    public void setExchangeAudience(String value) {}

    /** subject_token_type of the exchange (RFC 8693 section 3). Default: urn:ietf:params:oauth:token-type:access_token. */
    public void setExchangeSubjectTokenType(String value) {}

    /** The client of another authority's exchange, by HTTP Basic. Default: this client, if the exchange is at its authority's own origin. */
    public void setExchangeClientId(String value) {}

    /** Its secret. Default: none. */
    public void setExchangeClientSecret(String value) {}

    /** Whether the client acts for one organisation or many (HelseID). Default: multi if there is a parent. */
    public void setOrganisationTenancy(String value) {}

    /** Organisation number of the parent, nine digits (HelseID). Default: none. */
    public void setOrganisationParent(String value) {}

    /** Organisation number of the child, nine digits (HelseID). Default: none. */
    public void setOrganisationChild(String value) {}

    /** How organisation numbers are checked; digits for test numbers with a wrong control digit. Default: modulus-11. */
    public void setOrganisationCheck(String value) {}

    /** Organisation number of the client's owner, nine digits, so that a token for it by mistake is a fault here (the JWT grant). Default: none. */
    public void setOwnOrganisation(String value) {}

    /** Whether a parent alone is written with a colon at its end, as HelseID's .NET library does. Default: false. */
    public void setOrganisationTrailingColon(String value) {}

    /** SFM journal id (HelseID). Default: none. */
    public void setSfmJournalId(String value) {}

    /** Further elements of assertion_details: a JSON object, or an array of them (HelseID). Default: none. */
    public void setAssertionDetails(String value) {}
}
