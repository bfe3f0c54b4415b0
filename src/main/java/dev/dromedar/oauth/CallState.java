package dev.dromedar.oauth;

/** How the calls of an API go, whatever its credentials do. */
public enum CallState {
    /** No call since the worker started. */
    NONE("none yet"),
    /** The newest call succeeded. */
    GOOD("good"),
    /** The newest call failed, and calls before it did not. */
    SOME_FAILING("some failing"),
    /** The newest calls failed, {@value #SEVERAL} or more in a row, or every call since the start. */
    FAILING("failing");

    private static final int SEVERAL = 3;

    private final String words;

    CallState(String words) {
        this.words = words;
    }

    /** The state in plain words, as all views show it. */
    public String words() {
        return words;
    }

    /** Whether the operator has nothing to do. */
    public boolean isGood() {
        return this == NONE || this == GOOD;
    }

    /**
     * Judges by what is counted.
     *
     * @param calls all of them
     * @param failedInARow how many of the newest have failed
     */
    static CallState of(long calls, long failedInARow) {
        return calls == 0
                ? NONE
                : failedInARow == 0 ? GOOD : failedInARow >= Math.min(calls, SEVERAL) ? FAILING : SOME_FAILING;
    }
}
