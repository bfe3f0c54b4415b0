package dev.dromedar.oauth;

import java.io.IOException;

/** An answer was cut off because it took more than {@link AnswerLimits} allow. Its message says what, and which key to raise. */
public final class AnswerLimitExceeded extends IOException {
    private static final long serialVersionUID = 1;

    public AnswerLimitExceeded(String message) {
        super(message);
    }
}
