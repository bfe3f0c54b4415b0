package dev.dromedar.oauth;

/**
 * One thing that was looked at, and how it is.
 *
 * @param what in a word or two, such as {@code discovery}
 * @param verdict how it is
 * @param words what was seen; for what is not good, the likely cause and what to do next. Nothing secret
 */
public record CheckStep(String what, Verdict verdict, String words) {
    /** How a thing is. */
    public enum Verdict {
        OK,
        /** Works, and somebody should look at it. */
        WARNING,
        /** Does not work: what comes after it was not looked at. */
        FAILED
    }

    static CheckStep ok(String what, String words) {
        return new CheckStep(what, Verdict.OK, words);
    }

    static CheckStep warning(String what, String words) {
        return new CheckStep(what, Verdict.WARNING, words);
    }

    static CheckStep failed(String what, String words) {
        return new CheckStep(what, Verdict.FAILED, words);
    }
}
