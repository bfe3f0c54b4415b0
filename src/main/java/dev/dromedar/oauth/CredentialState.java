package dev.dromedar.oauth;

/** How an API's credentials stand, for its usual token. */
public enum CredentialState {
    /** No call has asked for a token since the worker started. */
    NEVER_ASKED("never asked", true),
    /** The first token, or one after a pause, is being asked for. */
    ASKING("asking", true),
    /** A token is there, and its renewal is not due. */
    GOOD("good", true),
    /** A token is there, and the next one is due or being asked for. */
    RENEWING("renewing", true),
    /** The last token died of age and no call has needed one since. */
    IDLE("idle", true),
    /** The next token is not to be had, but the one in memory still lives. */
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

    /** Whether nobody has to do anything. */
    public boolean isGood() {
        return good;
    }
}
