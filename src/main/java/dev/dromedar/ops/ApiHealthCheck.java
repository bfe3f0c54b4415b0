package dev.dromedar.ops;

import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.ApiSnapshot;
import dev.dromedar.oauth.CallState;
import dev.dromedar.oauth.CredentialState;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.jspecify.annotations.Nullable;

/**
 * Readiness of one API: down while there is no token for it, with why and what to do. Says nothing about liveness: an
 * authority's outage is no reason to restart a worker, which would lose the tokens that still live.
 */
final class ApiHealthCheck extends AbstractHealthCheck {
    private final Supplier<@Nullable ApiClient> api;
    private final boolean canBeDown;

    /** @param canBeDown otherwise the check is up whatever happens, and says what */
    ApiHealthCheck(String name, Supplier<@Nullable ApiClient> api, boolean canBeDown) {
        super("dromedar", "dromedar-api-" + name);
        this.api = api;
        this.canBeDown = canBeDown;
    }

    @Override
    public boolean isLiveness() {
        return false;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        ApiClient client = api.get();
        if (client == null) {
            builder.unknown();
            return;
        }
        ApiSnapshot now = client.snapshot();
        builder.detail("api", now.name());
        builder.detail("state", now.state().words());
        builder.detail("calls", now.calls().state().words());
        builder.detail("authority", now.client().authority().issuer());
        if (now.keyLeft() != null) {
            builder.detail("keyDaysLeft", now.ends().get(0).daysLeft(now.at()));
        }
        List<String> faults = client.credentialFaults();
        String message = now.sentence()
                + callWarning(now)
                + keyWarning(now)
                + (faults.isEmpty()
                        ? ""
                        : " A new key or secret cannot be used, the previous one stays in use: "
                                + String.join("; ", faults) + ".");
        builder.message(message);
        builder.detail("message", message); // Spring Boot's health shows details alone
        builder.state(canBeDown && now.state() == CredentialState.FAILING ? State.DOWN : State.UP);
    }

    /** An API that refuses every call has good credentials, mostly; its calls say why. */
    private static String callWarning(ApiSnapshot now) {
        ApiSnapshot.LastError last = now.condition().lastError();
        return now.calls().state() != CallState.FAILING || !now.state().isGood() || last == null
                ? ""
                : " Its calls fail: " + last.words();
    }

    /** A warning and no more: before the end, and after it as long as there are tokens, calls go on. */
    private static String keyWarning(ApiSnapshot now) {
        return now.endingSoon().stream()
                .map(end -> " Warning: " + end.sentence(now.at()))
                .collect(Collectors.joining());
    }
}
