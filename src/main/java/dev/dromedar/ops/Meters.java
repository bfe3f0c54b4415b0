package dev.dromedar.ops;

import dev.dromedar.oauth.ApiClient;
import dev.dromedar.oauth.ApiListener;
import dev.dromedar.oauth.ApiSettings;
import dev.dromedar.oauth.ApiSnapshot;
import dev.dromedar.oauth.CallRecord;
import dev.dromedar.oauth.CallState;
import dev.dromedar.oauth.Clients;
import dev.dromedar.oauth.OAuthException;
import dev.dromedar.oauth.TokenRefused;
import dev.dromedar.routes.RouteRuns;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The worker in Micrometer. Names as Prometheus has them: {@code dromedar_calls_seconds} and
 * {@code dromedar_token_requests_seconds} (histograms), {@code dromedar_recoveries_total},
 * {@code dromedar_nonce_challenges_total}, {@code dromedar_credentials_good}, {@code dromedar_calls_good}, {@code dromedar_token_left_seconds},
 * {@code dromedar_key_left_seconds}, {@code dromedar_clock_offset_seconds}, each by API; {@code dromedar_routes_expected},
 * {@code dromedar_routes_running}, {@code dromedar_edit_faults}. A gauge without a value is NaN. Thread-safe.
 */
final class Meters implements ApiListener, AutoCloseable {
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(10), Duration.ofMillis(25), Duration.ofMillis(50), Duration.ofMillis(100),
        Duration.ofMillis(250), Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofMillis(2500),
        Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(30)
    };

    private final MeterRegistry registry;
    private final Clients clients;
    private final List<Meter> meters = new CopyOnWriteArrayList<>();

    Meters(MeterRegistry registry, Clients clients, RouteRuns routes) {
        this.registry = registry;
        this.clients = clients;
        meters.add(Gauge.builder("dromedar.routes.expected", routes, all -> all.expected()
                        .size())
                .description("Routes that should run")
                .strongReference(true)
                .register(registry));
        meters.add(Gauge.builder(
                        "dromedar.routes.running",
                        routes,
                        all -> all.expected().size() - all.stopped().size())
                .description("Routes that should run and do")
                .strongReference(true)
                .register(registry));
        meters.add(Gauge.builder(
                        "dromedar.edit.faults", routes, all -> all.faults().size())
                .description("Faults of the newest edit, which was not taken; 0 when it was")
                .strongReference(true)
                .register(registry));
    }

    void add(String api) {
        gauge(
                api,
                "dromedar.credentials.good",
                "1 while the API has or can get a token, 0 while it cannot",
                now -> now.state().isGood() ? 1 : 0);
        gauge(
                api,
                "dromedar.calls.good",
                "0 while the newest calls fail, several in a row or all since the start; otherwise 1",
                now -> now.calls().state() == CallState.FAILING ? 0 : 1);
        seconds(api, "dromedar.token.left", "Until the token in memory ends", now -> now.token()
                .left());
        seconds(
                api,
                "dromedar.key.left",
                "Until the first known end of a key, secret or certificate",
                ApiSnapshot::keyLeft);
        seconds(api, "dromedar.clock.offset", "The authority's clock minus this machine's", now -> now.requests()
                .clockOffset());
        counter(api, "dromedar.recoveries", "Calls sent again after a 401", now -> now.calls()
                .recoveries());
        counter(api, "dromedar.nonce.challenges", "Nonces that the authority demanded", now -> now.requests()
                .nonceChallenges());
        calls(api, "success");
        requests(api, "token");
    }

    void remove(String api) {
        for (Meter meter : registry.getMeters()) {
            if (meter.getId().getName().startsWith("dromedar.")
                    && api.equals(meter.getId().getTag("api"))) {
                registry.remove(meter);
                meters.remove(meter);
            }
        }
    }

    @Override
    public void called(ApiSettings api, CallRecord call) {
        calls(api.name(), call.failure() == null ? "success" : call.failure().label())
                .record(call.took());
    }

    @Override
    public void tokenRequested(ApiSettings api, Duration took, @Nullable OAuthException failure) {
        requests(api.name(), failure == null ? "token" : failure instanceof TokenRefused ? "refused" : "unavailable")
                .record(took);
    }

    private Timer calls(String api, String outcome) {
        return timer("dromedar.calls", "Calls to the API, recovery from a 401 included", api, outcome);
    }

    private Timer requests(String api, String outcome) {
        return timer("dromedar.token.requests", "Requests for a token; APIs that share one all count it", api, outcome);
    }

    private Timer timer(String name, String description, String api, String outcome) {
        return Timer.builder(name)
                .description(description)
                .tags("api", api, "outcome", outcome)
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    private void gauge(String api, String name, String description, ToDoubleFunction<ApiSnapshot> value) {
        Gauge.builder(name, clients, all -> of(api, value))
                .description(description)
                .tag("api", api)
                .strongReference(true)
                .register(registry);
    }

    private void seconds(String api, String name, String description, Part value) {
        TimeGauge.builder(name, clients, TimeUnit.SECONDS, all -> of(api, now -> seconds(value.of(now))))
                .description(description)
                .tag("api", api)
                .strongReference(true)
                .register(registry);
    }

    private void counter(String api, String name, String description, ToLongFunction<ApiSnapshot> value) {
        FunctionCounter.builder(name, clients, all -> of(api, value::applyAsLong))
                .description(description)
                .tag("api", api)
                .register(registry);
    }

    private interface Part {
        @Nullable
        Duration of(ApiSnapshot now);
    }

    private double of(String api, ToDoubleFunction<ApiSnapshot> value) {
        ApiClient client = clients.named(api);
        return client == null ? Double.NaN : value.applyAsDouble(client.snapshot());
    }

    private static double seconds(@Nullable Duration time) {
        return time == null ? Double.NaN : time.toMillis() / 1000.0;
    }

    @Override
    public void close() {
        for (Meter meter : registry.getMeters()) {
            if (meter.getId().getName().startsWith("dromedar.")) {
                registry.remove(meter);
            }
        }
    }
}
