package dev.dromedar.sandbox;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.jwk.JWK;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An authorization server for machine clients: discovery (RFC 8414), keys, and a token endpoint that keeps its
 * {@linkplain AuthorityRules rules} to the letter. Thread-safe.
 */
public final class Authority {
    static final String TOKEN_PATH = "/connect/token";
    static final String OPENID_DISCOVERY_PATH = "/.well-known/openid-configuration";
    static final String OAUTH_DISCOVERY_PATH = "/.well-known/oauth-authorization-server";
    private static final String JWKS_PATH = "/.well-known/jwks";
    private static final Answer NOTHING_HERE = Answer.of(404, "text/plain", "nothing here");
    private static final Set<String> IDENTITY_SCOPES =
            Set.of("openid", "profile", "offline_access", "helseid://scopes/identity/pid");

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
    private volatile AuthorityRules rules;
    private volatile ClientCheck authentication;
    private volatile Duration tokenLifetime;

    Authority(String name, AuthorityRules rules, Origin origin, Consumer<String> refusals) {
        this.name = name;
        this.rules = rules;
        this.origin = origin;
        this.refusals = refusals;
        this.nonces = new Nonces(rules.nonces(), origin.clock());
        this.tokens = new AccessTokens(issuer(origin, rules), origin.clock());
        this.proofs = new ProofCheck(rules.proofs(), nonces, seen, origin.clock());
        this.authentication = new ClientCheck(rules, clients, issuer(origin, rules), seen, origin.clock());
        this.tokenLifetime = rules.tokenLifetime();
        mount(TOKEN_PATH, this::token);
        String metadata = rules.dialect().metadataPath();
        for (String path :
                metadata == null ? List.of(OPENID_DISCOVERY_PATH, OAUTH_DISCOVERY_PATH) : List.of(metadata)) {
            mount(path, request -> discovery());
        }
        if (rules.dialect().certificates()) {
            origin.wantCertificates();
        }
        mount(
                JWKS_PATH,
                request -> Answer.json(
                        200, Map.of("keys", List.of(tokens.publicKey().toJSONObject()))));
        origin.mount("/", this::seenPage);
    }

    /** The path itself, nothing below it. */
    private void mount(String path, Fault.Server server) {
        origin.mount(path, request -> request.path().equals(path) ? server.answer(request) : NOTHING_HERE);
    }

    public String issuer() {
        return issuer(origin, rules);
    }

    private static String issuer(Origin origin, AuthorityRules rules) {
        return origin.uri() + (rules.dialect().slash() ? "/" : "");
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
        authentication = new ClientCheck(others, clients, issuer(), seen, origin.clock());
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
        Fault member = Fault.member("scope", scope).at(TOKEN_PATH);
        return ((Fault) (request, server) -> member.answer(request, r -> claims.answer(r, server))).at(TOKEN_PATH);
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
                .at(TOKEN_PATH);
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
            Map<String, String> form = Form.read(request);
            String named = authentication.named(request, form);
            client = named == null ? client : named;
            String header = request.header("DPoP");
            Jws proof = header == null ? null : Jws.parse(header);
            nonceUsed = proof == null ? null : proof.claim("nonce");
            answer = grant(request, form);
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
        boolean is401 = rules.invalidClientIs401() && refusal.error().equals("invalid_client");
        Answer answer = Answer.json(
                        is401 ? 401 : 400,
                        Json.object().put("error", refusal.error()).put("error_description", refusal.description()))
                .with("Cache-Control", "no-store");
        boolean basic = is401 && request.header("Authorization") != null;
        return basic ? answer.with("WWW-Authenticate", "Basic realm=\"" + name + "\"") : answer;
    }

