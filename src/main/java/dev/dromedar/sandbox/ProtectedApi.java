package dev.dromedar.sandbox;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An API that checks access tokens (RFC 6750, RFC 9068) and, if it wants them bound, proofs (RFC 9449 section 7): checks 23
 * to 38. Answers a page of invented records to any path below its own. Thread-safe.
 */
public final class ProtectedApi {
    private static final List<Map<String, Object>> RECORDS = List.of(
            Map.of("id", "1", "name", "Ærlig Ønskedal", "town", "Bø"),
            Map.of("id", "2", "name", "Åse Prøvesen", "town", "Å"),
            Map.of("id", "3", "name", "Test Testesen", "town", "Oppdiktet"));

    private final Registration registration;
    private final Authority authority;
    private final Origin origin;
    private final Client client;
    private final String prefix;
    private final Seen seen = new Seen();
    private final LongAdder unexpected = new LongAdder();
    private final Nonces nonces;
    private final ProofCheck proofs;
    private final Consumer<String> refusals;
    private volatile Script script;
    private volatile @Nullable UnaryAnswer own;

    /** An answer to a request that has passed the checks. */
    @FunctionalInterface
    public interface UnaryAnswer {
        /** Called by the connection's own thread. */
        Answer to(Request request);
    }

    ProtectedApi(
            Registration registration,
            Authority authority,
            Origin origin,
            String prefix,
            Client client,
            Consumer<String> refusals) {
        this.registration = registration;
        this.authority = authority;
        this.origin = origin;
        this.client = client;
        this.prefix = prefix;
        this.refusals = refusals;
        this.nonces = new Nonces(NonceUse.OFF, origin.clock());
        this.proofs = new ProofCheck(ProofRules.NHN_CSHARP, nonces, seen, origin.clock());
        this.script = new Script(nonces);
        authority.serves(name(), registration.scope(), audience(), seen);
        origin.mount(prefix, this::answer);
    }

    public String name() {
        return registration.name();
    }

    public Registration registration() {
        return registration;
    }

    public Authority authority() {
        return authority;
    }

    public Client client() {
        return client;
    }

    /** The server, which this API may share with others. */
    public Origin origin() {
        return origin;
    }

    public URI baseAddress() {
        return URI.create(origin.uri() + prefix);
    }

    /** The {@code aud} of tokens for this API, and its resource indicator (RFC 8707). */
    public String audience() {
        return registration.audience();
    }

    public Seen seen() {
        return seen;
    }

    /** The last requests to this API, oldest first. */
    public List<Request> received() {
        return origin.received().stream()
                .filter(request -> below(request.path()))
                .toList();
    }

    /** Goes wrong in this way until it is switched off. Other APIs of the origin do not. */
    public Origin.Switch fault(Fault fault) {
        return origin.fault(fault.at(prefix));
    }

    public Origin.Switch fault(int requests, Fault fault) {
        return origin.fault(requests, fault.at(prefix));
    }

    /** Whether proofs to this API need a nonce (check 36). They do not at first. */
    public void nonces(NonceUse use) {
        nonces.use(use);
    }

    public void expireNonces() {
        nonces.expire();
    }

    /** How strict this API is with proofs: {@link ProofRules#NHN_CSHARP} at first. */
    public void proofRules(ProofRules rules) {
        proofs.rules(rules);
    }

    /** Begins a new script, the old one is dropped: {@code api.answers(401, Header.useNonce("n1")).then(200)}. */
    public Script answers(int status, List<Header> headers) {
        Script started = new Script(nonces);
        script = started;
        return started.then(status, headers);
    }

    public Script answers(int status) {
        return answers(status, List.of());
    }

    /** From now on what passes the checks is answered so, whatever the status; null for a page of records again. */
    public void respond(@Nullable UnaryAnswer answer) {
        own = answer;
    }

    /** Requests that came after the end of a script that said {@link Script#nothingElse()}. */
    public long unexpected() {
        return unexpected.sum();
    }

    /** As {@link #unexpected}, and begins to count anew. */
    long forgetUnexpected() {
        return unexpected.sumThenReset();
    }

    /** Answers a page of records again. */
    void forgetScript() {
        script = new Script(nonces);
    }

    private boolean below(String path) {
        return path.equals(prefix) || path.startsWith(prefix + "/");
    }

    private Answer answer(Request request) {
        seen.requests.increment();
        Script current = script;
        if (current.ended()) {
            unexpected.increment();
            return Answer.of(500, "text/plain", "an unexpected request");
        }
        Answer scripted = current.poll();
        if (scripted != null && scripted.status() >= 300) {
            return scripted;
        }
        try {
            var granted = check(request);
            seen.accepted.increment();
            UnaryAnswer decided = own;
            Answer answer = decided != null
                    ? decided.to(request)
                    : scripted == null || (scripted.body().isEmpty() && scripted.status() == 200)
                            ? page(request, granted.token())
                            : scripted;
            String next = granted.bound() ? nonces.after(granted.nonce()) : null;
            return next == null ? answer : answer.with("DPoP-Nonce", next);
        } catch (Refusal e) {
            return refused(e, request);
        }
    }

