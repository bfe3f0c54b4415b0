package dev.dromedar.oauth;

import dev.dromedar.keys.SigningKey;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Compares what the authority has registered of a client with what its properties say: scopes, claims, organisations, keys. */
final class RegistryCheck {
    private static final int MOST_SHOWN = 20;

    private final ApiSettings api;
    private final TokenRequest request;
    private final CheckReport report;

    RegistryCheck(ApiSettings api, TokenRequest request, CheckReport report) {
        this.api = api;
        this.request = request;
        this.report = report;
    }

    /** @param registry null where the properties name none */
    void run(@Nullable KeyRegistry registry) {
        SigningKey key = api.client().authentication().key();
        if (registry != null) {
            try {
                granted(registry.client());
                if (key != null) {
                    keys(registry.list(), key);
                }
            } catch (OAuthException e) {
                report.tell(CheckStep.warning("registered", "not known: " + e.getMessage()));
            }
        } else if (request.scope().contains(KeyRegistry.SCOPE)) {
            report.tell(CheckStep.ok(
                    "registered",
                    "not known: set key-registry to the address of HelseID Selvbetjening's API, which lists the scopes and"
                            + " keys of this client"));
        } else if (key != null && api.authority().profile().name().equals("maskinporten")) {
            report.tell(CheckStep.ok(
                    "registered",
                    "not known: Maskinporten lists a client's keys to an administration client only. A key lives one year from"
                            + " the day on which it was registered"
                            + (api.client().keyLife().expires() == null
                                    ? ": set key-expires to that day of the next year"
                                    : "")));
        }
    }

    private void granted(KeyRegistry.Client client) {
        List<String> granted = new ArrayList<>();
        List<String> trouble = new ArrayList<>();
        for (KeyRegistry.Granted scope : client.scopes()) {
            if (scope.granted()) {
                granted.add(shown(scope.what()));
            } else {
                trouble.add("Scope " + shown(scope.what()) + " is pending" + reason(scope));
            }
        }
        var missing = new TreeSet<>(request.scope());
        client.scopes().forEach(scope -> missing.remove(scope.what()));
        missing.forEach(scope -> trouble.add(
                "Scope " + scope + " is not requested there for this client: add it to its configuration."));
        for (KeyRegistry.Granted claim : client.claims()) {
            if (claim.pending()) {
                trouble.add("Claim " + shown(claim.what())
                        + (claim.granted() ? " keeps its value while a new one is pending" : " is pending")
                        + reason(claim));
            }
        }
        String child = api.tokens().assertionDetails().child();
        if (child != null && !client.children().isEmpty() && !client.children().contains(child)) {
            trouble.add("Organisation " + child + " is not among its child organisations.");
        }
        String words = "granted: " + (granted.isEmpty() ? "nothing" : bounded(granted));
        report.tell(
                trouble.isEmpty()
                        ? CheckStep.ok("scopes", words)
                        : CheckStep.warning("scopes", words + ". " + bounded(trouble)));
    }

    private String reason(KeyRegistry.Granted one) {
        String words = one.reason() == null ? "" : AuthorityWords.shown(one.reason(), api, request);
        return words.isEmpty() ? "." : ": \"" + words + "\".";
    }

    private void keys(List<KeyRegistry.Registered> registered, SigningKey key) {
        String mine = registered.stream()
                .filter(one -> one.is(key.keyId(), key.thumbprint()))
                .map(one -> "yours is among them, valid until " + one.ends())
                .findFirst()
                .orElse(null);
        List<String> others = registered.stream()
                .filter(one -> !one.is(key.keyId(), key.thumbprint()))
                .map(one -> "kid " + shown(String.valueOf(one.kid())) + " until " + one.ends())
                .toList();
        String besides = others.isEmpty() ? "" : "; besides it " + bounded(others);
        report.tell(
                mine != null
                        ? CheckStep.ok("registered", "keys: " + mine + besides)
                        : CheckStep.warning(
                                "registered",
                                "keys: yours is not among them" + besides
                                        + ". Register its public key (./run keys show FILE prints it), or put the registered"
                                        + " key's file in its place."));
    }

    private static String bounded(List<String> words) {
        return words.stream()
                        .limit(MOST_SHOWN)
                        .collect(Collectors.joining(words.get(0).endsWith(".") ? " " : ", "))
                + (words.size() > MOST_SHOWN ? " and " + (words.size() - MOST_SHOWN) + " more" : "");
    }

    private static String shown(String text) {
        return ForeignText.line(text, 200);
    }
}
