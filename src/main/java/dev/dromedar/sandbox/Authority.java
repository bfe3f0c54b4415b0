package dev.dromedar.sandbox;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.jwk.JWK;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An authorization server for machine clients: discovery (RFC 8414), keys, and a token endpoint that keeps its
 * {@linkplain AuthorityRules rules} to the letter. Thread-safe.
 */
public final class Authority {
    private static final Answer NOTHING_HERE = Answer.of(404, "text/plain", "nothing here");

    private final String name;
    private final Origin origin;
    private final Seen seen = new Seen();
    private final Map<String, Client> clients = new ConcurrentHashMap<>();
    private final Map<String, String> audienceByScope = new ConcurrentHashMap<>();
    private final Map<String, Seen> apis = new ConcurrentHashMap<>();
    private final Nonces nonces;
    private final AccessTokens tokens;
    private final ProofCheck proofs;
    private final Consumer<String> refusals;
    private volatile @Nullable TokenExchange exchange;
    private volatile AuthorityRules rules;
    private volatile GrantCheck grants;
    private volatile Duration tokenLifetime;

    Authority(String name, AuthorityRules rules, Origin origin, Consumer<String> refusals) {
        this.name = name;
        this.rules = rules;
        this.origin = origin;
        this.refusals = refusals;
        this.nonces = new Nonces(rules.nonces(), origin.clock());
        this.tokens = new AccessTokens(issuer(origin, rules), origin.clock());
        this.proofs = new ProofCheck(rules.proofs(), nonces, seen, origin.clock());
        this.grants = grants(rules);
        this.tokenLifetime = rules.tokenLifetime();
        mount(Paths.TOKEN, this::token);
        String metadata = rules.dialect().metadataPath();
        for (String path :
                metadata == null ? List.of(Paths.OPENID_DISCOVERY, Paths.OAUTH_DISCOVERY) : List.of(metadata)) {
            mount(path, request -> Answer.json(200, metadata()));
        }
        if (rules.dialect().has(Dialect.Rule.CLIENT_CERTIFICATES)) {
            origin.wantCertificates();
        }
        mount(
                Paths.JWKS,
                request -> Answer.json(
                        200, Map.of("keys", List.of(tokens.publicKey().toJSONObject()))));
        origin.mount("/", new SeenPage(name, seen, apis)::answer);
    }

    private Map<String, Object> metadata() {
        return rules.metadata(issuer(), origin.uri().toString(), audienceByScope.keySet());
    }

    private GrantCheck grants(AuthorityRules wanted) {
        var authentication = new ClientCheck(wanted, clients, issuer(origin, wanted), seen, origin.clock());
        return new GrantCheck(wanted, authentication, proofs, audienceByScope);
    }

    /** The path itself, nothing below it. */
    private void mount(String path, Fault.Server server) {
        origin.mount(path, request -> request.path().equals(path) ? server.answer(request) : NOTHING_HERE);
    }

    public String issuer() {
        return issuer(origin, rules);
    }

    private static String issuer(Origin origin, AuthorityRules rules) {
        return origin.uri() + (rules.dialect().has(Dialect.Rule.ISSUER_ENDS_WITH_SLASH) ? "/" : "");
    }

    /** The server, for its faults and the requests that it received. */
    public Origin origin() {
        return origin;
    }

    /** Counts of the token endpoint. */
    public Seen seen() {
        return seen;
    }

    public AuthorityRules rules() {
        return rules;
    }

    /** Changes the rules while it runs. Assertions used before may then be used once more. */
    public void rules(AuthorityRules others) {
        rules = others;
        nonces.use(others.nonces());
        proofs.rules(others.proofs());
        tokenLifetime = others.tokenLifetime();
        grants = grants(others);
    }

    /**
     * From now on gives tokens of its own for those of the other authority with this scope: below {@value Paths#EXCHANGE} as
     * Altinn does for Maskinporten's, and below {@value Paths#STANDARD_EXCHANGE} by RFC 8693, to a client of its own.
     */
    public void exchanges(Authority other, String scope) {
        other.audienceByScope.put(scope, TokenExchange.AUDIENCE);
        var made = new TokenExchange(
                other.tokens,
                new TokenExchange.Issuer(issuer(), tokens, origin.clock(), () -> tokenLifetime, audienceByScope));
        exchange = made;
        mount(Paths.EXCHANGE, request -> exchanged(() -> made.altinn(request), 401));
        var clientCheck = new ClientCheck(rules, clients, issuer(), seen, origin.clock());
        mount(
                Paths.STANDARD_EXCHANGE,
                request -> exchanged(
                        () -> {
                            Map<String, String> form = Form.read(
                                    request.method(), request.header("Content-Type"), request.query(), request.body());
                            clientCheck.check(request, form);
                            return made.standard(form);
                        },
                        400));
    }

    /** The exchange of {@link #exchanges} requires this header besides. */
    public void exchangeRequires(String header, String value) {
        Objects.requireNonNull(exchange, "exchanges nothing yet").require(header, value);
    }

    private Answer exchanged(Supplier<Answer> exchanged, int refusal) {
        seen.requests.increment();
        try {
            Answer answer = exchanged.get();
            seen.accepted.increment();
            return answer;
        } catch (Refusal e) {
            seen.refused(e.check());
            refusals.accept(name + ": " + e.error() + ": " + e.description());
            return Answer.json(refusal, Json.object().put("error", e.error()).put("error_description", e.description()))
                    .with("Cache-Control", "no-store");
        }
    }

