package dev.dromedar.oauth;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What can be requested of an authority.
 *
 * @param resources how many resource indicators it accepts (RFC 8707)
 * @param assertionDetails whether an assertion may have HelseID's claim {@code assertion_details}
 */
record RequestRules(Proof proof, Scope scope, int resources, boolean assertionDetails) {
    static final int ANY = Integer.MAX_VALUE;

    /** How an authority stands to DPoP (RFC 9449). */
    enum Proof {
        NEVER,
        ALLOWED,
        /** On unless a property says otherwise. */
        USUAL
    }

    /**
     * @param needed whether a request without scope is a mistake
     * @param form what a scope looks like, as a regular expression
     * @param most how many a request may name
     * @param rule in words that follow the authority's title; empty if there is none of its own
     */
    record Scope(boolean needed, String form, int most, String rule) {}

    static RequestRules helseId() {
        return new RequestRules(Proof.USUAL, new Scope(true, ".+", ANY, ""), 1, true);
    }

    /** What the RFCs allow. */
    static RequestRules open() {
        return new RequestRules(Proof.ALLOWED, new Scope(false, ".+", ANY, ""), ANY, false);
    }

    /** Bearer tokens only, and never without a scope. */
    static RequestRules bearer(String scopeForm, String scopeRule, int resources) {
        return new RequestRules(Proof.NEVER, new Scope(true, scopeForm, ANY, scopeRule), resources, false);
    }

    static RequestRules entra() {
        String rule = "accepts one scope, the API's identifier with /.default at its end";
        return new RequestRules(Proof.NEVER, new Scope(true, "\\S+/\\.default", 1, rule), 0, false);
    }

    RequestRules withoutResource() {
        return new RequestRules(proof, scope, 0, assertionDetails);
    }

    /** The rule for a property, in words that follow the authority's title; null if there is none of its own. */
    @Nullable
    String rule(String key) {
        return switch (key) {
            case "dpop" -> "issues Bearer tokens only (no RFC 9449)";
            case "resource" -> resources == 0 ? "knows no resource (RFC 8707): use a scope" : "accepts one resource";
            case "scope" -> scope.rule().isEmpty() ? null : scope.rule();
            default -> null;
        };
    }

    /**
     * What is wrong with what a request asks for, in words that follow the property key; by that key.
     *
     * @param broken says that a value breaks the rule of a key
     */
    Map<String, String> faults(Set<String> scopes, List<String> resource, UnaryOperator<String> broken) {
        Map<String, String> faults = new TreeMap<>();
        for (String one : scopes) {
            if (!one.matches("[\\x21\\x23-\\x5b\\x5d-\\x7e]+")) {
                add(faults, "scope", "holds a character that no scope may have (RFC 6749 section 3.3).");
            } else if (!one.matches(scope.form())) {
                add(faults, "scope", "'" + one + "' " + broken.apply("scope"));
            }
        }
        if (scopes.size() > scope.most()) {
            add(faults, "scope", "has " + scopes.size() + " scopes, which " + broken.apply("scope"));
        }
        if (resource.size() > resources) {
            add(
                    faults,
                    "resource",
                    "has " + resource.size() + (resource.size() == 1 ? " value" : " values") + ", which "
                            + broken.apply("resource"));
        }
        for (String one : resource) {
            String fault = fault(one);
            if (fault != null) {
                add(faults, "resource", "'" + one + "' " + fault);
            }
        }
        return faults;
    }

    private static @Nullable String fault(String resource) {
        try {
            var uri = new URI(resource);
            return uri.isAbsolute() && uri.getRawFragment() == null
                    ? null
                    : "must be an absolute URI without '#' (RFC 8707 section 2).";
        } catch (URISyntaxException e) {
            return "is no URI (RFC 8707 section 2).";
        }
    }

    private static void add(Map<String, String> faults, String key, String fault) {
        faults.merge(key, fault, (one, other) -> one + " And " + other);
    }
}
