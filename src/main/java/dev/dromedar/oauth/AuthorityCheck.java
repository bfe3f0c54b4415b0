package dev.dromedar.oauth;

import dev.dromedar.keys.SigningKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Compares what an authority says of itself with what this client will send: its metadata and its clock. */
final class AuthorityCheck {
    private final ApiSettings api;
    private final TokenEndpoint endpoint;
    private final ServerClock serverClock;
    private final CheckReport report;

    AuthorityCheck(ApiSettings api, TokenEndpoint endpoint, ServerClock serverClock, CheckReport report) {
        this.api = api;
        this.endpoint = endpoint;
        this.serverClock = serverClock;
        this.report = report;
    }

    /** Null if there is none that may be used. */
    @Nullable
    AuthorityMetadata discovery() {
        try {
            AuthorityMetadata metadata =
                    endpoint.discovery().metadata(api.tokens().timeLimit());
            List<String> doubts = doubts(metadata);
            String found = api.authority().endpoints().tokenEndpoint() != null
                    ? "none: the token endpoint is configured, " + metadata.tokenEndpoint()
                    : "issuer " + metadata.issuer() + ", token endpoint " + metadata.tokenEndpoint();
            report.tell(
                    doubts.isEmpty()
                            ? CheckStep.ok("discovery", found)
                            : CheckStep.warning("discovery", found + ". " + String.join(" ", doubts)));
            return metadata;
        } catch (AuthorityUnavailable e) {
            report.tell(CheckStep.failed("discovery", e.getMessage()));
            return null;
        }
    }

    /** Where what the authority says it takes is not what will be sent. Its lists are not always true, so no more. */
    private List<String> doubts(AuthorityMetadata metadata) {
        List<String> doubts = new ArrayList<>();
        String method = api.client().authentication().method().registeredName();
        if (!api.client().authentication().grantType().equals("client_credentials")) {
            doubt(doubts, "grant", api.client().authentication().grantType(), metadata.grantTypes());
        } else {
            doubt(doubts, "client authentication", method, metadata.authenticationMethods());
        }
        SigningKey key = api.client().authentication().key();
        if (key != null) {
            doubt(doubts, "signature", key.algorithm().name(), metadata.assertionAlgorithms());
        }
        ApiSettings.Proof proof = api.client().proof();
        if (proof != null) {
            String algorithm = proof.key() == null
                    ? proof.algorithm().name()
                    : proof.key().current().algorithm().name();
            doubt(doubts, "DPoP signature", algorithm, metadata.proofAlgorithms());
        }
        for (String scope : api.tokens().request().scope()) {
            doubt(doubts, "scope", scope, metadata.scopes());
        }
        return doubts;
    }

    private static void doubt(List<String> doubts, String what, String ours, List<String> theirs) {
        if (!theirs.isEmpty() && !theirs.contains(ours)) {
            doubts.add("It does not list the " + what + " '" + ours + "' as supported.");
        }
    }

    void clock() {
        Duration offset = serverClock.offset();
        if (!serverClock.heard()) {
            report.tell(CheckStep.ok("clock", "not compared: the authority does not say its time (Date)"));
            return;
        }
        if (offset.isZero()) {
            report.tell(CheckStep.ok("clock", "agrees with the authority's"));
            return;
        }
        String words = "this machine is " + offset.abs().toSeconds() + " s "
                + (offset.isNegative() ? "ahead of" : "behind") + " the authority. Synchronise its clock (NTP"
                + (api.authority().profile().name().equals("helseid") ? "; ntp.nhn.no on Helsenettet" : "") + ")";
        report.tell(CheckStep.warning(
                "clock",
                words + "; "
                        + (serverClock.shift().isZero()
                                ? "expect refusals."
                                : "until then the worker makes up for it.")));
    }
}
