package dev.dromedar.sandbox;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a token request is granted: checks 2 and 11 to 15, after the client is authenticated. Thread-safe. */
final class GrantCheck {
    private static final Set<String> IDENTITY_SCOPES =
            Set.of("openid", "profile", "offline_access", "helseid://scopes/identity/pid");

    private final AuthorityRules rules;
    private final ClientCheck authentication;
    private final ProofCheck proofs;
    private final Map<String, String> audienceByScope;

    /**
     * A token's content.
     *
     * @param boundTo thumbprint of the proof's key (RFC 9449 section 6); null for Bearer
     * @param further claims that the assertion asked for
     */
    record Granted(
            Client client,
            Set<String> scopes,
            Set<String> audiences,
            @Nullable String boundTo,
            Map<String, ?> further) {}

    /** @param audienceByScope live: APIs are added while it runs */
    GrantCheck(
            AuthorityRules rules, ClientCheck authentication, ProofCheck proofs, Map<String, String> audienceByScope) {
        this.rules = rules;
        this.authentication = authentication;
        this.proofs = proofs;
        this.audienceByScope = audienceByScope;
    }

    /** The client the request claims to be, for counting; null if it names none that exists. */
    @Nullable
    String named(Request request, Map<String, String> form) {
        return authentication.named(request, form);
    }

    /**
     * What this request is granted.
     *
     * @throws Refusal if it is granted nothing
     */
    Granted check(Request request, Map<String, String> form) {
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
        Map<String, ?> further = further(assertion, client);
        Set<String> scopes = scopes(client, scope);
        Set<String> audiences = audiences(scopes, resource);
        return new Granted(client, scopes, audiences, boundTo(client, request), further);
    }

    private Map<String, ?> further(@Nullable Jws assertion, Client client) {
        if (assertion != null && rules.dialect().has(Dialect.Rule.ASSERTION_DETAILS)) {
            return AssertionDetailsCheck.check(assertion, client);
        }
        return assertion != null && rules.dialect().has(Dialect.Rule.CUSTOMERS)
                ? CustomerCheck.check(assertion, client)
                : Map.of();
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
        if (dialect.has(Dialect.Rule.ONE_SCOPE) && scopes.size() != 1) {
            throw new Refusal(Check.SCOPE, "invalid_scope", scopes.size() + " scopes are requested, must be one");
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
        if (resource != null && !rules.dialect().has(Dialect.Rule.RESOURCE)) {
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
        if (!rules.dialect().has(Dialect.Rule.DPOP) && !request.headers("DPoP").isEmpty()) {
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
}
