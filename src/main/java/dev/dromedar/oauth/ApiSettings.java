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
 * All that one API's client needs to know. Checked by its reader, so that all faults are reported at once.
 *
 * @param name of the API, in routes, logs, metrics, console and JMX
 * @param baseAddress credentials go to this address and below it, nowhere else
 * @param authority the issuer identifier, to the letter
 * @param authentication how the client proves who it is
 * @param proof whether tokens are bound by DPoP (RFC 9449)
 * @param proofKey the DPoP key, or null for one that is made for this process
 * @param tokenParameters further parameters of each token request
 * @param assertionDetails what {@code request} says in HelseID's claim, so that a message can say some of it otherwise
 * @param customers whom a message may name as the one that a call is for
 * @param endpoints where the authority is found
 * @param exchange the second token, for which the authority's is exchanged, or null
 * @param request what is asked for unless a message asks for something else
 * @param scopePolicy what to do when less is granted than asked
 * @param timeLimit the most a caller waits for a token, all attempts together
 * @param renewAhead how long before its end a token is renewed at most; short-lived tokens have less
 * @param repeatableBody the largest request body, in bytes, that is held in memory so that it can be sent again after a 401
 * @param headers what each call carries besides the credentials
 * @param answerLimits what one answer of the API may take
 * @param callLimits what all calls of the API together may take, see {@link CallGate}
 * @param keyLife how long the client's key or secret lives
 */
public record ApiSettings(
        String name,
        URI baseAddress,
        Profile profile,
        String authority,
        String clientId,
        ClientAuthentication authentication,
        boolean proof,
        @Nullable Followed<SigningKey> proofKey,
        SignatureAlgorithm proofAlgorithm,
        Map<String, String> tokenParameters,
        TokenRequest request,
        AssertionDetails assertionDetails,
        Customer.Rules customers,
        Endpoints endpoints,
        @Nullable Exchange exchange,
        Transport toAuthority,
        Transport toApi,
        ScopePolicy scopePolicy,
        Duration timeLimit,
        Duration renewAhead,
        int repeatableBody,
        Headers headers,
        AnswerLimits answerLimits,
        CallLimits callLimits,
        KeyLife keyLife) {

    public ApiSettings {
        tokenParameters = Map.copyOf(tokenParameters);
    }

    /** Every key and secret of this API that may change while the worker runs. */
    public List<Followed<?>> credentials() {
        List<Followed<?>> credentials = new ArrayList<>();
        credentials.add(authentication.credential());
        if (authentication instanceof ClientAuthentication.JwtBearerGrant grant && grant.client() != null) {
            credentials.add(grant.client().credential());
        }
        credentials.add(proofKey);
        if (exchange != null) {
            credentials.addAll(exchange.credentials());
        }
        credentials.addAll(headers.fixed().values());
        for (Transport transport : List.of(toAuthority, toApi)) {
            credentials.add(
                    transport.identity() == null ? null : transport.identity().credential());
            credentials.add(transport.proxy() == null ? null : transport.proxy().password());
        }
        return credentials.stream().filter(Objects::nonNull).distinct().toList();
    }

    /** Whether weak TLS is accepted; see {@link TlsRules}. */
    boolean tlsLegacy() {
        return toAuthority.legacy() || toApi.legacy();
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
        if (keyLife.expires() != null) {
            ends.add(new KeyEnd(
                    authentication.key() == null ? "client-secret" : "private-key",
                    KeyEnd.Source.PROPERTY,
                    keyLife.expires().atStartOfDay(ZoneOffset.UTC).toInstant()));
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
        if (!(authentication instanceof ClientAuthentication.PrivateKeyJwt jwt)) {
            throw new InvalidSettings("only a client with private_key_jwt has a key to replace");
        }
        Followed<SigningKey> other = Followed.fixed(key);
        return new ApiSettings(
                name,
                baseAddress,
                profile,
                authority,
                clientId,
                new ClientAuthentication.PrivateKeyJwt(other, jwt.assertion()),
                proof,
                jwt.credential().equals(proofKey) ? other : proofKey,
                proofAlgorithm,
                tokenParameters,
                request,
                assertionDetails,
                customers,
                endpoints,
                exchange,
                toAuthority,
                toApi,
                scopePolicy,
                timeLimit,
                renewAhead,
                repeatableBody,
                headers,
                answerLimits,
                callLimits,
                keyLife);
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
