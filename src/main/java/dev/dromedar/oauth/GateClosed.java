package dev.dromedar.oauth;

/** A call that {@link CallGate} does not let through, with the reason and what to do. Nothing was sent. */
public final class GateClosed extends Exception {
    private static final long serialVersionUID = 1;

    private final FailureKind kind;

    GateClosed(FailureKind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /** {@link FailureKind#LIMITED} or {@link FailureKind#BREAKER_OPEN}. */
    public FailureKind kind() {
        return kind;
    }
}
