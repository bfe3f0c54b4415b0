package dev.dromedar.oauth;

import dev.dromedar.keys.Json;
import java.io.IOException;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Requests a token, and says what is in it that an integrator compares. */
final class TokenCheck {
    /** Claims of a token that an integrator compares; none of them is secret. */
    private static final List<String> TELLING = List.of(
            "aud",
            "client_id",
            "helseid://claims/client/claims/orgnr_parent",
            "helseid://claims/client/claims/orgnr_child",
            "helseid://claims/client/client_tenancy",
            "consumer",
            "supplier",
            "authorization_details");

    /** Claims of a token that another was exchanged for. */
    private static final List<String> OF_EXCHANGED =
            List.of("iss", "aud", "scope", "urn:altinn:org", "urn:altinn:orgNumber", "consumer", "supplier");

    private final ApiSettings api;
    private final TokenRequest request;
    private final TokenEndpoint endpoint;
    private final CheckReport report;
    private boolean clientRefused;

    TokenCheck(ApiSettings api, TokenRequest request, TokenEndpoint endpoint, CheckReport report) {
        this.api = api;
        this.request = request;
        this.endpoint = endpoint;
        this.report = report;
    }

    /** The token, if there is one and all is well with it. */
    @Nullable
    AccessToken run() {
        long nonces = endpoint.counters().nonceChallenges.sum();
        try {
            AccessToken token = endpoint.ask(request, api.tokens().timeLimit()).token();
            if (token.signer() != null) {
                report.tell(CheckStep.ok(
                        "nonce",
                        endpoint.counters().nonceChallenges.sum() > nonces
                                ? "the authority requires one; it was answered and is remembered"
                                : "the authority required no new one"));
            }
            granted(token);
            return report.failed() ? null : token;
        } catch (OAuthException e) {
            clientRefused =
                    !(e instanceof TokenRefused refused) || refused.error().equals("invalid_client");
            report.tell(CheckStep.failed("token", e.getMessage() + inTheirWords(e)));
            return null;
        }
    }

    /** Whether any other token would be refused too. */
    boolean clientRefused() {
        return clientRefused;
    }

    /** The API's token for the authority's, if all is well with it. */
    @Nullable
    AccessToken exchange(ExchangeEndpoint at, AccessToken first) {
        try {
            AccessToken token = at.exchange(first, api.tokens().timeLimit()).token();
            Map<String, @Nullable Object> claims = claims(token);
            Map<String, String> facts = new LinkedHashMap<>();
            facts.put("lives", token.lifetime().toSeconds() + " s");
            for (String claim : OF_EXCHANGED) {
                tell(facts, claim, claims.get(claim));
            }
            report.tell(CheckStep.ok("exchange", "Bearer from " + at.address() + ", " + words(facts)));
            return token;
        } catch (OAuthException e) {
            report.tell(CheckStep.failed("exchange", e.getMessage() + inTheirWords(e)));
            return null;
        }
    }

    private String inTheirWords(OAuthException failure) {
        String description = failure instanceof TokenRefused refused ? refused.description() : null;
        String shown = description == null ? "" : AuthorityWords.shown(description, api, request);
        return shown.isEmpty() ? "" : " The authority says: \"" + shown + "\"";
    }

    private static void tell(Map<String, String> facts, String claim, @Nullable Object value) {
        if (value != null) {
            String text = value instanceof String string ? string : Json.write(value);
            facts.put(claim.replaceFirst(".*/", ""), text.length() > 200 ? "(long)" : ForeignText.line(text));
        }
    }

    private static String words(Map<String, String> facts) {
        return facts.entrySet().stream()
                .filter(fact -> !fact.getValue().isEmpty())
                .map(fact -> fact.getKey() + " " + fact.getValue())
                .collect(Collectors.joining(", "));
    }

    private void granted(AccessToken token) {
        Set<String> missing = new TreeSet<>(request.scope());
        missing.removeAll(token.scope());
        missing.addAll(token.rejectedScope());
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("lives", token.lifetime().toSeconds() + " s");
        facts.put("scope", String.join(" ", token.scope()));
        Map<String, @Nullable Object> claims = claims(token);
        for (String claim : TELLING) {
            tell(facts, claim, claims.get(claim));
        }
        if (token.signer() != null) {
            facts.put("bound to", "the DPoP key " + token.signer().key().thumbprint());
        } else if (claims.get("cnf") instanceof Map<?, ?> confirmation && confirmation.get("x5t#S256") != null) {
            facts.put(
                    "bound to",
                    api.calls().transport().identity() == null
                            ? "the client certificate, which is not shown to the API (tls-certificate-for)"
                            : "the client certificate");
        }
        String words = (token.proof() ? "DPoP" : "Bearer") + ", " + words(facts);
        if (missing.isEmpty()) {
            report.tell(CheckStep.ok("token", words));
        } else if (api.tokens().scopePolicy() == ApiSettings.ScopePolicy.FAIL) {
            report.tell(CheckStep.failed(
                    "token",
                    words + ". Not granted: " + String.join(" ", missing)
                            + ". Have it granted, or set scope-policy = warn."));
        } else {
            report.tell(
                    CheckStep.warning(
                            "token",
                            words + ". Not granted: " + String.join(" ", missing)
                                    + (token.rejectedScope().isEmpty()
                                            ? ". Have it granted to this client."
                                            : ". HelseID rejects it for the organisation: it may not have signed the terms of use.")));
        }
        if (token.lifetime().compareTo(Duration.ofSeconds(30)) < 0) {
            report.tell(CheckStep.warning(
                    "lifetime",
                    "the token lives " + token.lifetime().toSeconds()
                            + " s only: the worker requests tokens all the time. Have it made longer."));
        }
    }

    /** What a token that is a JWT says; empty for one that is not. */
    private static Map<String, @Nullable Object> claims(AccessToken token) {
        String[] parts = token.value().reveal().split("\\.", -1);
        try {
            return parts.length == 3 ? Json.object(Base64.getUrlDecoder().decode(parts[1])) : Map.of();
        } catch (IOException | IllegalArgumentException e) {
            return Map.of();
        }
    }
}
