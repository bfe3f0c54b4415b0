package dev.dromedar.settings;

import dev.dromedar.oauth.Profile;
import dev.dromedar.settings.Key.Page;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The keys of one API, under {@code dromedar.api.<name>.}, in the order of the READMEs. */
final class ApiKeys {
    private static final List<Key> DECLARED = new ArrayList<>();
    private static final String OF_PROFILE = "the profile's";

    static final Key PROFILE = main(
            "profile",
            choice(Profile.names().toArray(String[]::new)),
            "required",
            "The kind of authority, which sets the defaults and the limits; `oauth2` for any that has no profile of its own.");
    static final Key BASE_ADDRESS = main(
            "base-address",
            new Key.Type.Address(),
            "required",
            "Address of the API. Credentials go to this address and below it, nowhere else.");
    static final Key AUTHORITY = main(
            "authority",
            new Key.Type.Address(),
            "required",
            "Issuer identifier of the authority, exactly as its metadata has it; the metadata is found from here.");
    static final Key CLIENT_ID = main("client-id", text(), "required", "The client as registered with the authority.");
    static final Key PRIVATE_KEY = main(
            "private-key",
            secret(),
            "required for `private_key_jwt`",
            "Private key of the client: a JWK with `kid`, or PEM with `key-id`; best as `{{secretfile:path}}`.");
    static final Key KEY_ALGORITHM = main(
            "key-algorithm",
            choice("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"),
            "the key's `alg`; otherwise PS256 at HelseID and Entra, RS256 elsewhere, and the curve's own for EC",
            "Algorithm of the client assertion's signature.");
    static final Key ASSERTION_LIFETIME = main(
            "assertion-lifetime",
            time("1s", "1d"),
            "10s at `helseid`, 60s elsewhere but 5m at `entra`",
            "How long a client assertion is valid. HelseID allows at most 60s.");
    static final Key CLIENT_SECRET = main(
            "client-secret",
            secret(),
            "required for a shared secret",
            "The shared secret, best as `{{secretfile:path}}` or `{{env:NAME}}`.");
    static final Key KEY_EXPIRES = main(
            "key-expires",
            text(),
            null,
            "The day on which the key or secret expires at the authority, as `2027-03-01`: shown in every view, with a"
                    + " warning from 14 days before. A certificate says its own end.");
    static final Key CLIENT_AUTHENTICATION = main(
            "client-authentication",
            choice("private_key_jwt", "client_secret_basic", "client_secret_post", "tls_client_auth"),
            "the profile's first; the key, if only that is set",
            "How the client authenticates at the token endpoint. With `grant = jwt-bearer`: none, or a secret besides.");
    static final Key SCOPE =
            main("scope", words(), "none; required for some profiles", "Scopes to request, separated by spaces.");
    static final Key RESOURCE = main("resource", words(), null, "Resource indicators (RFC 8707), separated by spaces.");
    static final Key DPOP =
            main("dpop", flag(), "true at `helseid`, false elsewhere", "Whether tokens are bound by DPoP (RFC 9449).");
    static final Key DPOP_ALGORITHM = main(
            "dpop-algorithm",
            choice("ES256", "ES384", "ES512"),
            "ES256",
            "Algorithm of the proof key that this process generates for itself.");
    static final Key SCOPE_POLICY = main(
            "scope-policy",
            choice("fail", "warn", "accept"),
            "warn",
            "What happens when the authority grants less scope than requested.");
    static final Key TIME_LIMIT =
            main("time-limit", time("1s", "5m"), "20s", "Longest wait of a call for a token, all attempts together.");
    static final Key RENEW_AHEAD = main(
            "renew-ahead",
            time("1s", "1h"),
            "1m",
            "How long before its expiry a token is renewed at most; a quarter of its life if that is shorter.");
    static final Key CORRELATION_HEADER = main(
            "correlation-header",
            text(),
            null,
            "A header that carries an id of its own in each call, such as `nhn-event-id`; an id that the route sets is kept, and must"
                    + " be a token (RFC 9110) of at most 128 characters.");
    static final Key REPEATABLE_BODY = main(
            "repeatable-body",
            new Key.Type.Count(0, 256 * 1024 * 1024),
            "1048576",
            "Largest request body, in bytes, that is kept so that it can be sent again after a 401.");

    static final Key CALL_TIME_LIMIT = main(
            "call-time-limit",
            time("1s", "1d"),
            "5m",
            "Longest time of a call, from its beginning to the last byte of its answer.");
    static final Key ANSWER_SIZE = main(
            "answer-size",
            new Key.Type.Size(1024, 1024L * 1024 * 1024 * 1024),
            "1GB",
            "Largest body of an answer, after decoding; large bodies are kept on disk.");

