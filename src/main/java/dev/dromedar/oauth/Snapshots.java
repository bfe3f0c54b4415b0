package dev.dromedar.oauth;

import dev.dromedar.keys.SigningKey;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes {@link ApiSnapshot}s: what an API is, and in words how it is. Pure functions. */
final class Snapshots {
    static final String LEGACY_TLS = "tls-legacy is on: TLS 1.2 without forward secrecy, RSA keys from 1024 bits, SHA-1"
            + " signatures and names in the common name are accepted. Remove it as soon as the partner's server is renewed.";

    private Snapshots() {}

    /** @param breaker its state, null without one */
    static ApiSnapshot of(
            ApiSettings settings,
            TokenClient tokens,
            TokenStatus token,
            CallCounters calls,
            @Nullable String breaker,
            Instant now,
            @Nullable KeyEnd listed) {
        CredentialState state = state(token, tokens.counters().tokens.sum() > 0);
        return new ApiSnapshot(
                client(settings),
                new ApiSnapshot.Condition(
                        state,
                        sentence(state, token) + (settings.tlsLegacy() ? " " + LEGACY_TLS : ""),
                        lastError(token, calls)),
                token(token, now),
                now,
                ends(settings, listed),
                new ApiSnapshot.Calls(
                        calls.calls.sum(), calls.failures(), calls.recoveries.sum(), calls.state(), breaker),
                requests(tokens));
    }

    private static List<KeyEnd> ends(ApiSettings settings, @Nullable KeyEnd listed) {
        List<KeyEnd> ends = new ArrayList<>(settings.ends());
        if (listed != null) {
            ends.add(listed);
            ends.sort(Comparator.comparing(KeyEnd::when));
        }
        return ends;
    }

    private static ApiSnapshot.Client client(ApiSettings settings) {
        SigningKey key = settings.client().authentication().key();
        return new ApiSnapshot.Client(
                settings.name(),
                settings.baseAddress().toString(),
                new ApiSnapshot.Authority(
                        settings.authority().issuer(),
                        settings.authority().profile().name()),
                settings.client().id(),
                settings.client().authentication().method().registeredName(),
                settings.client().proof() != null ? "DPoP" : "Bearer",
                key == null ? null : new ApiSnapshot.Key(key.keyId(), key.thumbprint()));
    }

    private static ApiSnapshot.Token token(TokenStatus token, Instant now) {
        AccessToken alive = token.token();
        return alive == null
                ? new ApiSnapshot.Token(null, null, null, null, token.nextTryIn())
                : new ApiSnapshot.Token(
                        Duration.between(alive.mintedAt(), now),
                        Duration.between(now, alive.expiresAt()),
                        alive.expiresAt(),
                        alive.lifetime(),
                        token.renewIn());
    }

    private static ApiSnapshot.@Nullable LastError lastError(TokenStatus token, CallCounters calls) {
        OAuthException failure = token.failure();
        if (failure != null) {
            return new ApiSnapshot.LastError(failure.getMessage(), token.failingSince(), false);
        }
        var call = calls.last();
        return call == null ? null : new ApiSnapshot.LastError(call.words(), call.since(), call.over());
    }

    private static ApiSnapshot.Requests requests(TokenClient tokens) {
        Counters counters = tokens.counters();
        return new ApiSnapshot.Requests(
                counters.tokenRequests.sum(),
                counters.nonceChallenges.sum(),
                counters.tokens.sum(),
                counters.tokenFailures.sum(),
                tokens.last(),
                Duration.ofNanos(tokens.slowest()),
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
            case NEVER_ASKED -> "No call has requested a token yet.";
            case ASKING -> "A token is being requested.";
            case GOOD -> "The token is valid until " + until + ".";
            case RENEWING -> "The token is valid until " + until + ", and the next one is due.";
            case IDLE -> "The last token expired; the next call requests a new one.";
            case FAILING_BUT_SERVING -> why + " The token in memory stays in use until " + until + ".";
            case FAILING -> why + " Calls will fail until a token is obtained.";
        };
    }

    private static String next(@Nullable Duration wait) {
        return wait == null || wait.isZero()
                ? " The next call tries again."
                : " Next try in " + wait.toSeconds() + " s.";
    }
}
