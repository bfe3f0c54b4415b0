package dev.dromedar.oauth;

import dev.dromedar.oauth.CheckStep.Verdict;
import java.util.function.Consumer;

/** What has been found so far, and whether anything of it does not work. Not thread-safe. */
final class CheckReport {
    private final Consumer<CheckStep> told;
    private boolean failed;

    /** @param told gets each step as it is done */
    CheckReport(Consumer<CheckStep> told) {
        this.told = told;
    }

    void tell(CheckStep step) {
        failed |= step.verdict() == Verdict.FAILED;
        told.accept(step);
    }

    boolean failed() {
        return failed;
    }
}
