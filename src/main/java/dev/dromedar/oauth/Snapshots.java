package dev.dromedar.oauth;

import dev.dromedar.keys.SigningKey;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Makes {@link ApiSnapshot}s: what an API is, and in words how it is. Pure functions. */
final class Snapshots {
    static final String LEGACY_TLS = "tls-legacy is on: TLS 1.2 without forward secrecy, RSA keys from 1024 bits, SHA-1"
            + " signatures and names in the common name are accepted. Remove it as soon as the partner's server is renewed.";

    private Snapshots() {}

    static ApiSnapshot of(
            ApiSettings settings, TokenClient tokens, TokenStatus token, CallCounters calls, Instant now) {
        AccessToken alive = token.token();
        Counters counters = tokens.counters();
        SigningKey key = settings.authentication().key();
        CredentialState state = state(token, counters.tokens.sum() > 0);
        OAuthException failure = token.failure();
        Instant ends = settings.certificatesEnd();
        var call = calls.last();
        return new ApiSnapshot(
                settings.name(),
                settings.baseAddress().toString(),
                settings.profile().name(),
                settings.authority(),
                settings.clientId(),
                settings.authentication().method().registeredName(),
                settings.proof() ? "DPoP" : "Bearer",
                state,
                sentence(state, token) + (settings.tlsLegacy() ? " " + LEGACY_TLS : ""),
                alive == null ? null : Duration.between(alive.mintedAt(), now),
                alive == null ? null : Duration.between(now, alive.expiresAt()),
                alive == null ? null : alive.expiresAt(),
                alive == null ? null : alive.lifetime(),
                alive == null ? token.nextTryIn() : token.renewIn(),
                key == null ? null : key.keyId(),
                key == null ? null : key.thumbprint(),
                ends == null ? null : Duration.between(now, ends),
                calls.calls.sum(),
                calls.failures(),
                calls.recoveries.sum(),
                counters.nonceChallenges.sum(),
                counters.tokenRequests.sum(),
                counters.tokens.sum(),
                counters.tokenFailures.sum(),
                tokens.last(),
                Duration.ofNanos(tokens.slowest()),
                failure != null ? failure.getMessage() : call == null ? null : call.words(),
                failure != null ? token.failingSince() : call == null ? null : call.since(),
                failure == null && (call == null || call.over()),
                tokens.serverClock().offset());
    }

    private static CredentialState state(TokenStatus token, boolean everHadOne) {
        boolean alive = token.token() != null;
        if (token.failure() != null) {
            return alive ? CredentialState.FAILING_BUT_SERVING : CredentialState.FAILING;
        }
        if (alive) {
            boolean due = token.renewIn() != null && token.renewIn().isNegative();
            return token.asking() || due ? CredentialState.RENEWING : CredentialState.GOOD;
        }
        return token.asking()
                ? CredentialState.ASKING
                : everHadOne ? CredentialState.IDLE : CredentialState.NEVER_ASKED;
    }

    private static String sentence(CredentialState state, TokenStatus token) {
        AccessToken alive = token.token();
        String until = alive == null
                ? ""
                : alive.expiresAt().truncatedTo(ChronoUnit.SECONDS).toString();
        String why = token.failure() == null ? "" : token.failure().getMessage() + next(token.nextTryIn());
        return switch (state) {
            case NEVER_ASKED -> "No call has asked for a token yet.";
            case ASKING -> "A token is being asked for.";
            case GOOD -> "The token is good until " + until + ".";
            case RENEWING -> "The token is good until " + until + ", and the next one is due.";
            case IDLE -> "The last token is over, and no call has asked for another. The next call does.";
            case FAILING_BUT_SERVING -> why + " The token in memory is served on until " + until + ".";
            case FAILING -> why + " Calls fail until a token is given.";
        };
    }

    private static String next(@Nullable Duration wait) {
        return wait == null || wait.isZero()
                ? " The next call tries again."
                : " Next try in " + wait.toSeconds() + " s.";
    }
}