    static final Key GRANT = other(
            "grant",
            choice("client_credentials", "jwt-bearer"),
            OF_PROFILE,
            "How a token is requested; `jwt-bearer` is RFC 7523 section 2.1. Only `oauth2` leaves the choice open.");
    static final Key AUDIENCE = other(
            "audience",
            text(),
            OF_PROFILE,
            "`aud` of the assertion: `issuer`, `token-endpoint`, or a text. Open at `duende`, `keycloak` and `oauth2`.");
    static final Key ASSERTION_TYPE = other(
            "assertion-type", text(), OF_PROFILE, "`typ` of the assertion. Open at `duende`, `keycloak` and `oauth2`.");
    static final Key CERTIFICATE_HEADER = other(
            "certificate-header",
            choice("kid", "x5t#S256", "x5c"),
            "the profile's first",
            "How the assertion names the key: by `kid` (the only way at `helseid` and `smart-backend`) or by its certificate"
                    + " (the only way at `entra`).");
    static final Key CLAIM =
            other("claim.NAME", text(), null, "A further claim of the assertion; JSON if it begins with `{` or `[`.");
    static final Key TOKEN_PARAMETER =
            other("token-parameter.NAME", text(), null, "A further parameter of the token request.");
    static final Key HEADER = other(
            "header.NAME",
            text(),
            null,
            "A header of each call to the API, like `api-version`; `{name}` and `{version}` stand for the worker's. A secret"
                    + " value comes from `{{secretfile:...}}` or `{{env:...}}`.");
    static final Key DPOP_KEY = other(
            "dpop-key",
            choice("own", "client"),
            "own",
            "`own`: a key generated by this process; `client`: the client's key signs proofs too.");
    static final Key METADATA_PATH = other(
            "metadata-path",
            text(),
            "the profile's, or the two usual places",
            "Path of the metadata below the authority.");
    static final Key TOKEN_ENDPOINT = other(
            "token-endpoint",
            new Key.Type.Address(),
            "found by discovery",
            "The token endpoint, for an authority without metadata.");
    static final Key KEY_ID = other(
            "key-id", text(), "the key's own", "The `kid`: selects from a JWK set, and names a PEM or stored key.");
    static final Key PRIVATE_KEY_PASSWORD =
            other("private-key-password", secret(), null, "Password of an encrypted PEM key.");
    static final Key CERTIFICATE =
            other("certificate", text(), "those beside the key", "PEM certificates of the key, its own first.");
    static final Key KEY_STORE =
            other("key-store", file(), null, "A file of keys; for `PKCS11` the token's configuration.");
    static final Key KEY_STORE_TYPE = other(
            "key-store-type",
            choice("PKCS12", "JKS", "PKCS11", "Windows-MY"),
            "seen from the file",
            "Type of the key store; `Windows-MY` needs no file.");
    static final Key KEY_STORE_PASSWORD = other("key-store-password", secret(), null, "Password of the key store.");
    static final Key KEY_ALIAS =
            other("key-alias", text(), "the only key", "Alias of the key, where a key store has several.");
    static final Key TLS_CA_FILE = other(
            "tls-ca-file",
            file(),
            null,
            "A PEM file of certificate authorities that this API and its authority are trusted by, besides the JDK's and"
                    + " `dromedar.tls.ca-file`.");
    static final Key TLS_CERTIFICATE = other(
            "tls-certificate", text(), "those beside the key", "PEM certificates of the TLS client, its own first.");
    static final Key TLS_PRIVATE_KEY = other(
            "tls-private-key",
            secret(),
            null,
            "Private key of the TLS client certificate, in the forms of `private-key`.");
    static final Key TLS_PRIVATE_KEY_PASSWORD =
            other("tls-private-key-password", secret(), null, "Password of an encrypted PEM key.");
    static final Key TLS_KEY_STORE =
            other("tls-key-store", file(), null, "A file with the TLS client certificate and its key.");
    static final Key TLS_KEY_STORE_TYPE = other(
            "tls-key-store-type",
            choice("PKCS12", "JKS", "PKCS11", "Windows-MY"),
            "seen from the file",
            "Type of that key store.");
    static final Key TLS_KEY_STORE_PASSWORD =
            other("tls-key-store-password", secret(), null, "Password of that key store.");
    static final Key TLS_KEY_ALIAS =
            other("tls-key-alias", text(), "the only key", "Alias of the TLS key, where a key store has several.");
    static final Key TLS_CERTIFICATE_FOR = other(
            "tls-certificate-for",
            choice("authority", "api", "both"),
            "both",
            "Whom the TLS client certificate is presented to.");
    static final Key PROXY =
            other("proxy", text(), null, "A forward proxy, for example `http://proxy.example.no:3128`.");
    static final Key PROXY_FOR =
            other("proxy-for", choice("authority", "api", "both"), "both", "Who is reached through the proxy.");
    static final Key PROXY_USER = other("proxy-user", text(), null, "User at the proxy.");
    static final Key PROXY_PASSWORD = other("proxy-password", secret(), null, "Password at the proxy.");
    static final Key CONNECT_TIME_LIMIT =
            other("connect-time-limit", time("100ms", "1m"), "5s", "Longest wait for a connection to the authority.");
    static final Key ANSWER_HEADER_COUNT =
            other("answer-header-count", new Key.Type.Count(10, 10_000), "200", "Most header fields of an answer.");
    static final Key ANSWER_HEADER_SIZE = other(
            "answer-header-size",
            new Key.Type.Size(1024, 16 * 1024 * 1024),
            "64KB",
            "Most bytes of an answer's status line and headers, interim answers, chunk extensions and trailers included.");
    static final Key ANSWER_ENCODINGS = other(
            "answer-encodings",
            new Key.Type.Count(0, 10),
            "2",
            "Most content codings of an answer, one upon the other.");
    static final Key TLS_LEGACY = other(
            "tls-legacy",
            flag(),
            "false",
            "Accept a server that cannot do better: TLS 1.2 with any suite that Java still enables, RSA keys from 1024 bits,"
                    + " SHA-1 signatures, and its name in the common name alone. Certificate and name are still checked. A"
                    + " warning is logged at start and daily, and shown in every view.");
    static final Key TOKEN_ENDPOINT_HOST = other(
            "token-endpoint-host",
            words(),
            null,
            "Hosts, such as `token.example.no:8443`, at which the metadata may name a token endpoint besides the authority's own"
                    + " origin, separated by spaces.");
    static final Key ORGANISATION_TENANCY = other(
            "organisation-tenancy",
            choice("single", "multi"),
            "multi if there is a parent",
            "Whether the client acts for one organisation or many (HelseID).");
    static final Key ORGANISATION_PARENT =
            other("organisation-parent", text(), null, "Organisation number of the parent, nine digits (HelseID).");
    static final Key ORGANISATION_CHILD =
            other("organisation-child", text(), null, "Organisation number of the child, nine digits (HelseID).");
    static final Key ORGANISATION_CHECK = other(
            "organisation-check",
            choice("modulus-11", "digits"),
            "modulus-11",
            "How organisation numbers are checked; `digits` for test numbers with a wrong control digit.");
    static final Key ORGANISATION_TRAILING_COLON = other(
            "organisation-trailing-colon",
            flag(),
            "false",
            "Whether a parent alone is written with a colon at its end, as HelseID's .NET library does.");
    static final Key SFM_JOURNAL_ID = other("sfm-journal-id", text(), null, "SFM journal id (HelseID).");
    static final Key ASSERTION_DETAILS = other(
            "assertion-details",
            text(),
            null,
            "Further elements of `assertion_details`: a JSON object, or an array of them (HelseID).");

