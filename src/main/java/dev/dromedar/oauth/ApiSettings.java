package dev.dromedar.oauth;

import dev.dromedar.keys.Followed;
import dev.dromedar.keys.Secret;
import dev.dromedar.keys.SignatureAlgorithm;
import dev.dromedar.keys.SigningKey;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All that one API's client needs to know, checked by its reader, so that all faults are reported at once.
 *
 * @param name of the API, in routes, logs, metrics, console and JMX
 * @param baseAddress credentials go to this address and below it, nowhere else
 */
public record ApiSettings(
        String name, URI baseAddress, Authority authority, Client client, Tokens tokens, Calls calls) {

    /**
     * Who gives the tokens.
     *
     * @param issuer its identifier, exactly
     * @param endpoints where it is found
     */
    public record Authority(Profile profile, String issuer, Endpoints endpoints, Transport transport) {}

    /**
     * Who requests them.
     *
     * @param authentication how the client proves who it is
     * @param proof how tokens are bound to a key, or null for Bearer tokens
     * @param keyLife how long the client's key or secret lives
     */
    public record Client(
            String id,
            ClientAuthentication authentication,
            @Nullable Proof proof,
            KeyLife keyLife) {}

    /**
     * DPoP (RFC 9449).
     *
     * @param key that tokens are bound to, or null for one that is made for this process
     * @param algorithm of a key that is made
     */
    public record Proof(@Nullable Followed<SigningKey> key, SignatureAlgorithm algorithm) {
        /** What distinguishes the tokens that are bound by it. */
        String identity() {
            return key == null ? "generated " + algorithm : key.current().thumbprint();
        }
    }

    /**
     * What is requested, and how it is waited for.
     *
     * @param request what is requested unless a message says otherwise
     * @param parameters further parameters of each token request
     * @param assertionDetails what {@code request} says in HelseID's claim, so that a message can say some of it otherwise
     * @param customers whom a message may name as the one that a call is for
     * @param scopePolicy what to do when less is granted than requested
     * @param exchange the second token, for which the authority's is exchanged, or null
     * @param timeLimit the most a caller waits for a token, all attempts together
     * @param renewAhead how long before its end a token is renewed at most; short-lived tokens have less
     */
    public record Tokens(
            TokenRequest request,
            Map<String, String> parameters,
            AssertionDetails assertionDetails,
            Customer.Rules customers,
            ScopePolicy scopePolicy,
            @Nullable Exchange exchange,
            Duration timeLimit,
            Duration renewAhead) {
        public Tokens {
            parameters = Map.copyOf(parameters);
        }
    }

    /**
     * The API's own calls.
     *
     * @param headers what each call carries besides the credentials
     * @param repeatableBody the largest request body, in bytes, that is held in memory so that it can be sent again after a 401
     * @param answerLimits what one answer of the API may take
     * @param limits what all calls of the API together may take, see {@link CallGate}
     */
    public record Calls(
            Transport transport, Headers headers, int repeatableBody, AnswerLimits answerLimits, CallLimits limits) {}

    /** Every key and secret of this API that may change while the worker runs. */
    public List<Followed<?>> credentials() {
        List<Followed<?>> credentials = new ArrayList<>();
        credentials.add(client.authentication().credential());
        if (client.authentication() instanceof ClientAuthentication.JwtBearerGrant grant && grant.client() != null) {
            credentials.add(grant.client().credential());
        }
        credentials.add(client.proof() == null ? null : client.proof().key());
        if (tokens.exchange() != null) {
            credentials.addAll(tokens.exchange().credentials());
        }
        credentials.addAll(calls.headers().fixed().values());
        for (Transport transport : List.of(authority.transport(), calls.transport())) {
            credentials.add(
                    transport.identity() == null ? null : transport.identity().credential());
            credentials.add(transport.proxy() == null ? null : transport.proxy().password());
        }
        return credentials.stream().filter(Objects::nonNull).distinct().toList();
    }

    /** Whether weak TLS is accepted; see {@link TlsRules}. */
    boolean tlsLegacy() {
        return authority.transport().legacy() || calls.transport().legacy();
    }

    /** The ends of this client's keys, secrets and certificates as far as they are known, the first first. */
    List<KeyEnd> ends() {
        List<KeyEnd> ends = new ArrayList<>();
        for (Followed<?> credential : credentials()) {
            if (credential.current() instanceof SigningKey key
                    && !key.certificates().isEmpty()) {
                ends.add(new KeyEnd(
                        property(credential),
                        KeyEnd.Source.CERTIFICATE,
                        key.certificates().get(0).getNotAfter().toInstant()));
            }
        }
        if (client.keyLife().expires() != null) {
            ends.add(new KeyEnd(
                    client.authentication().key() == null ? "client-secret" : "private-key",
                    KeyEnd.Source.PROPERTY,
                    client.keyLife().expires().atStartOfDay(ZoneOffset.UTC).toInstant()));
        }
        ends.sort(Comparator.comparing(KeyEnd::when));
        return ends;
    }

    /** The name of its property, without what all of this API begin with. */
    private String property(Followed<?> credential) {
        String beginning = "dromedar.api." + name + ".";
        return credential.name().startsWith(beginning) ? credential.name().substring(beginning.length()) : "a key";
    }

    /**
     * How long the client's key or secret lives, as far as nothing else says it.
     *
     * @param expires the first day, in UTC, on which it may no longer work; null if that is not known
     * @param registry where the authority lists and registers this client's keys (HelseID Selvbetjening), or null
     * @param file that holds the key and nothing else of the settings, so that it can be replaced; null if there is none
     * @param ahead how long before its end the key is replaced unattended; null for never
     */
    public record KeyLife(
            @Nullable LocalDate expires,
            @Nullable URI registry,
            @Nullable Path file,
            @Nullable Duration ahead) {
        public static final KeyLife UNKNOWN = new KeyLife(null, null, null, null);
    }

    /** The same API by another key of the client, for a token that proves it. */
    ApiSettings withKey(SigningKey key) {
        if (!(client.authentication() instanceof ClientAuthentication.PrivateKeyJwt jwt)) {
            throw new InvalidSettings("only a client with private_key_jwt has a key to replace");
        }
        Followed<SigningKey> other = Followed.fixed(key);
        Proof bound =
                client.proof() != null && jwt.credential().equals(client.proof().key())
                        ? new Proof(other, client.proof().algorithm())
                        : client.proof();
        var authentication = new ClientAuthentication.PrivateKeyJwt(other, jwt.assertion());
        return new ApiSettings(
                name,
                baseAddress,
                authority,
                new Client(client.id(), authentication, bound, client.keyLife()),
                tokens,
                calls);
    }

    /**
     * What each call carries besides the credentials.
     *
     * @param correlation the header for an id of each call, or null
     * @param fixed values by header name; they may be secret, and change with the file that they come from
     */
    public record Headers(@Nullable String correlation, Map<String, Followed<Secret>> fixed) {
        public static final Headers NONE = new Headers(null, Map.of());

        public Headers {
            fixed = Map.copyOf(fixed);
        }
    }

    /**
     * Where the authority is found.
     *
     * @param metadataPath of the metadata below the authority, or null for where the profile says
     * @param tokenEndpoint the token endpoint itself, for an authority without metadata, or null
     * @param tokenHosts hosts, with a port where it is not https's own, that metadata may name a token endpoint at besides
     *     the authority's own
     */
    public record Endpoints(
            @Nullable String metadataPath, @Nullable URI tokenEndpoint, Set<String> tokenHosts) {
        public static final Endpoints DISCOVERED = new Endpoints(null, null);

        public Endpoints {
            tokenHosts = Set.copyOf(tokenHosts);
        }

        public Endpoints(@Nullable String metadataPath, @Nullable URI tokenEndpoint) {
            this(metadataPath, tokenEndpoint, Set.of());
        }
    }

    /** What to do when the authority grants less scope than was asked for, or names a {@code rejected_scope}. */
    public enum ScopePolicy {
        FAIL,
        WARN,
        ACCEPT
    }
}