    public void nonces(NonceUse use) {
        nonces.use(use);
    }

    /** Forgets every nonce given so far, as after a restart. */
    public void expireNonces() {
        nonces.expire();
    }

    public void tokenLifetime(Duration lifetime) {
        tokenLifetime = lifetime;
    }

    /** Signs with a new key from now on. Tokens signed with the old one are refused. */
    public void rollSigningKey() {
        tokens.rollKey();
    }

    /** All tokens given so far are refused from now on. */
    public void revokeTokens() {
        tokens.revokeAll();
    }

    /** Registers a client that was made elsewhere. */
    public Client register(String clientId, Set<String> scopes, boolean dpopRequired) {
        var client = new Client(clientId, scopes, dpopRequired);
        clients.put(clientId, client);
        return client;
    }

    public @Nullable Client client(String clientId) {
        return clients.get(clientId);
    }

    /** A token of any shape, signed with the authority's key, to show to an API. */
    public String sign(Map<String, ?> header, Map<String, ?> claims) {
        return tokens.sign(header, claims);
    }

    /** The header that the authority's own tokens have. */
    public Map<String, Object> tokenHeader() {
        return Map.of("alg", "RS256", "typ", "at+jwt", "kid", tokens.publicKey().getKeyID());
    }

    /** A fault: the token given is bound to a key that nobody has. */
    public Fault wrongBinding() {
        return tokenClaims(claims -> claims.putObject("cnf").put("jkt", ProofCheck.hash("another key")));
    }

    /** A fault: the token given is not bound, though a proof was sent. */
    public Fault noBinding() {
        return tokenClaims(claims -> claims.remove("cnf"));
    }

    /** A fault: less scope is granted than was asked for (RFC 6749 section 5.1). */
    public Fault grantsOnly(String scope) {
        Fault claims = tokenClaims(c -> c.put("scope", scope));
        Fault member = Fault.member("scope", scope).at(Paths.TOKEN);
        return ((Fault) (request, server) -> member.answer(request, r -> claims.answer(r, server))).at(Paths.TOKEN);
    }

    /** A fault: the token given has other claims than it should have. */
    public Fault tokenClaims(Consumer<ObjectNode> change) {
        return Fault.json(body -> {
                    Jws token = Jws.parse(body.path("access_token").asText());
                    if (token != null) {
                        change.accept(token.claims());
                        body.put("access_token", tokens.sign(tokenHeader(), asMap(token.claims())));
                    }
                })
                .at(Paths.TOKEN);
    }

    void serves(String api, String scope, String audience, Seen apiSeen) {
        for (String one : scope.split(" ", -1)) {
            audienceByScope.put(one, audience);
        }
        apis.put(api, apiSeen);
    }

    AccessTokens tokens() {
        return tokens;
    }

    private static Map<String, Object> asMap(ObjectNode node) {
        var map = new LinkedHashMap<String, Object>();
        node.properties().forEach(member -> map.put(member.getKey(), member.getValue()));
        return map;
    }

    private Answer token(Request request) {
        seen.requests.increment();
        String nonceUsed = null;
        Answer answer;
        String client = "(unknown)";
        try {
            Map<String, String> form =
                    Form.read(request.method(), request.header("Content-Type"), request.query(), request.body());
            String named = grants.named(request, form);
            client = named == null ? client : named;
            String header = request.header("DPoP");
            Jws proof = header == null ? null : Jws.parse(header);
            nonceUsed = proof == null ? null : proof.claim("nonce");
            answer = tokens.issue(grants.check(request, form), request.certificate(), rules, issuer(), tokenLifetime);
            seen.accepted.increment();
        } catch (Refusal e) {
            answer = refused(e, request, client);
            if (e.check() == Check.NONCE) {
                nonceUsed = null;
            }
        }
        seen.request(client);
        boolean challenge = answer.status() != 200 && answer.body().contains("\"use_dpop_nonce\"");
        String next = challenge ? nonces.next() : nonces.after(nonceUsed);
        return next == null || (!challenge && request.headers("DPoP").isEmpty())
                ? answer
                : answer.with("DPoP-Nonce", next);
    }

    private Answer refused(Refusal refusal, Request request, String client) {
        seen.refused(refusal.check());
        if (refusal.check() == Check.NONCE) {
            seen.nonceChallenges.increment();
        }
        refusals.accept(name + ": " + client + ": " + refusal.error() + ": " + refusal.description());
        boolean is401 = rules.has(AuthorityRules.Trait.INVALID_CLIENT_IS_401)
                && refusal.error().equals("invalid_client");
        Answer answer = Answer.json(
                        is401 ? 401 : 400,
                        Json.object().put("error", refusal.error()).put("error_description", refusal.description()))
                .with("Cache-Control", "no-store");
        boolean basic = is401 && request.header("Authorization") != null;
        return basic ? answer.with("WWW-Authenticate", "Basic realm=\"" + name + "\"") : answer;
    }

    /** The public key that signs tokens now. */
    public JWK signingKey() {
        return tokens.publicKey();
    }
}
