package dev.dromedar.letters;

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

    private static final String BEFORE = ". Failed before: ";

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

    /** In place of a letter that cannot be read: says why, and stays until a person has looked at it. */
    static Letter unreadable(String id, State state, Instant time, String why) {
        return new Letter(id, "?", null, time, time, 0, state, why);
    }

    Letter withCause(String words) {
        return new Letter(id, route, api, firstFailed, failed, attempts, state, words);
    }

    /** Kept again, with the reason why its replay did not begin before the one why it is a letter. */
    Letter notReplayed(String why) {
        String first = cause.substring(cause.lastIndexOf(BEFORE) < 0 ? 0 : cause.lastIndexOf(BEFORE) + BEFORE.length());
        return new Letter(
                id, route, api, firstFailed, failed, attempts, State.KEPT, "not replayed: " + why + BEFORE + first);
    }

    Letter failedAgain(@Nullable String failedApi, Instant now, int more, String why) {
        return new Letter(id, route, failedApi, firstFailed, now, attempts + more, State.KEPT, why);
    }
}