    static final List<Key> ALL = List.copyOf(DECLARED);

    private ApiKeys() {}

    private static Key main(String name, Key.Type type, @Nullable String otherwise, String document) {
        return declare(name, type, otherwise, document, Page.MAIN);
    }

    private static Key other(String name, Key.Type type, @Nullable String otherwise, String document) {
        return declare(name, type, otherwise, document, Page.AUTHORITIES);
    }

    private static Key declare(String name, Key.Type type, @Nullable String otherwise, String document, Page page) {
        var key = new Key(name, type, otherwise, document, page, "0.1.0");
        DECLARED.add(key);
        return key;
    }

    static Key.Type text() {
        return new Key.Type.Text();
    }

    static Key.Type secret() {
        return new Key.Type.Secret();
    }

    static Key.Type words() {
        return new Key.Type.Words();
    }

    static Key.Type flag() {
        return new Key.Type.Flag();
    }

    static Key.Type file() {
        return new Key.Type.Location();
    }

    static Key.Type choice(String... values) {
        return new Key.Type.Choice(List.of(values));
    }

    /** Both ends as {@code 100ms}, {@code 20s}, {@code 5m}, {@code 1h} or {@code 1d}. */
    static Key.Type time(String least, String most) {
        return new Key.Type.Time(duration(least), duration(most));
    }

    static Duration duration(String text) {
        return Durations.parse(text);
    }
}
