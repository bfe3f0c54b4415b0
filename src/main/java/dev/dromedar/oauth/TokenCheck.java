package dev.dromedar.oauth;

import dev.dromedar.keys.Followed;
import dev.dromedar.keys.Json;
import dev.dromedar.keys.Secret;
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
            "consumer");

    private static final int LONGEST_DESCRIPTION = 300;

    private final ApiSettings api;
    private final TokenEndpoint endpoint;
    private final CheckReport report;

    TokenCheck(ApiSettings api, TokenEndpoint endpoint, CheckReport report) {
        this.api = api;
        this.endpoint = endpoint;
        this.report = report;
    }

    /** The token, if there is one and all is well with it. */
    @Nullable
    AccessToken run() {
        long nonces = endpoint.counters().nonceChallenges.sum();
        try {
            AccessToken token = endpoint.ask(api.request(), api.timeLimit()).token();
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
            report.tell(CheckStep.failed("token", e.getMessage() + said(e)));
            return null;
        }
    }

    /** The authority's own description, cleaned and cut, and not where it holds what we sent as a secret. */
    private String said(OAuthException failure) {
        String text = failure instanceof TokenRefused refused ? refused.description() : null;
        if (text == null || text.isBlank()) {
            return "";
        }
        for (Followed<?> sent : api.credentials()) {
            if (sent.current() instanceof Secret secret && text.contains(secret.reveal())) {
                return "";
            }
        }
        return " The authority says: \"" + ForeignText.joined(ForeignText.withoutCredentials(text), LONGEST_DESCRIPTION)
                + "\"";
    }

    private void granted(AccessToken token) {
        Set<String> missing = new TreeSet<>(api.request().scope());
        missing.removeAll(token.scope());
        missing.addAll(token.rejectedScope());
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("lives", token.lifetime().toSeconds() + " s");
        facts.put("scope", String.join(" ", token.scope()));
        Map<String, @Nullable Object> claims = claims(token);
        for (String claim : TELLING) {
            Object value = claims.get(claim);
            if (value != null) {
                String text = value instanceof String string ? string : Json.write(value);
                facts.put(claim.replaceFirst(".*/", ""), text.length() > 200 ? "(long)" : ForeignText.line(text));
            }
        }
        if (token.signer() != null) {
            facts.put("bound to", "the DPoP key " + token.signer().key().thumbprint());
        } else if (claims.get("cnf") instanceof Map<?, ?> confirmation && confirmation.get("x5t#S256") != null) {
            facts.put(
                    "bound to",
                    api.toApi().identity() == null
                            ? "the client certificate, which is not shown to the API (tls-certificate-for)"
                            : "the client certificate");
        }
        String words = (token.proof() ? "DPoP" : "Bearer") + ", "
                + facts.entrySet().stream()
                        .filter(fact -> !fact.getValue().isEmpty())
                        .map(fact -> fact.getKey() + " " + fact.getValue())
                        .collect(Collectors.joining(", "));
        if (missing.isEmpty()) {
            report.tell(CheckStep.ok("token", words));
        } else if (api.scopePolicy() == ApiSettings.ScopePolicy.FAIL) {
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
