package dev.dromedar.oauth;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Calls an API with a token, and says what its answer proves. */
final class ProbeCheck {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final ApiSettings api;
    private final ServerClock serverClock;
    private final Backchannel toApi;
    private final CheckReport report;

    ProbeCheck(ApiSettings api, ServerClock serverClock, Backchannel toApi, CheckReport report) {
        this.api = api;
        this.serverClock = serverClock;
        this.toApi = toApi;
        this.report = report;
    }

    /** One GET of the API with the token. */
    void run(AccessToken token, URI target) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Authorization", token.authorization());
        api.calls()
                .headers()
                .fixed()
                .forEach((name, value) -> headers.put(name, value.current().reveal()));
        try {
            Backchannel.Answer answer = send(token, target, headers, null);
            List<Challenge> challenges = Challenge.parse(answer.challenges());
            boolean wantsNonce = challenges.stream().anyMatch(challenge -> "use_dpop_nonce".equals(challenge.error()));
            if (wantsNonce && answer.nonce() != null) {
                answer = send(token, target, headers, answer.nonce());
                challenges = Challenge.parse(answer.challenges());
            }
            String words = "GET " + target + ": HTTP " + answer.status()
                    + challenges.stream()
                            .map(challenge -> ", " + challenge.scheme()
                                    + (challenge.error() == null ? "" : " " + word(challenge.error())))
                            .collect(Collectors.joining());
            report.tell(
                    switch (answer.status() / 100) {
                        case 2 -> CheckStep.ok("api", words);
                        case 4 ->
                            answer.status() == 401
                                    ? CheckStep.failed("api", words + ". " + unauthorized(token, challenges))
                                    : answer.status() == 403
                                            ? CheckStep.failed(
                                                    "api",
                                                    words + ". The API accepts the token but denies access: the"
                                                            + " scope or the organisation is not enough.")
                                            : CheckStep.warning(
                                                    "api",
                                                    words
                                                            + ". This shows neither that the token was accepted nor that it was"
                                                            + " rejected: " + unproved(answer.status()));
                        case 5 -> CheckStep.warning("api", words + ". The API itself fails.");
                        default -> CheckStep.warning("api", words + ".");
                    });
        } catch (IOException e) {
            report.tell(CheckStep.failed("api", "GET " + target + ": " + NetworkFailure.of(e)));
        }
    }

    /** A server may answer so before it has looked at the token. */
    private String unproved(int status) {
        if (status != 400 && status / 10 != 49) { // 495 and 496 are nginx's, for certificates
            return "probe a path that this client may read (--probe=PATH).";
        }
        return (api.calls().transport().identity() == null
                        ? "the API may require a client certificate (tls-certificate and tls-private-key), "
                        : "the API may not know this client's certificate (tls-certificate), ")
                + "or another path (--probe=PATH).";
    }

    /** What a 401 of an API may come from: what its challenges ask for says more than their error. */
    private String unauthorized(AccessToken token, List<Challenge> challenges) {
        boolean bearer =
                challenges.stream().anyMatch(challenge -> challenge.scheme().equalsIgnoreCase("Bearer"));
        boolean dpop =
                challenges.stream().anyMatch(challenge -> challenge.scheme().equalsIgnoreCase("DPoP"));
        if (token.proof() && bearer && !dpop) {
            return "The API requires a Bearer token and does not know DPoP: set dpop = false, if the authority gives this"
                    + " client such tokens, or have the API take DPoP.";
        }
        if (!token.proof() && dpop && !bearer) {
            return "The API requires a DPoP token: set dpop = true.";
        }
        if (challenges.stream().anyMatch(challenge -> "invalid_dpop_proof".equals(challenge.error()))) {
            return "The API rejects the proof: check this machine's clock and dpop-algorithm, and that the API knows itself"
                    + " by this address (a gateway may hide it).";
        }
        return "The API rejects the token: compare its audience and scope with what the API requires"
                + (token.proof() ? "" : ", and whether it requires DPoP")
                + (api.authority().transport().identity() != null
                                && api.calls().transport().identity() == null
                        ? ", or this client's certificate (tls-certificate-for)"
                        : "")
                + ".";
    }

    private Backchannel.Answer send(AccessToken token, URI target, Map<String, String> headers, @Nullable String nonce)
            throws IOException {
        ProofSigner signer = token.signer();
        if (signer != null) {
            headers.put(
                    "DPoP",
                    signer.sign(
                            "GET",
                            target,
                            token.hash(),
                            nonce,
                            serverClock.now().getEpochSecond()));
        }
        return toApi.look(target, headers, LIMIT);
    }

    private static String word(String error) {
        return ForeignText.isWord(error, 60) ? error : "(unclear)";
    }
}
