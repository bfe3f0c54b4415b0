package dev.dromedar.sandbox;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Client authentication: checks 3 to 10 for an assertion, 19 for a secret. */
final class ClientCheck {
    private static final String ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    private final AuthorityRules rules;
    private final Map<String, Client> clients;
    private final AssertionCheck assertions;
    private final String issuer;
    private final Clock clock;

    ClientCheck(AuthorityRules rules, Map<String, Client> clients, String issuer, Seen seen, Clock clock) {
        this.rules = rules;
        this.clients = clients;
        this.issuer = issuer;
        this.clock = clock;
        this.assertions = new AssertionCheck(rules, clients, issuer, seen, clock);
    }

    Client check(Request request, Map<String, String> form) {
        if (rules.dialect().jwtGrant()
                || Dialect.JWT_BEARER.equals(form.get("grant_type"))
                        && rules.dialect().grants().contains(Dialect.JWT_BEARER)) {
            return byGrant(request, form);
        }
        String assertion = form.get("client_assertion");
        String type = form.get("client_assertion_type");
        List<String> authorization = request.headers("Authorization");
        int methods = authorization.size() + (form.containsKey("client_secret") ? 1 : 0) + (assertion != null ? 1 : 0);
        if (methods > 1) {
            throw new Refusal(
                    Check.CLIENT_AUTHENTICATION,
                    "invalid_request",
                    "client authentication: more than one way is used, must be exactly one");
        }
        if (assertion != null || type != null) {
            return byAssertion(assertion, type, form.get("client_id"));
        }
        if (methods == 0 && rules.dialect().has(Dialect.Rule.CLIENT_CERTIFICATES) && form.get("client_id") != null) {
            return byCertificate(request, String.valueOf(form.get("client_id")));
        }
        if (methods == 0) {
            throw refusal(Check.CLIENT_AUTHENTICATION, "client authentication: there is none");
        }
        if (!rules.has(AuthorityRules.Trait.CLIENT_SECRETS)) {
            throw refusal(
                    Check.CLIENT_AUTHENTICATION, "HID-1008 client authentication: a shared secret is not allowed");
        }
        return authorization.isEmpty()
                ? bySecret(form.get("client_id"), String.valueOf(form.get("client_secret")), false)
                : byBasic(authorization.get(0), form.get("client_id"));
    }

    /** RFC 7523 section 2.1: the assertion is all there is. */
    private Client byGrant(Request request, Map<String, String> form) {
        if (!request.headers("Authorization").isEmpty()
                || form.containsKey("client_secret")
                || form.containsKey("client_assertion")) {
            throw new Refusal(
                    Check.CLIENT_AUTHENTICATION,
                    "invalid_request",
                    "client authentication: there is none with this grant, only the assertion");
        }
        if (rules.dialect().jwtGrant() && (form.containsKey("scope") || form.containsKey("resource"))) {
            throw new Refusal(
                    Check.SCOPE, "invalid_request", "scope and resource are claims of the grant, not parameters");
        }
        String assertion = form.get("assertion");
        if (assertion == null) {
            throw new Refusal(Check.CLIENT_AUTHENTICATION, "invalid_grant", "assertion is missing");
        }
        try {
            return assertions.check(assertion, null);
        } catch (Refusal e) {
            throw new Refusal(e.check(), "invalid_grant", "Invalid assertion. " + e.getMessage());
        }
    }

    /** RFC 8705 section 2: the certificate of the connection is the one registered. */
    private Client byCertificate(Request request, String clientId) {
        Client client = clients.get(clientId);
        if (client == null) {
            throw refusal(Check.CLIENT_ID, "client_id " + Refusal.shown(clientId) + " is not known here");
        }
        String shown = request.certificate();
        if (client.certificate() == null || !client.certificate().equals(shown)) {
            throw refusal(
                    Check.CERTIFICATE,
                    shown == null
                            ? "client authentication: the connection shows no client certificate"
                            : "client authentication: certificate " + Refusal.shown(shown)
                                    + " is not registered for this client");
        }
        return client;
    }

