package dev.dromedar.oauth;

import dev.dromedar.keys.SigningKey;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The client of one API: gives tokens for its calls and proofs for each attempt, learns nonces from its answers, and says
 * how a 401 is recovered from. Thread-safe.
 */
public final class ApiClient {
    private static final Logger LOG = LoggerFactory.getLogger(ApiClient.class);
    /** Refusals that a new token or proof does not change (RFC 6750 section 3.1 and its extensions). */
    private static final Set<String> FINAL = Set.of(
            "insufficient_scope",
            "insufficient_authorization_details",
            "insufficient_user_authentication",
            "invalid_request");

    private final ApiSettings settings;
    private final TokenClient tokens;
    private final TokenHolder usual;
    private final Nonces nonces = new Nonces();
    private final ServerClock apiClock;
    private final CallCounters counters = new CallCounters();
    private final List<ApiListener> listeners;
    private final Time time;
    private final CallGate gate;
    private final TokenNews.Watcher watcher = new Watcher();
    private final AtomicBoolean good = new AtomicBoolean(true);
    private final ScopeCheck scopes;
    private final DailyWarnings warnings;
    private volatile @Nullable Listed listed;
    private volatile @Nullable String rotation;

    private record Listed(String thumbprint, Instant ends) {}

    /**
     * @param listeners may grow and shrink while this client lives
     * @param before the client of the same API that this one replaces, or null
     */
    ApiClient(
            ApiSettings settings,
            TokenClient tokens,
            List<ApiListener> listeners,
            Time time,
            @Nullable ApiClient before) {
        this.settings = settings;
        this.listeners = listeners;
        this.time = time;
        this.tokens = tokens;
        this.warnings = new DailyWarnings(LOG, settings.name());
        this.scopes = new ScopeCheck(LOG, settings.name(), settings.tokens().scopePolicy());
        this.gate = new CallGate(settings, time, before == null ? null : before.gate);
        this.usual = tokens.serve(settings);
        this.apiClock = new ServerClock("the API " + settings.name(), time);
        tokens.watch(watcher);
    }

    public String name() {
        return settings.name();
    }

    public ApiSettings settings() {
        return settings;
    }

    /** What each call passes. */
    public CallGate gate() {
        return gate;
    }

    TokenClient tokens() {
        return tokens;
    }

    /** Why keys or secrets that have been put into files are not used, each with its property key; empty if all is well. */
    public List<String> credentialFaults() {
        return settings.credentials().stream()
                .filter(credential -> credential.fault() != null)
                .map(credential -> credential.name() + ": " + credential.fault())
                .toList();
    }

    /** Whether credentials may be sent there: only at or under the base address. */
    public boolean covers(URI target) {
        return Addresses.isUnder(settings.baseAddress(), target);
    }

    /** A token for one call, with nothing around the request. */
    public AccessToken token(TokenRequest request) {
        return token(request, TokenSpan.NONE);
    }

    /**
     * A token for one call, from memory if it can be. Blocks for the time limit at most.
     *
     * @param request what to ask for; {@link ApiSettings.Tokens#request()} is the usual
     * @param span goes around the request to the authority, if this call begins one
     * @throws OAuthException if there is none; then nothing may be sent
     */
    public AccessToken token(TokenRequest request, TokenSpan span) {
        try {
            AccessToken token = holder(request).token(settings.tokens().timeLimit(), span);
            scopes.check(request, token);
            return token;
        } catch (OAuthException e) {
            throw e.reworded(settings.name() + ": " + e.getMessage());
        }
    }

    /** The token of {@link ApiSettings.Tokens#request()}. */
    TokenHolder usual() {
        return usual;
    }

    private TokenHolder holder(TokenRequest request) {
        return request == settings.tokens().request() ? usual : tokens.holder(request);
    }

    /** The {@code Authorization} header for a token. Goes to the wire and nowhere else. */
    public String authorization(AccessToken token) {
        return token.authorization();
    }

    /**
     * The {@code DPoP} header for one attempt (RFC 9449 section 7.1), new each time; null for a Bearer token.
     *
     * @param method and {@code target} exactly as they are sent
     * @param nonce of the 401 that this attempt answers; null for the newest that is known
     */
    public @Nullable String proof(AccessToken token, String method, URI target, @Nullable String nonce) {
        ProofSigner signer = token.signer();
        if (signer == null) {
            return null;
        }
        ServerClock clock = apiClock.offset().isZero() ? tokens.serverClock() : apiClock;
        return signer.sign(
                method,
                target,
                token.hash(),
                nonce == null ? nonces.of(Addresses.origin(target)) : nonce,
                clock.now().getEpochSecond());
    }

    /** Looks at an answer of the API: its nonce is remembered, whatever the status (RFC 9449 section 8.2). */
    public void answered(TokenRequest request, AccessToken token, URI target, int status, @Nullable String nonce) {
        if (nonce != null) {
            nonces.learn(Addresses.origin(target), nonce);
        }
        if (status < 400
                || status == 403
                || status == 404) { // a 400 or 5xx may come from before the token was looked at
            holder(request).accepted(token, settings.name());
        }
    }

