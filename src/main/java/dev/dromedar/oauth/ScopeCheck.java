package dev.dromedar.oauth;

import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** Whether an API's tokens have the scope that was requested, and what to do where they have less. Thread-safe. */
final class ScopeCheck {
    private final Logger log;
    private final String api;
    private final ApiSettings.ScopePolicy policy;
    private final Set<Set<String>> reported = ConcurrentHashMap.newKeySet();

    /** What was checked last: each call checks it again, each time it looks at its token. */
    private volatile @Nullable Whole whole;

    /** A token that was granted all that was requested. */
    private record Whole(TokenRequest request, AccessToken token) {}

    ScopeCheck(Logger log, String api, ApiSettings.ScopePolicy policy) {
        this.log = log;
        this.api = api;
        this.policy = policy;
    }

    /** @throws TokenRefused if it has less, and the policy is to fail */
    void check(TokenRequest request, AccessToken token) {
        Whole known = whole;
        if (policy == ApiSettings.ScopePolicy.ACCEPT
                || known != null && known.token() == token && known.request() == request) {
            return;
        }
        if (token.rejectedScope().isEmpty() && token.scope().containsAll(request.scope())) {
            whole = new Whole(request, token);
            return;
        }
        Set<String> missing = new TreeSet<>(request.scope());
        missing.removeAll(token.scope());
        missing.addAll(token.rejectedScope());
        if (policy == ApiSettings.ScopePolicy.FAIL) {
            throw new TokenRefused(
                    "the authority granted less than was requested; not granted: " + String.join(" ", missing)
                            + ". Have the scope granted, or set scope-policy = warn.",
                    "insufficient_scope",
                    200,
                    null);
        }
        if (reported.size() < 100 && reported.add(Set.copyOf(missing))) {
            log.warn("{}: the authority granted less than was requested; not granted: {}", api, missing);
        }
    }
}
