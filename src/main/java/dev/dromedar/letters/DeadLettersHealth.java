package dev.dromedar.letters;

import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** Down when the last failed exchange could not be kept. Readiness only: a restart would not help. */
final class DeadLettersHealth extends AbstractHealthCheck {
    private final DeadLetters deadLetters;

    DeadLettersHealth(DeadLetters deadLetters) {
        super("dromedar", "dead-letters");
        this.deadLetters = deadLetters;
    }

    @Override
    public boolean isLiveness() {
        return false;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        DeadLetters.Status status = deadLetters.status();
        builder.detail("letters", status.letters());
        builder.detail("bytes", status.bytes());
        builder.detail("most-bytes", status.mostBytes());
        if (status.fault() == null) {
            builder.up();
        } else {
            builder.down().message(status.fault());
        }
    }
}
