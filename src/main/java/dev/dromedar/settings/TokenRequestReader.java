package dev.dromedar.settings;

import dev.dromedar.oauth.AssertionDetails;
import dev.dromedar.oauth.Customer;
import dev.dromedar.oauth.Grant;
import dev.dromedar.oauth.InvalidSettings;
import dev.dromedar.oauth.Profile;
import dev.dromedar.oauth.TokenRequest;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what an API's tokens are requested for: scopes, resources, organisations and further parameters. */
final class TokenRequestReader {
    private static final Set<String> OWN_PARAMETERS = Set.of(
            "grant_type",
            "client_id",
            "client_secret",
            "client_assertion",
            "client_assertion_type",
            "assertion",
            "scope",
            "resource");

    private final PropertyGroup group;
    private final Profile profile;

    TokenRequestReader(PropertyGroup group, Profile profile) {
        this.group = group;
        this.profile = profile;
    }

    TokenRequest request(@Nullable AssertionDetails details) {
        Set<String> scope = group.words("scope");
        List<String> resource = List.copyOf(group.words("resource"));
        if (profile.scopeNeeded() && scope.isEmpty() && !group.has("scope")) {
            group.fault("scope", "missing. Set the space-separated scopes, for example 'example:patients/read'.");
        }
        profile.faults(scope, resource).forEach(group::fault);
        return new TokenRequest(scope, resource, details == null ? null : details.claim());
    }

    Customer.Rules customers(@Nullable AssertionDetails details) {
        boolean digits = details == null || details.checkDigits();
        String own = group.text("own-organisation");
        if (own == null) {
            return new Customer.Rules(null, digits);
        }
        if (!profile.grants().contains(Grant.JWT_BEARER)) {
            group.fault("own-organisation", "has no effect with the profile " + profile.name() + ". Remove it.");
            return new Customer.Rules(null, digits);
        }
        try {
            new Customer.Rules(null, digits).organisation("own-organisation", own);
            if (own.equals(group.text("claim.consumer_org"))) {
                group.fault(
                        "claim.consumer_org",
                        "is own-organisation, which the authority refuses. Remove it: the token is for your own organisation.");
            }
        } catch (InvalidSettings e) {
            group.fault("own-organisation", e.getMessage() + ".");
        }
        return new Customer.Rules(own, digits);
    }

    @Nullable
    AssertionDetails details() {
        if (!profile.assertionDetails()) {
            boolean grant = profile.grants().contains(Grant.JWT_BEARER);
            for (String key : List.of(
                    "assertion-details",
                    "organisation-child",
                    "organisation-parent",
                    "organisation-tenancy",
                    "organisation-trailing-colon",
                    "sfm-journal-id")) {
                if (group.has(key)) {
                    group.fault(
                            key, "is HelseID's, and the profile " + profile.name() + " does not know it. Remove it.");
                }
            }
            if (!grant && group.has("organisation-check")) {
                group.fault("organisation-check", "has no effect with the profile " + profile.name() + ". Remove it.");
            }
            Boolean digits = group.choice("organisation-check", Map.of("modulus-11", true, "digits", false));
            return digits == null || digits
                    ? AssertionDetails.NONE
                    : new AssertionDetails(false, false, false, null, null, null, List.of());
        }
        String parent = group.text("organisation-parent");
        String child = group.text("organisation-child");
        String journal = group.text("sfm-journal-id");
        String others = group.text("assertion-details");
        boolean colon = group.flag("organisation-trailing-colon", false);
        Boolean multi = group.choice("organisation-tenancy", Map.of("single", false, "multi", true));
        Boolean digits = group.choice("organisation-check", Map.of("modulus-11", true, "digits", false));
        try {
            return new AssertionDetails(
                    multi == null ? parent != null : multi,
                    colon,
                    digits == null || digits,
                    parent,
                    child,
                    journal,
                    others == null ? List.of() : AssertionDetails.parse(others));
        } catch (InvalidSettings e) {
            group.fault(e.key() == null ? "assertion-details" : e.key(), e.getMessage() + ".");
            return null;
        }
    }

    Map<String, String> parameters() {
        Map<String, String> parameters = group.under("token-parameter.");
        for (String parameter : parameters.keySet()) {
            if (OWN_PARAMETERS.contains(parameter)) {
                group.fault("token-parameter." + parameter, "has its own property, or is none to set. Remove it.");
            }
        }
        return parameters;
    }
}