    private Answer grant(Request request, Map<String, String> form) {
        String grantType = form.get("grant_type");
        if (grantType == null) {
            throw new Refusal(Check.GRANT_TYPE, "invalid_request", "grant_type is missing");
        }
        boolean jwtGrant = rules.dialect().jwtGrant();
        boolean taken = rules.dialect().grants().contains(grantType);
        if (jwtGrant && !taken) {
            throw grantType(grantType);
        }
        Client client = authentication.check(request, form);
        if (!taken) {
            throw grantType(grantType);
        }
        if (!client.grantAllowed()) {
            throw new Refusal(
                    Check.GRANT_TYPE,
                    "unauthorized_client",
                    "grant_type " + grantType + " is not allowed for client '" + client.id() + "'");
        }
        Jws assertion = Jws.parse(form.getOrDefault("client_assertion", form.getOrDefault("assertion", "")));
        String scope = jwtGrant && assertion != null ? assertion.claim("scope") : form.get("scope");
        String resource = jwtGrant && assertion != null ? assertion.claim("resource") : form.get("resource");
        Map<String, String> further = rules.dialect().details() && assertion != null
                ? AssertionDetailsCheck.check(assertion, client)
                : Map.of();
        Set<String> scopes = scopes(client, scope);
        Set<String> audiences = audiences(scopes, resource);
        return issue(client, scopes, audiences, boundTo(client, request), request, further);
    }

    private Refusal grantType(String sent) {
        return new Refusal(
                Check.GRANT_TYPE,
                "unsupported_grant_type",
                "grant_type is " + Refusal.shown(sent) + ", must be "
                        + String.join(" or ", rules.dialect().grants()));
    }

    private Set<String> scopes(Client client, @Nullable String asked) {
        checkScopeForm(asked);
        if (asked == null) {
            return client.scopes();
        }
        var scopes = new LinkedHashSet<String>(Arrays.asList(asked.split(" ", -1)));
        for (String scope : scopes) {
            if (IDENTITY_SCOPES.contains(scope)) {
                throw new Refusal(
                        Check.SCOPE, "invalid_scope", "scope '" + scope + "' is for users, not for machine clients");
            }
            if (!client.scopes().contains(scope)) {
                throw new Refusal(
                        Check.SCOPE,
                        "invalid_scope",
                        "scope " + Refusal.shown(scope) + " is not allowed for client '" + client.id() + "'");
            }
        }
        return scopes;
    }

    private void checkScopeForm(@Nullable String asked) {
        Dialect dialect = rules.dialect();
        List<String> scopes = asked == null ? List.of() : List.of(asked.split(" ", -1));
        if (dialect.oneScope() && scopes.size() != 1) {
            throw new Refusal(Check.SCOPE, "invalid_scope", scopes.size() + " scopes are asked for, must be one");
        }
        for (String scope : scopes) {
            if (!scope.matches(dialect.scopeForm())) {
                throw new Refusal(
                        Check.SCOPE,
                        "invalid_scope",
                        "scope " + Refusal.shown(scope) + " must be like " + dialect.scopeForm());
            }
        }
    }

    private Set<String> audiences(Set<String> scopes, @Nullable String resource) {
        if (resource != null && !rules.dialect().resource()) {
            throw new Refusal(Check.RESOURCE, "invalid_request", "the parameter 'resource' is not taken here");
        }
        if (resource == null) {
            var audiences = new LinkedHashSet<String>();
            scopes.forEach(scope -> audiences.add(audienceByScope.getOrDefault(scope, "unknown")));
            return audiences;
        }
        if (!audienceByScope.containsValue(resource)) {
            throw new Refusal(
                    Check.RESOURCE, "invalid_target", "resource " + Refusal.shown(resource) + " is not known here");
        }
        return Set.of(resource);
    }

    private @Nullable String boundTo(Client client, Request request) {
        if (!rules.dialect().dpop() && !request.headers("DPoP").isEmpty()) {
            throw new Refusal(Check.PROOF_REQUIRED, "invalid_request", "proof: tokens are not bound by DPoP here");
        }
        if (!request.headers("DPoP").isEmpty()) {
            return proofs.check(request, null, null).thumbprint();
        }
        if (client.dpopRequired()) {
            throw new Refusal(
                    Check.PROOF_REQUIRED,
                    "invalid_dpop_proof",
                    "proof: there is no DPoP header, and client '" + client.id() + "' must send one");
        }
        return null;
    }

