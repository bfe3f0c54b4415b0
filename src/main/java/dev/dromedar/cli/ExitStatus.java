package dev.dromedar.cli;

/** The statuses that commands end with. */
final class ExitStatus {
    /** It was done. */
    static final int DONE = 0;
    /** It failed, or there are faults, or nothing of that name was found. */
    static final int FAILED = 1;
    /** The command line is wrong, or there is nothing here to work on. */
    static final int MISUSED = 2;

    private ExitStatus() {}
}
