package dev.dromedar.oauth;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The time before which an authority wants no request of a client, for any token (RFC 9110 section 10.2.3). Only what
 * is newer changes it: a success ends it whose request was sent after it began, and the answer to a request that was sent
 * before {@link #forget} begins none. Thread-safe.
 */
final class HoldBack {
    private final AtomicReference<State> state = new AtomicReference<>(new State(0, null, 0));

    /**
     * @param forgotten how often the operator has overruled it
     * @param began in ticks
     */
    private record State(int forgotten, @Nullable TokenFailure failure, long began) {}

    /** The failure that named the time, whether the time is over or not; null if there is none. */
    @Nullable
    TokenFailure failure() {
        return now().failure();
    }

    /** To be kept with each request, for {@link #begin}. */
    int forgotten() {
        return now().forgotten();
    }

    /** @param forgotten of the request that was answered so */
    void begin(TokenFailure failure, int forgotten, long now) {
        state.updateAndGet(before -> before.forgotten() == forgotten ? new State(forgotten, failure, now) : before);
    }

    /** @param sent in ticks, when the request left that has been answered with a token */
    void succeeded(long sent) {
        if (failure() != null) {
            state.updateAndGet(before -> sent - before.began() > 0 ? new State(before.forgotten(), null, 0) : before);
        }
    }

    private State now() {
        return Objects.requireNonNull(state.get());
    }

    void forget() {
        state.updateAndGet(before -> new State(before.forgotten() + 1, null, 0));
    }
}