    private record Granted(
            Jws token, boolean bound, @Nullable String nonce) {}

    private Granted check(Request request) {
        List<String> authorization = request.headers("Authorization");
        if (authorization.size() != 1) {
            throw new Refusal(
                    Check.SCHEME,
                    authorization.isEmpty() ? "" : "invalid_request",
                    "there are " + authorization.size() + " Authorization headers, must be exactly one");
        }
        String wanted = registration.dpop() ? "DPoP" : "Bearer";
        String[] credentials = authorization.get(0).split(" ", -1);
        String scheme = credentials[0];
        if (credentials.length != 2 || !(scheme.equalsIgnoreCase("DPoP") || scheme.equalsIgnoreCase("Bearer"))) {
            throw new Refusal(
                    Check.SCHEME, "invalid_request", "the Authorization header must be '" + wanted + "' and the token");
        }
        Jws token = authority.tokens().verify(credentials[1], Set.of(audience()));
        String boundTo = token.claims().path("cnf").path("jkt").asText(null);
        checkScheme(request, scheme, wanted, boundTo);
        String certificate = token.claims().path("cnf").path("x5t#S256").asText(null);
        if (certificate != null && !certificate.equals(request.certificate())) {
            throw new Refusal(
                    Check.CERTIFICATE_BINDING,
                    "invalid_token",
                    "the access token is bound to another client certificate than the connection shows");
        }
        for (String scope : registration.scope().split(" ", -1)) {
            if (!AccessTokens.hasScope(token.claims().get("scope"), scope)) {
                throw new Refusal(
                        Check.TOKEN_SCOPE, "insufficient_scope", "access token: it lacks scope '" + scope + "'");
            }
        }
        if (!registration.dpop()) {
            return new Granted(token, false, null);
        }
        return new Granted(
                token, true, proofs.check(request, credentials[1], boundTo).nonce());
    }

    private static void checkScheme(Request request, String scheme, String wanted, @Nullable String boundTo) {
        boolean proof = !request.headers("DPoP").isEmpty();
        String problem = null;
        if (boundTo != null && scheme.equalsIgnoreCase("Bearer")) {
            problem = "the access token is bound to a key, must not be sent as Bearer";
        } else if (boundTo == null && (proof || scheme.equalsIgnoreCase("DPoP"))) {
            problem = "the access token is not bound to a key, must not be sent as DPoP nor with a proof";
        } else if (!scheme.equalsIgnoreCase(wanted)) {
            problem = "the scheme is " + scheme + ", this API takes " + wanted;
        }
        if (problem != null) {
            throw new Refusal(Check.SCHEME, "invalid_token", problem);
        }
    }

    private Answer refused(Refusal refusal, Request request) {
        seen.refused(refusal.check());
        if (refusal.check() == Check.NONCE) {
            seen.nonceChallenges.increment();
        }
        String error = refusal.error();
        refusals.accept("api " + name() + ": " + request.method() + " " + request.path() + ": "
                + (error.isEmpty() ? "no credentials" : error) + ": " + refusal.description());
        int status = error.equals("insufficient_scope") ? 403 : 401;
        Answer answer = Answer.json(
                        status,
                        Json.object()
                                .put("error", error.isEmpty() ? "no_credentials" : error)
                                .put("error_description", refusal.description()))
                .with("WWW-Authenticate", challenge(refusal));
        return error.equals("use_dpop_nonce") || nonces.inEveryAnswer()
                ? answer.with("DPoP-Nonce", nonces.next())
                : answer;
    }

    /** Without an error code if there were no credentials at all (RFC 6750 section 3.1). */
    private String challenge(Refusal refusal) {
        List<String> parameters = new ArrayList<>();
        if (!refusal.error().isEmpty()) {
            parameters.add("error=\"" + refusal.error() + '"');
            parameters.add("error_description=\"" + refusal.description() + '"');
        }
        if (refusal.check() == Check.TOKEN_SCOPE) {
            parameters.add("scope=\"" + registration.scope() + '"');
        }
        if (registration.dpop()) {
            parameters.add("algs=\"" + String.join(" ", proofs.rules().algorithms()) + '"');
        } else if (parameters.isEmpty()) {
            parameters.add("realm=\"" + name() + '"');
        }
        return (registration.dpop() ? "DPoP " : "Bearer ") + String.join(", ", parameters);
    }

    private Answer page(Request request, Jws token) {
        var page = Json.object()
                .put("api", name())
                .put("method", request.method())
                .put("path", request.path())
                .put("client_id", token.claim("client_id"))
                .put("jkt", token.claims().path("cnf").path("jkt").asText(null));
        page.set("scope", token.claims().get("scope"));
        if (request.size() > 0) {
            page.put("count", Json.count(request.body())).put("size", request.size());
        } else {
            page.set("records", Json.tree(Map.of("records", RECORDS)).get("records"));
        }
        return Answer.json(200, page);
    }
}
