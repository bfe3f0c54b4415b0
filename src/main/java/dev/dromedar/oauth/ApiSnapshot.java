package dev.dromedar.oauth;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One API as it stands at a moment. The one model of every view: JMX, console, health, metrics, status page and terminal show
 * these values by the names of {@link #values}. Holds nothing secret.
 *
 * @param at the moment
 * @param ends of its keys, secrets and certificates as far as they are known, the first first
 */
public record ApiSnapshot(
        Client client,
        Condition condition,
        Token token,
        Instant at,
        List<KeyEnd> ends,
        Calls calls,
        Requests requests) {

    public ApiSnapshot {
        ends = List.copyOf(ends);
    }

    /**
     * What the API is called at, and as whom.
     *
     * @param authentication as registered, such as {@code private_key_jwt}
     * @param tokenType {@code DPoP} or {@code Bearer}
     * @param key null with a shared secret
     */
    public record Client(
            String api,
            String baseAddress,
            Authority authority,
            String id,
            String authentication,
            String tokenType,
            @Nullable Key key) {}

    /** The authority's issuer identifier, and the profile that it is used by. */
    public record Authority(String issuer, String profile) {}

    /**
     * The client's key.
     *
     * @param id {@code kid}, null if it has none
     * @param thumbprint RFC 7638
     */
    public record Key(@Nullable String id, String thumbprint) {}

    /**
     * How the credentials stand.
     *
     * @param sentence the state for someone at three in the morning: why, and what to do
     * @param lastError of token requests or calls, the newer one
     */
    public record Condition(
            CredentialState state,
            String sentence,
            @Nullable LastError lastError) {}

    /**
     * The newest failure.
     *
     * @param since when the failures that it belongs to began
     * @param over whether calls or tokens have succeeded since
     */
    public record LastError(String words, @Nullable Instant since, boolean over) {}

    /**
     * The usual token; all null without one, but for the renewal.
     *
     * @param left until its end
     * @param lifetime from its minting to its end
     * @param nextRenewal until the next token is requested if a call comes; negative when due; null when no call has
     *     requested one yet
     */
    public record Token(
            @Nullable Duration age,
            @Nullable Duration left,
            @Nullable Instant expires,
            @Nullable Duration lifetime,
            @Nullable Duration nextRenewal) {}

    /**
     * Calls of the API.
     *
     * @param failures by {@link FailureKind#label()}
     * @param recoveries calls that were sent again after a 401
     * @param state how the newest calls went
     */
    public record Calls(long count, Map<String, Long> failures, long recoveries, CallState state) {
        public Calls {
            failures = Collections.unmodifiableMap(new LinkedHashMap<>(failures));
        }

        public long failed() {
            return failures.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /**
     * Requests to the authority's token endpoint.
     *
     * @param count each attempt counted
     * @param tokens that the authority has issued
     * @param failures how often there was no token when one was requested
     * @param took how long the newest took, null before the first
     * @param tookLongest the slowest lately: a slow one is forgotten by degrees
     * @param clockOffset the authority's clock minus this machine's, zero when they agree
     */
    public record Requests(
            long count,
            long nonceChallenges,
            long tokens,
            long failures,
            @Nullable Duration took,
            Duration tookLongest,
            Duration clockOffset) {}

    public String name() {
        return client.api();
    }

    public CredentialState state() {
        return condition.state();
    }

    public String sentence() {
        return condition.sentence();
    }

    /** Until the first end of a key, secret or certificate; null if none is known. */
    public @Nullable Duration keyLeft() {
        return ends.isEmpty() ? null : ends.get(0).left(at);
    }

    /** What expires within {@link KeyEnd#WARNING}, or has. */
    public List<KeyEnd> endingSoon() {
        return ends.stream().filter(end -> end.isSoon(at)).toList();
    }

    /**
     * All values by their public names and in their order: text, whole numbers, or maps and lists of those; null where there is none.
     * Times are in whole seconds, round trips in milliseconds, moments in ISO-8601.
     */
    public Map<String, @Nullable Object> values() {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        values.put("name", name());
        values.put("state", state().words());
        values.put("sentence", sentence());
        values.put("baseAddress", client.baseAddress());
        values.put("profile", client.authority().profile());
        values.put("authority", client.authority().issuer());
        values.put("clientId", client.id());
        values.put("clientAuthentication", client.authentication());
        values.put("tokenType", client.tokenType());
        values.put("tokenAgeSeconds", seconds(token.age()));
        values.put("tokenLeftSeconds", seconds(token.left()));
        values.put("tokenLifetimeSeconds", seconds(token.lifetime()));
        values.put("tokenExpires", text(token.expires()));
        values.put("nextRenewalSeconds", seconds(token.nextRenewal()));
        Key key = client.key();
        values.put("keyId", key == null ? null : key.id());
        values.put("keyThumbprint", key == null ? null : key.thumbprint());
        values.put("keyDaysLeft", ends.isEmpty() ? null : ends.get(0).daysLeft(at));
        values.put("keyEnds", ends.stream().map(end -> end.values(at)).toList());
        values.put("callState", calls.state().words());
        values.put("calls", calls.count());
        values.put("failedCalls", calls.failed());
        values.put("failures", calls.failures());
        values.put("recoveries", calls.recoveries());
        values.put("nonceChallenges", requests.nonceChallenges());
        values.put("tokenRequests", requests.count());
        values.put("tokens", requests.tokens());
        values.put("tokenFailures", requests.failures());
        values.put(
                "tokenMillis", requests.took() == null ? null : requests.took().toMillis());
        values.put("tokenMillisLongest", requests.tookLongest().toMillis());
        LastError last = condition.lastError();
        values.put("lastError", last == null ? null : last.words());
        values.put("lastErrorSince", last == null ? null : text(last.since()));
        values.put("lastErrorOver", last == null || last.over());
        values.put("clockOffsetSeconds", requests.clockOffset().toSeconds());
        return values;
    }

    private static @Nullable Long seconds(@Nullable Duration time) {
        return time == null ? null : time.toSeconds();
    }

    private static @Nullable String text(@Nullable Instant moment) {
        return moment == null ? null : moment.toString();
    }
}
