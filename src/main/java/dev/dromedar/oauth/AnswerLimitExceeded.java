package dev.dromedar.oauth;

import java.io.IOException;

/** An answer was cut off because it took more than {@link AnswerLimits} allow. Its message says what, and which key to raise. */
public final class AnswerLimitExceeded extends IOException {
    private static final long serialVersionUID = 1;

    private final FailureKind kind;

    /** The answer is there, and too large for us: no outage of the API. */
    public AnswerLimitExceeded(String message) {
        this(message, FailureKind.REFUSED_HERE);
    }

    /** @param kind what the call counts as */
    public AnswerLimitExceeded(String message, FailureKind kind) {
        super(message);
        this.kind = kind;
    }

    /** What a failure of the connection, or while an answer is read, counts as. */
    public static FailureKind kind(Exception failure) {
        return failure instanceof AnswerLimitExceeded limit ? limit.kind : FailureKind.NETWORK;
    }
}