    /**
     * What to do about a 401. At most once for one call; the next 401 is the caller's. Its nonce is for {@link #proof}; tell
     * {@link #answered} of that nonce when it has been used, since an API may take each of them once.
     *
     * @param challenges values of {@code WWW-Authenticate}
     * @param nonce the answer's {@code DPoP-Nonce}
     * @param date the answer's {@code Date}
     * @return whether to try again, with what {@link #token} then gives and a new proof
     */
    public boolean recovers(
            TokenRequest request,
            AccessToken token,
            Iterable<String> challenges,
            @Nullable String nonce,
            @Nullable String date) {
        boolean again = isWorthAnother(request, token, challenges, nonce, date);
        if (again) {
            counters.recoveries.increment();
        }
        return again;
    }

    /** A call goes out once more, since the connection that it was sent on had been closed by the API. */
    public void sentAgain() {
        counters.recoveries.increment();
    }

    private boolean isWorthAnother(
            TokenRequest request,
            AccessToken token,
            Iterable<String> challenges,
            @Nullable String nonce,
            @Nullable String date) {
        for (String error : Challenge.errors(challenges, token.proof() ? "DPoP" : "Bearer")) {
            if (error.equals("use_dpop_nonce")) {
                return token.signer() != null && nonce != null;
            }
            if (error.equals("invalid_dpop_proof")) {
                apiClock.learn(date, Duration.ZERO);
                return token.signer() != null;
            }
            if (FINAL.contains(error)) {
                return false;
            }
        }
        return holder(request).refused(token, settings.name());
    }

    /** A call ended, or failed before it was sent: counts it, and informs the listeners. */
    public void called(CallRecord call) {
        counters.add(call, time);
        tell(listener -> listener.called(settings, call));
    }

    /** Why no call of this API may be made now, as the end of a sentence; or null. */
    public @Nullable String refusal() {
        for (ApiListener listener : listeners) {
            String why = listener.refusal();
            if (why != null) {
                return why;
            }
        }
        return null;
    }

    /** Whether records of calls are to have their {@link CallRecord#origin()}. */
    public boolean needsOrigin() {
        for (ApiListener listener : listeners) {
            if (listener.needsOrigin()) {
                return true;
            }
        }
        return false;
    }

    /** A listener that fails is a fault of this worker's own, and must cost nobody an answer. */
    private void tell(Consumer<ApiListener> what) {
        for (ApiListener listener : listeners) {
            try {
                what.accept(listener);
            } catch (RuntimeException e) {
                LOG.error("{}: what listens to calls failed here", settings.name(), e);
            }
        }
    }

    /** Asks for a new token now, for the usual request. The one in memory is served until it comes. Does not wait. */
    public void renew() {
        usual.renew();
    }

    /** Drops the usual token and what is known of failures: the next call requests a new token. */
    public void forget() {
        usual.forget(); // no news yet: whether the credentials are good is seen when they are used
    }

    /** This API as it stands now. Does no I/O. */
    public ApiSnapshot snapshot() {
        return Snapshots.of(settings, tokens, usual.state(), counters, gate.breaker(), time.now(), listed());
    }

    /** The end of the client's key by the authority's list; null if it is not known, or was of another key. */
    private @Nullable KeyEnd listed() {
        Listed now = listed;
        SigningKey key = settings.client().authentication().key();
        return now == null || key == null || !now.thumbprint.equals(key.thumbprint())
                ? null
                : new KeyEnd("private-key", KeyEnd.Source.REGISTRY, now.ends);
    }

    /** The authority's list of registered keys says when that key ends, or does not have it. */
    void keyEnds(SigningKey key, @Nullable Instant ends) {
        listed = ends == null ? null : new Listed(key.thumbprint(), ends);
    }

    /** A rotation of the client's key has done something. */
    void keyRotation(String words) {
        rotation = words;
        LOG.info("{}: key rotation: {}", settings.name(), words);
        tell(listener -> listener.keyRotation(settings, words));
    }

    /** What the rotation of the client's key has done last in this process; null if nothing. */
    public @Nullable String lastOfRotation() {
        return rotation;
    }

    /** Warns of what expires soon or has. */
    void warnOfEnds() {
        warnings.ofEnds(snapshot().endingSoon(), time.now());
    }

    /** Warns of weak TLS, if it is accepted. */
    void warnOfLegacyTls() {
        if (settings.tlsLegacy()) {
            warnings.ofLegacyTls(time.now());
        }
    }

    /** Leaves its token client, which others may share. Calls under way end with it all the same. */
    void release() {
        tokens.unwatch(watcher);
        tokens.leave(settings);
    }

    private final class Watcher implements TokenNews.Watcher {
        @Override
        public void requested(Duration took, @Nullable OAuthException failure) {
            tell(listener -> listener.tokenRequested(settings, took, failure));
        }

        @Override
        public void settled() {
            boolean now = usual.state().failure() == null;
            if (good.getAndSet(now) != now && !listeners.isEmpty()) {
                ApiSnapshot snapshot = snapshot();
                tell(listener -> listener.turned(settings, snapshot));
            }
        }
    }
}