    /** The client the request claims to be, for counting; null if it names none that exists. */
    @Nullable
    String named(Request request, Map<String, String> form) {
        String id = form.get("client_id");
        String assertion = form.getOrDefault("client_assertion", form.get("assertion"));
        if (id == null && assertion != null) {
            Jws jws = Jws.parse(assertion);
            id = jws == null ? null : jws.claim("iss");
        }
        String authorization = request.header("Authorization");
        if (id == null && authorization != null && authorization.startsWith("Basic ")) {
            try {
                id = Form.decode(basic(authorization).split(":", 2)[0]);
            } catch (Refusal e) {
                return null;
            }
        }
        return id != null && clients.containsKey(id) ? id : null;
    }

    private Client byAssertion(@Nullable String assertion, @Nullable String type, @Nullable String clientId) {
        if (!rules.has(AuthorityRules.Trait.CLIENT_ASSERTIONS)) {
            throw refusal(Check.CLIENT_AUTHENTICATION, "client authentication: a client assertion is not allowed");
        }
        if (!ASSERTION_TYPE.equals(type) || assertion == null) {
            throw refusal(
                    Check.CLIENT_AUTHENTICATION,
                    assertion == null
                            ? "client authentication: client_assertion is missing"
                            : "client authentication: client_assertion_type is " + Refusal.shown(type) + ", must be '"
                                    + ASSERTION_TYPE + "'");
        }
        Client named = clientId == null ? null : clients.get(clientId);
        Platform platform = named == null ? null : named.platform();
        if (named != null && platform != null && rules.dialect().has(Dialect.Rule.PLATFORM_ASSERTIONS)) {
            platform.check(assertion, issuer, clock);
            return named;
        }
        return assertions.check(assertion, clientId);
    }

    private Client byBasic(String authorization, @Nullable String clientId) {
        if (!authorization.startsWith("Basic ")) {
            throw refusal(Check.CLIENT_SECRET, "client authentication: the Authorization header is not Basic");
        }
        String pair = basic(authorization);
        int colon = pair.indexOf(':');
        if (colon < 0) {
            throw refusal(Check.CLIENT_SECRET, "client authentication: Basic credentials have no colon");
        }
        String rawSecret = pair.substring(colon + 1);
        String id;
        String secret;
        try {
            id = Form.decode(pair.substring(0, colon));
            secret = Form.decode(rawSecret);
        } catch (Refusal e) {
            throw refusal(
                    Check.CLIENT_SECRET,
                    "client authentication: id and secret must be form-urlencoded before they go into Basic");
        }
        if (clientId != null && !clientId.equals(id)) {
            throw refusal(
                    Check.CLIENT_ID,
                    "client_id in the body is " + Refusal.shown(clientId) + ", in the Authorization header "
                            + Refusal.shown(id) + "");
        }
        Client client = clients.get(id);
        boolean unencoded =
                client != null && client.hasSecret() && rawSecret.equals(client.secret()) && !rawSecret.equals(secret);
        return bySecret(id, secret, unencoded);
    }

    private static String basic(String authorization) {
        try {
            byte[] pair = Base64.getDecoder().decode(authorization.substring("Basic ".length()));
            return new String(pair, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw refusal(Check.CLIENT_SECRET, "client authentication: Basic credentials are no base64");
        }
    }

    private Client bySecret(@Nullable String id, String secret, boolean unencoded) {
        Client client = id == null ? null : clients.get(id);
        if (client == null) {
            throw refusal(Check.CLIENT_ID, "client_id " + Refusal.shown(id) + " is not known here");
        }
        if (!client.hasSecret() || unencoded || !client.isSecret(secret)) {
            throw refusal(
                    Check.CLIENT_SECRET,
                    unencoded
                            ? "client authentication: the secret is right but not form-urlencoded before Basic"
                            : "client authentication: the secret is wrong for this client");
        }
        return client;
    }

    private static Refusal refusal(Check check, String description) {
        return new Refusal(check, "invalid_client", description);
    }
}
