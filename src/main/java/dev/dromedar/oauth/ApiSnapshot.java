package dev.dromedar.oauth;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One API as it stands at a moment. The one model of every view: JMX, console, health, metrics, status page and terminal show
 * these values by these names. Holds nothing secret.
 *
 * @param calls what the API is called at
 * @param clientAuthentication as registered, such as {@code private_key_jwt}
 * @param tokenType {@code DPoP} or {@code Bearer}
 * @param sentence the state for someone at three in the morning: why, and what to do
 * @param tokenAge null without a token
 * @param tokenLeft until the token's end, null without a token
 * @param tokenExpires null without a token
 * @param tokenLifetime from its minting to its end, null without a token
 * @param nextRenewal until the next token is asked for if a call comes; negative when due; null when no call has asked yet
 * @param keyId {@code kid} of the client's key; null with a shared secret
 * @param keyThumbprint RFC 7638; null with a shared secret
 * @param keyLeft until the first end of a certificate that the client shows, of its key or of TLS; null without one
 * @param failures by {@link FailureKind#label()}
 * @param recoveries calls that were sent again: after a 401, or when the API had closed the connection
 * @param nonceChallenges of the authority
 * @param tokenRequests to the authority's token endpoint, each attempt counted
 * @param tokens that the authority has given
 * @param tokenFailures how often there was no token when one was asked for
 * @param tokenTook how long the newest token request took, null before the first
 * @param tokenTookLongest the slowest lately: a slow one is forgotten by degrees
 * @param lastError of token requests or calls, whichever is newer, in words
 * @param lastErrorSince when the failures that it belongs to began
 * @param lastErrorOver whether calls or tokens have succeeded since
 * @param clockOffset the authority's clock minus this machine's, zero when they agree
 */
public record ApiSnapshot(
        String name,
        String baseAddress,
        String profile,
        String authority,
        String clientId,
        String clientAuthentication,
        String tokenType,
        CredentialState state,
        String sentence,
        @Nullable Duration tokenAge,
        @Nullable Duration tokenLeft,
        @Nullable Instant tokenExpires,
        @Nullable Duration tokenLifetime,
        @Nullable Duration nextRenewal,
        @Nullable String keyId,
        @Nullable String keyThumbprint,
        @Nullable Duration keyLeft,
        long calls,
        Map<String, Long> failures,
        long recoveries,
        long nonceChallenges,
        long tokenRequests,
        long tokens,
        long tokenFailures,
        @Nullable Duration tokenTook,
        Duration tokenTookLongest,
        @Nullable String lastError,
        @Nullable Instant lastErrorSince,
        boolean lastErrorOver,
        Duration clockOffset) {

    /** From here on a key that ends soon is worth a warning. */
    public static final Duration KEY_WARNING = Duration.ofDays(14);

    public ApiSnapshot {
        failures = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(failures));
    }

    public boolean isKeyEndingSoon() {
        return keyLeft != null && keyLeft.compareTo(KEY_WARNING) < 0;
    }

    /**
     * All values by their public names and in their order: text, whole numbers, or maps of those; null where there is none.
     * Times are in whole seconds, round trips in milliseconds, moments in ISO-8601.
     */
    public Map<String, @Nullable Object> values() {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        values.put("name", name);
        values.put("state", state.words());
        values.put("sentence", sentence);
        values.put("baseAddress", baseAddress);
        values.put("profile", profile);
        values.put("authority", authority);
        values.put("clientId", clientId);
        values.put("clientAuthentication", clientAuthentication);
        values.put("tokenType", tokenType);
        values.put("tokenAgeSeconds", seconds(tokenAge));
        values.put("tokenLeftSeconds", seconds(tokenLeft));
        values.put("tokenLifetimeSeconds", seconds(tokenLifetime));
        values.put("tokenExpires", tokenExpires == null ? null : tokenExpires.toString());
        values.put("nextRenewalSeconds", seconds(nextRenewal));
        values.put("keyId", keyId);
        values.put("keyThumbprint", keyThumbprint);
        values.put("keyDaysLeft", keyLeft == null ? null : keyLeft.toDays());
        values.put("calls", calls);
        values.put("failedCalls", failedCalls());
        values.put("failures", failures);
        values.put("recoveries", recoveries);
        values.put("nonceChallenges", nonceChallenges);
        values.put("tokenRequests", tokenRequests);
        values.put("tokens", tokens);
        values.put("tokenFailures", tokenFailures);
        values.put("tokenMillis", tokenTook == null ? null : tokenTook.toMillis());
        values.put("tokenMillisLongest", tokenTookLongest.toMillis());
        values.put("lastError", lastError);
        values.put("lastErrorSince", lastErrorSince == null ? null : lastErrorSince.toString());
        values.put("lastErrorOver", lastErrorOver);
        values.put("clockOffsetSeconds", clockOffset.toSeconds());
        return values;
    }

    public long failedCalls() {
        return failures.values().stream().mapToLong(Long::longValue).sum();
    }

    private static @Nullable Long seconds(@Nullable Duration time) {
        return time == null ? null : time.toSeconds();
    }
}