    private Answer issue(
            Client client,
            Set<String> scopes,
            Set<String> audiences,
            @Nullable String boundTo,
            Request request,
            Map<String, String> further) {
        Instant now = origin.clock().instant();
        Instant expires = now.plus(tokenLifetime);
        String jti = UUID.randomUUID().toString();
        var claims = new LinkedHashMap<String, Object>();
        claims.put("iss", issuer());
        claims.put("aud", audiences.size() == 1 ? audiences.iterator().next() : audiences);
        claims.put("client_id", client.id());
        claims.put("scope", rules.scopeAsArray() ? scopes : String.join(" ", scopes));
        claims.put("iat", now.getEpochSecond());
        claims.put("nbf", now.getEpochSecond());
        claims.put("exp", expires.getEpochSecond());
        claims.put("jti", jti);
        if (boundTo != null) {
            claims.put("cnf", Map.of("jkt", boundTo));
        } else if (rules.dialect().certificates() && request.certificate() != null && client.certificate() != null) {
            claims.put("cnf", Map.of("x5t#S256", request.certificate()));
        }
        claims.putAll(further);
        return Answer.json(
                        200,
                        Json.object()
                                .put("access_token", tokens.mint(claims, jti, expires))
                                .put("expires_in", tokenLifetime.toSeconds())
                                .put("token_type", boundTo == null ? "Bearer" : "DPoP")
                                .put("scope", String.join(" ", scopes)))
                .with("Cache-Control", "no-store");
    }

    private Answer discovery() {
        var methods = new ArrayList<String>();
        if (rules.clientAssertions()) {
            methods.add("private_key_jwt");
        }
        if (rules.clientSecrets()) {
            methods.addAll(List.of("client_secret_basic", "client_secret_post"));
        }
        if (rules.dialect().certificates()) {
            methods.add("tls_client_auth");
        }
        var metadata = new LinkedHashMap<String, Object>();
        if (rules.dialect().issuerInMetadata()) {
            metadata.put("issuer", issuer());
        }
        metadata.put("jwks_uri", origin.uri() + JWKS_PATH);
        metadata.put("token_endpoint", origin.uri() + TOKEN_PATH);
        metadata.put("scopes_supported", audienceByScope.keySet());
        metadata.put("grant_types_supported", rules.dialect().grants());
        metadata.put("response_types_supported", List.of());
        metadata.put("token_endpoint_auth_methods_supported", methods);
        if (rules.dialect().dpop()) {
            metadata.put("dpop_signing_alg_values_supported", rules.proofs().algorithms());
        }
        return Answer.json(200, metadata);
    }

    private Answer seenPage(Request request) {
        if (!Set.of("/", "/seen", "/seen.json").contains(request.path())) {
            return NOTHING_HERE;
        }
        var all = new LinkedHashMap<String, Map<String, Object>>();
        all.put("token endpoint", seen.asMap());
        apis.forEach((api, counts) -> all.put("api " + api, counts.asMap()));
        if (request.path().endsWith(".json") || "application/json".equals(request.header("Accept"))) {
            return Answer.json(200, all);
        }
        var text = new StringBuilder("What the sandbox's authority '" + name + "' and its APIs have seen\n");
        all.forEach((server, counts) -> {
            text.append('\n').append(server).append('\n');
            counts.forEach((what, count) -> text.append("  ")
                    .append(what.replace('_', ' '))
                    .append(": ")
                    .append(count)
                    .append('\n'));
        });
        return Answer.of(200, "text/plain; charset=utf-8", text.toString());
    }

    /** The public key that signs tokens now. */
    public JWK signingKey() {
        return tokens.publicKey();
    }
}
