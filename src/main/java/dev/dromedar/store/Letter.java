package dev.dromedar.store;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A dead letter without its content: what failed, when and why. Never holds credentials.
 *
 * @param id time of the first failure (UTC) and six random characters
 * @param route that failed, and that a replay goes into
 * @param api that the failed call was for, or null if there was none yet
 * @param firstFailed time of the first failure
 * @param failed time of the last failure
 * @param attempts how often it was tried, redeliveries and replays counted
 * @param cause in words, without queries and credentials
 */
public record Letter(
        String id,
        String route,
        @Nullable String api,
        Instant firstFailed,
        Instant failed,
        int attempts,
        State state,
        String cause) {

    /** Where a letter stands. A replay that succeeds removes it. */
    public enum State {
        /** Waits for a person. */
        KEPT,
        /** Somebody asked for a replay; the next worker that is free takes it. */
        ASKED,
        /** A worker replays it now. */
        RUNNING,
        /** A worker died while it replayed it: the replay may have done its work, wholly or in part. */
        INTERRUPTED;

        public String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    Letter in(State other) {
        return new Letter(id, route, api, firstFailed, failed, attempts, other, cause);
    }

    Letter failedAgain(@Nullable String failedApi, Instant now, int more, String why) {
        return new Letter(id, route, failedApi, firstFailed, now, attempts + more, State.KEPT, why);
    }
}
