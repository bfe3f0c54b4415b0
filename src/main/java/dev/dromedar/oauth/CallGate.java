package dev.dromedar.oauth;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the calls of one API pass on their way, whatever route they come from: the breaker, the number of calls at the same
 * time, and the rate, in that order. An edit of the API keeps each of the three that it does not change. Thread-safe.
 */
public final class CallGate {
    private static final Logger LOG = LoggerFactory.getLogger(CallGate.class);

    private final String api;
    private final URI base;
    private final CallLimits limits;
    private final @Nullable RateLimiter rate;
    private final @Nullable Bulkhead concurrency;
    private final @Nullable Breaker breaker;

    /** @param before the gate of the same API, which this one replaces */
    CallGate(ApiSettings settings, Time time, @Nullable CallGate before) {
        this.api = settings.name();
        this.base = settings.baseAddress();
        this.limits = settings.calls().limits();
        CallLimits former = before == null ? CallLimits.NONE : before.limits;
        boolean sameWait = former.longestWait().equals(limits.longestWait());
        this.rate = before != null && sameWait && Objects.equals(former.interval(), limits.interval())
                ? before.rate
                : rate();
        this.concurrency = before != null && sameWait && former.concurrency() == limits.concurrency()
                ? before.concurrency
                : concurrency();
        boolean sameBreaker = before != null
                && former.breaker() == limits.breaker()
                && former.breakerTime().equals(limits.breakerTime())
                && before.base.equals(base);
        this.breaker = before != null && sameBreaker
                ? before.breaker
                : limits.breaker() == 0 ? null : new Breaker(api, limits, time);
    }

    private @Nullable RateLimiter rate() {
        return limits.interval() == null
                ? null
                : RateLimiter.of(
                        api,
                        RateLimiterConfig.custom()
                                .limitForPeriod(1)
                                .limitRefreshPeriod(limits.interval())
                                .timeoutDuration(limits.longestWait())
                                .build());
    }

    private @Nullable Bulkhead concurrency() {
        return limits.concurrency() == 0
                ? null
                : Bulkhead.of(
                        api,
                        BulkheadConfig.custom()
                                .maxConcurrentCalls(limits.concurrency())
                                .maxWaitDuration(limits.longestWait())
                                .build());
    }

    /** {@code closed}, {@code open} or {@code half-open}; null if there is no breaker. */
    @Nullable
    String breaker() {
        return breaker == null ? null : breaker.state();
    }

    /**
     * Lets one call in. Blocks while it must wait, for twice {@link CallLimits#longestWait} at most.
     *
     * @throws GateClosed if it would wait longer, or the breaker is open
     */
    public Pass enter() throws GateClosed {
        int epoch = breaker == null ? 0 : breaker.enter();
        boolean inside = false;
        try {
            if (concurrency != null && !concurrency.tryAcquirePermission()) {
                throw new GateClosed(
                        FailureKind.LIMITED,
                        "the call was not sent: " + limits.concurrency() + " calls were in progress for "
                                + shown(limits.longestWait())
                                + " (concurrency, limit-wait). Call less at the same time, or"
                                + " raise one of them.");
            }
            inside = true;
            pace();
            return new Pass(epoch);
        } catch (GateClosed e) {
            if (inside && concurrency != null) {
                concurrency.onComplete();
            }
            if (breaker != null) {
                breaker.left(epoch, null);
            }
            throw e;
        }
    }

