package dev.dromedar.oauth;

/** How an API's credentials stand, for its usual token. */
public enum CredentialState {
    /** No call has requested a token since the worker started. */
    NEVER_ASKED("not requested yet", true),
    /** The first token, or one after a pause, is being requested. */
    ASKING("requesting", true),
    /** A token is there, and its renewal is not due. */
    GOOD("good", true),
    /** A token is there, and the next one is due or being requested. */
    RENEWING("renewing", true),
    /** The last token expired and no call has needed one since. */
    IDLE("idle", true),
    /** The next token cannot be obtained, but the one in memory is still valid. */
    FAILING_BUT_SERVING("failing, still serving", false),
    /** There is no token, and calls fail. */
    FAILING("failing", false);

    private final String words;
    private final boolean good;

    CredentialState(String words, boolean good) {
        this.words = words;
        this.good = good;
    }

    /** The state in plain words, as all views show it. */
    public String words() {
        return words;
    }

    /** Whether the operator has nothing to do. */
    public boolean isGood() {
        return good;
    }
}
