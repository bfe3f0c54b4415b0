package dev.dromedar.settings;

import static dev.dromedar.settings.Key.Type.choice;
import static dev.dromedar.settings.Key.Type.file;
import static dev.dromedar.settings.Key.Type.flag;
import static dev.dromedar.settings.Key.Type.secret;
import static dev.dromedar.settings.Key.Type.text;
import static dev.dromedar.settings.Key.Type.time;
import static dev.dromedar.settings.Key.Type.words;

import dev.dromedar.oauth.Profile;
import dev.dromedar.settings.Key.Page;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The keys of one API, under {@code dromedar.api.<name>.}: those of README.md, in its order, and all. */
final class ApiKeys {
    private static final List<Key> USUAL = List.of(
            key(
                    "profile",
                    choice(Profile.names().toArray(String[]::new)),
                    "required",
                    "The kind of authority, which sets the defaults and the limits; `oauth2` for any that has no profile of its own."),
            key(
                    "base-address",
                    new Key.Type.Address(),
                    "required",
                    "Address of the API. Credentials go to this address and below it, nowhere else."),
            key(
                    "authority",
                    new Key.Type.Address(),
                    "required",
                    "Issuer identifier of the authority, exactly as its metadata has it; the metadata is found from here."),
            key("client-id", text(), "required", "The client as registered with the authority."),
            key(
                    "private-key",
                    secret(),
                    "required for `private_key_jwt`",
                    "Private key of the client: a JWK with `kid`, or PEM with `key-id`; best as `{{secretfile:path}}`."),
            key(
                    "key-algorithm",
                    choice("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"),
                    "the key's `alg`; otherwise PS256 at HelseID and Entra, RS256 elsewhere, and the curve's own for EC",
                    "Algorithm of the client assertion's signature."),
            key(
                    "assertion-lifetime",
                    time("1s", "1d"),
                    "10s at `helseid`, 60s elsewhere but 5m at `entra`",
                    "How long a client assertion is valid. HelseID allows at most 60s."),
            key(
                    "client-assertion-file",
                    file(),
                    null,
                    "A file with a client assertion that the platform writes and renews, read anew for each token request: no secret at"
                            + " all. At `keycloak`, `entra`, `duende` and `oauth2`."),
            key(
                    "client-secret",
                    secret(),
                    "required for a shared secret",
                    "The shared secret, best as `{{secretfile:path}}` or `{{env:NAME}}`."),
            key(
                    "key-expires",
                    text(),
                    null,
                    "The day on which the key or secret expires at the authority, as `2027-03-01`: shown in every view, with a"
                            + " warning from 14 days before. A certificate says its own end."),
            key(
                    "key-registry",
                    new Key.Type.Address(),
                    null,
                    "Where the client's keys are registered, for `./run keys rotate` (HelseID Selvbetjening):"
                            + " `https://api.selvbetjening.nhn.no`. The client needs the scope `nhn:selvbetjening/client`."),
            key(
                    "key-rotation",
                    time("1d", "300d"),
                    null,
                    "How long before its end the client's key is replaced unattended, like `30d`; needs key-registry and a key in a file of"
                            + " its own."),
            key(
                    "client-authentication",
                    choice("private_key_jwt", "client_secret_basic", "client_secret_post", "tls_client_auth"),
                    "the profile's first; the key, if only that is set",
                    "How the client authenticates at the token endpoint. With `grant = jwt-bearer`: none, or a secret besides."),
            key("scope", words(), "none; required for some profiles", "Scopes to request, separated by spaces."),
            key("resource", words(), null, "Resource indicators (RFC 8707), separated by spaces."),
            key("dpop", flag(), "true at `helseid`, false elsewhere", "Whether tokens are bound by DPoP (RFC 9449)."),
            key(
                    "dpop-algorithm",
                    choice("ES256", "ES384", "ES512"),
                    "ES256",
                    "Algorithm of the proof key that this process generates for itself."),
            key(
                    "scope-policy",
                    choice("fail", "warn", "accept"),
                    "warn",
                    "What happens when the authority grants less scope than requested."),
            key("time-limit", time("1s", "5m"), "20s", "Longest wait of a call for a token, all attempts together."),
            key(
                    "renew-ahead",
                    time("1s", "1h"),
                    "1m",
                    "How long before its expiry a token is renewed at most; a quarter of its life if that is shorter."),
            key(
                    "correlation-header",
                    text(),
                    null,
                    "A header that carries an id of its own in each call, such as `nhn-event-id`; an id that the route sets is kept, and must"
                            + " be a token (RFC 9110) of at most 128 characters."),
            key(
                    "repeatable-body",
                    new Key.Type.Count(0, 256 * 1024 * 1024),
                    "1048576",
                    "Largest request body, in bytes, that is kept so that it can be sent again after a 401."),
            key(
                    "call-time-limit",
                    time("1s", "1d"),
                    "5m",
                    "Longest time of a call, from its beginning to the last byte of its answer."),
            key(
                    "answer-size",
                    new Key.Type.Size(1024, 1024L * 1024 * 1024 * 1024),
                    "1GB",
                    "Largest body of an answer, after decoding; large bodies are kept on disk."),
            key(
                    "rate",
                    text(),
                    null,
                    "Most requests of this process to the API, as `10/s`, `600/m` or `1000/h`: evenly spaced, one each 100 ms at `10/s`."
                            + " Each waits for its turn."),
            key(
                    "concurrency",
                    new Key.Type.Count(1, 1000),
                    null,
                    "Most calls of this process to the API at the same time, from the request to the end of the answer."),
            key(
                    "limit-wait",
                    time("0s", "5m"),
                    "10s",
                    "Longest wait of a call for `rate`, and for `concurrency`; a call that would wait longer fails."),
            key(
                    "breaker",
                    new Key.Type.Count(1, 1000),
                    null,
                    "After so many outages in a row (no connection, no answer, HTTP 5xx) calls fail at once, until one that tries"
                            + " succeeds. Refusals (4xx) are no outages."),
            key("breaker-time", time("1s", "1h"), "30s", "How long the breaker stays open before one call tries."));

    static final List<Key> ALL =
            Stream.of(USUAL, AuthorityKeys.ALL).flatMap(List::stream).toList();

    private ApiKeys() {}

    private static Key key(String name, Key.Type type, @Nullable String otherwise, String document) {
        return new Key(name, type, otherwise, document, Page.MAIN, "0.1.0");
    }
}