    /** Waits for the turn of the next request. The library's own waiting would go on to the limit even if that is in vain. */
    private void pace() throws GateClosed {
        long nanos = rate == null ? 0 : rate.reservePermission();
        if (nanos < 0) {
            throw new GateClosed(
                    FailureKind.LIMITED,
                    "the call was not sent: so many calls wait for their turn under the API's rate that it would wait"
                            + " longer than " + shown(limits.longestWait())
                            + " (rate, limit-wait). Call less often, or raise"
                            + " one of them.");
        }
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GateClosed(FailureKind.LIMITED, "the call was not sent: its thread was interrupted.");
        }
    }

    private static String shown(Duration time) {
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }

    /** One call inside. Its requests are of one thread; any may {@link #leave}. */
    public final class Pass {
        private final int epoch;
        private boolean again;
        private boolean left;

        private Pass(int epoch) {
            this.epoch = epoch;
        }

        /**
         * Before each request of the call, since a recovery from a 401 and a redirect send more than one: waits for its turn.
         *
         * @throws GateClosed if that would take too long
         */
        public void request() throws GateClosed {
            if (again) {
                pace();
            }
            again = true;
        }

        /**
         * The call has ended, with the last byte of its answer or before. Only the first time counts.
         *
         * @param call how; null if it was not sent, which says nothing of the API
         */
        public void leave(@Nullable CallRecord call) {
            if (isFirstToLeave()) {
                if (concurrency != null) {
                    concurrency.onComplete();
                }
                if (breaker != null) {
                    breaker.left(epoch, call);
                }
            }
        }

        private synchronized boolean isFirstToLeave() {
            boolean first = !left;
            left = true;
            return first;
        }
    }

    /** Opens by outages alone: an API that refuses is there. */
    private static final class Breaker {
        private final String api;
        private final CallLimits limits;
        private final Time time;
        private final CircuitBreaker states;
        /** How often the state has changed: what began in another state says nothing of this one. */
        private volatile int epoch;

        private volatile String outage = "";
        private volatile Instant opened = Instant.EPOCH;

        Breaker(String api, CallLimits limits, Time time) {
            this.api = api;
            this.limits = limits;
            this.time = time;
            this.states = CircuitBreaker.of(
                    api,
                    CircuitBreakerConfig.custom()
                            .slidingWindow(limits.breaker(), limits.breaker(), SlidingWindowType.COUNT_BASED)
                            .failureRateThreshold(100)
                            .permittedNumberOfCallsInHalfOpenState(1)
                            .recordResult(FailureKind.SERVER_ERROR::equals)
                            .waitDurationInOpenState(limits.breakerTime())
                            .clock(time.clock())
                            .build());
            states.getEventPublisher()
                    .onStateTransition(
                            event -> turned(event.getStateTransition().getToState()));
        }

        /** On one thread at a time: the library changes its state before it says so. */
        private synchronized void turned(CircuitBreaker.State state) {
            epoch++;
            if (state == CircuitBreaker.State.OPEN) {
                opened = time.now();
                LOG.warn(
                        "{}: breaker open: calls fail at once for {}, then one call tries. Last outage: {}",
                        api,
                        shown(limits.breakerTime()),
                        outage);
            } else if (state == CircuitBreaker.State.CLOSED) {
                LOG.info("{}: breaker closed: the API answers again", api);
            }
        }

        String state() {
            return switch (states.getState()) {
                case OPEN, FORCED_OPEN -> "open";
                case HALF_OPEN -> "half-open";
                default -> "closed";
            };
        }

        int enter() throws GateClosed {
            if (states.tryAcquirePermission()) {
                return epoch;
            }
            Duration left = limits.breakerTime().minus(Duration.between(opened, time.now()));
            throw new GateClosed(
                    FailureKind.BREAKER_OPEN,
                    "the call was not sent: the breaker is open after " + limits.breaker()
                            + " outages in a row, and "
                            + (left.isNegative() || left.isZero()
                                    ? "one call is trying now"
                                    : "one call tries in " + (left.toMillis() + 999) / 1000 + " s")
                            + ". Last outage: " + outage);
        }

        void left(int entered, @Nullable CallRecord call) {
            if (entered != epoch) {
                return;
            }
            FailureKind kind = call == null ? FailureKind.REFUSED_HERE : call.failure();
            if (kind == FailureKind.NETWORK || kind == FailureKind.SERVER_ERROR) {
                outage = call == null ? "" : String.valueOf(call.words());
                states.onResult(0, TimeUnit.NANOSECONDS, FailureKind.SERVER_ERROR);
            } else if (kind == null || call != null && call.status() > 0) {
                states.onSuccess(0, TimeUnit.NANOSECONDS);
            } else {
                states.releasePermission();
            }
        }
    }
}
